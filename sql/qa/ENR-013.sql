-- ENR-013: enabled student without an active enrollment.
-- One row per student whose record is enabled and who has no active enrollment today.
-- subject = student_id; e1 = latest exit date up to today among the counting enrollments, if any.
-- Active: a counting enrollment (of any status) that contains today. Counting: not empty, exit
-- type neither 'no_show' nor 'invalid', not flagged as a no-show.
WITH counting AS (
  SELECT student_id, entry_date, exit_date
  FROM school_enrollment
  WHERE (exit_date IS NULL OR entry_date < exit_date)
    AND (exit_type IS NULL OR exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(is_no_show, 0) <> 1
),
history AS (
  SELECT
    c.student_id,
    MAX(CASE WHEN c.entry_date <= t.day AND (c.exit_date IS NULL OR t.day < c.exit_date)
             THEN 1 ELSE 0 END) AS has_active,
    MAX(CASE WHEN c.exit_date <= t.day THEN c.exit_date END) AS last_exit
  FROM counting c
  CROSS JOIN today t
  GROUP BY c.student_id
)
SELECT
  s.student_id AS subject,
  h.last_exit AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM student s
LEFT JOIN history h ON h.student_id = s.student_id
WHERE s.is_enabled = 1
  AND COALESCE(h.has_active, 0) = 0
