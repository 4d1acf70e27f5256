-- fct_school_enrollment: the enrollments.
-- One row per enrollment, with an empty status read as primary and an empty membership as 1 FTE
-- (scaled by 10000).
-- is_active: a counting enrollment of any status that contains today. Counting: not empty, exit
-- type neither 'no_show' nor 'invalid', not flagged as a no-show.
-- calendar_id: as stated, else the only calendar with days of the school and school year.
-- days_enrolled: instructional days of that calendar, school and year from the entry date to the
-- exit date, exclusive, whether or not the enrollment counts; NULL when the calendar has
-- no day at all of that school and year.
WITH only_calendar AS MATERIALIZED (
  SELECT school_id, school_year, MIN(calendar_id) AS calendar_id
  FROM calendar_day
  GROUP BY school_id, school_year
  HAVING COUNT(DISTINCT calendar_id) = 1
),
placed AS MATERIALIZED (
  SELECT
    e.enrollment_id, e.school_id, e.school_year, e.entry_date, e.exit_date,
    COALESCE(e.calendar_id, o.calendar_id) AS calendar_id
  FROM school_enrollment e
  LEFT JOIN only_calendar o ON o.school_id = e.school_id AND o.school_year = e.school_year
),
-- Most enrollments of a school begin and end with others.
span AS (
  SELECT DISTINCT calendar_id, school_id, school_year, entry_date, exit_date
  FROM placed
),
counted AS MATERIALIZED (
  SELECT
    s.calendar_id, s.school_id, s.school_year, s.entry_date, s.exit_date,
    SUM(CASE WHEN d.is_instructional = 1
              AND s.entry_date <= d.date
              AND (s.exit_date IS NULL OR d.date < s.exit_date)
             THEN 1 ELSE 0 END) AS days
  FROM span s
  JOIN calendar_day d
    ON d.calendar_id = s.calendar_id
   AND d.school_id = s.school_id
   AND d.school_year = s.school_year
  GROUP BY s.calendar_id, s.school_id, s.school_year, s.entry_date, s.exit_date
)
SELECT
  e.enrollment_id,
  e.student_id,
  e.school_id,
  e.school_year,
  e.grade_level,
  e.entry_date,
  e.exit_date,
  e.entry_type,
  e.exit_type,
  COALESCE(e.status, 'primary') AS status,
  COALESCE(e.membership_fte, 10000) AS membership_fte,
  CASE WHEN (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
        AND COALESCE(e.is_no_show, 0) <> 1
        AND e.entry_date <= t.day
        AND (e.exit_date IS NULL OR t.day < e.exit_date)
       THEN 1 ELSE 0 END AS is_active,
  CASE WHEN COALESCE(e.status, 'primary') = 'primary' THEN 1 ELSE 0 END AS is_primary,
  o.school_level,
  p.calendar_id,
  CAST(c.days AS BIGINT) AS days_enrolled
FROM school_enrollment e
CROSS JOIN today t
JOIN placed p ON p.enrollment_id = e.enrollment_id
LEFT JOIN organization o ON o.org_id = e.school_id
LEFT JOIN counted c
  ON c.calendar_id = p.calendar_id
 AND c.school_id = p.school_id
 AND c.school_year = p.school_year
 AND c.entry_date = p.entry_date
 AND COALESCE(c.exit_date, 0) = COALESCE(p.exit_date, 0)
