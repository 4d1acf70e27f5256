-- fct_assessment_result: the assessment results with the school and level they are counted at.
-- One row per result, of every participation and of every assessment.
-- school_enrolled: the one school that the student's counting primary enrollments name on the
-- administration date, else NULL.
-- level_rank, is_proficient: of the highest cut score reached, among the cut scores of the
-- result's grade or, where the assessment has none for it, of grade 'OTHER'; of cut scores at the
-- same score the higher level rank decides, then the proficient one. A score below every cut score
-- has no level and is not proficient; without cut scores or without a score both are NULL.
-- Cut scores apply even if the assessment row is missing.
-- level_code: the code of that cut score; of cut scores that tie in score, level rank and proficiency under different codes
-- NULL.
-- has_student_year: 1 when the student has an enrollment of the result's school year.
WITH cut_set AS (
  SELECT DISTINCT assessment_id, grade FROM assessment_cut
),
-- Results with a score, each with the grade whose cut scores apply to it.
scored AS (
  SELECT
    r.result_id, r.assessment_id, r.score,
    CASE WHEN own.grade IS NOT NULL THEN own.grade ELSE everyone.grade END AS cut_grade
  FROM assessment_result r
  LEFT JOIN code g ON g.code_set = 'Grade' AND g.value = r.grade_level
  LEFT JOIN cut_set own
    ON own.assessment_id = r.assessment_id AND own.grade = g.value AND own.grade <> 'OTHER'
  LEFT JOIN cut_set everyone
    ON everyone.assessment_id = r.assessment_id AND everyone.grade = 'OTHER'
  WHERE r.score IS NOT NULL
    AND (own.grade IS NOT NULL OR everyone.grade IS NOT NULL)
),
levelled AS (
  SELECT
    s.result_id,
    c.level_rank,
    CASE WHEN MIN(c.level_code) OVER tied = MAX(c.level_code) OVER tied THEN c.level_code END AS level_code,
    CASE WHEN c.is_proficient = 1 THEN 1 ELSE 0 END AS is_proficient,
    ROW_NUMBER() OVER (
      PARTITION BY s.result_id
      ORDER BY c.min_score DESC NULLS LAST, c.level_rank DESC NULLS LAST,
               COALESCE(c.is_proficient, 0) DESC
    ) AS place
  FROM scored s
  LEFT JOIN assessment_cut c
    ON c.assessment_id = s.assessment_id
   AND c.grade = s.cut_grade
   AND c.min_score <= s.score
  WINDOW tied AS (PARTITION BY s.result_id, c.min_score, c.level_rank, COALESCE(c.is_proficient, 0))
),
enrolled AS (
  SELECT r.result_id, MIN(e.school_id) AS school_id
  FROM assessment_result r
  JOIN school_enrollment e
    ON e.student_id = r.student_id
   AND e.entry_date <= r.administration_date
   AND (e.exit_date IS NULL OR r.administration_date < e.exit_date)
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
  GROUP BY r.result_id
  HAVING COUNT(DISTINCT e.school_id) = 1
),
student_year AS (
  SELECT DISTINCT student_id, school_year FROM school_enrollment
)
SELECT
  r.result_id,
  r.student_id,
  r.assessment_id,
  r.school_id AS school_reported,
  n.school_id AS school_enrolled,
  r.school_year,
  r.administration_date,
  r.grade_level,
  r.participation,
  r.score,
  r.score_type,
  l.level_code,
  l.level_rank,
  l.is_proficient,
  r.is_proficient AS is_proficient_reported,
  COALESCE(r.is_retest, 0) AS is_retest,
  CASE WHEN y.student_id IS NULL THEN 0 ELSE 1 END AS has_student_year
FROM assessment_result r
LEFT JOIN levelled l ON l.result_id = r.result_id AND l.place = 1
LEFT JOIN enrolled n ON n.result_id = r.result_id
LEFT JOIN student_year y ON y.student_id = r.student_id AND y.school_year = r.school_year
