-- Question: which students with an IEP today are below proficient, and at which school are they?
-- One row is: a student and subject, by the latest result that counts; ids only.
-- Caveats: identifies individuals by id, so keep it with their teachers. The school is that of today's primary
-- enrollment, not of the test date. Retests and results without a score or cut scores are omitted.
WITH latest AS (
  SELECT
    r.student_id, t.subject, r.assessment_id, r.administration_date, r.grade_level, r.score, r.level_rank, r.is_proficient,
    ROW_NUMBER() OVER (
      PARTITION BY r.student_id, t.subject ORDER BY r.administration_date DESC, r.score DESC, r.result_id
    ) AS place
  FROM fct_assessment_result r
  JOIN dim_assessment t ON t.assessment_id = r.assessment_id
  WHERE t.is_accountability AND r.participation = 'tested' AND NOT r.is_retest AND r.is_proficient IS NOT NULL
)
SELECT
  e.school_id, o.name AS school, l.student_id, e.grade_level AS grade_today, l.subject,
  l.assessment_id, l.administration_date, l.score, l.level_rank
FROM latest l
JOIN fct_school_enrollment e ON e.student_id = l.student_id AND e.is_active AND e.is_primary
JOIN dim_student s ON s.student_id = e.student_id AND s.school_year = e.school_year AND s.current_iep
LEFT JOIN dim_organization o ON o.org_id = e.school_id
WHERE l.place = 1 AND NOT l.is_proficient
ORDER BY e.school_id, l.subject, l.score, l.student_id;
