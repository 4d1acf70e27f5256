-- ENR-002: overlapping enrollments at one school.
-- One row per student and school with two enrollments there that share a day.
-- subject = student_id|school_id; e1 = first overlapped day (least over the pairs of the later
-- entry date), e2 = number of enrollments that overlap at least one other.
-- Every enrollment that is not empty counts, whatever its status, exit type or no-show flag.
WITH nonempty AS MATERIALIZED (
  SELECT enrollment_id, student_id, school_id, entry_date, exit_date
  FROM school_enrollment
  WHERE exit_date IS NULL OR entry_date < exit_date
),
overlap AS (
  SELECT
    a.student_id,
    a.school_id,
    a.enrollment_id,
    CASE WHEN a.entry_date >= b.entry_date THEN a.entry_date ELSE b.entry_date END AS first_day
  FROM nonempty a
  JOIN nonempty b
    ON b.student_id = a.student_id
   AND b.school_id = a.school_id
   AND b.enrollment_id <> a.enrollment_id
   AND (b.exit_date IS NULL OR a.entry_date < b.exit_date)
   AND (a.exit_date IS NULL OR b.entry_date < a.exit_date)
)
SELECT
  student_id || '|' || school_id AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT enrollment_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY student_id, school_id
