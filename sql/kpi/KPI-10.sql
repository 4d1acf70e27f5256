-- KPI-10: students per teacher FTE.
-- One row per organization (org_id NULL = whole district) with today's headcount and teacher FTE
-- (scaled by 10000); the KPI is their ratio. Rows with neither are omitted.
-- Headcount: distinct students with an active primary enrollment (counting, contains today, status
-- primary or empty). Teacher FTE: assignments active today in a teaching role; no FTE adds 0.
-- A student enrolled at two schools is one student in the district row.
WITH enrolled AS (
  SELECT e.school_id AS org_id, e.student_id
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
),
teaching AS (
  SELECT a.org_id, COALESCE(a.fte, 0) AS fte
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
    AND a.role IN (SELECT role FROM teacher_role)
),
measure AS (
  SELECT org_id, COUNT(DISTINCT student_id) AS headcount, 0 AS teacher_fte
  FROM enrolled GROUP BY org_id
  UNION ALL
  SELECT org_id, 0, SUM(fte) FROM teaching GROUP BY org_id
  UNION ALL
  SELECT NULL, COUNT(DISTINCT student_id), 0 FROM enrolled
  UNION ALL
  SELECT NULL, 0, COALESCE(SUM(fte), 0) FROM teaching
)
SELECT
  org_id,
  CAST(SUM(headcount) AS BIGINT) AS headcount,
  CAST(SUM(teacher_fte) AS BIGINT) AS teacher_fte
FROM measure
GROUP BY org_id
HAVING SUM(headcount) <> 0 OR SUM(teacher_fte) <> 0
