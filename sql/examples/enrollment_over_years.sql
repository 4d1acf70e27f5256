-- Question: how does enrollment develop, by school, grade and subgroup?
-- One row is: a school, school year, grade and subgroup, with the students enrolled there on the census day in fall.
-- Caveats: a student counts by the primary enrollment of that day; a year without a census day in the clock table is
-- omitted. Subgroups are those of the year, so a student who got an IEP in spring already counts in fall. Groups below
-- the minimum are NULL, but can still be inferred by subtraction: for use within the district only.
WITH enrolled AS (
  SELECT e.school_id, e.school_year, e.grade_level, e.student_id, e.k_student
  FROM fct_school_enrollment e
  JOIN dim_school_year y ON y.school_year = e.school_year
  WHERE e.is_primary
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND e.entry_date <= y.census_fall
    AND (e.exit_date IS NULL OR e.exit_date > y.census_fall)
),
counted AS (
  SELECT n.school_id, n.school_year, n.grade_level, g.category, g.value, COUNT(DISTINCT n.student_id) AS n
  FROM enrolled n
  JOIN brg_student_subgroup g ON g.k_student = n.k_student
  GROUP BY n.school_id, n.school_year, n.grade_level, g.category, g.value
)
SELECT
  c.school_id, o.name AS school, c.school_year, c.grade_level, c.category, c.value,
  CASE WHEN c.n >= a.minimum_n THEN c.n END AS students,
  CASE WHEN c.n >= a.minimum_n THEN c.n - LAG(c.n) OVER before END AS change_from_year_before
FROM counted c
CROSS JOIN about a
LEFT JOIN dim_organization o ON o.org_id = c.school_id
WINDOW before AS (
  PARTITION BY c.school_id, c.grade_level, c.category, c.value ORDER BY c.school_year
  RANGE BETWEEN 1 PRECEDING AND 1 PRECEDING
)
ORDER BY c.school_id, c.school_year, c.grade_level, c.category, c.value;
