-- dim_performance_level: the performance levels of the assessments.
-- One row per cut score, unchanged; the assessment row may be missing.
SELECT
  assessment_id,
  grade,
  level_code,
  level_rank,
  min_score,
  max_score,
  is_proficient
FROM assessment_cut
