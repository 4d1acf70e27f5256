-- dim_credential: the credentials by what they authorize.
-- One row per authorization, and one with seq 0 per credential without any, which has neither
-- subject nor grades nor population.
-- status is active and population general if not stated; issue and expiration date are the authorization's, else the
-- credential's. An authorization of a missing credential has none of the credential's values, not even a status.
SELECT
  z.credential_id,
  z.seq,
  c.staff_id,
  c.state,
  c.credential_type,
  c.level,
  CASE WHEN c.credential_id IS NOT NULL THEN COALESCE(c.status, 'active') END AS status,
  z.subject,
  z.grade_low,
  z.grade_high,
  COALESCE(z.population, 'general') AS population,
  COALESCE(z.issue_date, c.issue_date) AS issue_date,
  c.effective_date,
  COALESCE(z.expiration_date, c.expiration_date) AS expiration_date,
  c.revoked_date
FROM credential_authorization z
LEFT JOIN credential c ON c.credential_id = z.credential_id
UNION ALL
SELECT
  c.credential_id,
  0 AS seq,
  c.staff_id,
  c.state,
  c.credential_type,
  c.level,
  COALESCE(c.status, 'active') AS status,
  NULL AS subject,
  NULL AS grade_low,
  NULL AS grade_high,
  NULL AS population,
  c.issue_date,
  c.effective_date,
  c.expiration_date,
  c.revoked_date
FROM credential c
LEFT JOIN credential_authorization z ON z.credential_id = c.credential_id
WHERE z.credential_id IS NULL
