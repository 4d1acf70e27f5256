-- brg_student_race: the races of the students.
-- One row per student and race stated, unmapped codes too.
SELECT
  student_id,
  race
FROM student_race
