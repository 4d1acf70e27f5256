-- REF-018: illegal character or whitespace in a name or id.
-- One row per row and column with an illegal character in a name or id.
-- subject = table|key|column.
-- The list has every name and state id, and the id of every table that others refer to. The illegal code points are in
-- the list illegal: controls, spaces other than the plain one, and invisible characters.
WITH RECURSIVE ranges (low, high) AS (
  VALUES (1, 31), (127, 160), (5760, 5760), (8192, 8203), (8206, 8207), (8232, 8239), (8287, 8292), (8294, 8297),
    (12288, 12288), (65279, 65279), (65533, 65533)
),
illegal (code, high) AS (
  SELECT low, high FROM ranges
  UNION ALL
  SELECT code + 1, high FROM illegal WHERE code < high
),
texts AS (
  SELECT 'organization' AS table_name, org_id AS row_key, 'org_id' AS column_name, 'id' AS kind, org_id AS value FROM organization
  UNION ALL
  SELECT 'organization' AS table_name, org_id AS row_key, 'name' AS column_name, 'name' AS kind, name AS value FROM organization
  UNION ALL
  SELECT 'organization' AS table_name, org_id AS row_key, 'state_org_id' AS column_name, 'state_id' AS kind, state_org_id AS value FROM organization
  UNION ALL
  SELECT 'academic_session' AS table_name, session_id AS row_key, 'session_id' AS column_name, 'id' AS kind, session_id AS value FROM academic_session
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'student_id' AS column_name, 'id' AS kind, student_id AS value FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'state_student_id' AS column_name, 'state_id' AS kind, state_student_id AS value FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'first_name' AS column_name, 'person' AS kind, first_name AS value FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'middle_name' AS column_name, 'person' AS kind, middle_name AS value FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'last_name' AS column_name, 'person' AS kind, last_name AS value FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'suffix' AS column_name, 'name' AS kind, suffix AS value FROM student
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'staff_id' AS column_name, 'id' AS kind, staff_id AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'state_staff_id' AS column_name, 'state_id' AS kind, state_staff_id AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'first_name' AS column_name, 'person' AS kind, first_name AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'middle_name' AS column_name, 'person' AS kind, middle_name AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'last_name' AS column_name, 'person' AS kind, last_name AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'suffix' AS column_name, 'name' AS kind, suffix AS value FROM staff
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'former_last_name' AS column_name, 'person' AS kind, former_last_name AS value FROM staff
  UNION ALL
  SELECT 'staff_employment' AS table_name, employment_id AS row_key, 'employment_id' AS column_name, 'id' AS kind, employment_id AS value FROM staff_employment
  UNION ALL
  SELECT 'credential' AS table_name, credential_id AS row_key, 'credential_id' AS column_name, 'id' AS kind, credential_id AS value FROM credential
  UNION ALL
  SELECT 'course' AS table_name, course_id AS row_key, 'course_id' AS column_name, 'id' AS kind, course_id AS value FROM course
  UNION ALL
  SELECT 'section' AS table_name, section_id AS row_key, 'section_id' AS column_name, 'id' AS kind, section_id AS value FROM section
  UNION ALL
  SELECT 'assessment' AS table_name, assessment_id AS row_key, 'assessment_id' AS column_name, 'id' AS kind, assessment_id AS value FROM assessment
  UNION ALL
  SELECT 'program' AS table_name, program_id AS row_key, 'program_id' AS column_name, 'id' AS kind, program_id AS value FROM program
  UNION ALL
  SELECT 'program' AS table_name, program_id AS row_key, 'name' AS column_name, 'name' AS kind, name AS value FROM program
)
SELECT
  table_name || '|' || row_key || '|' || column_name AS subject,
  CAST(NULL AS INTEGER) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM texts
WHERE (kind IN ('id', 'state_id') AND INSTR(value, ' ') > 0)
   OR (kind = 'person' AND value GLOB '*[0-9]*')
   OR (value GLOB '*[^ -~]*' AND EXISTS (SELECT 1 FROM illegal WHERE INSTR(texts.value, CHAR(illegal.code)) > 0))
