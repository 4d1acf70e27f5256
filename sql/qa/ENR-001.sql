-- ENR-001: overlapping primary enrollments.
-- One row per student with two counting primary enrollments that share a day.
-- subject = student_id; e1 = first overlapped day (least over the pairs of the later entry date),
-- e2 = number of enrollments that overlap at least one other.
-- Counting: not empty, exit type neither 'no_show' nor 'invalid', not flagged as a no-show.
-- An empty status is primary. A later entry and an earlier exit bound the shared days;
-- an exit date is the first day no longer enrolled, so touching enrollments do not overlap.
WITH counting_primary AS (
  SELECT enrollment_id, student_id, entry_date, exit_date
  FROM school_enrollment
  WHERE (exit_date IS NULL OR entry_date < exit_date)
    AND (exit_type IS NULL OR exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(is_no_show, 0) <> 1
    AND COALESCE(status, 'primary') = 'primary'
),
overlap AS (
  SELECT
    a.student_id,
    a.enrollment_id,
    CASE WHEN a.entry_date >= b.entry_date THEN a.entry_date ELSE b.entry_date END AS first_day
  FROM counting_primary a
  JOIN counting_primary b
    ON b.student_id = a.student_id
   AND b.enrollment_id <> a.enrollment_id
   AND (b.exit_date IS NULL OR a.entry_date < b.exit_date)
   AND (a.exit_date IS NULL OR b.entry_date < a.exit_date)
)
SELECT
  student_id AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT enrollment_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY student_id
