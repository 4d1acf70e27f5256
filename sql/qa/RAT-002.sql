-- RAT-002: fewer than 5 students per teacher FTE.
-- One row per organization with 50 or more students where the ratio falls short today.
-- subject = org_id; e1 = headcount, e2 = teacher FTE (scaled by 10000).
-- Headcount and teacher FTE as in RAT-001.
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
  s.teacher_fte AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM headcount h
JOIN teaching s ON s.org_id = h.org_id
WHERE h.students >= 50
  AND s.teacher_fte > 0
  AND h.students * 10000 < 5 * s.teacher_fte
