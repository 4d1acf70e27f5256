-- ENR-005: enrollment left open after its school year.
-- One row per enrollment without an exit date whose school year ended 30 or more days ago.
-- subject = enrollment_id; e1 = school_year.
-- Enrollments flagged as a no-show are ignored.
SELECT
  e.enrollment_id AS subject,
  e.school_year AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school_enrollment e
JOIN school_year_span y ON y.school_year = e.school_year
CROSS JOIN today t
WHERE e.exit_date IS NULL
  AND COALESCE(e.is_no_show, 0) <> 1
  AND y.end_date + 30 <= t.day
