-- DUP-002: staff rows that match on name and birth date.
-- One row per member of every group of two or more staff with the same match key.
-- subject = match_key; e1 = staff_id.
-- The match key is the normalized last name, first name and birth date; it is empty, and the person is ignored, if the
-- birth date is empty.
SELECT
  s.match_key AS subject,
  s.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff s
JOIN (
  SELECT match_key
  FROM staff
  WHERE match_key IS NOT NULL
  GROUP BY match_key
  HAVING COUNT(*) >= 2
) shared ON shared.match_key = s.match_key
