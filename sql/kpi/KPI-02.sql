-- KPI-02: proficiency rate.
-- One row per assessment, school year, school (NULL = whole district), grade (NULL = all grades),
-- category and value, with n = results judged and hits = proficient ones; the rate is hits / n.
-- Counted: tested results with a score that are not retests, of an accountability assessment, whose
-- score is of the assessment's score type or one of them is not stated.
-- One result counts per student, assessment and year: the latest (an undated one comes last),
-- then the highest score, then the lowest grade. Results that still tie count as one, and at a
-- school only if all of them are attributed to it.
-- School: the one school of the student's counting primary enrollments on the test day, else the
-- school that reports the result, else none. Grade: only a known grade has separate cells.
-- Status categories are 'yes' when the status is in force on the test day; without a date, 'no'.
-- Judged: results counted that have cut scores for their grade or, failing that, for grade 'OTHER';
-- a result without is not replaced by another one of the student.
-- Proficient: by the highest cut score reached; of cut scores at the same score the higher
-- level rank decides, then the proficient one.
WITH scored AS MATERIALIZED (
  SELECT
    r.result_id, r.student_id, r.assessment_id, r.school_year, r.school_id,
    r.administration_date, r.score,
    g.value AS grade,
    g.rank AS grade_rank
  FROM assessment_result r
  JOIN assessment a ON a.assessment_id = r.assessment_id AND a.is_accountability = 1
  LEFT JOIN code g ON g.code_set = 'Grade' AND g.value = r.grade_level
  WHERE r.participation = 'tested'
    AND r.score IS NOT NULL
    AND COALESCE(r.is_retest, 0) <> 1
    AND (r.score_type IS NULL OR a.score_type IS NULL OR r.score_type = a.score_type)
),
-- The one school that the student's counting primary enrollments name on the test day.
enrolled AS (
  SELECT q.result_id, MIN(e.school_id) AS school_id
  FROM scored q
  JOIN school_enrollment e
    ON e.student_id = q.student_id
   AND e.entry_date <= q.administration_date
   AND (e.exit_date IS NULL OR q.administration_date < e.exit_date)
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
  GROUP BY q.result_id
  HAVING COUNT(DISTINCT e.school_id) = 1
),
-- Rank 1 is the latest result with the highest score, in the lowest grade; ties share it.
placed AS (
  SELECT
    q.student_id, q.assessment_id, q.school_year, q.administration_date, q.grade, q.score,
    COALESCE(n.school_id, q.school_id) AS school_id,
    RANK() OVER (
      PARTITION BY q.student_id, q.assessment_id, q.school_year
      ORDER BY q.administration_date DESC NULLS LAST, q.score DESC, q.grade_rank ASC NULLS LAST
    ) AS place
  FROM scored q
  LEFT JOIN enrolled n ON n.result_id = q.result_id
),
-- One result per student, assessment and year; its school only where the tied results agree.
kept AS MATERIALIZED (
  SELECT
    student_id, assessment_id, school_year, administration_date, grade, score,
    CASE WHEN COUNT(*) = COUNT(school_id) AND COUNT(DISTINCT school_id) = 1
         THEN MIN(school_id) END AS school_id
  FROM placed
  WHERE place = 1
  GROUP BY student_id, assessment_id, school_year, administration_date, grade, score
),
cut_set AS (
  SELECT DISTINCT assessment_id, grade FROM assessment_cut
),
-- Counted results that cut scores apply to, each with the grade whose cut scores do.
judged AS MATERIALIZED (
  SELECT
    k.student_id, k.assessment_id, k.school_year, k.administration_date, k.grade, k.score, k.school_id,
    CASE WHEN own.grade IS NOT NULL THEN own.grade ELSE everyone.grade END AS cut_grade
  FROM kept k
  LEFT JOIN cut_set own
    ON own.assessment_id = k.assessment_id AND own.grade = k.grade AND own.grade <> 'OTHER'
  LEFT JOIN cut_set everyone
    ON everyone.assessment_id = k.assessment_id AND everyone.grade = 'OTHER'
  WHERE own.grade IS NOT NULL OR everyone.grade IS NOT NULL
),
-- The cut scores that a result reaches, the highest first.
reached AS (
  SELECT
    j.student_id, j.assessment_id, j.school_year, c.level_rank, c.is_proficient,
    ROW_NUMBER() OVER (
      PARTITION BY j.student_id, j.assessment_id, j.school_year
      ORDER BY c.min_score DESC, c.level_rank DESC, COALESCE(c.is_proficient, 0) DESC
    ) AS place
  FROM judged j
  JOIN assessment_cut c
    ON c.assessment_id = j.assessment_id
   AND c.grade = j.cut_grade
   AND c.min_score <= j.score
),
proficiency AS MATERIALIZED (
  SELECT
    j.student_id, j.assessment_id, j.school_year, j.administration_date, j.grade, j.school_id,
    CASE WHEN h.is_proficient = 1 THEN 1 ELSE 0 END AS proficient
  FROM judged j
  LEFT JOIN reached h
    ON h.student_id = j.student_id
   AND h.assessment_id = j.assessment_id
   AND h.school_year = j.school_year
   AND h.place = 1
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
  SELECT DISTINCT k.student_id, k.assessment_id, k.school_year, g.category
  FROM judged k
  JOIN status_group g
    ON g.student_id = k.student_id
   AND g.begin_date <= k.administration_date
   AND (g.end_date IS NULL OR k.administration_date < g.end_date)
  WHERE g.category IS NOT NULL
),
category (category) AS (
  SELECT 'all' UNION ALL SELECT 'race_ethnicity' UNION ALL SELECT 'sex'
  UNION ALL SELECT 'econ' UNION ALL SELECT 'el' UNION ALL SELECT 'iep' UNION ALL SELECT 's504'
  UNION ALL SELECT 'homeless' UNION ALL SELECT 'foster' UNION ALL SELECT 'migrant'
  UNION ALL SELECT 'military' UNION ALL SELECT 'gifted'
),
-- Every judged result once per category, with its value there.
valued AS (
  SELECT
    k.assessment_id, k.school_year, k.school_id, k.grade, k.proficient,
    c.category,
    CASE c.category
      WHEN 'all' THEN 'all'
      WHEN 'race_ethnicity' THEN COALESCE(d.race_ethnicity, 'unknown')
      WHEN 'sex' THEN COALESCE(d.sex, 'unknown')
      ELSE CASE WHEN f.category IS NULL THEN 'no' ELSE 'yes' END
    END AS value
  FROM proficiency k
  CROSS JOIN category c
  LEFT JOIN demographics d ON d.student_id = k.student_id
  LEFT JOIN in_force f
    ON f.student_id = k.student_id
   AND f.assessment_id = k.assessment_id
   AND f.school_year = k.school_year
   AND f.category = c.category
),
finest AS MATERIALIZED (
  SELECT assessment_id, school_year, school_id, grade, category, value,
         COUNT(*) AS n, SUM(proficient) AS hits
  FROM valued
  GROUP BY assessment_id, school_year, school_id, grade, category, value
),
-- A cell is for one school or the district, and for one grade or all of them.
cell AS (
  SELECT assessment_id, school_year, school_id, grade, category, value, n, hits
  FROM finest
  WHERE school_id IS NOT NULL AND grade IS NOT NULL
  UNION ALL
  SELECT assessment_id, school_year, school_id, NULL, category, value,
         CAST(SUM(n) AS BIGINT), CAST(SUM(hits) AS BIGINT)
  FROM finest
  WHERE school_id IS NOT NULL
  GROUP BY assessment_id, school_year, school_id, category, value
  UNION ALL
  SELECT assessment_id, school_year, NULL, grade, category, value,
         CAST(SUM(n) AS BIGINT), CAST(SUM(hits) AS BIGINT)
  FROM finest
  WHERE grade IS NOT NULL
  GROUP BY assessment_id, school_year, grade, category, value
  UNION ALL
  SELECT assessment_id, school_year, NULL, NULL, category, value,
         CAST(SUM(n) AS BIGINT), CAST(SUM(hits) AS BIGINT)
  FROM finest
  GROUP BY assessment_id, school_year, category, value
)
SELECT assessment_id, school_year, school_id, grade, category, value, n, hits
FROM cell
