-- DUP-003: two staff records that may be of one person.
-- One row per pair of staff that are compared and found alike.
-- subject = the two staff ids joined with '|', the lesser text first; e1 = likeness of the first
-- names in 1/100, rounded down.
-- Compared: staff with the same birth date whose last or former last names sound alike, and staff
-- whose last names sound alike and whose first names begin with the same three letters, if a birth
-- date is missing or exactly one of year, month and day differs. A group of more than 50 persons
-- that would all have to be compared with each other is passed over.
-- Alike: first names at least 90 alike or used for the same person, or the last name of one is the
-- former last name of the other. Pairs that DUP-002 reports are left out.
-- Likeness is that of Jaro and Winkler, of the first 16 letters: letters of both names match when they are the same and no
-- further apart than half of the longer name, less one; each is matched once, from left to right. Matched letters that stand
-- in another order are transposed. Names that are more than 0.7 alike are more so by each of up to four first letters in
-- common.
WITH RECURSIVE person AS MATERIALIZED (
  SELECT
    s.staff_id,
    first.name AS first, last.name AS last, former.name AS former,
    last_sound.sound AS last_sound, former_sound.sound AS former_sound,
    s.birth_date,
    DATE(s.birth_date + 1721424.5) AS born,
    last.name || ' ' || first.name || ' ' || s.birth_date AS whole
  FROM staff s
  JOIN staff_name first ON first.staff_id = s.staff_id AND first.part = 'first'
  JOIN staff_name last ON last.staff_id = s.staff_id AND last.part = 'last'
  LEFT JOIN staff_name former ON former.staff_id = s.staff_id AND former.part = 'former'
  LEFT JOIN staff_sound last_sound ON last_sound.staff_id = s.staff_id AND last_sound.part = 'last'
  LEFT JOIN staff_sound former_sound ON former_sound.staff_id = s.staff_id AND former_sound.part = 'former'
),
sounded AS MATERIALIZED (
  SELECT staff_id, birth_date, SUBSTR(first, 1, 3) AS opening, last_sound, former_sound FROM person
),
-- Who is in which block; one who is in a block by both names is in it once.
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
compared AS MATERIALIZED (
  SELECT DISTINCT
    m.staff_a, m.staff_b,
    a.first AS first_a, a.last AS last_a, a.former AS former_a,
    b.first AS first_b, b.last AS last_b, b.former AS former_b,
    MIN(SUBSTR(a.first, 1, 16), SUBSTR(b.first, 1, 16)) AS lesser,
    MAX(SUBSTR(a.first, 1, 16), SUBSTR(b.first, 1, 16)) AS greater
  FROM met m
  JOIN person a ON a.staff_id = m.staff_a
  JOIN person b ON b.staff_id = m.staff_b
  WHERE (a.whole IS NULL OR b.whole IS NULL OR a.whole <> b.whole)
    AND (m.kind = 'birth date'
      OR a.born IS NULL
      OR b.born IS NULL
      OR CASE WHEN SUBSTR(a.born, 1, 4) <> SUBSTR(b.born, 1, 4) THEN 1 ELSE 0 END
       + CASE WHEN SUBSTR(a.born, 6, 2) <> SUBSTR(b.born, 6, 2) THEN 1 ELSE 0 END
       + CASE WHEN SUBSTR(a.born, 9, 2) <> SUBSTR(b.born, 9, 2) THEN 1 ELSE 0 END = 1)
),
number (n) AS (
  SELECT 1
  UNION ALL
  SELECT n + 1 FROM number WHERE n < 16
),
-- The letters of the lesser name, one after the other: which letter of the greater name each is matched with (x), if any.
matched (lesser, greater, i, used, letters) AS (
  SELECT DISTINCT lesser, greater, 1, SUBSTR('................', 1, LENGTH(greater)), '' FROM compared
  UNION ALL
  SELECT
    m.lesser, m.greater, m.i + 1,
    CASE WHEN j.n IS NULL THEN m.used ELSE SUBSTR(m.used, 1, j.n - 1) || 'x' || SUBSTR(m.used, j.n + 1) END,
    CASE WHEN j.n IS NULL THEN m.letters ELSE m.letters || SUBSTR(m.lesser, m.i, 1) END
  FROM matched m
  LEFT JOIN number j ON j.n = (
    SELECT MIN(k.n)
    FROM number k
    WHERE k.n <= LENGTH(m.greater)
      AND ABS(k.n - m.i) <= MAX(MAX(LENGTH(m.lesser), LENGTH(m.greater)) / 2 - 1, 0)
      AND SUBSTR(m.greater, k.n, 1) = SUBSTR(m.lesser, m.i, 1)
      AND SUBSTR(m.used, k.n, 1) = '.'
  )
  WHERE m.i <= LENGTH(m.lesser)
),
-- The matched letters of the greater name in their order.
ordered (lesser, greater, i, used, letters, others) AS (
  SELECT lesser, greater, 1, used, letters, '' FROM matched WHERE i > LENGTH(lesser)
  UNION ALL
  SELECT
    lesser, greater, i + 1, used, letters,
    CASE WHEN SUBSTR(used, i, 1) = 'x' THEN others || SUBSTR(greater, i, 1) ELSE others END
  FROM ordered
  WHERE i <= LENGTH(greater)
),
jaro AS MATERIALIZED (
  SELECT
    lesser, greater,
    CASE
      WHEN lesser = '' AND greater = '' THEN 1.0
      WHEN letters = '' THEN 0.0
      ELSE (
        1.0 * LENGTH(letters) / LENGTH(lesser)
        + 1.0 * LENGTH(letters) / LENGTH(greater)
        + 1.0 * (
          LENGTH(letters)
          - (SELECT COUNT(*) FROM number k WHERE SUBSTR(o.letters, k.n, 1) <> SUBSTR(o.others, k.n, 1)) / 2
        ) / LENGTH(letters)
      ) / 3.0
    END AS alike,
    CASE
      WHEN SUBSTR(lesser, 1, 4) = SUBSTR(greater, 1, 4) THEN MIN(LENGTH(lesser), LENGTH(greater), 4)
      WHEN SUBSTR(lesser, 1, 3) = SUBSTR(greater, 1, 3) THEN 3
      WHEN SUBSTR(lesser, 1, 2) = SUBSTR(greater, 1, 2) THEN 2
      WHEN SUBSTR(lesser, 1, 1) = SUBSTR(greater, 1, 1) THEN 1
      ELSE 0
    END AS opening
  FROM ordered o
  WHERE i > LENGTH(greater)
),
likeness AS MATERIALIZED (
  SELECT
    lesser, greater,
    CAST(100.0 * CASE WHEN alike > 0.7 THEN alike + 0.1 * opening * (1.0 - alike) ELSE alike END AS INTEGER) AS likeness
  FROM jaro
)
SELECT
  c.staff_a || '|' || c.staff_b AS subject,
  l.likeness AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM compared c
JOIN likeness l ON l.lesser = c.lesser AND l.greater = c.greater
WHERE l.likeness >= 90
   OR EXISTS (
     SELECT 1 FROM called x JOIN called y ON y.person = x.person WHERE x.name = c.first_a AND y.name = c.first_b
   )
   OR c.last_a = c.former_b
   OR c.last_b = c.former_a
