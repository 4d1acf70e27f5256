-- dim_course: the courses.
-- One row per course, unchanged.
SELECT
  course_id,
  org_id,
  course_code,
  title,
  subject,
  state_course_code,
  credits,
  level,
  is_core,
  school_year
FROM course
