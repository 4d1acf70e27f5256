-- ENR-022: state student id shared by several students.
-- One row per member of every group of two or more students with the same state_student_id.
-- subject = state_student_id; e1 = student_id.
SELECT
  s.state_student_id AS subject,
  s.student_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM student s
JOIN (
  SELECT state_student_id
  FROM student
  WHERE state_student_id IS NOT NULL
  GROUP BY state_student_id
  HAVING COUNT(*) >= 2
) shared ON shared.state_student_id = s.state_student_id
