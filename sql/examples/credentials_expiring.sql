-- Question: whose credential expires within 90 days, and at which school?
-- One row is: a credential authorization and school where its holder has an assignment today; ids only.
-- Caveats: identifies individuals by id, so keep it with the people who manage credentials. Credentials that were
-- revoked or expired before today are not listed, nor are renewals that are not yet recorded. The expiration date is the
-- first day on which the credential is no longer valid.
SELECT DISTINCT
  a.org_id AS school_id, o.name AS school, c.staff_id, c.credential_id, c.seq, c.credential_type, c.level, c.subject,
  c.expiration_date,
  CAST(julianday(c.expiration_date) - julianday(b.as_of) AS INTEGER) AS days_left
FROM dim_credential c
CROSS JOIN about b
JOIN fct_staff_assignment a ON a.staff_id = c.staff_id AND a.is_active
LEFT JOIN dim_organization o ON o.org_id = a.org_id
WHERE c.expiration_date > b.as_of
  AND c.expiration_date <= date(b.as_of, '+90 days')
  AND c.revoked_date IS NULL
  AND c.status = 'active'
ORDER BY c.expiration_date, a.org_id, c.staff_id, c.credential_id, c.seq;
