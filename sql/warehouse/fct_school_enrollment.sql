-- fct_school_enrollment: the enrollments.
-- One row per enrollment, with an empty status read as primary and an empty membership as 1 FTE
-- (scaled by 10000).
-- is_active: a counting enrollment of any status that contains today. Counting: not empty, exit
-- type neither 'no_show' nor 'invalid', not flagged as a no-show.
SELECT
  e.enrollment_id,
  e.student_id,
  e.school_id,
  e.school_year,
  e.grade_level,
  e.entry_date,
  e.exit_date,
  e.entry_type,
  e.exit_type,
  COALESCE(e.status, 'primary') AS status,
  COALESCE(e.membership_fte, 10000) AS membership_fte,
  CASE WHEN (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
        AND COALESCE(e.is_no_show, 0) <> 1
        AND e.entry_date <= t.day
        AND (e.exit_date IS NULL OR t.day < e.exit_date)
       THEN 1 ELSE 0 END AS is_active,
  CASE WHEN COALESCE(e.status, 'primary') = 'primary' THEN 1 ELSE 0 END AS is_primary
FROM school_enrollment e
CROSS JOIN today t
