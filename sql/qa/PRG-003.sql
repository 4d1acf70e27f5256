-- PRG-003: overlapping participations in one program.
-- One row per student and program with two participations that share a day.
-- subject = student_id|program_id; e1 = first overlapped day, e2 = number of participations that
-- overlap at least one other.
-- Every participation that is not empty counts, in every arm.
WITH joined AS MATERIALIZED (
  SELECT participation_id, student_id, program_id, begin_date, end_date
  FROM program_participation
  WHERE end_date IS NULL OR begin_date < end_date
),
overlap AS (
  SELECT
    a.student_id, a.program_id, a.participation_id,
    CASE WHEN a.begin_date >= b.begin_date THEN a.begin_date ELSE b.begin_date END AS first_day
  FROM joined a
  JOIN joined b
    ON b.student_id = a.student_id
   AND b.program_id = a.program_id
   AND b.participation_id <> a.participation_id
   AND (b.end_date IS NULL OR a.begin_date < b.end_date)
   AND (a.end_date IS NULL OR b.begin_date < a.end_date)
)
SELECT
  student_id || '|' || program_id AS subject,
  MIN(first_day) AS e1,
  COUNT(DISTINCT participation_id) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM overlap
GROUP BY student_id, program_id
