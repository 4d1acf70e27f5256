-- CRT-008: implausible credential dates.
-- One row per credential issued on or after its expiration, effective more than 366 days
-- before it was issued, or issued more than 180 days after today.
-- subject = credential_id; e1 = issue_date, e2 = effective_date, e3 = expiration_date.
-- A comparison with an empty date is never a finding.
SELECT
  c.credential_id AS subject,
  c.issue_date AS e1,
  c.effective_date AS e2,
  c.expiration_date AS e3
FROM credential c
CROSS JOIN today t
WHERE c.issue_date >= c.expiration_date
   OR c.effective_date < c.issue_date - 366
   OR c.issue_date > t.day + 180
