-- KPI-09: gain of a program's treatment group against its comparison group.
-- One row per program in which participants of both arms have scores before and after, with their
-- number, the sums of these scores and of the gains, and the sums of the squares of the three, of the
-- treatment group and then of the comparison group (scores scaled by 1000, squares by 1000000).
-- The figures are those of KPI-08 for all students of the district; the program row exists,
-- because there is no pair of scores without it.
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
gained AS (
  SELECT
    p.program_id,
    COALESCE(p.arm, 'treatment') AS arm,
    COUNT(*) AS n,
    CAST(SUM(x.pre_score) AS BIGINT) AS pre,
    CAST(SUM(x.post_score) AS BIGINT) AS post,
    CAST(SUM(x.post_score - x.pre_score) AS BIGINT) AS gain,
    CAST(SUM(CAST(x.pre_score AS BIGINT) * x.pre_score) AS BIGINT) AS pre2,
    CAST(SUM(CAST(x.post_score AS BIGINT) * x.post_score) AS BIGINT) AS post2,
    CAST(SUM(CAST(x.post_score - x.pre_score AS BIGINT) * (x.post_score - x.pre_score)) AS BIGINT) AS gain2
  FROM program_participation p
  JOIN pair x ON x.participation_id = p.participation_id AND x.place = 1
  GROUP BY p.program_id, COALESCE(p.arm, 'treatment')
)
SELECT
  t.program_id,
  t.n AS treatment_n,
  t.pre AS treatment_pre,
  t.post AS treatment_post,
  t.gain AS treatment_gain,
  t.pre2 AS treatment_pre2,
  t.post2 AS treatment_post2,
  t.gain2 AS treatment_gain2,
  c.n AS comparison_n,
  c.pre AS comparison_pre,
  c.post AS comparison_post,
  c.gain AS comparison_gain,
  c.pre2 AS comparison_pre2,
  c.post2 AS comparison_post2,
  c.gain2 AS comparison_gain2
FROM gained t
JOIN gained c ON c.program_id = t.program_id
WHERE t.arm = 'treatment'
  AND c.arm = 'comparison'
