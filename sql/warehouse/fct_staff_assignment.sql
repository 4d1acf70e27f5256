-- fct_staff_assignment: the staff assignments with their FTE days.
-- One row per assignment. is_active: the assignment contains today.
-- fte_days: FTE (scaled by 10000, none = 0) times the days of the assignment inside its school
-- year; 0 when there are none, or when the school year is outside the table of school years.
WITH bounded AS (
  SELECT
    a.assignment_id,
    CASE WHEN a.begin_date >= y.begin_date THEN a.begin_date ELSE y.begin_date END AS first_day,
    CASE WHEN a.end_date < y.end_date THEN a.end_date ELSE y.end_date END AS end_day
  FROM staff_assignment a
  JOIN school_year_span y ON y.school_year = a.school_year
)
SELECT
  a.assignment_id,
  a.staff_id,
  a.org_id,
  a.school_year,
  a.role,
  a.subject,
  a.begin_date,
  a.end_date,
  a.fte,
  CASE WHEN a.begin_date <= t.day AND (a.end_date IS NULL OR t.day < a.end_date)
       THEN 1 ELSE 0 END AS is_active,
  CASE WHEN b.first_day < b.end_day
       THEN CAST(COALESCE(a.fte, 0) AS BIGINT) * (b.end_day - b.first_day)
       ELSE 0 END AS fte_days
FROM staff_assignment a
CROSS JOIN today t
LEFT JOIN bounded b ON b.assignment_id = a.assignment_id
