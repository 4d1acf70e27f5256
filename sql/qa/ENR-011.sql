-- ENR-011: age out of range for the grade.
-- One row per enrollment whose student is too young or too old for its grade level.
-- subject = enrollment_id; e1 = grade_level, e2 = age in whole months.
-- The age is counted in days on September 1 of the school year's fall, which is 62 days after the year begins on July 1;
-- a year is 1461 / 4 days and a month is 1461 / 48 days. With g = 0 for KG and 1 to 12 for the numbered grades, the age
-- may be 4 + g to 8.5 + g years; PK allows at most 6 years, AE requires at least 18, and no other grade is tested. A
-- student without a birth date, or born after that September 1, is skipped.
WITH aged AS (
  SELECT
    e.enrollment_id,
    e.grade_level,
    CASE
      WHEN e.grade_level = 'KG' THEN 0
      WHEN e.grade_level IN ('01', '02', '03', '04', '05', '06',
                             '07', '08', '09', '10', '11', '12')
        THEN CAST(e.grade_level AS INTEGER)
    END AS g,
    y.begin_date + 62 - s.birth_date AS days
  FROM school_enrollment e
  JOIN student s ON s.student_id = e.student_id
  JOIN school_year_span y ON y.school_year = e.school_year
  WHERE s.birth_date IS NOT NULL
    AND s.birth_date <= y.begin_date + 62
)
SELECT
  enrollment_id AS subject,
  grade_level AS e1,
  days * 48 / 1461 AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM aged
WHERE 4 * days < 1461 * (4 + g)
   OR 8 * days > 1461 * (17 + 2 * g)
   OR (grade_level = 'PK' AND 4 * days > 1461 * 6)
   OR (grade_level = 'AE' AND 4 * days < 1461 * 18)
