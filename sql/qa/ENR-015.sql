-- ENR-015: enrolled for a while without any class.
-- One row per primary enrollment active today whose student has no class enrollment at the school, although the school
-- has sections in that school year and the enrollment is old enough.
-- subject = enrollment_id; e1 = school_id.
-- Primary: counting (not empty, exit type neither 'no_show' nor 'invalid', not flagged as a
-- no-show) with status primary or empty. Old enough: from the 11th instructional day on or after
-- the entry date on, by the enrollment's calendar or, if it states none, the only one of the school
-- and year; a calendar with fewer days is never reported. Without such a calendar, or without any
-- row of it for the school and year, from the 14th day after the entry date on.
-- Class enrollments as in ENR-014, in sections of the school of any year; one day in common is enough.
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
roster AS MATERIALIZED (
  SELECT
    x.section_enrollment_id, x.student_id, x.section_id, d.school_id, d.school_year,
    CASE WHEN x.begin_date > d.begin_date THEN x.begin_date ELSE d.begin_date END AS begin_date,
    CASE WHEN x.end_date < d.end_date THEN x.end_date ELSE d.end_date END AS end_date
  FROM section_enrollment x
  JOIN section_days d ON d.section_id = x.section_id
  WHERE COALESCE(x.is_dropped, 0) <> 1
    AND (x.begin_date IS NULL OR x.begin_date < d.end_date)
    AND (x.end_date IS NULL OR d.begin_date < x.end_date)
    AND (x.begin_date IS NULL OR x.end_date IS NULL OR x.begin_date < x.end_date)
),
only_calendar AS MATERIALIZED (
  SELECT school_id, school_year, MIN(calendar_id) AS calendar_id
  FROM calendar_day
  GROUP BY school_id, school_year
  HAVING COUNT(DISTINCT calendar_id) = 1
),
scheduling AS (
  SELECT DISTINCT school_id, school_year
  FROM section
  WHERE COALESCE(is_active, 1) = 1
),
waiting AS (
  SELECT
    e.enrollment_id, e.school_id, e.school_year, e.entry_date,
    COALESCE(e.calendar_id, o.calendar_id) AS calendar_id
  FROM school_enrollment e
  CROSS JOIN today t
  JOIN scheduling c ON c.school_id = e.school_id AND c.school_year = e.school_year
  LEFT JOIN only_calendar o ON o.school_id = e.school_id AND o.school_year = e.school_year
  LEFT JOIN roster r
    ON r.student_id = e.student_id
   AND r.school_id = e.school_id
   AND e.entry_date < r.end_date
   AND (e.exit_date IS NULL OR r.begin_date < e.exit_date)
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
    AND r.student_id IS NULL
),
due AS (
  SELECT
    w.enrollment_id, w.school_id,
    CASE WHEN EXISTS (
      SELECT 1
      FROM calendar_day d
      WHERE d.calendar_id = w.calendar_id
        AND d.school_id = w.school_id
        AND d.school_year = w.school_year
    ) THEN (
      SELECT d.date
      FROM calendar_day d
      WHERE d.calendar_id = w.calendar_id
        AND d.school_id = w.school_id
        AND d.school_year = w.school_year
        AND d.is_instructional = 1
        AND d.date >= w.entry_date
      ORDER BY d.date
      LIMIT 1 OFFSET 10
    ) ELSE w.entry_date + 14 END AS due_date
  FROM waiting w
)
SELECT
  d.enrollment_id AS subject,
  d.school_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM due d
CROSS JOIN today t
WHERE d.due_date <= t.day
