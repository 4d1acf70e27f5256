-- CRT-006: grades taught are outside the grades authorized.
-- One row per section assignment active today as teacher of record for which authorizations that
-- match the course are valid today, but none of them covers all grades of the section.
-- subject = section_staff_id; e1 = lowest grade, e2 = highest grade of the section.
-- Tested: sections whose course has a known subject other than 'none'. Days of a section as in
-- DUP-007, valid authorizations and how they match as in CRT-005.
-- Grades of a section: for each student enrolled in it on some day, that of the latest primary enrollment (then the
-- highest grade) at the section's school in its school year, if it is a known grade up to 13; without any, the known
-- grades up to 13 of the course; without those the section is not tested. An authorization covers grades only if both
-- its ends are known.
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
-- Today's teachers of record and what they teach.
tested AS MATERIALIZED (
  SELECT h.section_staff_id, h.staff_id, h.section_id, h.course_id, h.school_id, h.school_year, c.subject
  FROM teaching h
  JOIN course c ON c.course_id = h.course_id
  JOIN code k ON k.code_set = 'Subject' AND k.value = c.subject
  WHERE c.subject <> 'none'
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
  SELECT c.staff_id, z.subject, lo.rank AS low, hi.rank AS high
  FROM credential c
  JOIN credential_authorization z ON z.credential_id = c.credential_id
  CROSS JOIN today t
  LEFT JOIN code lo ON lo.code_set = 'Grade' AND lo.value = z.grade_low
  LEFT JOIN code hi ON hi.code_set = 'Grade' AND hi.value = z.grade_high
  WHERE COALESCE(c.status, 'active') = 'active'
    AND COALESCE(c.effective_date, c.issue_date) <= t.day
    AND (c.expiration_date IS NULL OR t.day < c.expiration_date)
    AND (c.revoked_date IS NULL OR t.day < c.revoked_date)
    AND (z.issue_date IS NULL OR z.issue_date <= t.day)
    AND (z.expiration_date IS NULL OR t.day < z.expiration_date)
),
matching AS MATERIALIZED (
  SELECT h.section_staff_id, h.section_id, v.low, v.high
  FROM tested h
  JOIN valid_authorization v ON v.staff_id = h.staff_id
  JOIN subject_cover sc ON sc.authorized = v.subject AND sc.subject = h.subject
  UNION
  SELECT h.section_staff_id, h.section_id, v.low, v.high
  FROM tested h
  JOIN valid_authorization v ON v.staff_id = h.staff_id AND v.subject = 'elementary_generalist'
  JOIN generalist_cover gc ON gc.subject = h.subject
  JOIN elementary_course ec ON ec.course_id = h.course_id
),
-- Students enrolled in these sections.
rostered AS (
  SELECT DISTINCT d.section_id, d.school_id, d.school_year, x.student_id
  FROM section_days d
  JOIN section_enrollment x ON x.section_id = d.section_id
  WHERE d.section_id IN (SELECT section_id FROM matching)
    AND COALESCE(x.is_dropped, 0) <> 1
    AND (x.begin_date IS NULL OR x.begin_date < d.end_date)
    AND (x.end_date IS NULL OR d.begin_date < x.end_date)
    AND (x.begin_date IS NULL OR x.end_date IS NULL OR x.begin_date < x.end_date)
),
-- Primary enrollments by student, school and year, the latest and highest first.
graded AS MATERIALIZED (
  SELECT
    e.student_id, e.school_id, e.school_year, k.rank,
    ROW_NUMBER() OVER (
      PARTITION BY e.student_id, e.school_id, e.school_year
      ORDER BY e.entry_date DESC, k.rank DESC NULLS LAST
    ) AS place
  FROM school_enrollment e
  LEFT JOIN code k ON k.code_set = 'Grade' AND k.value = e.grade_level
  WHERE (e.exit_date IS NULL OR e.entry_date < e.exit_date)
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
),
roster_span AS (
  SELECT r.section_id, MIN(g.rank) AS low, MAX(g.rank) AS high
  FROM rostered r
  JOIN graded g
    ON g.student_id = r.student_id
   AND g.school_id = r.school_id
   AND g.school_year = r.school_year
  WHERE g.place = 1 AND g.rank <= 17
  GROUP BY r.section_id
),
course_span AS (
  SELECT g.course_id, MIN(k.rank) AS low, MAX(k.rank) AS high
  FROM course_grade g
  JOIN code k ON k.code_set = 'Grade' AND k.value = g.grade AND k.rank <= 17
  GROUP BY g.course_id
),
spanned AS (
  SELECT
    h.section_staff_id,
    COALESCE(r.low, c.low) AS low,
    COALESCE(r.high, c.high) AS high
  FROM tested h
  LEFT JOIN roster_span r ON r.section_id = h.section_id
  LEFT JOIN course_span c ON c.course_id = h.course_id
)
SELECT
  s.section_staff_id AS subject,
  lo.value AS e1,
  hi.value AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM spanned s
JOIN code lo ON lo.code_set = 'Grade' AND lo.rank = s.low
JOIN code hi ON hi.code_set = 'Grade' AND hi.rank = s.high
JOIN matching m ON m.section_staff_id = s.section_staff_id
GROUP BY s.section_staff_id, lo.value, hi.value
HAVING SUM(CASE WHEN m.low <= s.low AND s.high <= m.high THEN 1 ELSE 0 END) = 0
