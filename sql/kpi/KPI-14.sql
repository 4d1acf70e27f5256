-- SQL twin of KPI-14, on the warehouse database: like the KPI, it is computed from other KPIs as published. Figures
-- agree to the last decimal published, z by the variance, because SQLite may lack square roots. If the published figures
-- of schools are equal, the rank is only known between two bounds.
WITH figure (kpi, assessment_id, school_year, school_id, value) AS (
    SELECT 'KPI-01', assessment_id, school_year, coalesce(school_id, ''), mean FROM kpi_01_mean_score
    WHERE grade IS NULL AND category = 'all' AND NOT suppressed
    UNION ALL
    SELECT 'KPI-02', assessment_id, school_year, coalesce(school_id, ''), 100.0 * proficient / n FROM kpi_02_proficiency_rate
    WHERE grade IS NULL AND category = 'all' AND NOT suppressed
    UNION ALL
    SELECT 'KPI-10', NULL, NULL, coalesce(org_id, ''), 1.0 * headcount / teacher_fte FROM kpi_10_students_per_teacher
    WHERE headcount > 0 AND teacher_fte > 0
),
placed AS (
    SELECT f.*, org.school_level AS level, org.name
    FROM figure f JOIN dim_organization org ON org.org_id = f.school_id
    WHERE org.school_level IS NOT NULL
),
field AS (
    SELECT kpi, assessment_id, school_year, level, count(*) AS schools, avg(value) AS mean,
        (sum(value * value) - count(*) * avg(value) * avg(value)) / (count(*) - 1) AS variance
    FROM placed GROUP BY kpi, assessment_id, school_year, level HAVING count(*) >= 3
)
SELECT p.kpi, p.assessment_id, p.school_year, p.level, p.school_id, p.name, p.value, district.value AS district,
    field.mean AS level_mean, field.variance AS level_variance,
    (SELECT 1 + count(*) FROM placed q WHERE (q.kpi, q.level) = (p.kpi, p.level) AND q.value > p.value + 0.051
        AND q.assessment_id IS p.assessment_id AND q.school_year IS p.school_year) AS rank_from,
    (SELECT count(*) FROM placed q WHERE (q.kpi, q.level) = (p.kpi, p.level) AND q.value >= p.value - 0.051
        AND q.assessment_id IS p.assessment_id AND q.school_year IS p.school_year) AS rank_to,
    field.schools
FROM placed p
JOIN field ON (field.kpi, field.level) = (p.kpi, p.level)
    AND field.assessment_id IS p.assessment_id AND field.school_year IS p.school_year
LEFT JOIN figure district ON district.kpi = p.kpi AND district.school_id = ''
    AND district.assessment_id IS p.assessment_id AND district.school_year IS p.school_year
