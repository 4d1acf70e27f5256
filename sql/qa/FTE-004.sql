-- FTE-004: assignment without FTE.
-- One row per assignment that is not empty, in another role than substitute, with an FTE of 0 or without one.
-- subject = assignment_id; e1 = fte (scaled by 10000).
SELECT
  assignment_id AS subject,
  fte AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment
WHERE role <> 'substitute'
  AND COALESCE(fte, 0) = 0
  AND (end_date IS NULL OR begin_date < end_date)
