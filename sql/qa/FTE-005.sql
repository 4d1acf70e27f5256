-- FTE-005: a person's assignments exceed the contract.
-- One row per person and segment of time in which the FTE total exceeds the FTE contracted by more
-- than 0.05.
-- subject = staff_id; e1 = first day of the segment, e2 = FTE total, e3 = FTE contracted (scaled by
-- 10000).
-- Every begin or end of an assignment with an FTE or of an employment with a contracted FTE starts
-- a segment that lasts to the next one; the last is open. Empty ones are ignored; segments without
-- an employment are not tested, and without an assignment the total is 0.
-- A finding stays open as in FTE-001.
WITH held AS MATERIALIZED (
  SELECT staff_id, begin_date, end_date, fte
  FROM staff_assignment
  WHERE fte IS NOT NULL
    AND (end_date IS NULL OR begin_date < end_date)
),
contract AS MATERIALIZED (
  SELECT staff_id, hire_date, end_date, contract_fte
  FROM staff_employment
  WHERE contract_fte IS NOT NULL
    AND (end_date IS NULL OR hire_date < end_date)
),
change_point AS (
  SELECT staff_id, begin_date AS point FROM held
  UNION
  SELECT staff_id, end_date AS point FROM held WHERE end_date IS NOT NULL
  UNION
  SELECT staff_id, hire_date AS point FROM contract
  UNION
  SELECT staff_id, end_date AS point FROM contract WHERE end_date IS NOT NULL
),
segment AS MATERIALIZED (
  SELECT
    staff_id,
    point AS segment_begin,
    LEAD(point) OVER (PARTITION BY staff_id ORDER BY point) AS segment_end
  FROM change_point
),
contracted AS (
  SELECT
    s.staff_id, s.segment_begin, s.segment_end,
    SUM(c.contract_fte) AS contract_fte,
    MIN(c.hire_date) AS hire_date
  FROM segment s
  JOIN contract c
    ON c.staff_id = s.staff_id
   AND c.hire_date <= s.segment_begin
   AND (c.end_date IS NULL OR s.segment_begin < c.end_date)
  GROUP BY s.staff_id, s.segment_begin, s.segment_end
),
compared AS (
  SELECT
    c.staff_id, c.segment_begin, c.segment_end, c.contract_fte, c.hire_date,
    COALESCE(SUM(h.fte), 0) AS total_fte
  FROM contracted c
  LEFT JOIN held h
    ON h.staff_id = c.staff_id
   AND h.begin_date <= c.segment_begin
   AND (h.end_date IS NULL OR c.segment_begin < h.end_date)
  GROUP BY c.staff_id, c.segment_begin, c.segment_end, c.contract_fte, c.hire_date
)
SELECT
  c.staff_id AS subject,
  c.segment_begin AS e1,
  c.total_fte AS e2,
  c.contract_fte AS e3
FROM compared c
CROSS JOIN today t
LEFT JOIN school_year_span y
  ON y.begin_date <= c.segment_begin AND c.segment_begin < y.end_date
WHERE c.total_fte > c.contract_fte + 500
  AND (c.segment_end IS NULL OR t.day < c.segment_end OR t.day < y.end_date)
