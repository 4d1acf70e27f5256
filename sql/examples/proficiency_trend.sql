-- Question: does proficiency rise or fall, and is the change more than chance?
-- One row is: a family of assessments, school (NULL: the district) and school year, all grades and all students.
-- Caveats: figures are those of KPI-02 as published, so small schools are missing. Years are compared within an
-- assessment family only. If two intervals do not overlap, that is a conservative sign of a change; if they do, that is
-- no proof of no change. The students of two years are not the same.
WITH rates AS (
  SELECT t.family, t.period, k.subject, k.school_id, k.school_year, k.n, k.rate, k.low, k.high
  FROM kpi_02_proficiency_rate k
  JOIN dim_assessment t ON t.assessment_id = k.assessment_id
  WHERE k.category = 'all' AND k.grade IS NULL AND NOT k.suppressed
)
SELECT
  r.family, r.period, r.subject, r.school_id, COALESCE(o.name, '(whole district)') AS school, r.school_year,
  r.n, r.rate, r.low, r.high,
  ROUND(r.rate - LAG(r.rate) OVER years, 1) AS change,
  r.low > LAG(r.high) OVER years OR r.high < LAG(r.low) OVER years AS is_clear_change
FROM rates r
LEFT JOIN dim_organization o ON o.org_id = r.school_id
WINDOW years AS (PARTITION BY r.family, r.period, r.subject, r.school_id ORDER BY r.school_year)
ORDER BY r.subject, r.family, r.period, r.school_id, r.school_year;
