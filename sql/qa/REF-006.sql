-- REF-006: code used outside its effective dates.
-- One row per code set and local code that rows use, that some row of the map explains, and that no row of the map has in
-- effect today.
-- subject = code_set|code; e1 = number of uses, added up over every column of that code set.
-- The rows hold standard codes where the map knows one: the codes as they were stated are counted in stated_code. A row of
-- the map explains a code when it names a code set and a code of it, by its standard or a usual spelling, in any case.
WITH sets AS (
  SELECT DISTINCT code_set FROM code
),
spelled AS (
  SELECT code_set, LOWER(value) AS value FROM code
  UNION
  SELECT code_set, value FROM spelling
),
maps AS (
  SELECT s.code_set, m.source_code AS value, m.begin_date, m.end_date
  FROM code_map m
  JOIN sets s ON UPPER(s.code_set) = UPPER(m.code_set)
  JOIN spelled d ON d.code_set = s.code_set AND d.value = LOWER(m.canonical_code)
)
SELECT
  u.code_set || '|' || u.value AS subject,
  u.uses AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM stated_code u
JOIN maps m ON m.code_set = u.code_set AND m.value = u.value
CROSS JOIN today t
GROUP BY u.code_set, u.value, u.uses
HAVING SUM((m.begin_date IS NULL OR m.begin_date <= t.day) AND (m.end_date IS NULL OR t.day < m.end_date)) = 0
