-- Question: which schools have fewer staff of a role than the standard requires?
-- One row is: a school and role.
-- Caveats: as of today. The standards below are examples (students per full-time equivalent): replace them with those of
-- your district or state. A role that a school shares with the district office counts where it is assigned.
WITH standard (role, students_per_fte) AS (
  VALUES ('teacher', 22.0), ('counselor', 250.0), ('nurse', 750.0), ('librarian', 800.0), ('psychologist', 500.0)
),
staffed AS (
  SELECT org_id, headcount, 'teacher' AS role, teacher_fte AS fte FROM fct_staffing_school
  UNION ALL SELECT org_id, headcount, 'counselor', counselor_fte FROM fct_staffing_school
  UNION ALL SELECT org_id, headcount, 'nurse', nurse_fte FROM fct_staffing_school
  UNION ALL SELECT org_id, headcount, 'librarian', librarian_fte FROM fct_staffing_school
  UNION ALL SELECT org_id, headcount, 'psychologist', psychologist_fte FROM fct_staffing_school
)
SELECT
  f.org_id AS school_id, o.name AS school, o.school_level, f.role, f.headcount, f.fte,
  ROUND(f.headcount / NULLIF(f.fte, 0), 1) AS students_per_fte,
  s.students_per_fte AS standard,
  ROUND(f.headcount / s.students_per_fte, 2) AS fte_needed,
  ROUND(MAX(0, f.headcount / s.students_per_fte - f.fte), 2) AS fte_missing
FROM staffed f
JOIN standard s ON s.role = f.role
LEFT JOIN dim_organization o ON o.org_id = f.org_id
WHERE f.headcount > 0
ORDER BY fte_missing DESC, f.org_id, f.role;
