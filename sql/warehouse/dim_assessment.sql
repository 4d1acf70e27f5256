-- dim_assessment: the assessments.
-- One row per assessment, which counts for accountability only if stated.
SELECT
  assessment_id,
  family,
  title,
  subject,
  category,
  period,
  school_year,
  window_begin,
  window_end,
  score_min,
  score_max,
  score_type,
  COALESCE(is_accountability, 0) AS is_accountability
FROM assessment
