-- FTE-012: teacher of record without an assignment at the school.
-- One row per section assignment active today as teacher of record of a person without an assignment today at the
-- section's school or at its parent organization.
-- subject = section_staff_id; e1 = school_id of the section.
-- Days of a section as in DUP-007. Assignments of every role count; the parent organization is the one in the school's
-- row, whether or not it has a row.
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
assigned AS (
  SELECT a.staff_id, a.org_id
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
)
SELECT
  h.section_staff_id AS subject,
  h.school_id AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM teaching h
LEFT JOIN organization o ON o.org_id = h.school_id
LEFT JOIN assigned a
  ON a.staff_id = h.staff_id
 AND (a.org_id = h.school_id OR a.org_id = o.parent_org_id)
WHERE a.staff_id IS NULL
