-- Question: how many students come and go during the year?
-- One row is: a school and school year.
-- Caveats: arrivals are entries after the first instructional day of the year in any calendar, departures are exits on
-- or before the last one; a move between two schools of the district counts at both. In the current year only the part
-- until today is known. Expected students who never came (no_show) do not count.
WITH moves AS (
  SELECT
    e.school_id, e.school_year, e.student_id,
    MAX(e.entry_date > y.first_instructional_day) AS came,
    MAX(e.exit_date IS NOT NULL AND e.exit_date <= y.last_instructional_day AND e.exit_date <= a.as_of) AS left_early,
    MAX(s.is_mobile) AS changed_enrollment
  FROM fct_school_enrollment e
  CROSS JOIN about a
  JOIN dim_school_year y ON y.school_year = e.school_year
  JOIN dim_student s ON s.student_id = e.student_id AND s.school_year = e.school_year
  WHERE e.is_primary
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND y.first_instructional_day IS NOT NULL
  GROUP BY e.school_id, e.school_year, e.student_id
)
SELECT
  m.school_id, o.name AS school, m.school_year,
  COUNT(*) AS students,
  SUM(m.came) AS came_during_year,
  SUM(m.left_early) AS left_during_year,
  SUM(m.changed_enrollment) AS with_several_enrollments,
  ROUND(100.0 * SUM(m.came OR m.left_early) / COUNT(*), 1) AS mobility_percent
FROM moves m
LEFT JOIN dim_organization o ON o.org_id = m.school_id
GROUP BY m.school_id, o.name, m.school_year
ORDER BY m.school_year, mobility_percent DESC, m.school_id;
