-- dim_performance_level: the performance levels of the assessments.
-- One row per cut score, as it is; the assessment's own row may be missing.
SELECT
  assessment_id,
  grade,
  level_code,
  level_rank,
  min_score,
  max_score,
  is_proficient
FROM assessment_cut
