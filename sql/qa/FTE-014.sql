-- FTE-014: a teacher has two sections in one period.
-- One row per person, school and period with two sections there that share the period and a day.
-- subject = staff_id|school_id|period; e1 = first shared day, e2 = number of sections that share a
-- day with at least one other.
-- Counted: section assignments as teacher of record or co-teacher, their days as in DUP-007. Two
-- sections of one course in one stated room are taught together and do not count.
-- A finding stays open until the last shared day has passed; a future one is already reported.
WITH section_days AS MATERIALIZED (
  SELECT
    s.section_id, s.course_id, s.school_id, s.school_year,
    COALESCE(MIN(a.begin_date), y.begin_date) AS begin_date,
    COALESCE(MAX(a.end_date), y.end_date) AS end_date
  FROM section s
  JOIN school_year_span y ON y.school_year = s.school_year
  LEFT JOIN section_session l ON l.section_id = s.section_id
  LEFT JOIN academic_session a ON a.session_id = l.session_id AND a.begin_date < a.end_date
  WHERE COALESCE(s.is_active, 1) = 1
  GROUP BY s.section_id, s.course_id, s.school_id, s.school_year, y.begin_date, y.end_date
),
taught AS MATERIALIZED (
  SELECT
    x.section_staff_id, x.staff_id, x.section_id, d.school_id, d.course_id,
    CASE WHEN x.begin_date > d.begin_date THEN x.begin_date ELSE d.begin_date END AS begin_date,
    CASE WHEN x.end_date < d.end_date THEN x.end_date ELSE d.end_date END AS end_date
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
  WHERE x.role IN ('teacher_of_record', 'co_teacher')
    AND (x.begin_date IS NULL OR x.begin_date < d.end_date)
    AND (x.end_date IS NULL OR d.begin_date < x.end_date)
    AND (x.begin_date IS NULL OR x.end_date IS NULL OR x.begin_date < x.end_date)
),
scheduled AS MATERIALIZED (
  SELECT h.staff_id, h.section_id, h.school_id, h.course_id, h.begin_date, h.end_date, s.room, p.period
  FROM taught h
  JOIN section s ON s.section_id = h.section_id
  JOIN section_period p ON p.section_id = h.section_id
),
clash AS (
  SELECT
    a.staff_id, a.school_id, a.period, a.section_id,
    CASE WHEN a.begin_date >= b.begin_date THEN a.begin_date ELSE b.begin_date END AS first_day,
    CASE WHEN a.end_date <= b.end_date THEN a.end_date ELSE b.end_date END AS end_day
  FROM scheduled a
  JOIN scheduled b
    ON b.staff_id = a.staff_id
   AND b.school_id = a.school_id
   AND b.period = a.period
   AND b.section_id <> a.section_id
   AND a.begin_date < b.end_date
   AND b.begin_date < a.end_date
  WHERE a.course_id <> b.course_id
     OR a.room IS NULL
     OR b.room IS NULL
     OR a.room <> b.room
)
SELECT
  c.staff_id || '|' || c.school_id || '|' || c.period AS subject,
  MIN(c.first_day) AS e1,
  COUNT(DISTINCT c.section_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM clash c
CROSS JOIN today t
GROUP BY c.staff_id, c.school_id, c.period, t.day
HAVING t.day < MAX(c.end_day)
