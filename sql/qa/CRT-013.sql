-- CRT-013: too many teachers without a full credential.
-- One row per organization where more than 2% of today's teacher FTE is held without one.
-- subject = org_id; e1 = FTE without a full credential, e2 = FTE of all (scaled by 10000).
-- Counted: assignments active today in a teaching role with an FTE other than 0. A full credential
-- is one that is valid today (as in CRT-002) and not of an emergency, provisional, waiver or intern
-- level; an unstated or unmapped level is full.
WITH full_credential AS (
  SELECT DISTINCT c.staff_id
  FROM credential c
  CROSS JOIN today t
  WHERE COALESCE(c.level, 'regular') NOT IN ('emergency', 'provisional', 'waiver', 'intern')
    AND COALESCE(c.status, 'active') = 'active'
    AND COALESCE(c.effective_date, c.issue_date) <= t.day
    AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
    AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
),
teaching AS (
  SELECT
    a.org_id,
    SUM(CASE WHEN f.staff_id IS NULL THEN a.fte ELSE 0 END) AS without_fte,
    SUM(a.fte) AS all_fte
  FROM staff_assignment a
  CROSS JOIN today t
  LEFT JOIN full_credential f ON f.staff_id = a.staff_id
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
    AND a.fte <> 0
    AND a.role IN (SELECT role FROM teacher_role)
  GROUP BY a.org_id
)
SELECT
  org_id AS subject,
  without_fte AS e1,
  all_fte AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM teaching
WHERE all_fte > 0
  AND without_fte * 100 > 2 * all_fte
