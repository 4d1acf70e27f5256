-- FTE-019: several primary assignments at a time.
-- One row per person with more than one assignment active today that is flagged as primary.
-- subject = staff_id; e1 = number of them.
SELECT
  a.staff_id AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment a
CROSS JOIN today t
WHERE a.is_primary = 1
  AND a.begin_date <= t.day
  AND (a.end_date IS NULL OR t.day < a.end_date)
GROUP BY a.staff_id
HAVING COUNT(*) >= 2
