-- DUP-009: generation suffix inside a name.
-- One row per staff whose last, first or middle name ends with a suffix such as Jr or III.
-- subject = staff_id.
-- A suffix is the last of two or more words, in any case and with or without a full stop; words are parted by blanks and
-- commas. What is left of a name without the letters at its end is what stands before its last word.
WITH stated AS (
  SELECT staff_id, last_name AS name FROM staff
  UNION ALL
  SELECT staff_id, first_name FROM staff
  UNION ALL
  SELECT staff_id, middle_name FROM staff WHERE middle_name IS NOT NULL
),
parted AS (
  SELECT
    staff_id,
    TRIM(REPLACE(REPLACE(REPLACE(REPLACE(LOWER(name), ',', ' '), CHAR(9), ' '), CHAR(160), ' '), CHAR(8199), ' ')) AS name
  FROM stated
),
worded AS (
  SELECT staff_id, name, RTRIM(name, REPLACE(name, ' ', '')) AS before
  FROM parted
)
SELECT DISTINCT
  staff_id AS subject,
  CAST(NULL AS INTEGER) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM worded
WHERE before <> ''
  AND RTRIM(SUBSTR(name, LENGTH(before) + 1), '.') IN ('jr', 'sr', 'ii', 'iii', 'iv', 'v')
