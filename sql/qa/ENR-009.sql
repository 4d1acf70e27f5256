-- ENR-009: enrollment at a school that is not open.
-- One row per enrollment that begins before its school opens, or when it has closed.
-- subject = enrollment_id; e1 = entry_date, e2 = open_date, e3 = close_date.
-- An empty date sets no limit; enrollments of every kind are tested.
SELECT
  e.enrollment_id AS subject,
  e.entry_date AS e1,
  o.open_date AS e2,
  o.close_date AS e3
FROM school_enrollment e
JOIN organization o ON o.org_id = e.school_id
WHERE e.entry_date < o.open_date
   OR e.entry_date >= o.close_date
