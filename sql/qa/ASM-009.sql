-- ASM-009: no result of a student who had to be tested.
-- One row per student and assessment that expects the student and has no result of any kind.
-- subject = student_id|assessment_id; e1 = school_id.
-- Expecting: accountability assessments of category state_summative with a school year and both ends
-- of the window. Expected: students with a primary enrollment of that year, on the first day of the
-- window, in a known grade among those of the assessment; if there are several, the earliest, then the one in
-- the lowest grade; no school when the earliest are at several. Primary: counting (not empty, exit type neither
-- 'no_show' nor 'invalid', not flagged as a no-show) with status primary or empty.
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
answered AS MATERIALIZED (
  SELECT DISTINCT student_id, assessment_id FROM assessment_result
)
SELECT
  c.student_id || '|' || c.assessment_id AS subject,
  c.school_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM candidate c
JOIN school_year_span y ON y.school_year = c.school_year
CROSS JOIN today t
LEFT JOIN answered r ON r.student_id = c.student_id AND r.assessment_id = c.assessment_id
WHERE c.place = 1
  AND c.window_end <= t.day AND t.day < y.end_date
  AND r.student_id IS NULL
