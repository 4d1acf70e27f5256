-- DUP-004: e-mail address or user name shared by several active staff.
-- One row per member of every group of two or more active staff with the same key.
-- subject = email_key or username_key; e1 = staff_id.
-- Staff without a stated status are active; the keys of addresses and of user names never collide.
WITH login AS MATERIALIZED (
  SELECT email_key AS login_key, staff_id
  FROM staff WHERE email_key IS NOT NULL AND COALESCE(is_active, 1) = 1
  UNION ALL
  SELECT username_key AS login_key, staff_id
  FROM staff WHERE username_key IS NOT NULL AND COALESCE(is_active, 1) = 1
)
SELECT
  l.login_key AS subject,
  l.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM login l
JOIN (
  SELECT login_key FROM login GROUP BY login_key HAVING COUNT(*) >= 2
) shared ON shared.login_key = l.login_key
