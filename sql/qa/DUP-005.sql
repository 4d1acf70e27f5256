-- DUP-005: assignment entered more than once.
-- One row per staff, organization, role and first day that several assignments agree on.
-- subject = staff_assignment|staff_id|org_id|role|begin_date; e1 = number of assignments.
-- Empty assignments and unmapped roles count.
SELECT
  'staff_assignment|' || staff_id || '|' || org_id || '|' || role || '|' || DATE(begin_date + 1721424.5)
    AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment
GROUP BY staff_id, org_id, role, begin_date
HAVING COUNT(*) >= 2
