-- ASM-003: reported level or proficiency differs from the cut scores.
-- One row per tested result with a score that cut scores apply to, whose reported level code or proficiency differs from
-- the cut scores.
-- subject = result_id; e1 = level code as reported, e2 = code of the level reached, e3 = proficiency
-- as reported.
-- Cut scores apply, and levels are reached, as in fct_assessment_result; the assessment's own row may
-- be missing. Cut scores that tie in score, level rank and proficiency reach no code, as does a score
-- below all of them; then only proficiency is compared, and below all of them it is false.
WITH cut_set AS (
  SELECT DISTINCT assessment_id, grade FROM assessment_cut
),
judged AS (
  SELECT
    r.result_id, r.assessment_id, r.score, r.level_code, r.is_proficient,
    CASE WHEN own.grade IS NOT NULL THEN own.grade ELSE everyone.grade END AS cut_grade
  FROM assessment_result r
  LEFT JOIN code g ON g.code_set = 'Grade' AND g.value = r.grade_level
  LEFT JOIN cut_set own
    ON own.assessment_id = r.assessment_id AND own.grade = g.value AND own.grade <> 'OTHER'
  LEFT JOIN cut_set everyone
    ON everyone.assessment_id = r.assessment_id AND everyone.grade = 'OTHER'
  WHERE r.participation = 'tested'
    AND r.score IS NOT NULL
    AND (r.level_code IS NOT NULL OR r.is_proficient IS NOT NULL)
    AND (own.grade IS NOT NULL OR everyone.grade IS NOT NULL)
),
placed AS (
  SELECT
    j.result_id, j.level_code AS reported_code, j.is_proficient AS reported,
    c.level_code AS reached_code,
    CASE WHEN c.is_proficient = 1 THEN 1 ELSE 0 END AS reached,
    RANK() OVER (
      PARTITION BY j.result_id
      ORDER BY c.min_score DESC, c.level_rank DESC, c.is_proficient DESC
    ) AS place
  FROM judged j
  LEFT JOIN assessment_cut c
    ON c.assessment_id = j.assessment_id
   AND c.grade = j.cut_grade
   AND c.min_score <= j.score
),
levelled AS (
  SELECT
    result_id, reported_code, reported, reached,
    CASE WHEN COUNT(DISTINCT reached_code) = 1 THEN MIN(reached_code) END AS reached_code
  FROM placed
  WHERE place = 1
  GROUP BY result_id, reported_code, reported, reached
)
SELECT
  result_id AS subject,
  reported_code AS e1,
  reached_code AS e2,
  reported AS e3
FROM levelled
WHERE reported_code <> reached_code
   OR reported <> reached
