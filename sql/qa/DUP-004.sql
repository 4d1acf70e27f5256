-- DUP-004: e-mail address or user name shared by several active staff.
-- One row per member of every group of two or more active staff with the same key.
-- subject = the key; e1 = staff_id.
-- The key hides the address or the user name, in lower case: it is the first half of the MD5 of what it is and it. The keys
-- of addresses and of user names are never the same. Staff that do not say whether they are active are.
WITH login AS MATERIALIZED (
  SELECT SUBSTR(MD5('email ' || LOWER(email)), 1, 16) AS login_key, staff_id
  FROM staff WHERE email IS NOT NULL AND COALESCE(is_active, 1) = 1
  UNION ALL
  SELECT SUBSTR(MD5('username ' || LOWER(username)), 1, 16) AS login_key, staff_id
  FROM staff WHERE username IS NOT NULL AND COALESCE(is_active, 1) = 1
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
