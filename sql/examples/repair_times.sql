-- Question: which rules' violations stay open longest, how long does it take to close them, and how many come back?
-- One row is: a rule that was ever violated, in the whole district.
-- Caveats: waived violations count too. A violation that closed may have been repaired, or its records may have been
-- deleted. Days to close are those of closed violations: while the difficult ones are open, they look shorter than they
-- are. A file made from a one-time extract has no earlier days; one made by a replay has all of its days.
WITH episode AS (
  SELECT rule_id, violation_id, opened_on, closed_on,
    ROW_NUMBER() OVER (PARTITION BY violation_id ORDER BY opened_on) AS episode
  FROM fct_dq_violation
),
standing AS (
  SELECT rule_id, SUM(closed_on IS NOT NULL) AS closed, SUM(episode > 1) AS came_back,
    MIN(CASE WHEN closed_on IS NULL THEN opened_on END) AS open_since
  FROM episode
  GROUP BY rule_id
)
SELECT
  k.rule_id, r.severity, r.title, k.open, k.median_age AS median_days_open, s.open_since,
  s.closed, k.close_p50 AS half_closed_within_days, k.close_p90 AS nine_tenths_closed_within_days, s.came_back
FROM kpi_24_violation_flow k
JOIN about a ON k.day = a.as_of
JOIN standing s ON s.rule_id = k.rule_id
JOIN dim_rule r ON r.rule_id = k.rule_id
WHERE k.org_id IS NULL
ORDER BY median_days_open DESC NULLS LAST, half_closed_within_days DESC, k.rule_id;
