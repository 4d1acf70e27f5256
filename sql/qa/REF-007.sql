-- REF-007: ID not found in the referenced table.
-- One row per table, column and value that refers to no existing parent row.
-- subject = table|column|value; e1 = number of rows with the value.
-- Every reference to one of the tables of this database is listed, except those with a separate rule: students and
-- schools of enrollments (ENR-012), students and assessments of results (ASM-005), staff of assignments (FTE-009) and of
-- credentials (CRT-016). The sessions of sections are a list. An empty value refers to nothing; calendars and periods
-- have no table.
WITH missing AS (
  SELECT 'organization' AS table_name, 'parent_org_id' AS column_name, x.parent_org_id AS value
  FROM organization x LEFT JOIN organization p ON p.org_id = x.parent_org_id
  WHERE x.parent_org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'academic_session' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM academic_session x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'academic_session' AS table_name, 'parent_session_id' AS column_name, x.parent_session_id AS value
  FROM academic_session x LEFT JOIN academic_session p ON p.session_id = x.parent_session_id
  WHERE x.parent_session_id IS NOT NULL AND p.session_id IS NULL
  UNION ALL
  SELECT 'calendar_day' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM calendar_day x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'student_status' AS table_name, 'student_id' AS column_name, x.student_id AS value
  FROM student_status x LEFT JOIN student p ON p.student_id = x.student_id
  WHERE x.student_id IS NOT NULL AND p.student_id IS NULL
  UNION ALL
  SELECT 'student_status' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM student_status x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'school_enrollment' AS table_name, 'residence_org_id' AS column_name, x.residence_org_id AS value
  FROM school_enrollment x LEFT JOIN organization p ON p.org_id = x.residence_org_id
  WHERE x.residence_org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'staff_employment' AS table_name, 'staff_id' AS column_name, x.staff_id AS value
  FROM staff_employment x LEFT JOIN staff p ON p.staff_id = x.staff_id
  WHERE x.staff_id IS NOT NULL AND p.staff_id IS NULL
  UNION ALL
  SELECT 'staff_employment' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM staff_employment x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'staff_assignment' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM staff_assignment x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'staff_assignment' AS table_name, 'employment_id' AS column_name, x.employment_id AS value
  FROM staff_assignment x LEFT JOIN staff_employment p ON p.employment_id = x.employment_id
  WHERE x.employment_id IS NOT NULL AND p.employment_id IS NULL
  UNION ALL
  SELECT 'credential_authorization' AS table_name, 'credential_id' AS column_name, x.credential_id AS value
  FROM credential_authorization x LEFT JOIN credential p ON p.credential_id = x.credential_id
  WHERE x.credential_id IS NOT NULL AND p.credential_id IS NULL
  UNION ALL
  SELECT 'course' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM course x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'section' AS table_name, 'course_id' AS column_name, x.course_id AS value
  FROM section x LEFT JOIN course p ON p.course_id = x.course_id
  WHERE x.course_id IS NOT NULL AND p.course_id IS NULL
  UNION ALL
  SELECT 'section' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM section x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'section' AS table_name, 'session_ids' AS column_name, x.session_id AS value
  FROM section_session x LEFT JOIN academic_session p ON p.session_id = x.session_id
  WHERE x.session_id IS NOT NULL AND p.session_id IS NULL
  UNION ALL
  SELECT 'section_staff' AS table_name, 'staff_id' AS column_name, x.staff_id AS value
  FROM section_staff x LEFT JOIN staff p ON p.staff_id = x.staff_id
  WHERE x.staff_id IS NOT NULL AND p.staff_id IS NULL
  UNION ALL
  SELECT 'section_staff' AS table_name, 'section_id' AS column_name, x.section_id AS value
  FROM section_staff x LEFT JOIN section p ON p.section_id = x.section_id
  WHERE x.section_id IS NOT NULL AND p.section_id IS NULL
  UNION ALL
  SELECT 'section_enrollment' AS table_name, 'student_id' AS column_name, x.student_id AS value
  FROM section_enrollment x LEFT JOIN student p ON p.student_id = x.student_id
  WHERE x.student_id IS NOT NULL AND p.student_id IS NULL
  UNION ALL
  SELECT 'section_enrollment' AS table_name, 'section_id' AS column_name, x.section_id AS value
  FROM section_enrollment x LEFT JOIN section p ON p.section_id = x.section_id
  WHERE x.section_id IS NOT NULL AND p.section_id IS NULL
  UNION ALL
  SELECT 'section_enrollment' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM section_enrollment x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'assessment_cut' AS table_name, 'assessment_id' AS column_name, x.assessment_id AS value
  FROM assessment_cut x LEFT JOIN assessment p ON p.assessment_id = x.assessment_id
  WHERE x.assessment_id IS NOT NULL AND p.assessment_id IS NULL
  UNION ALL
  SELECT 'assessment_result' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM assessment_result x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'program' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM program x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'program_participation' AS table_name, 'student_id' AS column_name, x.student_id AS value
  FROM program_participation x LEFT JOIN student p ON p.student_id = x.student_id
  WHERE x.student_id IS NOT NULL AND p.student_id IS NULL
  UNION ALL
  SELECT 'program_participation' AS table_name, 'program_id' AS column_name, x.program_id AS value
  FROM program_participation x LEFT JOIN program p ON p.program_id = x.program_id
  WHERE x.program_id IS NOT NULL AND p.program_id IS NULL
  UNION ALL
  SELECT 'program_participation' AS table_name, 'school_id' AS column_name, x.school_id AS value
  FROM program_participation x LEFT JOIN organization p ON p.org_id = x.school_id
  WHERE x.school_id IS NOT NULL AND p.org_id IS NULL
  UNION ALL
  SELECT 'staffing_standard' AS table_name, 'org_id' AS column_name, x.org_id AS value
  FROM staffing_standard x LEFT JOIN organization p ON p.org_id = x.org_id
  WHERE x.org_id IS NOT NULL AND p.org_id IS NULL
)
SELECT
  table_name || '|' || column_name || '|' || value AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM missing
GROUP BY table_name, column_name, value
