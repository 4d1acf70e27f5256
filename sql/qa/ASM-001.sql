-- ASM-001: score outside the assessment's score scale.
-- One row per tested result whose score is below score_min or above score_max.
-- subject = result_id; e1 = score.
-- An empty bound sets no limit; a result without its assessment row has no bounds.
SELECT
  r.result_id AS subject,
  r.score AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM assessment_result r
JOIN assessment a ON a.assessment_id = r.assessment_id
WHERE r.participation = 'tested'
  AND r.score IS NOT NULL
  AND (r.score < a.score_min OR r.score > a.score_max)
