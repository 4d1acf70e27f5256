-- CRT-012: working with students while a credential is revoked, suspended or surrendered.
-- One row per such credential and assignment or section assignment of its holder that is active
-- today.
-- subject = assignment_id or section_staff_id; e1 = credential_id, e2 = status as stored.
-- A credential with such a status always counts, another from its revoked_date on. Assignments
-- count in certificated roles, as instructional aide and as substitute; section assignments count
-- in every role, their days as in DUP-007.
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
bad AS (
  SELECT c.credential_id, c.staff_id, c.status
  FROM credential c
  CROSS JOIN today t
  WHERE c.status IN ('revoked', 'suspended', 'surrendered')
     OR c.revoked_date <= t.day
),
at_work AS (
  SELECT a.assignment_id AS subject, a.staff_id
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
    AND (a.role IN (SELECT role FROM certificated_role) OR a.role IN ('para_instructional', 'substitute'))
  UNION
  SELECT x.section_staff_id AS subject, x.staff_id
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
  CROSS JOIN today t
  WHERE d.begin_date <= t.day AND t.day < d.end_date
    AND (x.begin_date IS NULL OR x.begin_date <= t.day)
    AND (x.end_date IS NULL OR t.day < x.end_date)
)
SELECT
  w.subject,
  b.credential_id AS e1,
  b.status AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM bad b
JOIN at_work w ON w.staff_id = b.staff_id
