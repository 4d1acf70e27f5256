-- ENR-026: grade that does not follow that of the year before.
-- One row per student and school year with a grade below that of the year before, unless it is
-- flagged as repeated, or more than one above it.
-- subject = student_id; e1 = grade of the year before, e2 = grade of the year, e3 = the year.
-- The grade of a year is that of the latest primary enrollment of the year, then the highest; both
-- have to be known ones from KG to 12. Of enrollments that tie in both, one that is repeating is
-- enough. Primary: counting (not empty, exit type neither 'no_show' nor 'invalid', not flagged as a
-- no-show) with status primary or empty.
-- A finding stays open until the year has ended.
WITH placed AS (
  SELECT
    e.student_id, e.school_year, e.is_repeating, k.rank,
    RANK() OVER (
      PARTITION BY e.student_id, e.school_year ORDER BY e.entry_date DESC, k.rank DESC NULLS LAST
    ) AS place
  FROM school_enrollment e
  LEFT JOIN code k ON k.code_set = 'Grade' AND k.value = e.grade_level
  WHERE (e.exit_date IS NULL OR e.entry_date < e.exit_date)
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
),
year_grade AS MATERIALIZED (
  SELECT student_id, school_year, rank, MAX(COALESCE(is_repeating, 0)) AS is_repeating
  FROM placed
  WHERE place = 1 AND rank BETWEEN 4 AND 17
  GROUP BY student_id, school_year, rank
)
SELECT
  n.student_id AS subject,
  kb.value AS e1,
  kn.value AS e2,
  n.school_year AS e3
FROM year_grade n
JOIN year_grade b ON b.student_id = n.student_id AND b.school_year = n.school_year - 1
JOIN code kn ON kn.code_set = 'Grade' AND kn.rank = n.rank
JOIN code kb ON kb.code_set = 'Grade' AND kb.rank = b.rank
JOIN school_year_span y ON y.school_year = n.school_year
CROSS JOIN today t
WHERE t.day < y.end_date
  AND ((n.rank < b.rank AND n.is_repeating = 0) OR n.rank > b.rank + 1)
