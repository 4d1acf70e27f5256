-- ASM-005: result of an unknown student or assessment.
-- One row per result whose student or assessment has no row.
-- subject = result_id; e1 = student_id if it is missing, e2 = assessment_id if it is missing.
SELECT
  r.result_id AS subject,
  CASE WHEN s.student_id IS NULL THEN r.student_id END AS e1,
  CASE WHEN a.assessment_id IS NULL THEN r.assessment_id END AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM assessment_result r
LEFT JOIN student s ON s.student_id = r.student_id
LEFT JOIN assessment a ON a.assessment_id = r.assessment_id
WHERE s.student_id IS NULL
   OR a.assessment_id IS NULL
