-- ENR-008: implausible enrollment dates.
-- One row per enrollment that begins before the student was born, that begins or ends before 1990,
-- that begins more than 183 days after today, or that ends more than 30 days after today (730 at
-- the end of the year).
-- subject = enrollment_id; e1 = entry_date, e2 = exit_date.
-- 1990-01-01 is day 726468. Without a birth date or a student row, birth sets no limit.
SELECT
  e.enrollment_id AS subject,
  e.entry_date AS e1,
  e.exit_date AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school_enrollment e
CROSS JOIN today t
LEFT JOIN student s ON s.student_id = e.student_id
WHERE e.entry_date < s.birth_date
   OR e.entry_date < 726468
   OR e.exit_date < 726468
   OR t.day < e.entry_date - 183
   OR t.day < e.exit_date - CASE WHEN e.exit_type = 'end_of_year' THEN 730 ELSE 30 END
