-- CRT-002: certificated assignment without a valid credential.
-- One row per assignment active today in a certificated role whose holder has credentials on
-- file, none of them valid today.
-- subject = assignment_id; e1 = role, e2 = number of credential rows of the holder.
-- Valid: status active or empty, in effect (effective date, else issue date; with neither it is
-- never valid), not yet expired and not yet revoked.
WITH holder AS (
  SELECT
    c.staff_id,
    COUNT(*) AS credentials,
    SUM(CASE WHEN COALESCE(c.status, 'active') = 'active'
              AND COALESCE(c.effective_date, c.issue_date) <= t.day
              AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
              AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
             THEN 1 ELSE 0 END) AS valid_credentials
  FROM credential c
  CROSS JOIN today t
  GROUP BY c.staff_id
)
SELECT
  a.assignment_id AS subject,
  a.role AS e1,
  h.credentials AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_assignment a
CROSS JOIN today t
JOIN holder h ON h.staff_id = a.staff_id
WHERE a.begin_date <= t.day
  AND (a.end_date IS NULL OR t.day < a.end_date)
  AND a.role IN (SELECT role FROM certificated_role)
  AND h.valid_credentials = 0
