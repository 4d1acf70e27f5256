-- CRT-007: teacher of record not authorized for the section's population.
-- One row per section assignment active today as teacher of record, in a section for special
-- education or English learners, of a person without an authorization for that population that
-- is valid today.
-- subject = section_staff_id; e1 = population.
-- Days of a section as in DUP-007; authorizations of every subject count, valid as in CRT-005.
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
teaching AS (
  SELECT x.section_staff_id, x.staff_id, x.section_id, d.course_id, d.school_id, d.school_year
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
  CROSS JOIN today t
  WHERE x.role = 'teacher_of_record'
    AND d.begin_date <= t.day AND t.day < d.end_date
    AND (x.begin_date IS NULL OR x.begin_date <= t.day)
    AND (x.end_date IS NULL OR t.day < x.end_date)
),
authorized AS (
  SELECT DISTINCT c.staff_id, z.population
  FROM credential c
  JOIN credential_authorization z ON z.credential_id = c.credential_id
  CROSS JOIN today t
  WHERE z.population IN ('special_education', 'english_learner')
    AND COALESCE(c.status, 'active') = 'active'
    AND COALESCE(c.effective_date, c.issue_date) <= t.day
    AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
    AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
    AND (z.issue_date IS NULL OR z.issue_date <= t.day)
    AND (z.expiration_date IS NULL OR t.day < z.expiration_date)
)
SELECT
  h.section_staff_id AS subject,
  s.population AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM teaching h
JOIN section s ON s.section_id = h.section_id
LEFT JOIN authorized a ON a.staff_id = h.staff_id AND a.population = s.population
WHERE s.population IN ('special_education', 'english_learner')
  AND a.staff_id IS NULL
