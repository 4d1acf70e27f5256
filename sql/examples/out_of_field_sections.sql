-- Question: which sections are taught today by a teacher whose credentials do not authorize the subject?
-- One row is: a section and its teacher of record; ids only.
-- Caveats: sections of courses without a known subject are not included. A section may have another teacher who is
-- authorized: colleagues_authorized counts them. The underlying rule is CRT-005, which also considers waivers.
SELECT
  t.school_id, o.name AS school, t.section_id, s.title AS section, t.subject, t.staff_id, n.students,
  (SELECT COUNT(*) FROM fct_section_staff c
   WHERE c.section_id = t.section_id AND c.is_active AND c.is_authorized AND c.staff_id <> t.staff_id
  ) AS colleagues_authorized
FROM fct_section_staff t
LEFT JOIN dim_section s ON s.section_id = t.section_id
LEFT JOIN dim_organization o ON o.org_id = t.school_id
LEFT JOIN (
  SELECT section_id, COUNT(DISTINCT student_id) AS students FROM fct_section_enrollment WHERE is_active GROUP BY section_id
) n ON n.section_id = t.section_id
WHERE t.is_active AND t.role = 'teacher_of_record' AND t.is_authorized = 0
ORDER BY t.school_id, t.subject, t.section_id, t.staff_id;
