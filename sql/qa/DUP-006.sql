-- DUP-006: overlapping assignments in one role.
-- One row per staff, organization and role with two assignments that share a day.
-- subject = staff_id|org_id|role; e1 = first overlapped day, e2 = number of assignments that
-- overlap at least one other.
-- Empty assignments are ignored; unmapped roles are compared as they are stored.
WITH nonempty AS MATERIALIZED (
  SELECT assignment_id, staff_id, org_id, role, begin_date, end_date
  FROM staff_assignment
  WHERE end_date IS NULL OR begin_date < end_date
),
overlap AS (
  SELECT
    a.staff_id, a.org_id, a.role, a.assignment_id,
    CASE WHEN a.begin_date >= b.begin_date THEN a.begin_date ELSE b.begin_date END AS first_day
  FROM nonempty a
  JOIN nonempty b
    ON b.staff_id = a.staff_id
   AND b.org_id = a.org_id
   AND b.role = a.role
   AND b.assignment_id <> a.assignment_id
   AND (b.end_date IS NULL OR a.begin_date < b.end_date)
   AND (a.end_date IS NULL OR b.begin_date < a.end_date)
)
SELECT
  staff_id || '|' || org_id || '|' || role AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT assignment_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY staff_id, org_id, role
