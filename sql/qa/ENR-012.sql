-- ENR-012: enrollment of an unknown student or at an unknown school.
-- One row per enrollment whose student or school has no row.
-- subject = enrollment_id; e1 = student_id if it is missing, e2 = school_id if it is missing.
SELECT
  e.enrollment_id AS subject,
  CASE WHEN s.student_id IS NULL THEN e.student_id END AS e1,
  CASE WHEN o.org_id IS NULL THEN e.school_id END AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school_enrollment e
LEFT JOIN student s ON s.student_id = e.student_id
LEFT JOIN organization o ON o.org_id = e.school_id
WHERE s.student_id IS NULL
   OR o.org_id IS NULL
