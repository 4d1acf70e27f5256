-- CRT-005: teacher of record not authorized for the course's subject.
-- One row per section assignment active today as teacher of record for which the teacher holds
-- no authorization that is valid today and covers the subject of the course.
-- subject = section_staff_id; e1 = subject of the course.
-- Tested: sections that are active (or state nothing) whose course has a known subject other than 'none'. Days of a
-- section as in DUP-007. A credential is valid as in CRT-002; its authorization must be valid too, where an empty date
-- sets no limit. An authorization covers the subjects listed for it; that of an elementary generalist also covers the
-- generalist subjects, but only in a course that states grades, all of them known and from KG to 06.
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
  SELECT
    ss.section_staff_id,
    ss.staff_id,
    c.course_id,
    c.subject
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
valid_authorization AS (
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
covered AS (
  SELECT h.section_staff_id
  FROM teaching h
  JOIN valid_authorization v ON v.staff_id = h.staff_id
  JOIN subject_cover sc ON sc.authorized = v.subject AND sc.subject = h.subject
  UNION
  SELECT h.section_staff_id
  FROM teaching h
  JOIN valid_authorization v ON v.staff_id = h.staff_id
  JOIN generalist_cover gc ON gc.subject = h.subject
  JOIN elementary_course ec ON ec.course_id = h.course_id
  WHERE v.subject = 'elementary_generalist'
)
SELECT
  h.section_staff_id AS subject,
  h.subject AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM teaching h
WHERE h.section_staff_id NOT IN (SELECT section_staff_id FROM covered)
