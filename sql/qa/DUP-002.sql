-- DUP-002: staff rows that match on name and birth date.
-- One row per member of every group of two or more staff with the same match key.
-- subject = match_key; e1 = staff_id.
-- The match key is made of the last name, the first name and the birth date, names as they are compared, and hides them: it
-- is the first half of their MD5. Who has no birth date takes no part.
WITH person AS MATERIALIZED (
  SELECT
    s.staff_id,
    SUBSTR(MD5(last.name || ' ' || first.name || ' ' || DATE(s.birth_date + 1721424.5)), 1, 16) AS match_key
  FROM staff s
  JOIN staff_name first ON first.staff_id = s.staff_id AND first.part = 'first'
  JOIN staff_name last ON last.staff_id = s.staff_id AND last.part = 'last'
  WHERE s.birth_date IS NOT NULL
)
SELECT
  p.match_key AS subject,
  p.staff_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM person p
JOIN (
  SELECT match_key FROM person GROUP BY match_key HAVING COUNT(*) >= 2
) shared ON shared.match_key = p.match_key
