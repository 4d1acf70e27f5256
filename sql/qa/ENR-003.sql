-- ENR-003: exit before entry.
-- One row per enrollment whose exit date is earlier than its entry date.
-- subject = enrollment_id; e1 = entry_date, e2 = exit_date.
-- Equal dates are an empty enrollment, not a finding here.
SELECT
  enrollment_id AS subject,
  entry_date AS e1,
  exit_date AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school_enrollment
WHERE exit_date < entry_date
