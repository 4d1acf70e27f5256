-- ENR-010: grade that the school does not offer.
-- One row per counting enrollment in a grade below the lowest or above the highest of its school.
-- subject = enrollment_id; e1 = grade level, e2 = lowest, e3 = highest grade of the school as stored.
-- Counting: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a no-show.
-- Grades are compared up to 13; a higher, unmapped or empty one is not compared.
SELECT
  e.enrollment_id AS subject,
  e.grade_level AS e1,
  o.grade_low AS e2,
  o.grade_high AS e3
FROM school_enrollment e
JOIN organization o ON o.org_id = e.school_id
JOIN code k ON k.code_set = 'Grade' AND k.value = e.grade_level AND k.rank <= 17
LEFT JOIN code lo ON lo.code_set = 'Grade' AND lo.value = o.grade_low AND lo.rank <= 17
LEFT JOIN code hi ON hi.code_set = 'Grade' AND hi.value = o.grade_high AND hi.rank <= 17
WHERE (k.rank < lo.rank OR k.rank > hi.rank)
  AND (e.exit_date IS NULL OR e.entry_date < e.exit_date)
  AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
  AND COALESCE(e.is_no_show, 0) <> 1
