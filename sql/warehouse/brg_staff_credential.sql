-- brg_staff_credential: the credentials of the staff.
-- One row per row of dim_credential whose credential is there: per authorization, and with seq 0 per
-- credential without any. The staff row itself need not exist.
SELECT
  c.staff_id,
  c.credential_id,
  COALESCE(z.seq, 0) AS seq
FROM credential c
LEFT JOIN credential_authorization z ON z.credential_id = c.credential_id
