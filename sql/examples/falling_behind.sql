-- Question: which students are much lower within their grade than the year before?
-- One row is: a student and assessment family in which the z-score fell by at least one standard deviation; ids only.
-- Caveats: identifies individuals by id, so keep it with their teachers. The z-score is the distance from the district
-- mean of the grade, so a fall means that others gained more, not that the student knows less. Some students far above
-- the mean fall by chance alone. Results without a published mean have no z-score.
WITH standing AS (
  SELECT
    r.student_id, t.family, t.period, t.subject, r.school_year, r.school_enrolled, r.grade_level, r.score, r.level_code,
    r.z_score,
    ROW_NUMBER() OVER (
      PARTITION BY r.student_id, t.family, t.period, t.subject, r.school_year
      ORDER BY r.administration_date DESC, r.score DESC, r.result_id
    ) AS place
  FROM fct_assessment_result r
  JOIN dim_assessment t ON t.assessment_id = r.assessment_id
  WHERE r.z_score IS NOT NULL AND r.participation = 'tested' AND NOT r.is_retest
)
SELECT
  b.school_enrolled AS school_id, b.student_id, b.family, b.period, b.subject, b.school_year, b.grade_level,
  a.level_code AS level_before, b.level_code AS level_now,
  a.z_score AS z_before, b.z_score AS z_now, ROUND(b.z_score - a.z_score, 2) AS change
FROM standing b
JOIN standing a
  ON a.student_id = b.student_id AND a.family = b.family AND a.period IS b.period AND a.subject = b.subject
 AND a.school_year = b.school_year - 1 AND a.place = 1
WHERE b.place = 1 AND b.z_score - a.z_score <= -1.0
ORDER BY change, b.student_id, b.family, b.school_year;
