-- ENR-025: the student record's grade differs from the enrollment's.
-- One row per student and differing grade among the student's active primary enrollments.
-- subject = student_id; e1 = grade level of the student, e2 = grade level of the enrollment.
-- Active: a counting enrollment that contains today. Counting: not empty, exit type neither
-- 'no_show' nor 'invalid', not flagged as a no-show. An empty status is primary.
-- Unmapped local codes are compared as they are stored.
SELECT DISTINCT
  s.student_id AS subject,
  s.grade_level AS e1,
  e.grade_level AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM student s
JOIN school_enrollment e ON e.student_id = s.student_id
CROSS JOIN today t
WHERE s.grade_level IS NOT NULL
  AND e.grade_level <> s.grade_level
  AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
  AND COALESCE(e.is_no_show, 0) <> 1
  AND COALESCE(e.status, 'primary') = 'primary'
  AND e.entry_date <= t.day
  AND (e.exit_date IS NULL OR t.day < e.exit_date)
