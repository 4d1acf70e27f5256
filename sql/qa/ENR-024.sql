-- ENR-024: enrolled student without state id, birth date, sex or race.
-- One row per student with a counting enrollment today for whom one of the four is missing.
-- subject = student_id; e1 = the names of the missing columns, joined with ';'.
-- Counting: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a no-show; every
-- status counts. Race is missing when there is no answer on Hispanic ethnicity, no race, mapped or
-- not, and the question was not declined. An unmapped sex is not missing.
WITH missing AS (
  SELECT
    s.student_id,
    CASE WHEN s.state_student_id IS NULL THEN ';state_student_id' ELSE '' END
      || CASE WHEN s.birth_date IS NULL THEN ';birth_date' ELSE '' END
      || CASE WHEN s.sex IS NULL THEN ';sex' ELSE '' END
      || CASE WHEN s.is_hispanic IS NULL
               AND COALESCE(s.race_declined, 0) <> 1
               AND s.student_id NOT IN (SELECT student_id FROM student_race)
              THEN ';race' ELSE '' END AS names
  FROM student s
)
SELECT
  m.student_id AS subject,
  SUBSTR(m.names, 2) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM missing m
WHERE m.names <> ''
  AND m.student_id IN (
    SELECT e.student_id
    FROM school_enrollment e
    CROSS JOIN today t
    WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
      AND COALESCE(e.is_no_show, 0) <> 1
      AND e.entry_date <= t.day
      AND (e.exit_date IS NULL OR t.day < e.exit_date)
  )
