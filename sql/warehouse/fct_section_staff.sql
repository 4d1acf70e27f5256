-- fct_section_staff: the staff of the sections.
-- One row per section assignment, of every role, with school and school year of the section, if it
-- has a row.
-- begin_date, end_date: the assignment within the days of its section (as in fct_section_enrollment),
-- both NULL if no day is left. is_active: it contains today.
-- subject: of the course, if it is a known one other than 'none'. is_authorized: NULL without a
-- subject, else whether the person holds an authorization that is valid today and covers it, as in
-- CRT-005; it is also computed for past and future section assignments.
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
bounded AS (
  SELECT
    x.section_staff_id,
    CASE WHEN x.begin_date > d.begin_date THEN x.begin_date ELSE d.begin_date END AS begin_date,
    CASE WHEN x.end_date < d.end_date THEN x.end_date ELSE d.end_date END AS end_date
  FROM section_staff x
  JOIN section_days d ON d.section_id = x.section_id
),
lasting AS MATERIALIZED (
  SELECT section_staff_id, begin_date, end_date
  FROM bounded
  WHERE begin_date < end_date
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
taught AS MATERIALIZED (
  SELECT x.section_staff_id, x.staff_id, c.course_id, c.subject
  FROM section_staff x
  JOIN section s ON s.section_id = x.section_id
  JOIN course c ON c.course_id = s.course_id
  JOIN code k ON k.code_set = 'Subject' AND k.value = c.subject
  WHERE c.subject <> 'none'
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
)
SELECT
  x.section_staff_id,
  x.staff_id,
  x.section_id,
  s.school_id,
  s.school_year,
  x.role,
  b.begin_date,
  b.end_date,
  x.allocation,
  h.subject,
  CASE WHEN b.begin_date <= t.day AND t.day < b.end_date THEN 1 ELSE 0 END AS is_active,
  CASE WHEN h.subject IS NOT NULL THEN CASE WHEN v.section_staff_id IS NULL THEN 0 ELSE 1 END END
    AS is_authorized
FROM section_staff x
CROSS JOIN today t
LEFT JOIN section s ON s.section_id = x.section_id
LEFT JOIN lasting b ON b.section_staff_id = x.section_staff_id
LEFT JOIN taught h ON h.section_staff_id = x.section_staff_id
LEFT JOIN covered v ON v.section_staff_id = x.section_staff_id
