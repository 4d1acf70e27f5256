-- brg_student_subgroup: the subgroups of the students by school year.
-- One row per student and school year of the enrollments (the rows of dim_student) and category.
-- value: 'all'; race and ethnicity and sex as in dim_student; for the status categories 'yes' when
-- the status was in force on some day of the year, else 'no'.
WITH student_year AS MATERIALIZED (
  SELECT DISTINCT student_id, school_year FROM school_enrollment
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
demographics AS (
  SELECT
    s.student_id,
    CASE WHEN s.is_hispanic = 1 THEN 'hispanic' ELSE COALESCE(f.race, 'unknown') END
      AS race_ethnicity,
    COALESCE(k.value, 'unknown') AS sex
  FROM student s
  LEFT JOIN race f ON f.student_id = s.student_id
  LEFT JOIN code k ON k.code_set = 'Sex' AND k.value = s.sex
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
in_force AS MATERIALIZED (
  SELECT DISTINCT s.student_id, s.school_year, g.category
  FROM student_year s
  JOIN school_year_span y ON y.school_year = s.school_year
  JOIN status_group g
    ON g.student_id = s.student_id
   AND g.begin_date < y.end_date
   AND (g.end_date IS NULL OR (y.begin_date < g.end_date AND g.begin_date < g.end_date))
  WHERE g.category IS NOT NULL
),
category (category) AS (
  SELECT 'all' UNION ALL SELECT 'race_ethnicity' UNION ALL SELECT 'sex'
  UNION ALL SELECT 'econ' UNION ALL SELECT 'el' UNION ALL SELECT 'iep' UNION ALL SELECT 's504'
  UNION ALL SELECT 'homeless' UNION ALL SELECT 'foster' UNION ALL SELECT 'migrant'
  UNION ALL SELECT 'military' UNION ALL SELECT 'gifted'
),
valued AS (
  SELECT
    s.student_id, s.school_year, c.category,
    CASE c.category
      WHEN 'all' THEN 'all'
      WHEN 'race_ethnicity' THEN COALESCE(d.race_ethnicity, 'unknown')
      WHEN 'sex' THEN COALESCE(d.sex, 'unknown')
      ELSE CASE WHEN f.category IS NULL THEN 'no' ELSE 'yes' END
    END AS value
  FROM student_year s
  CROSS JOIN category c
  LEFT JOIN demographics d ON d.student_id = s.student_id
  LEFT JOIN in_force f
    ON f.student_id = s.student_id
   AND f.school_year = s.school_year
   AND f.category = c.category
)
SELECT student_id, school_year, category, value
FROM valued
