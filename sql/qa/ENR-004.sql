-- ENR-004: exit date without exit type, or exit type without exit date.
-- One row per enrollment where exactly one of the two is set.
-- subject = enrollment_id; e1 = exit_date, e2 = exit_type as stored.
-- The exit type 'unknown' counts as not set; an unmapped local code counts as set.
SELECT
  enrollment_id AS subject,
  exit_date AS e1,
  exit_type AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM school_enrollment
WHERE (exit_date IS NOT NULL AND COALESCE(exit_type, 'unknown') = 'unknown')
   OR (exit_date IS NULL AND COALESCE(exit_type, 'unknown') <> 'unknown')
