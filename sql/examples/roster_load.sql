-- Question: how many students does each teacher have today?
-- One row is: a teacher of record and school; ids only.
-- Caveats: a student in two sections of a teacher is one student and two seats. Co-taught sections count in full for the
-- teacher of record only. Elementary teachers have one class all day, so compare within a level.
SELECT
  t.school_id, o.name AS school, o.school_level, t.staff_id,
  COUNT(DISTINCT t.section_id) AS sections,
  COUNT(DISTINCT e.student_id) AS students,
  COUNT(e.section_enrollment_id) AS seats,
  ROUND(1.0 * COUNT(e.section_enrollment_id) / COUNT(DISTINCT t.section_id), 1) AS seats_per_section,
  MAX(t.is_authorized = 0) AS has_section_out_of_field
FROM fct_section_staff t
LEFT JOIN fct_section_enrollment e ON e.section_id = t.section_id AND e.is_active
LEFT JOIN dim_organization o ON o.org_id = t.school_id
WHERE t.is_active AND t.role = 'teacher_of_record'
GROUP BY t.school_id, o.name, o.school_level, t.staff_id
ORDER BY students DESC, t.school_id, t.staff_id;
