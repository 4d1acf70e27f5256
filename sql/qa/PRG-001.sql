-- PRG-001: implausible participation dates.
-- One row per participation that ends when it begins or before, that begins before the student was
-- born, or that begins more than 183 days after today.
-- subject = participation_id; e1 = begin_date, e2 = end_date.
SELECT
  p.participation_id AS subject,
  p.begin_date AS e1,
  p.end_date AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM program_participation p
CROSS JOIN today t
LEFT JOIN student s ON s.student_id = p.student_id
WHERE p.end_date <= p.begin_date
   OR p.begin_date < s.birth_date
   OR t.day < p.begin_date - 183
