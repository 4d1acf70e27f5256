-- SQL twin of KPI-23, on the warehouse database: computed from the open violations, by the default severity of rules.
WITH serious AS (
    SELECT rule.family, violation.* FROM fct_dq_violation violation JOIN dim_rule rule USING (rule_id)
    WHERE rule.severity IN ('error', 'critical') AND violation.closed_at IS NULL
),
-- Current school of students (the first by id) and organization of staff (with the most FTE).
student AS (
    SELECT DISTINCT s.student_id AS id,
        (SELECT min(e.school_id) FROM fct_school_enrollment e
            WHERE e.student_id = s.student_id AND e.is_active AND e.is_primary) AS org_id
    FROM dim_student s
    -- Without ids that exist only as references.
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
)
SELECT family, NULL AS org_id, count(*) AS records, sum(is_faulty) AS faulty FROM judged GROUP BY family
UNION ALL
SELECT family, org_id, count(*), sum(is_faulty) FROM judged WHERE org_id IS NOT NULL GROUP BY family, org_id
UNION ALL
-- The reference group is about rows of any table, as are rules whose rate refers to all rows.
SELECT 'reference', NULL, max(population), (SELECT count(*) FROM serious WHERE family = 'reference')
FROM dim_rule WHERE family = 'reference' AND coalesce(among, '') = ''
HAVING count(*) > 0
