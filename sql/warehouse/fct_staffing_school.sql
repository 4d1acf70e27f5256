-- fct_staffing_school: students and staff of each organization today.
-- One row per organization where at least one measure is not zero; FTE is scaled by 10000.
-- headcount: distinct students with an active primary enrollment (counting, contains today, status
-- primary or empty). membership_fte: of those enrollments; an empty one is 1 FTE.
-- teacher_fte, staff_fte: of the assignments active today, in teaching roles and in all roles;
-- no FTE adds 0. The organization row itself need not exist.
WITH measure AS (
  SELECT
    e.school_id AS org_id,
    COUNT(DISTINCT e.student_id) AS headcount,
    SUM(COALESCE(e.membership_fte, 10000)) AS membership_fte,
    0 AS teacher_fte,
    0 AS staff_fte
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
  GROUP BY e.school_id
  UNION ALL
  SELECT
    a.org_id,
    0,
    0,
    SUM(CASE WHEN a.role IN (SELECT role FROM teacher_role) THEN COALESCE(a.fte, 0) ELSE 0 END),
    SUM(COALESCE(a.fte, 0))
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
  GROUP BY a.org_id
)
SELECT
  org_id,
  CAST(SUM(headcount) AS BIGINT) AS headcount,
  CAST(SUM(membership_fte) AS BIGINT) AS membership_fte,
  CAST(SUM(teacher_fte) AS BIGINT) AS teacher_fte,
  CAST(SUM(staff_fte) AS BIGINT) AS staff_fte
FROM measure
GROUP BY org_id
HAVING SUM(headcount) <> 0
    OR SUM(membership_fte) <> 0
    OR SUM(teacher_fte) <> 0
    OR SUM(staff_fte) <> 0
