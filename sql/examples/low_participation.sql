-- Question: where were fewer than 95% of the expected students tested?
-- One row is: an assessment, school year, school (NULL: the district) and subgroup, all grades.
-- Caveats: figures are those of KPI-04 as published, so small groups are missing. not_tested counts students for any
-- reason, including those still to be tested while the window is open: window_end is the first day after it.
SELECT
  k.assessment_id, k.subject, k.school_year, t.window_end, k.school_id, COALESCE(o.name, '(whole district)') AS school,
  k.category, k.value, k.expected, k.tested, k.expected - k.tested AS not_tested, k.rate,
  t.window_end > b.as_of AS is_window_open
FROM kpi_04_participation_rate k
CROSS JOIN about b
LEFT JOIN dim_assessment t ON t.assessment_id = k.assessment_id
LEFT JOIN dim_organization o ON o.org_id = k.school_id
WHERE NOT k.suppressed AND k.grade IS NULL AND k.rate < 95.0
ORDER BY k.school_year DESC, k.rate, k.assessment_id, k.school_id, k.category, k.value;
