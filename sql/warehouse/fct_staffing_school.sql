-- fct_staffing_school: students, staff and sections of each organization today.
-- One row per organization with any student, section or seat, or with an assignment active today,
-- even with FTE 0; FTE is scaled by 10000. The organization row itself need not exist.
-- headcount: distinct students with an active primary enrollment (counting, contains today, status
-- primary or empty). membership_fte: of those enrollments; an empty one is 1 FTE.
-- teacher_fte, staff_fte, ...: of the assignments active today, in teaching roles, in all roles and
-- in the roles named; no FTE adds 0. admin: principals, superintendents, their assistants, lea_admin.
-- sections: that are active (or not stated), of today's school year. seats: class enrollments
-- active today (as in fct_section_enrollment), once per section, in sections of every year.
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
seated AS (
  SELECT x.section_id, COUNT(DISTINCT x.student_id) AS students
  FROM section_enrollment x
  JOIN section_days d ON d.section_id = x.section_id
  CROSS JOIN today t
  WHERE COALESCE(x.is_dropped, 0) <> 1
    AND d.begin_date <= t.day AND t.day < d.end_date
    AND (x.begin_date IS NULL OR x.begin_date <= t.day)
    AND (x.end_date IS NULL OR t.day < x.end_date)
  GROUP BY x.section_id
),
enrolled AS (
  SELECT
    e.school_id AS org_id,
    COUNT(DISTINCT e.student_id) AS headcount,
    SUM(COALESCE(e.membership_fte, 10000)) AS membership_fte
  FROM school_enrollment e
  CROSS JOIN today t
  WHERE (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
    AND e.entry_date <= t.day
    AND (e.exit_date IS NULL OR t.day < e.exit_date)
  GROUP BY e.school_id
),
staffed AS (
  SELECT
    a.org_id,
    SUM(CASE WHEN a.role IN (SELECT role FROM teacher_role) THEN COALESCE(a.fte, 0) ELSE 0 END)
      AS teacher_fte,
    SUM(COALESCE(a.fte, 0)) AS staff_fte,
    SUM(CASE WHEN a.role = 'counselor' THEN COALESCE(a.fte, 0) ELSE 0 END) AS counselor_fte,
    SUM(CASE WHEN a.role = 'nurse' THEN COALESCE(a.fte, 0) ELSE 0 END) AS nurse_fte,
    SUM(CASE WHEN a.role = 'librarian' THEN COALESCE(a.fte, 0) ELSE 0 END) AS librarian_fte,
    SUM(CASE WHEN a.role = 'psychologist' THEN COALESCE(a.fte, 0) ELSE 0 END) AS psychologist_fte,
    SUM(CASE WHEN a.role = 'para_instructional' THEN COALESCE(a.fte, 0) ELSE 0 END) AS para_fte,
    SUM(CASE WHEN a.role IN ('principal', 'assistant_principal', 'superintendent',
                             'assistant_superintendent', 'lea_admin')
             THEN COALESCE(a.fte, 0) ELSE 0 END) AS admin_fte
  FROM staff_assignment a
  CROSS JOIN today t
  WHERE a.begin_date <= t.day
    AND (a.end_date IS NULL OR t.day < a.end_date)
  GROUP BY a.org_id
),
scheduled AS (
  SELECT s.school_id AS org_id, COUNT(*) AS sections
  FROM section s
  JOIN school_year_span y ON y.school_year = s.school_year
  CROSS JOIN today t
  WHERE COALESCE(s.is_active, 1) = 1
    AND y.begin_date <= t.day AND t.day < y.end_date
  GROUP BY s.school_id
),
seat AS (
  SELECT s.school_id AS org_id, SUM(h.students) AS seats
  FROM seated h
  JOIN section s ON s.section_id = h.section_id
  GROUP BY s.school_id
),
place AS (
  SELECT org_id FROM enrolled
  UNION
  SELECT org_id FROM staffed
  UNION
  SELECT org_id FROM scheduled
  UNION
  SELECT org_id FROM seat
)
SELECT
  p.org_id,
  COALESCE(e.headcount, 0) AS headcount,
  CAST(COALESCE(e.membership_fte, 0) AS BIGINT) AS membership_fte,
  CAST(COALESCE(f.teacher_fte, 0) AS BIGINT) AS teacher_fte,
  CAST(COALESCE(f.staff_fte, 0) AS BIGINT) AS staff_fte,
  CAST(COALESCE(f.counselor_fte, 0) AS BIGINT) AS counselor_fte,
  CAST(COALESCE(f.nurse_fte, 0) AS BIGINT) AS nurse_fte,
  CAST(COALESCE(f.librarian_fte, 0) AS BIGINT) AS librarian_fte,
  CAST(COALESCE(f.psychologist_fte, 0) AS BIGINT) AS psychologist_fte,
  CAST(COALESCE(f.para_fte, 0) AS BIGINT) AS para_fte,
  CAST(COALESCE(f.admin_fte, 0) AS BIGINT) AS admin_fte,
  COALESCE(s.sections, 0) AS sections,
  CAST(COALESCE(n.seats, 0) AS BIGINT) AS seats
FROM place p
LEFT JOIN enrolled e ON e.org_id = p.org_id
LEFT JOIN staffed f ON f.org_id = p.org_id
LEFT JOIN scheduled s ON s.org_id = p.org_id
LEFT JOIN seat n ON n.org_id = p.org_id
