-- FTE-009: assignment of an unknown person.
-- One row per assignment whose holder has no staff row.
-- subject = assignment_id; e1 = staff_id.
SELECT
  a.assignment_id AS subject,
  a.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment a
LEFT JOIN staff s ON s.staff_id = a.staff_id
WHERE s.staff_id IS NULL
