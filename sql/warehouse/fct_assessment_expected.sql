-- fct_assessment_expected: the students expected to be tested.
-- One row per student and assessment that expects the student.
-- Expecting, expected and at which school and grade: as in ASM-009. was_tested: 1 when some result of
-- the student and assessment has participation tested.
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
)
SELECT
  c.student_id,
  c.assessment_id,
  c.school_id,
  c.grade AS grade_level,
  CASE WHEN r.student_id IS NULL THEN 0 ELSE 1 END AS was_tested
FROM candidate c
LEFT JOIN tested r ON r.student_id = c.student_id AND r.assessment_id = c.assessment_id
WHERE c.place = 1
