-- CRT-001: certificated assignment without any credential on file.
-- One row per assignment active today in a certificated role whose holder has no credential row.
-- subject = assignment_id; e1 = role.
-- The staff row itself need not exist.
SELECT
  a.assignment_id AS subject,
  a.role AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment a
CROSS JOIN today t
WHERE a.begin_date <= t.day
  AND (a.end_date IS NULL OR t.day < a.end_date)
  AND a.role IN (SELECT role FROM certificated_role)
  AND NOT EXISTS (SELECT 1 FROM credential c WHERE c.staff_id = a.staff_id)
