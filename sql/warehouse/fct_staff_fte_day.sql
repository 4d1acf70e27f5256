-- fct_staff_fte_day: the FTE of the staff over time.
-- One row per person and segment of time with an assignment or an employment; to_date is the first
-- day after it, NULL when it is open.
-- Every begin or end of an assignment or employment starts a segment that lasts to the next one.
-- Empty ones are ignored. sum_fte: of the assignments, no FTE adding 0; contract_fte: of the
-- employments, NULL when none of them states it (both scaled by 10000).
WITH held AS MATERIALIZED (
  SELECT staff_id, begin_date, end_date, COALESCE(fte, 0) AS fte
  FROM staff_assignment
  WHERE end_date IS NULL OR begin_date < end_date
),
contract AS MATERIALIZED (
  SELECT staff_id, hire_date, end_date, contract_fte
  FROM staff_employment
  WHERE end_date IS NULL OR hire_date < end_date
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
    point AS from_date,
    LEAD(point) OVER (PARTITION BY staff_id ORDER BY point) AS to_date
  FROM change_point
),
assigned AS (
  SELECT s.staff_id, s.from_date, SUM(h.fte) AS sum_fte, COUNT(*) AS assignments
  FROM segment s
  JOIN held h
    ON h.staff_id = s.staff_id
   AND h.begin_date <= s.from_date
   AND (h.end_date IS NULL OR s.from_date < h.end_date)
  GROUP BY s.staff_id, s.from_date
),
employed AS (
  SELECT s.staff_id, s.from_date, SUM(c.contract_fte) AS contract_fte
  FROM segment s
  JOIN contract c
    ON c.staff_id = s.staff_id
   AND c.hire_date <= s.from_date
   AND (c.end_date IS NULL OR s.from_date < c.end_date)
  GROUP BY s.staff_id, s.from_date
)
SELECT
  s.staff_id,
  s.from_date,
  s.to_date,
  CAST(COALESCE(a.sum_fte, 0) AS BIGINT) AS sum_fte,
  COALESCE(a.assignments, 0) AS assignments,
  CAST(e.contract_fte AS BIGINT) AS contract_fte
FROM segment s
LEFT JOIN assigned a ON a.staff_id = s.staff_id AND a.from_date = s.from_date
LEFT JOIN employed e ON e.staff_id = s.staff_id AND e.from_date = s.from_date
WHERE a.staff_id IS NOT NULL
   OR e.staff_id IS NOT NULL
