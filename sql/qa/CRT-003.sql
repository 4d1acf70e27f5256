-- CRT-003: credential about to expire.
-- One row per credential that expires within 90 days and whose holder has an assignment active today.
-- subject = credential_id; e1 = expiration_date.
-- Credentials of every status are reported, and assignments of every role count.
SELECT
  c.credential_id AS subject,
  c.expiration_date AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential c
CROSS JOIN today t
WHERE t.day < c.expiration_date
  AND c.expiration_date <= t.day + 90
  AND c.staff_id IN (
    SELECT a.staff_id
    FROM staff_assignment a
    CROSS JOIN today d
    WHERE a.begin_date <= d.day
      AND (a.end_date IS NULL OR d.day < a.end_date)
  )
