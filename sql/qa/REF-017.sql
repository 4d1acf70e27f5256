-- REF-017: placeholder value.
-- One row per row and column with a placeholder date, name or state id.
-- subject = table|key|column, the parts of a key joined with /; e1 = the date, NULL for a text.
-- The first list has every date column, the second every name and state id.
WITH days AS (
  SELECT 'organization' AS table_name, org_id AS row_key, 'open_date' AS column_name, open_date AS day FROM organization
  UNION ALL
  SELECT 'organization' AS table_name, org_id AS row_key, 'close_date' AS column_name, close_date AS day FROM organization
  UNION ALL
  SELECT 'academic_session' AS table_name, session_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM academic_session
  UNION ALL
  SELECT 'academic_session' AS table_name, session_id AS row_key, 'end_date' AS column_name, end_date AS day FROM academic_session
  UNION ALL
  SELECT 'calendar_day' AS table_name, REPLACE(REPLACE(calendar_id, '\', '\\'), '/', '\/') || '/' || DATE(date + 1721424.5) AS row_key, 'date' AS column_name, date AS day FROM calendar_day
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'birth_date' AS column_name, birth_date AS day FROM student
  UNION ALL
  SELECT 'student' AS table_name, student_id AS row_key, 'first_us_school_date' AS column_name, first_us_school_date AS day FROM student
  UNION ALL
  SELECT 'student_status' AS table_name, status_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM student_status
  UNION ALL
  SELECT 'student_status' AS table_name, status_id AS row_key, 'end_date' AS column_name, end_date AS day FROM student_status
  UNION ALL
  SELECT 'school_enrollment' AS table_name, enrollment_id AS row_key, 'entry_date' AS column_name, entry_date AS day FROM school_enrollment
  UNION ALL
  SELECT 'school_enrollment' AS table_name, enrollment_id AS row_key, 'exit_date' AS column_name, exit_date AS day FROM school_enrollment
  UNION ALL
  SELECT 'staff' AS table_name, staff_id AS row_key, 'birth_date' AS column_name, birth_date AS day FROM staff
  UNION ALL
  SELECT 'staff_employment' AS table_name, employment_id AS row_key, 'hire_date' AS column_name, hire_date AS day FROM staff_employment
  UNION ALL
  SELECT 'staff_employment' AS table_name, employment_id AS row_key, 'end_date' AS column_name, end_date AS day FROM staff_employment
  UNION ALL
  SELECT 'staff_assignment' AS table_name, assignment_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM staff_assignment
  UNION ALL
  SELECT 'staff_assignment' AS table_name, assignment_id AS row_key, 'end_date' AS column_name, end_date AS day FROM staff_assignment
  UNION ALL
  SELECT 'credential' AS table_name, credential_id AS row_key, 'issue_date' AS column_name, issue_date AS day FROM credential
  UNION ALL
  SELECT 'credential' AS table_name, credential_id AS row_key, 'effective_date' AS column_name, effective_date AS day FROM credential
  UNION ALL
  SELECT 'credential' AS table_name, credential_id AS row_key, 'expiration_date' AS column_name, expiration_date AS day FROM credential
  UNION ALL
  SELECT 'credential' AS table_name, credential_id AS row_key, 'revoked_date' AS column_name, revoked_date AS day FROM credential
  UNION ALL
  SELECT 'credential_authorization' AS table_name, REPLACE(REPLACE(credential_id, '\', '\\'), '/', '\/') || '/' || seq AS row_key, 'issue_date' AS column_name, issue_date AS day FROM credential_authorization
  UNION ALL
  SELECT 'credential_authorization' AS table_name, REPLACE(REPLACE(credential_id, '\', '\\'), '/', '\/') || '/' || seq AS row_key, 'expiration_date' AS column_name, expiration_date AS day FROM credential_authorization
  UNION ALL
  SELECT 'section_staff' AS table_name, section_staff_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM section_staff
  UNION ALL
  SELECT 'section_staff' AS table_name, section_staff_id AS row_key, 'end_date' AS column_name, end_date AS day FROM section_staff
  UNION ALL
  SELECT 'section_enrollment' AS table_name, section_enrollment_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM section_enrollment
  UNION ALL
  SELECT 'section_enrollment' AS table_name, section_enrollment_id AS row_key, 'end_date' AS column_name, end_date AS day FROM section_enrollment
  UNION ALL
  SELECT 'assessment' AS table_name, assessment_id AS row_key, 'window_begin' AS column_name, window_begin AS day FROM assessment
  UNION ALL
  SELECT 'assessment' AS table_name, assessment_id AS row_key, 'window_end' AS column_name, window_end AS day FROM assessment
  UNION ALL
  SELECT 'assessment_result' AS table_name, result_id AS row_key, 'administration_date' AS column_name, administration_date AS day FROM assessment_result
  UNION ALL
  SELECT 'program' AS table_name, program_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM program
  UNION ALL
  SELECT 'program' AS table_name, program_id AS row_key, 'end_date' AS column_name, end_date AS day FROM program
  UNION ALL
  SELECT 'program_participation' AS table_name, participation_id AS row_key, 'begin_date' AS column_name, begin_date AS day FROM program_participation
  UNION ALL
  SELECT 'program_participation' AS table_name, participation_id AS row_key, 'end_date' AS column_name, end_date AS day FROM program_participation
  UNION ALL
  SELECT 'staffing_standard' AS table_name, standard_id AS row_key, 'effective_from' AS column_name, effective_from AS day FROM staffing_standard
  UNION ALL
  SELECT 'code_map' AS table_name, REPLACE(REPLACE(source, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(code_set, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(source_code, '\', '\\'), '/', '\/') AS row_key, 'begin_date' AS column_name, begin_date AS day FROM code_map
  UNION ALL
  SELECT 'code_map' AS table_name, REPLACE(REPLACE(source, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(code_set, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(source_code, '\', '\\'), '/', '\/') AS row_key, 'end_date' AS column_name, end_date AS day FROM code_map
  UNION ALL
  SELECT 'rule_config' AS table_name, REPLACE(REPLACE(rule_id, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(scope_org_id, '\', '\\'), '/', '\/') AS row_key, 'effective_from' AS column_name, effective_from AS day FROM rule_config
  UNION ALL
  SELECT 'rule_config' AS table_name, REPLACE(REPLACE(rule_id, '\', '\\'), '/', '\/') || '/' || REPLACE(REPLACE(scope_org_id, '\', '\\'), '/', '\/') AS row_key, 'effective_to' AS column_name, effective_to AS day FROM rule_config
  UNION ALL
  SELECT 'clock' AS table_name, clock_id AS row_key, 'date' AS column_name, date AS day FROM clock
),
texts AS (
  SELECT 'organization' AS table_name, org_id AS row_key, 'name' AS column_name, 'name' AS kind, name AS value FROM organization
  UNION ALL
  SELECT 'organization' AS table_name, org_id AS row_key, 'state_org_id' AS column_name, 'state_id' AS kind, state_org_id AS value FROM organization
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
  SELECT 'program' AS table_name, program_id AS row_key, 'name' AS column_name, 'name' AS kind, name AS value FROM program
)
SELECT
  table_name || '|' || row_key || '|' || column_name AS subject,
  day AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM days
WHERE DATE(day + 1721424.5) IN (
  '0001-01-01', '1753-01-01', '1899-12-30', '1899-12-31', '1900-01-01', '1901-01-01',
  '2099-12-31', '2999-12-31', '9999-12-31'
)
UNION ALL
SELECT
  table_name || '|' || row_key || '|' || column_name AS subject,
  CAST(NULL AS INTEGER) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM texts
WHERE UPPER(value) IN (
    'TEST', 'TESTING', 'DUMMY', 'UNKNOWN', 'UNK', 'N/A', 'NOT APPLICABLE', 'NO NAME', 'NONAME', 'TBA', 'TBD', 'FNU', 'LNU',
    'DO NOT USE'
  )
   OR (LENGTH(value) > 1 AND TRIM(UPPER(value), 'X') = '')
   OR (LENGTH(value) > 0 AND TRIM(value, '-.?*_') = '')
   OR (
    kind = 'state_id' AND LENGTH(value) >= 6 AND SUBSTR(value, 1, 1) BETWEEN '0' AND '9'
    AND TRIM(value, SUBSTR(value, 1, 1)) = ''
  )
