-- RAT-012: school without students, sections or staff.
-- One row per school in operation today without students, sections or staff.
-- subject = org_id; e1 = headcount, e2 = number of sections, e3 = number of assignments.
-- In operation: organizations of type school with status active, new, reopened or empty, today
-- within their open and close date. Headcount as in RAT-001; sections that are active (or do not
-- say) in today's school year; assignments active today in every role, whatever their FTE.
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
scheduled AS (
  SELECT s.school_id AS org_id, COUNT(*) AS sections
  FROM section s
  JOIN school_year_span y ON y.school_year = s.school_year
  CROSS JOIN today t
  WHERE COALESCE(s.is_active, 1) = 1
    AND y.begin_date <= t.day AND t.day < y.end_date
  GROUP BY s.school_id
),
staffed AS (
  SELECT a.org_id, COUNT(*) AS assignments
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
  GROUP BY a.org_id
)
SELECT
  o.org_id AS subject,
  COALESCE(h.students, 0) AS e1,
  COALESCE(s.sections, 0) AS e2,
  COALESCE(f.assignments, 0) AS e3
FROM organization o
CROSS JOIN today t
LEFT JOIN headcount h ON h.org_id = o.org_id
LEFT JOIN scheduled s ON s.org_id = o.org_id
LEFT JOIN staffed f ON f.org_id = o.org_id
WHERE o.org_type = 'school'
  AND COALESCE(o.status, 'active') IN ('active', 'new', 'reopened')
  AND (o.open_date IS NULL OR o.open_date <= t.day)
  AND (o.close_date IS NULL OR t.day < o.close_date)
  AND (h.org_id IS NULL OR s.org_id IS NULL OR f.org_id IS NULL)
