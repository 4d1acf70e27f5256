-- dim_calendar_day: the days of the calendars.
-- One row per calendar and date. membership_value: 1 (scaled by 10000) when not stated.
-- instructional_day: counts the instructional days of the calendar and school year; NULL on others.
SELECT
  d.calendar_id,
  d.date,
  d.school_id,
  d.school_year,
  d.day_type,
  d.is_instructional,
  COALESCE(d.membership_value, 10000) AS membership_value,
  CASE WHEN d.is_instructional = 1
       THEN CAST(SUM(d.is_instructional) OVER (
              PARTITION BY d.calendar_id, d.school_year ORDER BY d.date
            ) AS BIGINT)
  END AS instructional_day
FROM calendar_day d
