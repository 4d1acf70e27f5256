-- REF-008: several rows with one natural key.
-- One row per natural key that several rows of a table have.
-- subject = table|part|part|part, an empty part where nothing is stated, days as YYYY-MM-DD;
-- e1 = number of rows.
-- A key counts if its last part is stated. Credentials of several persons are reported by CRT-010, and assignments by
-- DUP-005.
SELECT
  'academic_session|' || COALESCE(school_id, '') || '|' || CAST(school_year AS TEXT) || '|' || title
    AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM academic_session
GROUP BY school_id, school_year, title
HAVING COUNT(*) >= 2
UNION ALL
SELECT
  'course|' || org_id || '|' || course_code AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM course
WHERE course_code IS NOT NULL
GROUP BY org_id, course_code
HAVING COUNT(*) >= 2
UNION ALL
SELECT
  'credential|' || COALESCE(state, '') || '|' || credential_number AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential
WHERE credential_number IS NOT NULL
GROUP BY state, credential_number
HAVING COUNT(*) >= 2 AND COUNT(DISTINCT staff_id) = 1
UNION ALL
SELECT
  'student_status|' || student_id || '|' || status_type || '|' || DATE(begin_date + 1721424.5) AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM student_status
GROUP BY student_id, status_type, begin_date
HAVING COUNT(*) >= 2
UNION ALL
SELECT
  'staff_employment|' || staff_id || '|' || org_id || '|' || DATE(hire_date + 1721424.5) AS subject,
  COUNT(*) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff_employment
GROUP BY staff_id, org_id, hire_date
HAVING COUNT(*) >= 2
