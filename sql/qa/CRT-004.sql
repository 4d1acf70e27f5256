-- CRT-004: gap between credentials during a certificated assignment.
-- One row per gap in an assignment in a certificated role in which no credential of the
-- holder is valid, though one was until the day before.
-- subject = assignment_id; e1 = first day of the gap, e2 = first day after it (NULL = open).
-- A gap that begins with the assignment counts if a credential ended on that day.
-- Valid as in CRT-002. A finding begins with its gap and stays until the gap and the school year
-- in which it begins have both ended, or permanently if the gap is open.
WITH valid AS MATERIALIZED (
  SELECT
    staff_id,
    COALESCE(effective_date, issue_date) AS begin_date,
    CASE WHEN expiration_date IS NULL OR revoked_date < expiration_date THEN revoked_date
         ELSE expiration_date END AS end_date
  FROM credential
  WHERE COALESCE(status, 'active') = 'active'
    AND COALESCE(effective_date, issue_date) IS NOT NULL
),
-- Ends of credentials inside assignments; a gap begins there if nothing else is valid.
lapse AS (
  SELECT DISTINCT a.assignment_id, a.staff_id, a.end_date, v.end_date AS gap_begin
  FROM staff_assignment a
  JOIN valid v
    ON v.staff_id = a.staff_id
   AND v.begin_date < v.end_date
   AND a.begin_date <= v.end_date
   AND (a.end_date IS NULL OR v.end_date < a.end_date)
  WHERE a.role IN (SELECT role FROM certificated_role)
),
-- The end of a lapse: something valid on its first day, or the next day of validity.
followed AS (
  SELECT
    l.assignment_id, l.end_date, l.gap_begin,
    SUM(CASE WHEN v.begin_date <= l.gap_begin
              AND (v.end_date IS NULL OR l.gap_begin < v.end_date) THEN 1 ELSE 0 END) AS still_valid,
    MIN(CASE WHEN l.gap_begin < v.begin_date
              AND (v.end_date IS NULL OR v.begin_date < v.end_date) THEN v.begin_date END) AS next_begin
  FROM lapse l
  JOIN valid v ON v.staff_id = l.staff_id
  GROUP BY l.assignment_id, l.end_date, l.gap_begin
),
gap AS (
  SELECT
    assignment_id, gap_begin,
    CASE WHEN end_date IS NULL OR next_begin < end_date THEN next_begin ELSE end_date END AS gap_end
  FROM followed
  WHERE still_valid = 0
)
SELECT
  g.assignment_id AS subject,
  g.gap_begin AS e1,
  g.gap_end AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM gap g
CROSS JOIN today t
LEFT JOIN school_year_span y ON y.begin_date <= g.gap_begin AND g.gap_begin < y.end_date
WHERE g.gap_begin <= t.day
  AND (g.gap_end IS NULL OR t.day < g.gap_end OR t.day < y.end_date)
