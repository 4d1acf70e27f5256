-- ENR-014: class enrollment without being enrolled at the school.
-- One row per class enrollment with a day on which the student is not enrolled at the section's school.
-- subject = section_enrollment_id; e1 = first day of the first such gap, e2 = first day after it.
-- A class enrollment that is not dropped is limited to the days of its section: from the first to the last day of its
-- sessions that exist and are not empty or, without any, its school year; a section that is not active has no days.
-- Counting enrollments of every status count: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a
-- no-show; without any the gap is the whole class enrollment. A finding is open until the section's school year has
-- ended.
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
attended AS MATERIALIZED (
  SELECT e.student_id, e.school_id, e.entry_date, e.exit_date
  FROM school_enrollment e
  WHERE (e.exit_date IS NULL OR e.entry_date < e.exit_date)
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
),
-- Class enrollments of one student, school and year with the same days have the same gaps.
span AS MATERIALIZED (
  SELECT DISTINCT r.student_id, r.school_id, r.begin_date, r.end_date
  FROM roster r
  JOIN school_year_span y ON y.school_year = r.school_year
  CROSS JOIN today t
  WHERE t.day < y.end_date
),
-- A gap begins with the class enrollment or where an enrollment ends.
start AS (
  SELECT student_id, school_id, begin_date, end_date, begin_date AS gap_begin
  FROM span
  UNION
  SELECT s.student_id, s.school_id, s.begin_date, s.end_date, e.exit_date AS gap_begin
  FROM span s
  JOIN attended e
    ON e.student_id = s.student_id
   AND e.school_id = s.school_id
   AND s.begin_date < e.exit_date
   AND e.exit_date < s.end_date
),
uncovered AS (
  SELECT s.student_id, s.school_id, s.begin_date, s.end_date, s.gap_begin
  FROM start s
  LEFT JOIN attended e
    ON e.student_id = s.student_id
   AND e.school_id = s.school_id
   AND e.entry_date <= s.gap_begin
   AND (e.exit_date IS NULL OR s.gap_begin < e.exit_date)
  WHERE e.student_id IS NULL
),
first_gap AS (
  SELECT student_id, school_id, begin_date, end_date, MIN(gap_begin) AS gap_begin
  FROM uncovered
  GROUP BY student_id, school_id, begin_date, end_date
),
gap AS (
  SELECT
    g.student_id, g.school_id, g.begin_date, g.end_date, g.gap_begin,
    COALESCE(MIN(e.entry_date), g.end_date) AS gap_end
  FROM first_gap g
  LEFT JOIN attended e
    ON e.student_id = g.student_id
   AND e.school_id = g.school_id
   AND g.gap_begin < e.entry_date
   AND e.entry_date < g.end_date
  GROUP BY g.student_id, g.school_id, g.begin_date, g.end_date, g.gap_begin
)
SELECT
  r.section_enrollment_id AS subject,
  g.gap_begin AS e1,
  g.gap_end AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM roster r
JOIN gap g
  ON g.student_id = r.student_id
 AND g.school_id = r.school_id
 AND g.begin_date = r.begin_date
 AND g.end_date = r.end_date
JOIN school_year_span y ON y.school_year = r.school_year
CROSS JOIN today t
WHERE t.day < y.end_date
