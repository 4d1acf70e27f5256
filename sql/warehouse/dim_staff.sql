-- dim_staff: the staff.
-- One row per staff row. sex and race_ethnicity as in dim_student.
-- experience_band: by years of experience (scaled by 10000): under 2 new, under 5 early, under 15
-- mid, else veteran. is_active: 1 when not stated.
WITH race AS (
  SELECT
    f.staff_id,
    CASE WHEN COUNT(DISTINCT CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) > 1
         THEN 'two_or_more'
         ELSE MIN(CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) END AS race
  FROM staff_race f
  JOIN code k ON k.code_set = 'RaceFlag' AND k.value = f.race
  GROUP BY f.staff_id
)
SELECT
  s.staff_id,
  s.state_staff_id,
  COALESCE(k.value, 'unknown') AS sex,
  CASE WHEN s.is_hispanic = 1 THEN 'hispanic' ELSE COALESCE(f.race, 'unknown') END AS race_ethnicity,
  s.highest_education,
  s.years_experience,
  CASE WHEN s.years_experience IS NULL THEN 'unknown'
       WHEN s.years_experience < 20000 THEN 'new'
       WHEN s.years_experience < 50000 THEN 'early'
       WHEN s.years_experience < 150000 THEN 'mid'
       ELSE 'veteran' END AS experience_band,
  s.years_experience_district,
  COALESCE(s.is_active, 1) AS is_active
FROM staff s
LEFT JOIN race f ON f.staff_id = s.staff_id
LEFT JOIN code k ON k.code_set = 'Sex' AND k.value = s.sex
