-- The twin of KPI-23, over the warehouse database: it is computed from the open violations, by a rule's own severity.
WITH serious AS (
    SELECT rule.family, violation.* FROM fct_dq_violation violation JOIN dim_rule rule USING (rule_id)
    WHERE rule.severity IN ('error', 'critical') AND violation.closed_at IS NULL
),
-- Where students and staff are today: the first school by id, and the organization of the most FTE.
student AS (
    SELECT DISTINCT s.student_id AS id,
        (SELECT min(e.school_id) FROM fct_school_enrollment e
            WHERE e.student_id = s.student_id AND e.is_active AND e.is_primary) AS org_id
    FROM dim_student s
    -- Not those that others refer to and who are missing themselves.
    WHERE s.student_id NOT IN (
        SELECT json_extract(said.value, '$.student_id') FROM fct_dq_violation v, json_each(v.evidence) said
        WHERE v.rule_id = 'ENR-012' AND v.closed_at IS NULL AND json_extract(said.value, '$.student_id') IS NOT NULL
    )
),
staff AS (
    SELECT s.staff_id AS id,
        (SELECT a.org_id FROM fct_staff_assignment a WHERE a.staff_id = s.staff_id AND a.is_active
            ORDER BY coalesce(a.fte, 0) DESC, a.org_id LIMIT 1) AS org_id
    FROM dim_staff s
),
record (about, id, org_id) AS (
    SELECT 'student', id, org_id FROM student
    UNION ALL SELECT 'staff', id, org_id FROM staff
    UNION ALL SELECT 'school', org_id, org_id FROM dim_organization WHERE org_type = 'school'
),
family (family, about) AS (
    VALUES ('duplicate_educators', 'staff'), ('certification', 'staff'), ('fte', 'staff'), ('enrollment', 'student'),
        ('assessment', 'student'), ('program', 'student'), ('staffing_ratio', 'school'), ('calendar', 'school')
),
judged AS (
    SELECT f.family, r.org_id, EXISTS (
        SELECT 1 FROM serious s WHERE s.family = f.family
            AND CASE f.about WHEN 'student' THEN s.student_id WHEN 'staff' THEN s.staff_id ELSE s.org_id END = r.id
    ) AS is_faulty
    FROM family f JOIN record r USING (about)
    WHERE EXISTS (SELECT 1 FROM dim_rule rule WHERE rule.family = f.family AND rule.runs)
),
counted (family, org_id, records, faulty) AS (
    SELECT family, NULL, count(*), sum(is_faulty) FROM judged GROUP BY family
    UNION ALL
    SELECT family, org_id, count(*), sum(is_faulty) FROM judged WHERE org_id IS NOT NULL GROUP BY family, org_id
    UNION ALL
    -- References are about rows of any table, which rules that are a share of all rows count.
    SELECT 'reference', NULL, max(population), (SELECT count(*) FROM serious WHERE family = 'reference')
    FROM dim_rule WHERE family = 'reference' AND coalesce(among, '') = ''
    HAVING count(*) > 0
)
SELECT
    c.family, c.org_id, CASE WHEN c.org_id IS NULL THEN '(whole district)' ELSE coalesce(o.name, '') END AS name,
    c.records, c.faulty, 100.0 * (c.records - c.faulty) / c.records AS clean
FROM counted c LEFT JOIN dim_organization o USING (org_id)
