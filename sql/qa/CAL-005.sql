-- CAL-005: instructional day on a weekend or outside the year.
-- One row per instructional calendar day on a weekend (unless it is a makeup day), outside its school
-- year, or outside the school's year sessions.
-- subject = calendar_id/date, the date as YYYY-MM-DD; e1 = day_type.
-- Day 1 was a Monday. Year sessions: non-empty ones of type school_year of the school itself and that school year;
-- without any they set no limit.
WITH year_session AS MATERIALIZED (
  SELECT school_id, school_year, begin_date, end_date
  FROM academic_session
  WHERE session_type = 'school_year'
    AND school_id IS NOT NULL
    AND begin_date < end_date
),
counted AS (
  SELECT
    d.calendar_id, d.date, d.school_year, d.day_type,
    COUNT(s.school_id) AS sessions,
    SUM(CASE WHEN s.begin_date <= d.date AND d.date < s.end_date THEN 1 ELSE 0 END) AS sessions_around
  FROM calendar_day d
  LEFT JOIN year_session s ON s.school_id = d.school_id AND s.school_year = d.school_year
  WHERE d.is_instructional = 1
  GROUP BY d.calendar_id, d.date, d.school_year, d.day_type
)
SELECT
  REPLACE(REPLACE(c.calendar_id, '\', '\\'), '/', '\/') || '/' || DATE(c.date + 1721424.5) AS subject,
  c.day_type AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM counted c
JOIN school_year_span y ON y.school_year = c.school_year
WHERE ((c.date - 1) % 7 IN (5, 6) AND c.day_type <> 'makeup')
   OR c.date < y.begin_date
   OR c.date >= y.end_date
   OR (c.sessions > 0 AND c.sessions_around = 0)
