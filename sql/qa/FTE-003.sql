-- FTE-003: FTE out of range.
-- One row per assignment with an FTE below 0 or above 1.
-- subject = assignment_id; e1 = fte (scaled by 10000).
SELECT
  assignment_id AS subject,
  fte AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment
WHERE fte < 0 OR fte > 10000
