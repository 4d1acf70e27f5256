-- ENR-018: students in a section without a teacher.
-- One row per section with students enrolled today and no teacher of record today.
-- subject = section_id; e1 = number of students.
-- Class enrollments as in ENR-014; section assignments are limited to the days of the section too.
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
teaching AS (
  SELECT x.section_staff_id, x.staff_id, x.section_id, d.course_id, d.school_id, d.school_year
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
  CROSS JOIN today t
  WHERE x.role = 'teacher_of_record'
    AND d.begin_date <= t.day AND t.day < d.end_date
    AND (x.begin_date IS NULL OR x.begin_date <= t.day)
    AND (x.end_date IS NULL OR t.day < x.end_date)
),
seated AS (
  SELECT x.section_id, COUNT(DISTINCT x.student_id) AS students
  FROM section_enrollment x
  JOIN section_days d ON d.section_id = x.section_id
  CROSS JOIN today t
  WHERE COALESCE(x.is_dropped, 0) <> 1
    AND d.begin_date <= t.day AND t.day < d.end_date
    AND (x.begin_date IS NULL OR x.begin_date <= t.day)
    AND (x.end_date IS NULL OR t.day < x.end_date)
  GROUP BY x.section_id
)
SELECT
  s.section_id AS subject,
  s.students AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM seated s
WHERE s.section_id NOT IN (SELECT section_id FROM teaching)
