-- FTE-007: assignment outside employment.
-- One row per assignment active today with a day on which its holder is not employed.
-- subject = assignment_id; e1 = first day of the first such gap, e2 = first day after it (NULL = open).
-- Empty employments do not count; without any the gap is the whole assignment.
WITH held AS MATERIALIZED (
  SELECT a.assignment_id, a.staff_id, a.begin_date, a.end_date
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
),
-- A gap begins with the assignment or where an employment ends.
start AS (
  SELECT assignment_id, staff_id, end_date, begin_date AS gap_begin
  FROM held
  UNION
  SELECT h.assignment_id, h.staff_id, h.end_date, m.end_date AS gap_begin
  FROM held h
  JOIN staff_employment m
    ON m.staff_id = h.staff_id
   AND h.begin_date < m.end_date
   AND (h.end_date IS NULL OR m.end_date < h.end_date)
),
first_gap AS (
  SELECT s.assignment_id, s.staff_id, s.end_date, MIN(s.gap_begin) AS gap_begin
  FROM start s
  WHERE NOT EXISTS (
    SELECT 1
    FROM staff_employment m
    WHERE m.staff_id = s.staff_id
      AND m.hire_date <= s.gap_begin
      AND (m.end_date IS NULL OR s.gap_begin < m.end_date)
  )
  GROUP BY s.assignment_id, s.staff_id, s.end_date
),
followed AS (
  SELECT g.assignment_id, g.end_date, g.gap_begin, MIN(m.hire_date) AS next_begin
  FROM first_gap g
  LEFT JOIN staff_employment m
    ON m.staff_id = g.staff_id
   AND g.gap_begin < m.hire_date
   AND (m.end_date IS NULL OR m.hire_date < m.end_date)
  GROUP BY g.assignment_id, g.end_date, g.gap_begin
)
SELECT
  assignment_id AS subject,
  gap_begin AS e1,
  CASE WHEN end_date IS NULL OR next_begin < end_date THEN next_begin ELSE end_date END AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM followed
