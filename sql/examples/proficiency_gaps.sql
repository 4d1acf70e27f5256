-- Question: which groups of students have the lowest proficiency, and where are the gaps widest?
-- One row is: an assessment of the latest year, school (NULL: the district) and pair of subgroups, all grades.
-- Caveats: gaps are those of KPI-05 as published, in percentage points, reference group minus focal group; pairs with a
-- group that is too small are missing. A gap shows a difference, not its cause. If the interval includes 0 there may be
-- no gap at all.
SELECT
  g.assessment_id, g.subject, g.school_year, g.school_id, COALESCE(o.name, '(whole district)') AS school,
  g.category, g.reference, g.focal, g.n_reference, g.n_focal, g.gap, g.low, g.high,
  g.low > 0 OR g.high < 0 AS excludes_zero,
  ROUND(g.gap - d.gap, 1) AS beyond_district
FROM kpi_05_proficiency_gap g
LEFT JOIN kpi_05_proficiency_gap d
  ON d.assessment_id = g.assessment_id AND d.school_year = g.school_year AND d.school_id IS NULL AND d.grade IS NULL
 AND d.category = g.category AND d.reference = g.reference AND d.focal = g.focal AND NOT d.suppressed
LEFT JOIN dim_organization o ON o.org_id = g.school_id
WHERE NOT g.suppressed
  AND g.grade IS NULL
  AND g.gap IS NOT NULL
  AND g.school_year = (SELECT MAX(school_year) FROM kpi_05_proficiency_gap WHERE NOT suppressed)
ORDER BY g.subject, g.gap DESC, g.assessment_id, g.school_id;
