-- Question: how many days of instruction does each school have, and which fall short?
-- One row is: a school, calendar and school year.
-- Caveats: days as planned in the calendar, including those after today. Legal requirements differ by state: the
-- comparison here is with the most common number among the calendars of the year.
WITH counted AS (
  SELECT
    d.school_id, d.calendar_id, d.school_year,
    SUM(d.is_instructional) AS instructional_days,
    SUM(d.is_instructional AND d.date < b.as_of) AS of_those_passed,
    SUM(d.day_type = 'weather') AS lost_to_weather,
    MIN(CASE WHEN d.is_instructional THEN d.date END) AS first_day,
    MAX(CASE WHEN d.is_instructional THEN d.date END) AS last_day
  FROM dim_calendar_day d
  CROSS JOIN about b
  GROUP BY d.school_id, d.calendar_id, d.school_year
),
usual AS (
  SELECT school_year, instructional_days,
    ROW_NUMBER() OVER (PARTITION BY school_year ORDER BY COUNT(*) DESC, instructional_days DESC) AS place
  FROM counted
  GROUP BY school_year, instructional_days
)
SELECT
  c.school_id, o.name AS school, c.calendar_id, c.school_year, c.instructional_days, c.of_those_passed, c.lost_to_weather,
  c.first_day, c.last_day, c.instructional_days - u.instructional_days AS beyond_usual
FROM counted c
JOIN usual u ON u.school_year = c.school_year AND u.place = 1
LEFT JOIN dim_organization o ON o.org_id = c.school_id
ORDER BY beyond_usual, c.school_year, c.school_id, c.calendar_id;
