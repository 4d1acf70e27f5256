-- brg_section_session: the sessions of the sections.
-- One row per section and session it refers to, whether or not the session has a row.
SELECT
  section_id,
  session_id
FROM section_session
