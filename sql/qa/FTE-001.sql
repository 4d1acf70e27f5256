-- FTE-001: a person's assignments add up to more than 1.05 FTE.
-- One row per person and segment of time in which the FTE total exceeds 1.05.
-- subject = staff_id; e1 = first day of the segment, e2 = FTE total (scaled by 10000).
-- Every begin or end of an assignment starts a segment that lasts to the next one; the last
-- segment is open. Empty assignments and those without an FTE are ignored.
-- A finding stays open until its segment and the school year in which the segment begins have
-- both ended, or permanently if the segment is open; a future segment is already reported.
WITH held AS (
  SELECT staff_id, begin_date, end_date, fte
  FROM staff_assignment
  WHERE fte IS NOT NULL
    AND (end_date IS NULL OR begin_date < end_date)
),
change_point AS (
  SELECT staff_id, begin_date AS point FROM held
  UNION
  SELECT staff_id, end_date AS point FROM held WHERE end_date IS NOT NULL
),
segment AS (
  SELECT
    staff_id,
    point AS segment_begin,
    LEAD(point) OVER (PARTITION BY staff_id ORDER BY point) AS segment_end
  FROM change_point
),
loaded AS (
  SELECT
    s.staff_id,
    s.segment_begin,
    s.segment_end,
    SUM(h.fte) AS total_fte
  FROM segment s
  JOIN held h
    ON h.staff_id = s.staff_id
   AND h.begin_date <= s.segment_begin
   AND (h.end_date IS NULL OR s.segment_begin < h.end_date)
  GROUP BY s.staff_id, s.segment_begin, s.segment_end
  HAVING SUM(h.fte) > 10500
)
SELECT
  l.staff_id AS subject,
  l.segment_begin AS e1,
  l.total_fte AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM loaded l
CROSS JOIN today t
LEFT JOIN school_year_span y
  ON y.begin_date <= l.segment_begin AND l.segment_begin < y.end_date
WHERE l.segment_end IS NULL
   OR t.day < l.segment_end
   OR t.day < y.end_date
