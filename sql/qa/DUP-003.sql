-- DUP-003: two staff records that may be of one person.
-- One row per pair of staff that are compared and found similar.
-- subject = the two staff ids joined with '|', the lesser text first; e1 = likeness of the first
-- names in 1/100, computed with the first name of the lesser id first.
-- Compared: staff with the same birth date whose last or former last names sound alike, and staff
-- whose last names sound alike and whose first names begin with the same three letters, if a birth
-- date is missing or exactly one of year, month and day differs. A group of more than 50 persons
-- that would all have to be compared with each other is skipped.
-- Similar: first names at least 90 similar or variants of one name, or the last name of one is the
-- former last name of the other. Pairs that DUP-002 reports are ignored.
WITH person AS MATERIALIZED (
  SELECT
    staff_id,
    first_name,
    rollcall_normalised(first_name) AS first,
    rollcall_normalised(last_name) AS last,
    CASE WHEN former_last_name IS NOT NULL THEN rollcall_normalised(former_last_name) END AS former,
    birth_date,
    CASE WHEN birth_date IS NOT NULL THEN rollcall_iso(birth_date) END AS born,
    match_key
  FROM staff
),
sounded AS MATERIALIZED (
  SELECT
    staff_id, birth_date,
    SUBSTR(first, 1, 3) AS opening,
    rollcall_soundex(last) AS last_sound,
    CASE WHEN former IS NOT NULL THEN rollcall_soundex(former) END AS former_sound
  FROM person
),
-- Members of each match block; a person in a block by both names is in it once.
member AS MATERIALIZED (
  SELECT 'birth date' AS kind, CAST(birth_date AS TEXT) AS part, last_sound AS sound, staff_id
  FROM sounded WHERE birth_date IS NOT NULL AND last_sound IS NOT NULL
  UNION
  SELECT 'birth date' AS kind, CAST(birth_date AS TEXT) AS part, former_sound AS sound, staff_id
  FROM sounded WHERE birth_date IS NOT NULL AND former_sound IS NOT NULL
  UNION
  SELECT 'name' AS kind, opening AS part, last_sound AS sound, staff_id
  FROM sounded WHERE last_sound IS NOT NULL
),
block AS (
  SELECT kind, part, sound FROM member GROUP BY kind, part, sound HAVING COUNT(*) BETWEEN 2 AND 50
),
met AS (
  SELECT DISTINCT b.kind, x.staff_id AS staff_a, y.staff_id AS staff_b
  FROM block b
  JOIN member x ON x.kind = b.kind AND x.part = b.part AND x.sound = b.sound
  JOIN member y ON y.kind = b.kind AND y.part = b.part AND y.sound = b.sound AND x.staff_id < y.staff_id
),
compared AS (
  SELECT DISTINCT
    m.staff_a, m.staff_b,
    a.first_name AS first_a, a.last AS last_a, a.former AS former_a,
    b.first_name AS first_b, b.last AS last_b, b.former AS former_b
  FROM met m
  JOIN person a ON a.staff_id = m.staff_a
  JOIN person b ON b.staff_id = m.staff_b
  WHERE (a.match_key IS NULL OR b.match_key IS NULL OR a.match_key <> b.match_key)
    AND (m.kind = 'birth date'
      OR a.born IS NULL
      OR b.born IS NULL
      OR CASE WHEN SUBSTR(a.born, 1, 4) <> SUBSTR(b.born, 1, 4) THEN 1 ELSE 0 END
       + CASE WHEN SUBSTR(a.born, 6, 2) <> SUBSTR(b.born, 6, 2) THEN 1 ELSE 0 END
       + CASE WHEN SUBSTR(a.born, 9, 2) <> SUBSTR(b.born, 9, 2) THEN 1 ELSE 0 END = 1)
)
SELECT
  staff_a || '|' || staff_b AS subject,
  rollcall_likeness(first_a, first_b) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM compared
WHERE rollcall_likeness(first_a, first_b) >= 90
   OR rollcall_calls_same(first_a, first_b) = 1
   OR last_a = former_b
   OR last_b = former_a
