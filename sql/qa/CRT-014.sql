-- CRT-014: license or certification that authorizes nothing.
-- One row per credential of type license or certification without any authorization.
-- subject = credential_id; e1 = credential_type.
SELECT
  c.credential_id AS subject,
  c.credential_type AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential c
WHERE c.credential_type IN ('license', 'certification')
  AND NOT EXISTS (SELECT 1 FROM credential_authorization z WHERE z.credential_id = c.credential_id)
