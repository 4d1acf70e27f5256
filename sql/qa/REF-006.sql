-- REF-006: code used outside its effective dates.
-- One row per code set and local code that is in use and in the code map, but without a map in effect today.
-- subject = code_set|code; e1 = number of uses, added up over every column of that code set.
-- The rows have standard codes where the map applies; the codes as stated are counted in stated_code. A row of the map
-- applies if it has a code set, in any case, and a standard code of it.
WITH sets AS (
  SELECT DISTINCT code_set FROM code
),
maps AS (
  SELECT s.code_set, m.source_code AS value, m.begin_date, m.end_date
  FROM code_map m
  JOIN sets s ON UPPER(s.code_set) = UPPER(m.code_set)
  WHERE rollcall_is_code(s.code_set, m.canonical_code) = 1
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
