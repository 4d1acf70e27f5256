-- CRT-010: one credential held by several persons.
-- One row per credential of every state and credential number that more than one person holds.
-- subject = credential|state|credential_number, an unstated state is empty; e1 = staff_id,
-- e2 = credential_id.
SELECT
  'credential|' || COALESCE(c.state, '') || '|' || c.credential_number AS subject,
  c.staff_id AS e1,
  c.credential_id AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential c
JOIN (
  SELECT COALESCE(state, '') AS state, credential_number
  FROM credential
  WHERE credential_number IS NOT NULL
  GROUP BY COALESCE(state, ''), credential_number
  HAVING COUNT(DISTINCT staff_id) >= 2
) shared ON shared.state = COALESCE(c.state, '') AND shared.credential_number = c.credential_number
