-- FTE-006: a person's assignments fall short of the contract.
-- One row per person with today's FTE contracted exceeding today's FTE total by more than 0.2, from
-- 30 days after hiring on.
-- subject = staff_id; e1 = first day of the shortfall, e2 = FTE total, e3 = FTE contracted (scaled
-- by 10000).
-- Segments of time as in FTE-005. The shortfall begins with its segment, but not before 30 days
-- after the earliest hire date of the employments in the segment.
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
),
short AS (
  SELECT
    staff_id, segment_end, total_fte, contract_fte,
    CASE WHEN segment_begin < hire_date + 30 THEN hire_date + 30 ELSE segment_begin END AS first_day
  FROM compared
  WHERE contract_fte - total_fte > 2000
)
SELECT
  s.staff_id AS subject,
  s.first_day AS e1,
  s.total_fte AS e2,
  s.contract_fte AS e3
FROM short s
CROSS JOIN today t
WHERE s.first_day <= t.day
  AND (s.segment_end IS NULL OR t.day < s.segment_end)
