-- Question: which schools have more open data-quality violations of a rule than their size explains?
-- One row is: a school and rule with open violations that are not waived.
-- Caveats: as of today; see repair_times for how long violations stay open. Size is the share of the district's
-- students, also for rules about staff. times_expected compares the school's share of the violations with that share: 1
-- is as expected, and with few violations it means little. district_rate is per 1,000 rows of the tables that the rule
-- is about.
WITH size AS (
  SELECT s.org_id, 1.0 * s.headcount / t.students AS share
  FROM fct_staffing_school s
  CROSS JOIN (SELECT SUM(headcount) AS students FROM fct_staffing_school) t
  WHERE s.headcount > 0
)
SELECT
  q.org_id AS school_id, o.name AS school, q.rule_id, r.severity, r.title,
  q.open_count - q.waived_count AS open,
  d.open_count AS open_in_district, d.rate AS district_rate,
  ROUND(1.0 * q.open_count / d.open_count / z.share, 1) AS times_expected
FROM fct_dq_rule_org q
JOIN fct_dq_rule_org d ON d.rule_id = q.rule_id AND d.org_id = '*'
JOIN dim_rule r ON r.rule_id = q.rule_id
JOIN size z ON z.org_id = q.org_id
LEFT JOIN dim_organization o ON o.org_id = q.org_id
WHERE q.org_id <> '*' AND q.open_count > q.waived_count
ORDER BY times_expected DESC, open DESC, q.rule_id, q.org_id;
