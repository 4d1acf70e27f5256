-- DUP-007: a person is in a section twice at a time.
-- One row per section and staff with two section assignments, of any role, that share a day.
-- subject = section_id|staff_id; e1 = first overlapped day, e2 = number of section assignments
-- that overlap at least one other.
-- A section assignment is limited to the days of its section: from the first to the last day of
-- its sessions that exist and are not empty or, without any, its school year; a section that is
-- not active has no days.
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
    x.section_staff_id, x.staff_id, x.section_id, d.school_id,
    CASE WHEN x.begin_date > d.begin_date THEN x.begin_date ELSE d.begin_date END AS begin_date,
    CASE WHEN x.end_date < d.end_date THEN x.end_date ELSE d.end_date END AS end_date
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
  WHERE (x.begin_date IS NULL OR x.begin_date < d.end_date)
    AND (x.end_date IS NULL OR d.begin_date < x.end_date)
    AND (x.begin_date IS NULL OR x.end_date IS NULL OR x.begin_date < x.end_date)
),
overlap AS (
  SELECT
    a.section_id, a.staff_id, a.section_staff_id,
    CASE WHEN a.begin_date >= b.begin_date THEN a.begin_date ELSE b.begin_date END AS first_day
  FROM taught a
  JOIN taught b
    ON b.section_id = a.section_id
   AND b.staff_id = a.staff_id
   AND b.section_staff_id <> a.section_staff_id
   AND a.begin_date < b.end_date
   AND b.begin_date < a.end_date
)
SELECT
  section_id || '|' || staff_id AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT section_staff_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY section_id, staff_id
