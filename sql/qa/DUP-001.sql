-- DUP-001: state staff id shared by several staff rows.
-- One row per member of every group of two or more staff with the same state_staff_id.
-- subject = state_staff_id; e1 = staff_id.
SELECT
  s.state_staff_id AS subject,
  s.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff s
JOIN (
  SELECT state_staff_id
  FROM staff
  WHERE state_staff_id IS NOT NULL
  GROUP BY state_staff_id
  HAVING COUNT(*) >= 2
) shared ON shared.state_staff_id = s.state_staff_id
