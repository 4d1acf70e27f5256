-- dim_session: the academic sessions.
-- One row per session, unchanged.
SELECT
  session_id,
  school_id,
  school_year,
  session_type,
  title,
  begin_date,
  end_date,
  parent_session_id,
  instructional_days
FROM academic_session
