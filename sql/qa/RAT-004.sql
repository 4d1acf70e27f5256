-- RAT-004: section with too many students.
-- One row per section with more students enrolled today than allowed.
-- subject = section_id; e1 = number of students, e2 = most students allowed.
-- Allowed: the section's own maximum; else the smallest section size among today's standards of the school itself, else
-- among those of its parent organization for all levels or for the school's; else 40. Standards of every role count,
-- except those without a section size. Class enrollments as in ENR-014; a section without students never has too many.
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
standard AS MATERIALIZED (
  SELECT s.org_id, s.school_level, s.max_section_size
  FROM staffing_standard s
  CROSS JOIN today t
  WHERE s.max_section_size IS NOT NULL
    AND (s.effective_from IS NULL OR s.effective_from <= t.day)
),
own AS (
  SELECT org_id, MIN(max_section_size) AS section_size
  FROM standard
  GROUP BY org_id
),
inherited AS (
  SELECT o.org_id, MIN(s.max_section_size) AS section_size
  FROM organization o
  JOIN standard s
    ON s.org_id = o.parent_org_id
   AND (s.school_level IS NULL OR s.school_level = o.school_level)
  GROUP BY o.org_id
),
limited AS (
  SELECT
    h.section_id, h.students,
    COALESCE(s.max_enrollment, o.section_size, i.section_size, 40) AS most
  FROM seated h
  JOIN section s ON s.section_id = h.section_id
  LEFT JOIN own o ON o.org_id = s.school_id
  LEFT JOIN inherited i ON i.org_id = s.school_id
)
SELECT
  section_id AS subject,
  students AS e1,
  most AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM limited
WHERE students > most
