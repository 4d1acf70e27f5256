-- dim_date: the days of the school years.
-- One row per day from the first day of the earliest to the last day of the latest school year that
-- an enrollment states; years in between are included. Years more than 30 before or 5
-- after the current one are typing errors and are ignored.
-- date_key: the date as yyyymmdd. weekday: 1 = Monday to 7 = Sunday; day 1 was a Monday.
-- A school year is 365 or 366 days from July 1; its February has 337 days fewer.
WITH spanned AS (
  SELECT y.school_year, y.begin_date, y.end_date - y.begin_date - 365 AS leap
  FROM school_year_span y
  JOIN (
    SELECT MIN(e.school_year) AS first_year, MAX(e.school_year) AS last_year
    FROM school_enrollment e
    JOIN school_year_span now ON e.school_year BETWEEN now.school_year - 30 AND now.school_year + 5
    JOIN today t ON now.begin_date <= t.day AND t.day < now.end_date
  ) e ON y.school_year BETWEEN e.first_year AND e.last_year
),
-- Months in the order of a school year: days before and in them when February has 28.
month_span (month, days_before, days) AS (
  SELECT 7, 0, 31 UNION ALL SELECT 8, 31, 31 UNION ALL SELECT 9, 62, 30
  UNION ALL SELECT 10, 92, 31 UNION ALL SELECT 11, 123, 30 UNION ALL SELECT 12, 153, 31
  UNION ALL SELECT 1, 184, 31 UNION ALL SELECT 2, 215, 28 UNION ALL SELECT 3, 243, 31
  UNION ALL SELECT 4, 274, 30 UNION ALL SELECT 5, 304, 31 UNION ALL SELECT 6, 335, 30
),
year_month AS (
  SELECT
    y.school_year,
    CASE WHEN m.month >= 7 THEN y.school_year - 1 ELSE y.school_year END AS year,
    m.month,
    y.begin_date + m.days_before + CASE WHEN m.month BETWEEN 3 AND 6 THEN y.leap ELSE 0 END AS first_day,
    m.days + CASE WHEN m.month = 2 THEN y.leap ELSE 0 END AS days
  FROM spanned y
  CROSS JOIN month_span m
),
digit (digit) AS (
  SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
  UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
),
day_of_month (day_of_month) AS (
  SELECT 10 * tens.digit + ones.digit
  FROM digit tens
  CROSS JOIN digit ones
  WHERE 10 * tens.digit + ones.digit BETWEEN 1 AND 31
),
numbered AS (
  SELECT m.first_day + d.day_of_month - 1 AS date, m.year, m.month, d.day_of_month, m.school_year
  FROM year_month m
  JOIN day_of_month d ON d.day_of_month <= m.days
)
SELECT
  date,
  10000 * year + 100 * month + day_of_month AS date_key,
  year,
  month,
  day_of_month,
  (date - 1) % 7 + 1 AS weekday,
  CASE WHEN (date - 1) % 7 >= 5 THEN 1 ELSE 0 END AS is_weekend,
  school_year
FROM numbered
