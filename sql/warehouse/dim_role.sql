-- dim_role: the roles of assignments.
-- One row per known role. Student-facing: certificated roles, instructional aides, substitutes.
SELECT
  k.value AS role,
  CASE WHEN t.role IS NULL THEN 0 ELSE 1 END AS is_teacher,
  CASE WHEN c.role IS NULL THEN 0 ELSE 1 END AS is_certificated,
  CASE WHEN c.role IS NOT NULL OR k.value IN ('para_instructional', 'substitute') THEN 1 ELSE 0 END
    AS is_student_facing
FROM code k
LEFT JOIN teacher_role t ON t.role = k.value
LEFT JOIN certificated_role c ON c.role = k.value
WHERE k.code_set = 'StaffRole'
