-- dim_section: the sections with their days and the subject of their course.
-- One row per section; a missing course has no subject, and unmapped subjects are as stored.
-- Defaults if not stated: type scheduled, delivery in_person, population general, active.
-- begin_date, end_date: from the first to the last day of its sessions that exist and are not empty
-- or, without any, its school year; a section that is not active has them too.
WITH section_days AS (
  SELECT
    s.section_id,
    COALESCE(MIN(a.begin_date), y.begin_date) AS begin_date,
    COALESCE(MAX(a.end_date), y.end_date) AS end_date
  FROM section s
  JOIN school_year_span y ON y.school_year = s.school_year
  LEFT JOIN section_session l ON l.section_id = s.section_id
  LEFT JOIN academic_session a ON a.session_id = l.session_id AND a.begin_date < a.end_date
  GROUP BY s.section_id, y.begin_date, y.end_date
)
SELECT
  s.section_id,
  s.course_id,
  s.school_id,
  s.school_year,
  s.title,
  COALESCE(s.section_type, 'scheduled') AS section_type,
  c.subject,
  COALESCE(s.delivery, 'in_person') AS delivery,
  COALESCE(s.population, 'general') AS population,
  s.room,
  s.max_enrollment,
  COALESCE(s.is_active, 1) AS is_active,
  d.begin_date,
  d.end_date
FROM section s
JOIN section_days d ON d.section_id = s.section_id
LEFT JOIN course c ON c.course_id = s.course_id
