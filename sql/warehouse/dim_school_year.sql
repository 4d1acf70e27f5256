-- dim_school_year: the school years of the enrollments.
-- One row per school year that an enrollment states, whether or not it counts.
-- first_instructional_day, last_instructional_day: over the calendar days of every school that state
-- the year. census_fall: the earliest day of the clock called census_fall or census_fall:... that
-- states the year. is_current: today is in the year.
WITH instructional AS (
  SELECT school_year, MIN(date) AS first_day, MAX(date) AS last_day
  FROM calendar_day
  WHERE is_instructional = 1
  GROUP BY school_year
),
census AS (
  SELECT school_year, MIN(date) AS date
  FROM clock
  WHERE clock_id = 'census_fall' OR SUBSTR(clock_id, 1, 12) = 'census_fall:'
  GROUP BY school_year
)
SELECT
  e.school_year,
  y.begin_date,
  y.end_date,
  i.first_day AS first_instructional_day,
  i.last_day AS last_instructional_day,
  c.date AS census_fall,
  CASE WHEN y.begin_date <= t.day AND t.day < y.end_date THEN 1 ELSE 0 END AS is_current
FROM (SELECT DISTINCT school_year FROM school_enrollment) e
JOIN school_year_span y ON y.school_year = e.school_year
CROSS JOIN today t
LEFT JOIN instructional i ON i.school_year = e.school_year
LEFT JOIN census c ON c.school_year = e.school_year
