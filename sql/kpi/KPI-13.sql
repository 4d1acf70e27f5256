-- KPI-13: teachers by credential, field and experience.
-- One row per organization (org_id NULL = whole district) with a teacher FTE today: all of it, the
-- parts held with a full credential, with an emergency one only and without any, the part held by
-- teachers out of their field, and the part held by those with less than 2 years of experience (FTE
-- and years scaled by 10000); and beside it today's headcount (as in KPI-10) and those of it who are
-- economically disadvantaged today, which tell the poorest and the richest quarter.
-- Counted: assignments active today in a teaching role with an FTE other than 0. Credentials valid
-- today are full unless their level is emergency, provisional, waiver or intern, as in CRT-013.
-- Out of field: a person who is today, within the days of the section (as in fct_section_staff), teacher of
-- record of a section that CRT-005 reports; it counts at every organization where the person teaches.
WITH section_days AS MATERIALIZED (
  SELECT
    s.section_id, s.course_id, s.school_id, s.school_year,
    COALESCE(MIN(a.begin_date), y.begin_date) AS begin_date,
    COALESCE(MAX(a.end_date), y.end_date) AS end_date
  FROM section s
  JOIN school_year_span y ON y.school_year = s.school_year
  LEFT JOIN section_session l ON l.section_id = s.section_id
  LEFT JOIN academic_session a ON a.session_id = l.session_id AND a.begin_date < a.end_date
  WHERE COALESCE(s.is_active, 1) = 1
  GROUP BY s.section_id, s.course_id, s.school_id, s.school_year, y.begin_date, y.end_date
),
taught AS MATERIALIZED (
  SELECT ss.section_staff_id, ss.staff_id, c.course_id, c.subject
  FROM section_staff ss
  JOIN section_days d ON d.section_id = ss.section_id
  JOIN course c ON c.course_id = d.course_id
  JOIN code k ON k.code_set = 'Subject' AND k.value = c.subject
  CROSS JOIN today t
  WHERE ss.role = 'teacher_of_record'
    AND c.subject <> 'none'
    AND d.begin_date <= t.day AND t.day < d.end_date
    AND (ss.begin_date IS NULL OR ss.begin_date <= t.day)
    AND (ss.end_date IS NULL OR t.day < ss.end_date)
),
elementary_course AS (
  SELECT g.course_id
  FROM course_grade g
  LEFT JOIN code k ON k.code_set = 'Grade' AND k.value = g.grade
  GROUP BY g.course_id
  HAVING SUM(CASE WHEN k.value IN ('KG', '01', '02', '03', '04', '05', '06')
                  THEN 0 ELSE 1 END) = 0
),
valid_authorization AS MATERIALIZED (
  SELECT DISTINCT c.staff_id, z.subject
  FROM credential c
  JOIN credential_authorization z ON z.credential_id = c.credential_id
  CROSS JOIN today t
  WHERE COALESCE(c.status, 'active') = 'active'
    AND COALESCE(c.effective_date, c.issue_date) <= t.day
    AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
    AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
    AND (z.issue_date IS NULL OR z.issue_date <= t.day)
    AND (z.expiration_date IS NULL OR t.day < z.expiration_date)
),
covered AS MATERIALIZED (
  SELECT h.section_staff_id
  FROM taught h
  JOIN valid_authorization v ON v.staff_id = h.staff_id
  JOIN subject_cover sc ON sc.authorized = v.subject AND sc.subject = h.subject
  UNION
  SELECT h.section_staff_id
  FROM taught h
  JOIN valid_authorization v ON v.staff_id = h.staff_id AND v.subject = 'elementary_generalist'
  JOIN generalist_cover gc ON gc.subject = h.subject
  JOIN elementary_course ec ON ec.course_id = h.course_id
),
out_of_field AS MATERIALIZED (
  SELECT DISTINCT staff_id
  FROM taught
  WHERE section_staff_id NOT IN (SELECT section_staff_id FROM covered)
),
credentialed AS MATERIALIZED (
  SELECT
    c.staff_id,
    MAX(CASE WHEN c.level IN ('emergency', 'provisional', 'waiver', 'intern') THEN 0 ELSE 1 END)
      AS is_full
  FROM credential c
  CROSS JOIN today t
  WHERE COALESCE(c.status, 'active') = 'active'
    AND COALESCE(c.effective_date, c.issue_date) <= t.day
    AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
    AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
  GROUP BY c.staff_id
),
teaching AS MATERIALIZED (
  SELECT
    a.org_id,
    a.fte AS teacher_fte,
    CASE WHEN c.is_full = 1 THEN a.fte ELSE 0 END AS certified_fte,
    CASE WHEN c.is_full = 0 THEN a.fte ELSE 0 END AS emergency_fte,
    CASE WHEN c.is_full IS NULL THEN a.fte ELSE 0 END AS none_fte,
    CASE WHEN f.staff_id IS NOT NULL THEN a.fte ELSE 0 END AS out_of_field_fte,
    CASE WHEN s.years_experience < 20000 THEN a.fte ELSE 0 END AS inexperienced_fte
  FROM staff_assignment a
  CROSS JOIN today t
  LEFT JOIN staff s ON s.staff_id = a.staff_id
  LEFT JOIN credentialed c ON c.staff_id = a.staff_id
  LEFT JOIN out_of_field f ON f.staff_id = a.staff_id
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
    AND a.fte <> 0
    AND a.role IN (SELECT role FROM teacher_role)
),
enrolled AS MATERIALIZED (
  SELECT
    e.school_id AS org_id, e.student_id,
    EXISTS (
      SELECT 1
      FROM student_status p
      WHERE p.student_id = e.student_id
        AND p.status_type IN ('econ_disadvantaged', 'frl')
        AND p.status_value IN ('yes', 'free', 'reduced', 'direct_cert')
        AND p.begin_date <= t.day
        AND (p.end_date IS NULL OR t.day < p.end_date)
    ) AS is_poor
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
),
pupils AS MATERIALIZED (
  SELECT
    org_id,
    COUNT(DISTINCT student_id) AS headcount,
    COUNT(DISTINCT CASE WHEN is_poor THEN student_id END) AS econ
  FROM enrolled
  GROUP BY org_id
  UNION ALL
  SELECT NULL, COUNT(DISTINCT student_id), COUNT(DISTINCT CASE WHEN is_poor THEN student_id END)
  FROM enrolled
),
place AS (
  SELECT
    org_id, teacher_fte, certified_fte, emergency_fte,
    none_fte, out_of_field_fte, inexperienced_fte
  FROM teaching
  UNION ALL
  SELECT
    NULL, teacher_fte, certified_fte, emergency_fte,
    none_fte, out_of_field_fte, inexperienced_fte
  FROM teaching
)
SELECT
  p.org_id,
  CAST(SUM(p.teacher_fte) AS BIGINT) AS teacher_fte,
  CAST(SUM(p.certified_fte) AS BIGINT) AS certified_fte,
  CAST(SUM(p.emergency_fte) AS BIGINT) AS emergency_fte,
  CAST(SUM(p.none_fte) AS BIGINT) AS none_fte,
  CAST(SUM(p.out_of_field_fte) AS BIGINT) AS out_of_field_fte,
  CAST(SUM(p.inexperienced_fte) AS BIGINT) AS inexperienced_fte,
  COALESCE(MAX(u.headcount), 0) AS headcount,
  COALESCE(MAX(u.econ), 0) AS econ
FROM place p
LEFT JOIN pupils u ON u.org_id IS p.org_id
GROUP BY p.org_id
HAVING SUM(p.teacher_fte) <> 0
