-- SQL twin of fct_dq_family_day, on the warehouse database: determines for every day and record whether the record was
-- faulty, and keeps the days on which the number changed. org_id * = whole district.
WITH RECURSIVE calendar (day) AS (
    SELECT min(opened_on) FROM fct_dq_violation
    UNION ALL SELECT date(day, '+1 day') FROM calendar, about WHERE day < as_of
),
family (family, about) AS (
    VALUES ('duplicate_educators', 'staff'), ('certification', 'staff'), ('fte', 'staff'), ('enrollment', 'student'),
        ('assessment', 'student'), ('program', 'student'), ('staffing_ratio', 'school'), ('calendar', 'school'),
        ('reference', 'row')
),
-- Current records at their current school.
missing AS (
    SELECT json_extract(said.value, '$.student_id') AS id FROM fct_dq_violation v, json_each(v.evidence) said
    WHERE v.rule_id = 'ENR-012' AND v.closed_at IS NULL AND json_extract(said.value, '$.student_id') IS NOT NULL
),
record (about, id, org_id) AS MATERIALIZED (
    SELECT DISTINCT 'student', s.student_id,
        (SELECT min(e.school_id) FROM fct_school_enrollment e
            WHERE e.student_id = s.student_id AND e.is_active AND e.is_primary)
    FROM dim_student s WHERE s.student_id NOT IN (SELECT id FROM missing)
    UNION ALL
    SELECT 'staff', s.staff_id,
        (SELECT a.org_id FROM fct_staff_assignment a WHERE a.staff_id = s.staff_id AND a.is_active
            ORDER BY coalesce(a.fte, 0) DESC, a.org_id LIMIT 1)
    FROM dim_staff s
    UNION ALL SELECT 'school', org_id, org_id FROM dim_organization WHERE org_type = 'school'
),
serious AS MATERIALIZED (
    SELECT f.family, f.about, v.opened_on, v.closed_on,
        CASE f.about WHEN 'student' THEN v.student_id WHEN 'staff' THEN v.staff_id WHEN 'school' THEN v.org_id
            ELSE v.violation_id END AS id
    FROM fct_dq_violation v JOIN dim_rule r USING (rule_id) JOIN family f USING (family)
    WHERE r.severity IN ('error', 'critical')
),
faulty AS MATERIALIZED (
    SELECT DISTINCT s.family, s.id, r.org_id, c.day
    FROM serious s
    JOIN calendar c ON s.opened_on <= c.day AND coalesce(s.closed_on > c.day, 1)
    LEFT JOIN record r ON r.about = s.about AND r.id = s.id
    WHERE r.id IS NOT NULL OR s.about = 'row'
),
place AS (
    SELECT DISTINCT family, '*' AS org_id FROM faulty
    UNION SELECT family, org_id FROM faulty WHERE org_id IS NOT NULL
),
number AS MATERIALIZED (
    SELECT p.family, p.org_id, c.day, coalesce(n.faulty, 0) AS faulty
    FROM place p CROSS JOIN calendar c
    LEFT JOIN (
        SELECT family, '*' AS org_id, day, count(*) AS faulty FROM faulty GROUP BY family, day
        UNION ALL
        SELECT family, org_id, day, count(*) FROM faulty WHERE org_id IS NOT NULL GROUP BY family, org_id, day
    ) n USING (family, org_id, day)
),
step AS (
    SELECT *, lag(faulty, 1, 0) OVER (PARTITION BY family, org_id ORDER BY day) AS before FROM number
)
SELECT family, org_id, day, faulty FROM step, about WHERE faulty <> before OR day = as_of
