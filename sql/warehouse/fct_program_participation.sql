-- fct_program_participation: the participations in programs, with scores before and after.
-- One row per participation; without a stated arm it is treatment. is_active: it contains today.
-- pre_score, post_score: of a pair of tested scores of the student in one family of assessments of
-- the program's known target subject, for a participation that is not empty and has an end. Before:
-- from 180 days before the first day to 14 after it, the latest up to the first day or else the
-- earliest after it. After: from 14 days before the end to 120 after it, the earliest from the end on
-- or else the latest before it. The highest score of a day counts. If there are several families, the one with
-- the later day before, then with the later day after, then the least by name.
-- gain: post_score - pre_score; all three NULL without a pair. Scores are scaled by 1000.
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
)
SELECT
  p.participation_id,
  p.student_id,
  p.program_id,
  p.school_id,
  p.begin_date,
  p.end_date,
  COALESCE(p.arm, 'treatment') AS arm,
  p.dosage_minutes,
  p.exit_reason,
  CASE WHEN p.begin_date <= t.day AND (p.end_date IS NULL OR t.day < p.end_date)
       THEN 1 ELSE 0 END AS is_active,
  x.pre_score,
  x.post_score,
  x.post_score - x.pre_score AS gain
FROM program_participation p
CROSS JOIN today t
LEFT JOIN pair x ON x.participation_id = p.participation_id AND x.place = 1
