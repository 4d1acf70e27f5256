-- ASM-010: fewer than 95% of the students tested.
-- One row per assessment, school and subgroup of ten or more expected students with too few
-- tested ones.
-- subject = assessment_id|school_id|category|value; e1 = students tested, e2 = students expected.
-- Expected as in ASM-009, at the school of the enrollment; tested: with any result of participation
-- tested. Subgroups as in KPI-02, by the statuses in force on the first day of the window.
-- A finding begins with the end of the window and ends with the school year.
WITH candidate AS (
  SELECT
    e.student_id, a.assessment_id, a.school_year, a.window_begin, a.window_end,
    CASE WHEN MIN(e.school_id) OVER (PARTITION BY e.student_id, a.assessment_id, e.entry_date)
           = MAX(e.school_id) OVER (PARTITION BY e.student_id, a.assessment_id, e.entry_date)
         THEN e.school_id END AS school_id, k.value AS grade,
    ROW_NUMBER() OVER (
      PARTITION BY e.student_id, a.assessment_id
      ORDER BY e.entry_date, k.rank
    ) AS place
  FROM assessment a
  JOIN assessment_grade g ON g.assessment_id = a.assessment_id
  JOIN code k ON k.code_set = 'Grade' AND k.value = g.grade
  JOIN school_enrollment e
    ON e.school_year = a.school_year
   AND e.grade_level = g.grade
   AND e.entry_date <= a.window_begin
   AND (e.exit_date IS NULL OR a.window_begin < e.exit_date)
  WHERE a.is_accountability = 1
    AND a.category = 'state_summative'
    AND a.window_end IS NOT NULL
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
),
tested AS MATERIALIZED (
  SELECT DISTINCT student_id, assessment_id FROM assessment_result WHERE participation = 'tested'
),
due AS MATERIALIZED (
  SELECT
    c.student_id, c.assessment_id, c.school_id, c.window_begin,
    CASE WHEN r.student_id IS NULL THEN 0 ELSE 1 END AS is_tested
  FROM candidate c
  JOIN school_year_span y ON y.school_year = c.school_year
  CROSS JOIN today t
  LEFT JOIN tested r ON r.student_id = c.student_id AND r.assessment_id = c.assessment_id
  WHERE c.place = 1
    AND c.window_end <= t.day AND t.day < y.end_date
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
in_force AS (
  SELECT DISTINCT u.student_id, u.assessment_id, g.category
  FROM due u
  JOIN status_group g
    ON g.student_id = u.student_id
   AND g.begin_date <= u.window_begin
   AND (g.end_date IS NULL OR u.window_begin < g.end_date)
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
    u.assessment_id, u.school_id, u.is_tested,
    c.category,
    CASE c.category
      WHEN 'all' THEN 'all'
      WHEN 'race_ethnicity' THEN COALESCE(d.race_ethnicity, 'unknown')
      WHEN 'sex' THEN COALESCE(d.sex, 'unknown')
      ELSE CASE WHEN f.category IS NULL THEN 'no' ELSE 'yes' END
    END AS value
  FROM due u
  CROSS JOIN category c
  LEFT JOIN demographics d ON d.student_id = u.student_id
  LEFT JOIN in_force f
    ON f.student_id = u.student_id
   AND f.assessment_id = u.assessment_id
   AND f.category = c.category
)
SELECT
  assessment_id || '|' || school_id || '|' || category || '|' || value AS subject,
  CAST(SUM(is_tested) AS BIGINT) AS e1,
  COUNT(*) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM valued
GROUP BY assessment_id, school_id, category, value
HAVING COUNT(*) >= 10
   AND SUM(is_tested) * 100 < 95 * COUNT(*)
