-- ENR-021: overlapping class enrollments in one section.
-- One row per student and section with two class enrollments that share a day.
-- subject = student_id|section_id; e1 = first overlapped day, e2 = number of class enrollments that overlap at least one
-- other.
-- Class enrollments as in ENR-014.
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
overlap AS (
  SELECT
    a.student_id, a.section_id, a.section_enrollment_id,
    CASE WHEN a.begin_date >= b.begin_date THEN a.begin_date ELSE b.begin_date END AS first_day
  FROM roster a
  JOIN roster b
    ON b.student_id = a.student_id
   AND b.section_id = a.section_id
   AND b.section_enrollment_id <> a.section_enrollment_id
   AND a.begin_date < b.end_date
   AND b.begin_date < a.end_date
)
SELECT
  student_id || '|' || section_id AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT section_enrollment_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY student_id, section_id
