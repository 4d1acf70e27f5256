-- CRT-016: credential of an unknown person.
-- One row per credential whose holder has no staff row.
-- subject = credential_id; e1 = staff_id.
SELECT
  c.credential_id AS subject,
  c.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential c
LEFT JOIN staff s ON s.staff_id = c.staff_id
WHERE s.staff_id IS NULL
