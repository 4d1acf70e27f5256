-- REF-005: unrecognized code.
-- One row per code set and stored value that the code set does not contain.
-- subject = code_set|value; e1 = number of uses, added up over every column of that code set.
-- The list below has every enumerated column and every table of list members
-- (race flags, course grades, assessment grades). An empty value is not a use.
WITH used AS (
  SELECT 'SessionType' AS code_set, session_type AS value, COUNT(*) AS uses
  FROM academic_session WHERE session_type IS NOT NULL GROUP BY session_type
  UNION ALL
  SELECT 'DayType' AS code_set, day_type AS value, COUNT(*) AS uses
  FROM calendar_day WHERE day_type IS NOT NULL GROUP BY day_type
  UNION ALL
  SELECT 'EmploymentStatus' AS code_set, employment_status AS value, COUNT(*) AS uses
  FROM staff_employment WHERE employment_status IS NOT NULL GROUP BY employment_status
  UNION ALL
  SELECT 'ProgramType' AS code_set, program_type AS value, COUNT(*) AS uses
  FROM program WHERE program_type IS NOT NULL GROUP BY program_type
  UNION ALL
  SELECT 'Subject' AS code_set, target_subject AS value, COUNT(*) AS uses
  FROM program WHERE target_subject IS NOT NULL GROUP BY target_subject
  UNION ALL
  SELECT 'ProgramArm' AS code_set, arm AS value, COUNT(*) AS uses
  FROM program_participation WHERE arm IS NOT NULL GROUP BY arm
  UNION ALL
  SELECT 'ProgramExit' AS code_set, exit_reason AS value, COUNT(*) AS uses
  FROM program_participation WHERE exit_reason IS NOT NULL GROUP BY exit_reason
  UNION ALL
  SELECT 'SchoolLevel' AS code_set, school_level AS value, COUNT(*) AS uses
  FROM staffing_standard WHERE school_level IS NOT NULL GROUP BY school_level
  UNION ALL
  SELECT 'Grade' AS code_set, grade_low AS value, COUNT(*) AS uses
  FROM staffing_standard WHERE grade_low IS NOT NULL GROUP BY grade_low
  UNION ALL
  SELECT 'Grade' AS code_set, grade_high AS value, COUNT(*) AS uses
  FROM staffing_standard WHERE grade_high IS NOT NULL GROUP BY grade_high
  UNION ALL
  SELECT 'StaffRole' AS code_set, role AS value, COUNT(*) AS uses
  FROM staffing_standard WHERE role IS NOT NULL GROUP BY role
  UNION ALL
  SELECT 'SeverityCode' AS code_set, severity AS value, COUNT(*) AS uses
  FROM rule_config WHERE severity IS NOT NULL GROUP BY severity
  UNION ALL
  SELECT 'OrgType' AS code_set, org_type AS value, COUNT(*) AS uses
  FROM organization WHERE org_type IS NOT NULL GROUP BY org_type
  UNION ALL
  SELECT 'SchoolLevel' AS code_set, school_level AS value, COUNT(*) AS uses
  FROM organization WHERE school_level IS NOT NULL GROUP BY school_level
  UNION ALL
  SELECT 'Grade' AS code_set, grade_low AS value, COUNT(*) AS uses
  FROM organization WHERE grade_low IS NOT NULL GROUP BY grade_low
  UNION ALL
  SELECT 'Grade' AS code_set, grade_high AS value, COUNT(*) AS uses
  FROM organization WHERE grade_high IS NOT NULL GROUP BY grade_high
  UNION ALL
  SELECT 'OpStatus' AS code_set, status AS value, COUNT(*) AS uses
  FROM organization WHERE status IS NOT NULL GROUP BY status
  UNION ALL
  SELECT 'Sex' AS code_set, sex AS value, COUNT(*) AS uses
  FROM student WHERE sex IS NOT NULL GROUP BY sex
  UNION ALL
  SELECT 'Grade' AS code_set, grade_level AS value, COUNT(*) AS uses
  FROM student WHERE grade_level IS NOT NULL GROUP BY grade_level
  UNION ALL
  SELECT 'Grade' AS code_set, grade_level AS value, COUNT(*) AS uses
  FROM school_enrollment WHERE grade_level IS NOT NULL GROUP BY grade_level
  UNION ALL
  SELECT 'EntryType' AS code_set, entry_type AS value, COUNT(*) AS uses
  FROM school_enrollment WHERE entry_type IS NOT NULL GROUP BY entry_type
  UNION ALL
  SELECT 'ExitType' AS code_set, exit_type AS value, COUNT(*) AS uses
  FROM school_enrollment WHERE exit_type IS NOT NULL GROUP BY exit_type
  UNION ALL
  SELECT 'EnrollmentStatus' AS code_set, status AS value, COUNT(*) AS uses
  FROM school_enrollment WHERE status IS NOT NULL GROUP BY status
  UNION ALL
  SELECT 'Sex' AS code_set, sex AS value, COUNT(*) AS uses
  FROM staff WHERE sex IS NOT NULL GROUP BY sex
  UNION ALL
  SELECT 'StaffRole' AS code_set, role AS value, COUNT(*) AS uses
  FROM staff_assignment WHERE role IS NOT NULL GROUP BY role
  UNION ALL
  SELECT 'Subject' AS code_set, subject AS value, COUNT(*) AS uses
  FROM staff_assignment WHERE subject IS NOT NULL GROUP BY subject
  UNION ALL
  SELECT 'Grade' AS code_set, grade_low AS value, COUNT(*) AS uses
  FROM staff_assignment WHERE grade_low IS NOT NULL GROUP BY grade_low
  UNION ALL
  SELECT 'Grade' AS code_set, grade_high AS value, COUNT(*) AS uses
  FROM staff_assignment WHERE grade_high IS NOT NULL GROUP BY grade_high
  UNION ALL
  SELECT 'CredentialType' AS code_set, credential_type AS value, COUNT(*) AS uses
  FROM credential WHERE credential_type IS NOT NULL GROUP BY credential_type
  UNION ALL
  SELECT 'CredentialLevel' AS code_set, level AS value, COUNT(*) AS uses
  FROM credential WHERE level IS NOT NULL GROUP BY level
  UNION ALL
  SELECT 'CredentialStatus' AS code_set, status AS value, COUNT(*) AS uses
  FROM credential WHERE status IS NOT NULL GROUP BY status
  UNION ALL
  SELECT 'Subject' AS code_set, subject AS value, COUNT(*) AS uses
  FROM credential_authorization WHERE subject IS NOT NULL GROUP BY subject
  UNION ALL
  SELECT 'Grade' AS code_set, grade_low AS value, COUNT(*) AS uses
  FROM credential_authorization WHERE grade_low IS NOT NULL GROUP BY grade_low
  UNION ALL
  SELECT 'Grade' AS code_set, grade_high AS value, COUNT(*) AS uses
  FROM credential_authorization WHERE grade_high IS NOT NULL GROUP BY grade_high
  UNION ALL
  SELECT 'Population' AS code_set, population AS value, COUNT(*) AS uses
  FROM credential_authorization WHERE population IS NOT NULL GROUP BY population
  UNION ALL
  SELECT 'Subject' AS code_set, subject AS value, COUNT(*) AS uses
  FROM course WHERE subject IS NOT NULL GROUP BY subject
  UNION ALL
  SELECT 'CourseLevel' AS code_set, level AS value, COUNT(*) AS uses
  FROM course WHERE level IS NOT NULL GROUP BY level
  UNION ALL
  SELECT 'SectionType' AS code_set, section_type AS value, COUNT(*) AS uses
  FROM section WHERE section_type IS NOT NULL GROUP BY section_type
  UNION ALL
  SELECT 'Delivery' AS code_set, delivery AS value, COUNT(*) AS uses
  FROM section WHERE delivery IS NOT NULL GROUP BY delivery
  UNION ALL
  SELECT 'Population' AS code_set, population AS value, COUNT(*) AS uses
  FROM section WHERE population IS NOT NULL GROUP BY population
  UNION ALL
  SELECT 'ClassroomRole' AS code_set, role AS value, COUNT(*) AS uses
  FROM section_staff WHERE role IS NOT NULL GROUP BY role
  UNION ALL
  SELECT 'Subject' AS code_set, subject AS value, COUNT(*) AS uses
  FROM assessment WHERE subject IS NOT NULL GROUP BY subject
  UNION ALL
  SELECT 'AssessmentCategory' AS code_set, category AS value, COUNT(*) AS uses
  FROM assessment WHERE category IS NOT NULL GROUP BY category
  UNION ALL
  SELECT 'AssessmentPeriod' AS code_set, period AS value, COUNT(*) AS uses
  FROM assessment WHERE period IS NOT NULL GROUP BY period
  UNION ALL
  SELECT 'ScoreType' AS code_set, score_type AS value, COUNT(*) AS uses
  FROM assessment WHERE score_type IS NOT NULL GROUP BY score_type
  UNION ALL
  SELECT 'Grade' AS code_set, grade AS value, COUNT(*) AS uses
  FROM assessment_cut WHERE grade IS NOT NULL GROUP BY grade
  UNION ALL
  SELECT 'Grade' AS code_set, grade_level AS value, COUNT(*) AS uses
  FROM assessment_result WHERE grade_level IS NOT NULL GROUP BY grade_level
  UNION ALL
  SELECT 'Participation' AS code_set, participation AS value, COUNT(*) AS uses
  FROM assessment_result WHERE participation IS NOT NULL GROUP BY participation
  UNION ALL
  SELECT 'ScoreType' AS code_set, score_type AS value, COUNT(*) AS uses
  FROM assessment_result WHERE score_type IS NOT NULL GROUP BY score_type
  UNION ALL
  SELECT 'StatusType' AS code_set, status_type AS value, COUNT(*) AS uses
  FROM student_status WHERE status_type IS NOT NULL GROUP BY status_type
  UNION ALL
  SELECT 'StatusValue' AS code_set, status_value AS value, COUNT(*) AS uses
  FROM student_status WHERE status_value IS NOT NULL GROUP BY status_value
  UNION ALL
  SELECT 'RaceFlag' AS code_set, race AS value, COUNT(*) AS uses
  FROM student_race WHERE race IS NOT NULL GROUP BY race
  UNION ALL
  SELECT 'RaceFlag' AS code_set, race AS value, COUNT(*) AS uses
  FROM staff_race WHERE race IS NOT NULL GROUP BY race
  UNION ALL
  SELECT 'Grade' AS code_set, grade AS value, COUNT(*) AS uses
  FROM course_grade WHERE grade IS NOT NULL GROUP BY grade
  UNION ALL
  SELECT 'Grade' AS code_set, grade AS value, COUNT(*) AS uses
  FROM assessment_grade WHERE grade IS NOT NULL GROUP BY grade
)
SELECT
  u.code_set || '|' || u.value AS subject,
  CAST(SUM(u.uses) AS BIGINT) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM used u
LEFT JOIN code k ON k.code_set = u.code_set AND k.value = u.value
WHERE k.value IS NULL
GROUP BY u.code_set, u.value
