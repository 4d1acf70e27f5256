-- ASM-006: tested while not enrolled.
-- One row per tested result of a student with a row who is not enrolled on the test date or,
-- if that is not stated, on any day of the assessment's window.
-- subject = result_id; e1 = administration_date.
-- Without a date, and without both ends of the window, nothing is tested; nobody can be enrolled in an empty window.
-- Counting enrollments of every status count: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a
-- no-show.
WITH tried AS (
  SELECT
    r.result_id, r.student_id, r.administration_date,
    COALESCE(r.administration_date, a.window_begin) AS begin_date,
    COALESCE(r.administration_date + 1, a.window_end) AS end_date
  FROM assessment_result r
  JOIN student s ON s.student_id = r.student_id
  LEFT JOIN assessment a ON a.assessment_id = r.assessment_id
  WHERE r.participation = 'tested'
    AND (r.administration_date IS NOT NULL
      OR (a.window_begin IS NOT NULL AND a.window_end IS NOT NULL))
)
SELECT
  r.result_id AS subject,
  r.administration_date AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM tried r
WHERE NOT EXISTS (
  SELECT 1
  FROM school_enrollment e
  WHERE e.student_id = r.student_id
    AND r.begin_date < r.end_date
    AND e.entry_date < r.end_date
    AND (e.exit_date IS NULL OR r.begin_date < e.exit_date)
    AND (e.exit_date IS NULL OR e.entry_date < e.exit_date)
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
)
