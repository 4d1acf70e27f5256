-- KPI-08: gain in a program.
-- One row per program, arm, school (NULL = whole district), category and value, with the
-- participants, those of them with scores before and after, and the sums of these scores, of the
-- gains and of the squares of the three (scores scaled by 1000, squares by 1000000).
-- Participants: participations that are not empty, in a known arm; without one it is treatment. A
-- student who participates twice counts twice, and the program row may be missing.
-- Scores before and after as in fct_program_participation.
-- School: as stated by the participation, else the one school of the student's counting primary
-- enrollments on its first day, else none. Status categories are 'yes' when the status is in force on
-- that day.
WITH scored AS MATERIALIZED (
  SELECT r.student_id, a.subject, a.family, r.administration_date AS day, MAX(r.score) AS score
  FROM assessment_result r
  JOIN assessment a ON a.assessment_id = r.assessment_id
  WHERE r.participation = 'tested'
    AND r.score IS NOT NULL
    AND r.administration_date IS NOT NULL
    AND a.family IS NOT NULL
  GROUP BY r.student_id, a.subject, a.family, r.administration_date
),
measured AS MATERIALIZED (
  SELECT p.participation_id, p.student_id, p.begin_date, p.end_date, g.target_subject
  FROM program_participation p
  JOIN program g ON g.program_id = p.program_id
  JOIN code k ON k.code_set = 'Subject' AND k.value = g.target_subject
  WHERE p.begin_date < p.end_date
),
-- Up to the first day the latest score is best, after it the earliest.
pre AS (
  SELECT
    m.participation_id, s.family, s.day, s.score,
    ROW_NUMBER() OVER (
      PARTITION BY m.participation_id, s.family
      ORDER BY CASE WHEN s.day <= m.begin_date THEN 0 ELSE 1 END, ABS(s.day - m.begin_date)
    ) AS place
  FROM measured m
  JOIN scored s
    ON s.student_id = m.student_id
   AND s.subject = m.target_subject
   AND s.day BETWEEN m.begin_date - 180 AND m.begin_date + 14
),
-- From the end on the earliest score is best, before it the latest.
post AS (
  SELECT
    m.participation_id, s.family, s.day, s.score,
    ROW_NUMBER() OVER (
      PARTITION BY m.participation_id, s.family
      ORDER BY CASE WHEN s.day >= m.end_date THEN 0 ELSE 1 END, ABS(s.day - m.end_date)
    ) AS place
  FROM measured m
  JOIN scored s
    ON s.student_id = m.student_id
   AND s.subject = m.target_subject
   AND s.day BETWEEN m.end_date - 14 AND m.end_date + 120
),
of_family AS (
  SELECT
    b.participation_id, b.score AS pre_score, a.score AS post_score,
    RANK() OVER (PARTITION BY b.participation_id ORDER BY b.day DESC, a.day DESC) AS place
  FROM pre b
  JOIN post a ON a.participation_id = b.participation_id AND a.family = b.family
  WHERE b.place = 1 AND a.place = 1
),
-- Families with the same days and different scores are ambiguous: there is no pair.
pair AS (
  SELECT participation_id, MIN(pre_score) AS pre_score, MIN(post_score) AS post_score, 1 AS place
  FROM of_family
  WHERE place = 1
  GROUP BY participation_id
  HAVING MIN(pre_score) = MAX(pre_score) AND MIN(post_score) = MAX(post_score)
),
-- The one school that the student's counting primary enrollments name on the first day.
enrolled AS (
  SELECT p.participation_id, MIN(e.school_id) AS school_id
  FROM program_participation p
  JOIN school_enrollment e
    ON e.student_id = p.student_id
   AND e.entry_date <= p.begin_date
   AND (e.exit_date IS NULL OR p.begin_date < e.exit_date)
  WHERE p.school_id IS NULL
    AND (e.exit_type IS NULL OR e.exit_type NOT IN ('no_show', 'invalid'))
    AND COALESCE(e.is_no_show, 0) <> 1
    AND COALESCE(e.status, 'primary') = 'primary'
  GROUP BY p.participation_id
  HAVING COUNT(DISTINCT e.school_id) = 1
),
participant AS MATERIALIZED (
  SELECT
    p.participation_id, p.student_id, p.program_id, p.begin_date,
    k.value AS arm,
    COALESCE(p.school_id, e.school_id) AS school_id,
    CASE WHEN x.participation_id IS NULL THEN 0 ELSE 1 END AS n,
    CAST(COALESCE(x.pre_score, 0) AS BIGINT) AS pre,
    CAST(COALESCE(x.post_score, 0) AS BIGINT) AS post,
    CAST(COALESCE(x.post_score - x.pre_score, 0) AS BIGINT) AS gain
  FROM program_participation p
  JOIN code k ON k.code_set = 'ProgramArm' AND k.value = COALESCE(p.arm, 'treatment')
  LEFT JOIN pair x ON x.participation_id = p.participation_id AND x.place = 1
  LEFT JOIN enrolled e ON e.participation_id = p.participation_id
  WHERE p.end_date IS NULL OR p.begin_date < p.end_date
),
race AS (
  SELECT
    f.student_id,
    CASE WHEN COUNT(DISTINCT CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) > 1
         THEN 'two_or_more'
         ELSE MIN(CASE WHEN f.race = 'mena' THEN 'white' ELSE f.race END) END AS race
  FROM student_race f
  JOIN code k ON k.code_set = 'RaceFlag' AND k.value = f.race
  GROUP BY f.student_id
),
demographics AS (
  SELECT
    s.student_id,
    CASE WHEN s.is_hispanic = 1 THEN 'hispanic' ELSE COALESCE(f.race, 'unknown') END
      AS race_ethnicity,
    COALESCE(k.value, 'unknown') AS sex
  FROM student s
  LEFT JOIN race f ON f.student_id = s.student_id
  LEFT JOIN code k ON k.code_set = 'Sex' AND k.value = s.sex
),
status_group AS (
  SELECT
    student_id, begin_date, end_date,
    CASE
      WHEN status_type IN ('econ_disadvantaged', 'frl')
        AND status_value IN ('yes', 'free', 'reduced', 'direct_cert') THEN 'econ'
      WHEN status_type = 'english_learner' AND status_value IN ('el_current', 'yes') THEN 'el'
      WHEN status_type IN ('iep', 's504', 'homeless', 'foster', 'migrant', 'military', 'gifted')
        AND status_value = 'yes' THEN status_type
    END AS category
  FROM student_status
),
in_force AS MATERIALIZED (
  SELECT DISTINCT k.participation_id, g.category
  FROM participant k
  JOIN status_group g
    ON g.student_id = k.student_id
   AND g.begin_date <= k.begin_date
   AND (g.end_date IS NULL OR k.begin_date < g.end_date)
  WHERE g.category IS NOT NULL
),
category (category) AS (
  SELECT 'all' UNION ALL SELECT 'race_ethnicity' UNION ALL SELECT 'sex'
  UNION ALL SELECT 'econ' UNION ALL SELECT 'el' UNION ALL SELECT 'iep' UNION ALL SELECT 's504'
  UNION ALL SELECT 'homeless' UNION ALL SELECT 'foster' UNION ALL SELECT 'migrant'
  UNION ALL SELECT 'military' UNION ALL SELECT 'gifted'
),
-- Every participation once per category, with its value there.
valued AS (
  SELECT
    k.program_id, k.arm, k.school_id, k.n, k.pre, k.post, k.gain,
    c.category,
    CASE c.category
      WHEN 'all' THEN 'all'
      WHEN 'race_ethnicity' THEN COALESCE(d.race_ethnicity, 'unknown')
      WHEN 'sex' THEN COALESCE(d.sex, 'unknown')
      ELSE CASE WHEN f.category IS NULL THEN 'no' ELSE 'yes' END
    END AS value
  FROM participant k
  CROSS JOIN category c
  LEFT JOIN demographics d ON d.student_id = k.student_id
  LEFT JOIN in_force f
    ON f.participation_id = k.participation_id
   AND f.category = c.category
),
finest AS MATERIALIZED (
  SELECT
    program_id, arm, school_id, category, value,
    COUNT(*) AS participants,
    SUM(n) AS n,
    CAST(SUM(pre) AS BIGINT) AS pre,
    CAST(SUM(post) AS BIGINT) AS post,
    CAST(SUM(gain) AS BIGINT) AS gain,
    CAST(SUM(pre * pre) AS BIGINT) AS pre2,
    CAST(SUM(post * post) AS BIGINT) AS post2,
    CAST(SUM(gain * gain) AS BIGINT) AS gain2
  FROM valued
  GROUP BY program_id, arm, school_id, category, value
)
SELECT
  program_id, arm, school_id, category, value,
  participants, n, pre, post, gain, pre2, post2, gain2
FROM finest
WHERE school_id IS NOT NULL
UNION ALL
SELECT
  program_id, arm, NULL, category, value,
  CAST(SUM(participants) AS BIGINT), CAST(SUM(n) AS BIGINT),
  CAST(SUM(pre) AS BIGINT), CAST(SUM(post) AS BIGINT), CAST(SUM(gain) AS BIGINT),
  CAST(SUM(pre2) AS BIGINT), CAST(SUM(post2) AS BIGINT), CAST(SUM(gain2) AS BIGINT)
FROM finest
GROUP BY program_id, arm, category, value
