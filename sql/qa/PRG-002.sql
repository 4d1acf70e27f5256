-- PRG-002: in a program while not enrolled.
-- One row per gap in a participation in which the student is not enrolled.
-- subject = participation_id; e1 = first day of the gap, e2 = first day after it (NULL = open).
-- Counting enrollments of every status count: not empty, exit type neither 'no_show' nor 'invalid',
-- not flagged as a no-show; without any the gap is the whole participation.
-- A finding begins with its gap and stays until the gap and the school year in which it begins have
-- both ended, or permanently if the gap is open.
WITH attended AS MATERIALIZED (
  SELECT e.student_id, e.entry_date, e.exit_date
  FROM school_enrollment e
  WHERE (e.exit_date IS NULL OR e.entry_date < e.exit_date)
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
),
joined AS MATERIALIZED (
  SELECT participation_id, student_id, begin_date, end_date
  FROM program_participation
  WHERE end_date IS NULL OR begin_date < end_date
),
-- A gap begins with the participation or where an enrollment ends.
start AS (
  SELECT participation_id, student_id, end_date, begin_date AS gap_begin
  FROM joined
  UNION
  SELECT p.participation_id, p.student_id, p.end_date, e.exit_date AS gap_begin
  FROM joined p
  JOIN attended e
    ON e.student_id = p.student_id
   AND p.begin_date < e.exit_date
   AND (p.end_date IS NULL OR e.exit_date < p.end_date)
),
-- The end of a gap: none if enrolled on its first day after all, else the next enrollment.
followed AS (
  SELECT
    s.participation_id, s.end_date, s.gap_begin,
    SUM(CASE WHEN e.entry_date <= s.gap_begin
              AND (e.exit_date IS NULL OR s.gap_begin < e.exit_date) THEN 1 ELSE 0 END) AS enrolled,
    MIN(CASE WHEN s.gap_begin < e.entry_date THEN e.entry_date END) AS next_begin
  FROM start s
  LEFT JOIN attended e ON e.student_id = s.student_id
  GROUP BY s.participation_id, s.end_date, s.gap_begin
),
gap AS (
  SELECT
    participation_id, gap_begin,
    CASE WHEN end_date IS NULL OR next_begin < end_date THEN next_begin ELSE end_date END AS gap_end
  FROM followed
  WHERE enrolled = 0
)
SELECT
  g.participation_id AS subject,
  g.gap_begin AS e1,
  g.gap_end AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM gap g
CROSS JOIN today t
LEFT JOIN school_year_span y ON y.begin_date <= g.gap_begin AND g.gap_begin < y.end_date
WHERE g.gap_begin <= t.day
  AND (g.gap_end IS NULL OR t.day < g.gap_end OR t.day < y.end_date)
