-- KPI-11: students per counselor, nurse, librarian, psychologist, aide and administrator.
-- One row per organization (org_id NULL = whole district) with today's headcount and the FTE of the
-- roles (scaled by 10000); the KPIs are the ratios. Rows without any of them are omitted.
-- Headcount as in KPI-10. FTE: of the assignments active today in the role; no FTE adds 0. para:
-- para_instructional; admin: principals, superintendents, their assistants, lea_admin.
WITH enrolled AS MATERIALIZED (
  SELECT e.school_id AS org_id, e.student_id
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
),
staffed AS MATERIALIZED (
  SELECT
    a.org_id,
    SUM(CASE WHEN a.role = 'counselor' THEN COALESCE(a.fte, 0) ELSE 0 END) AS counselor_fte,
    SUM(CASE WHEN a.role = 'nurse' THEN COALESCE(a.fte, 0) ELSE 0 END) AS nurse_fte,
    SUM(CASE WHEN a.role = 'librarian' THEN COALESCE(a.fte, 0) ELSE 0 END) AS librarian_fte,
    SUM(CASE WHEN a.role = 'psychologist' THEN COALESCE(a.fte, 0) ELSE 0 END) AS psychologist_fte,
    SUM(CASE WHEN a.role = 'para_instructional' THEN COALESCE(a.fte, 0) ELSE 0 END) AS para_fte,
    SUM(CASE WHEN a.role IN ('principal', 'assistant_principal', 'superintendent',
                             'assistant_superintendent', 'lea_admin')
             THEN COALESCE(a.fte, 0) ELSE 0 END) AS admin_fte
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
  GROUP BY a.org_id
),
measure AS (
  SELECT
    org_id, COUNT(DISTINCT student_id) AS headcount,
    0 AS counselor_fte, 0 AS nurse_fte, 0 AS librarian_fte, 0 AS psychologist_fte, 0 AS para_fte,
    0 AS admin_fte
  FROM enrolled
  GROUP BY org_id
  UNION ALL
  SELECT NULL, COUNT(DISTINCT student_id), 0, 0, 0, 0, 0, 0
  FROM enrolled
  UNION ALL
  SELECT org_id, 0, counselor_fte, nurse_fte, librarian_fte, psychologist_fte, para_fte, admin_fte
  FROM staffed
  UNION ALL
  SELECT NULL, 0, counselor_fte, nurse_fte, librarian_fte, psychologist_fte, para_fte, admin_fte
  FROM staffed
)
SELECT
  org_id,
  CAST(SUM(headcount) AS BIGINT) AS headcount,
  CAST(SUM(counselor_fte) AS BIGINT) AS counselor_fte,
  CAST(SUM(nurse_fte) AS BIGINT) AS nurse_fte,
  CAST(SUM(librarian_fte) AS BIGINT) AS librarian_fte,
  CAST(SUM(psychologist_fte) AS BIGINT) AS psychologist_fte,
  CAST(SUM(para_fte) AS BIGINT) AS para_fte,
  CAST(SUM(admin_fte) AS BIGINT) AS admin_fte
FROM measure
GROUP BY org_id
HAVING SUM(headcount) <> 0
    OR SUM(counselor_fte) <> 0
    OR SUM(nurse_fte) <> 0
    OR SUM(librarian_fte) <> 0
    OR SUM(psychologist_fte) <> 0
    OR SUM(para_fte) <> 0
    OR SUM(admin_fte) <> 0
