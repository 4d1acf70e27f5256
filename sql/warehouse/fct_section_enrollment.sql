-- fct_section_enrollment: the class enrollments.
-- One row per class enrollment, with school and school year of the section, if it has a row.
-- begin_date, end_date: the class enrollment within the days of its section, whether or not it was dropped; both NULL if
-- no day is left. Days of a section: from the first to the last day of its sessions that exist and are not empty or,
-- without any, its school year; a section that is not active has none. is_active: not dropped and contains today.
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
bounded AS (
  SELECT
    x.section_enrollment_id,
    CASE WHEN x.begin_date > d.begin_date THEN x.begin_date ELSE d.begin_date END AS begin_date,
    CASE WHEN x.end_date < d.end_date THEN x.end_date ELSE d.end_date END AS end_date
  FROM section_enrollment x
  JOIN section_days d ON d.section_id = x.section_id
),
lasting AS MATERIALIZED (
  SELECT section_enrollment_id, begin_date, end_date
  FROM bounded
  WHERE begin_date < end_date
)
SELECT
  x.section_enrollment_id,
  x.student_id,
  x.section_id,
  s.school_id,
  s.school_year,
  b.begin_date,
  b.end_date,
  COALESCE(x.is_homeroom, 0) AS is_homeroom,
  COALESCE(x.is_dropped, 0) AS is_dropped,
  CASE WHEN COALESCE(x.is_dropped, 0) <> 1 AND b.begin_date <= t.day AND t.day < b.end_date
       THEN 1 ELSE 0 END AS is_active
FROM section_enrollment x
CROSS JOIN today t
LEFT JOIN section s ON s.section_id = x.section_id
LEFT JOIN lasting b ON b.section_enrollment_id = x.section_enrollment_id
