-- ASM-004: a student has several results of one assessment in a year.
-- One row per student, assessment and school year with more than one tested result that is not
-- flagged as a retest.
-- subject = student_id|assessment_id|school_year; e1 = number of results.
SELECT
  student_id || '|' || assessment_id || '|' || CAST(school_year AS TEXT) AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM assessment_result
WHERE participation = 'tested'
  AND COALESCE(is_retest, 0) <> 1
GROUP BY student_id, assessment_id, school_year
HAVING COUNT(*) >= 2
