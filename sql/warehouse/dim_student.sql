-- dim_student: the students by school year.
-- One row per student and school year of the enrollments; the student row itself may be missing.
-- grade: of the enrollment of that year with the latest entry date, then the highest grade; NULL
-- when that is not a known grade. Enrollments of every kind count.
-- is_mobile: 1 when the year has two or more counting enrollments, at one school or at several.
-- Counting: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a no-show.
-- ever_...: the status was in force on some day of the year. current_...: it is in force today,
-- or on the first day of a year still to come, or on the last day of a year gone by.
-- A school year outside the table of school years has no status in force.
WITH year_enrollment AS (
  SELECT
    e.student_id, e.school_year,
    k.value AS grade,
    CASE WHEN (e.exit_date IS NULL OR e.entry_date < e.exit_date)
          AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
          AND COALESCE(e.is_no_show, 0) <> 1
         THEN 1 ELSE 0 END AS is_counting,
    ROW_NUMBER() OVER (
      PARTITION BY e.student_id, e.school_year
      ORDER BY e.entry_date DESC, k.rank DESC NULLS LAST
    ) AS place
  FROM school_enrollment e
  LEFT JOIN code k ON k.code_set = 'Grade' AND k.value = e.grade_level
),
student_year AS (
  SELECT
    student_id, school_year,
    MAX(CASE WHEN place = 1 THEN grade END) AS grade,
    CASE WHEN SUM(is_counting) > 1 THEN 1 ELSE 0 END AS is_mobile
  FROM year_enrollment
  GROUP BY student_id, school_year
),
race AS (
  SELECT
    f.student_id,
    CASE WHEN COUNT(DISTINCT CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) > 1
         THEN 'two_or_more'
         ELSE MIN(CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) END AS race
  FROM student_race f
  JOIN code k ON k.code_set = 'RaceFlag' AND k.value = f.race
  GROUP BY f.student_id
),
status_group AS (
  SELECT
    student_id, begin_date, end_date,
    CASE
      WHEN status_type IN ('econ_disadvantaged', 'frl')
        AND status_value IN ('yes', 'free', 'reduced', 'direct_cert') THEN 'econ'
      WHEN status_type = 'english_learner' AND status_value IN ('el_current', 'yes') THEN 'el'
      WHEN status_type IN ('iep', 's504', 'homeless', 'foster', 'migrant', 'military', 'gifted')
        AND status_value = 'yes' THEN status_type
    END AS category
  FROM student_status
),
-- Each school year with the reference day of its current status.
year_day AS (
  SELECT
    y.school_year, y.begin_date, y.end_date,
    CASE WHEN t.day < y.begin_date THEN y.begin_date
         WHEN t.day >= y.end_date THEN y.end_date - 1
         ELSE t.day END AS current_day
  FROM school_year_span y
  CROSS JOIN today t
),
year_status AS (
  SELECT
    s.student_id, s.school_year, g.category,
    CASE WHEN (g.end_date IS NULL OR g.begin_date < g.end_date)
          AND g.begin_date < y.end_date
          AND (g.end_date IS NULL OR y.begin_date < g.end_date)
         THEN 1 ELSE 0 END AS is_ever,
    CASE WHEN g.begin_date <= y.current_day
          AND (g.end_date IS NULL OR y.current_day < g.end_date)
         THEN 1 ELSE 0 END AS is_current
  FROM student_year s
  JOIN year_day y ON y.school_year = s.school_year
  JOIN status_group g ON g.student_id = s.student_id
  WHERE g.category IS NOT NULL
),
flags AS (
  SELECT
    student_id, school_year,
    MAX(CASE WHEN category = 'econ' THEN is_ever ELSE 0 END) AS ever_econ,
    MAX(CASE WHEN category = 'el' THEN is_ever ELSE 0 END) AS ever_el,
    MAX(CASE WHEN category = 'iep' THEN is_ever ELSE 0 END) AS ever_iep,
    MAX(CASE WHEN category = 's504' THEN is_ever ELSE 0 END) AS ever_s504,
    MAX(CASE WHEN category = 'homeless' THEN is_ever ELSE 0 END) AS ever_homeless,
    MAX(CASE WHEN category = 'foster' THEN is_ever ELSE 0 END) AS ever_foster,
    MAX(CASE WHEN category = 'migrant' THEN is_ever ELSE 0 END) AS ever_migrant,
    MAX(CASE WHEN category = 'military' THEN is_ever ELSE 0 END) AS ever_military,
    MAX(CASE WHEN category = 'gifted' THEN is_ever ELSE 0 END) AS ever_gifted,
    MAX(CASE WHEN category = 'econ' THEN is_current ELSE 0 END) AS current_econ,
    MAX(CASE WHEN category = 'el' THEN is_current ELSE 0 END) AS current_el,
    MAX(CASE WHEN category = 'iep' THEN is_current ELSE 0 END) AS current_iep,
    MAX(CASE WHEN category = 's504' THEN is_current ELSE 0 END) AS current_s504,
    MAX(CASE WHEN category = 'homeless' THEN is_current ELSE 0 END) AS current_homeless,
    MAX(CASE WHEN category = 'foster' THEN is_current ELSE 0 END) AS current_foster,
    MAX(CASE WHEN category = 'migrant' THEN is_current ELSE 0 END) AS current_migrant,
    MAX(CASE WHEN category = 'military' THEN is_current ELSE 0 END) AS current_military,
    MAX(CASE WHEN category = 'gifted' THEN is_current ELSE 0 END) AS current_gifted
  FROM year_status
  GROUP BY student_id, school_year
)
SELECT
  y.student_id,
  y.school_year,
  y.grade,
  COALESCE(x.value, 'unknown') AS sex,
  CASE WHEN s.is_hispanic = 1 THEN 'hispanic'
       WHEN s.student_id IS NULL THEN 'unknown'
       ELSE COALESCE(f.race, 'unknown') END AS race_ethnicity,
  s.birth_date,
  y.is_mobile,
  COALESCE(g.ever_econ, 0) AS ever_econ,
  COALESCE(g.ever_el, 0) AS ever_el,
  COALESCE(g.ever_iep, 0) AS ever_iep,
  COALESCE(g.ever_s504, 0) AS ever_s504,
  COALESCE(g.ever_homeless, 0) AS ever_homeless,
  COALESCE(g.ever_foster, 0) AS ever_foster,
  COALESCE(g.ever_migrant, 0) AS ever_migrant,
  COALESCE(g.ever_military, 0) AS ever_military,
  COALESCE(g.ever_gifted, 0) AS ever_gifted,
  COALESCE(g.current_econ, 0) AS current_econ,
  COALESCE(g.current_el, 0) AS current_el,
  COALESCE(g.current_iep, 0) AS current_iep,
  COALESCE(g.current_s504, 0) AS current_s504,
  COALESCE(g.current_homeless, 0) AS current_homeless,
  COALESCE(g.current_foster, 0) AS current_foster,
  COALESCE(g.current_migrant, 0) AS current_migrant,
  COALESCE(g.current_military, 0) AS current_military,
  COALESCE(g.current_gifted, 0) AS current_gifted
FROM student_year y
LEFT JOIN student s ON s.student_id = y.student_id
LEFT JOIN code x ON x.code_set = 'Sex' AND x.value = s.sex
LEFT JOIN race f ON f.student_id = y.student_id
LEFT JOIN flags g ON g.student_id = y.student_id AND g.school_year = y.school_year
