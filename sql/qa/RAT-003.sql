-- RAT-003: students but no teacher FTE.
-- One row per organization with students today whose teacher FTE is zero or less.
-- subject = org_id; e1 = headcount.
-- Headcount and teacher FTE as in RAT-001; without teaching assignments the FTE is 0.
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
teaching AS (
  SELECT a.org_id, SUM(COALESCE(a.fte, 0)) AS teacher_fte
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
    AND a.role IN (SELECT role FROM teacher_role)
  GROUP BY a.org_id
)
SELECT
  h.org_id AS subject,
  h.students AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM headcount h
LEFT JOIN teaching s ON s.org_id = h.org_id
WHERE h.students > 0
  AND COALESCE(s.teacher_fte, 0) <= 0
