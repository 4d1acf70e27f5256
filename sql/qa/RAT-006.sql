-- RAT-006: too few counselors, nurses, librarians or psychologists.
-- One row per school with students today and role whose FTE today is below the required minimum, or that has more
-- students per FTE than allowed.
-- subject = org_id|role; e1 = FTE in the role, e2 = headcount (FTE scaled by 10000).
-- Required: by today's standards for that role of the school itself, if there are any, else by those of its parent
-- organization for all levels or for the school's; the strictest value of each kind counts, and values that are not
-- above zero are ignored. Without a standard, a counselor may have 250 students and other roles are not tested.
-- Headcount as in RAT-001; an assignment without an FTE adds 0.
WITH headcount AS (
  SELECT e.school_id AS org_id, COUNT(DISTINCT e.student_id) AS students
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
  GROUP BY e.school_id
),
school AS MATERIALIZED (
  SELECT o.org_id, o.parent_org_id, o.school_level, h.students
  FROM organization o
  JOIN headcount h ON h.org_id = o.org_id
  WHERE o.org_type = 'school'
),
role (role) AS (
  SELECT 'counselor' UNION ALL SELECT 'nurse' UNION ALL SELECT 'librarian' UNION ALL SELECT 'psychologist'
),
standard AS MATERIALIZED (
  SELECT s.org_id, s.school_level, s.role, s.min_fte, s.max_students_per_fte
  FROM staffing_standard s
  CROSS JOIN today t
  WHERE s.effective_from IS NULL OR s.effective_from <= t.day
),
applied AS (
  SELECT c.org_id, s.role, 1 AS precedence, s.min_fte, s.max_students_per_fte
  FROM school c
  JOIN standard s ON s.org_id = c.org_id
  UNION ALL
  SELECT c.org_id, s.role, 2 AS precedence, s.min_fte, s.max_students_per_fte
  FROM school c
  JOIN standard s
    ON s.org_id = c.parent_org_id
   AND (s.school_level IS NULL OR s.school_level = c.school_level)
  UNION ALL
  SELECT c.org_id, 'counselor', 3 AS precedence, NULL, 2500000
  FROM school c
),
nearest AS (
  SELECT
    org_id, role, min_fte, max_students_per_fte,
    RANK() OVER (PARTITION BY org_id, role ORDER BY precedence) AS place
  FROM applied
),
asked AS (
  SELECT
    org_id, role,
    MAX(CASE WHEN min_fte > 0 THEN min_fte END) AS least,
    MIN(CASE WHEN max_students_per_fte > 0 THEN max_students_per_fte END) AS most
  FROM nearest
  WHERE place = 1
  GROUP BY org_id, role
),
staffed AS (
  SELECT a.org_id, a.role, SUM(COALESCE(a.fte, 0)) AS fte
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
  GROUP BY a.org_id, a.role
)
SELECT
  c.org_id || '|' || r.role AS subject,
  COALESCE(f.fte, 0) AS e1,
  c.students AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school c
CROSS JOIN role r
JOIN asked q ON q.org_id = c.org_id AND q.role = r.role
LEFT JOIN staffed f ON f.org_id = c.org_id AND f.role = r.role
WHERE COALESCE(f.fte, 0) < q.least
   OR CAST(c.students AS BIGINT) * 100000000 > CAST(q.most AS BIGINT) * COALESCE(f.fte, 0)
