-- Question: did the students of a program gain more than those in the comparison group?
-- One row is: a program and arm, over the whole district.
-- Caveats: only participations with a score before and after have a gain; coverage is their share. Treatment and
-- comparison groups are not randomized, so a difference does not prove an effect: KPI-09 takes the baseline into
-- account.
SELECT
  p.program_id, m.name AS program, m.target_subject, p.arm,
  COUNT(*) AS participations,
  COUNT(p.gain) AS with_both_scores,
  ROUND(100.0 * COUNT(p.gain) / COUNT(*), 1) AS coverage,
  CASE WHEN COUNT(p.gain) >= a.minimum_n THEN ROUND(AVG(p.pre_score), 1) END AS mean_before,
  CASE WHEN COUNT(p.gain) >= a.minimum_n THEN ROUND(AVG(p.post_score), 1) END AS mean_after,
  CASE WHEN COUNT(p.gain) >= a.minimum_n THEN ROUND(AVG(p.gain), 1) END AS mean_gain,
  ROUND(AVG(p.dosage_minutes)) AS mean_minutes
FROM fct_program_participation p
CROSS JOIN about a
LEFT JOIN dim_program m ON m.program_id = p.program_id
WHERE p.end_date IS NULL OR p.begin_date < p.end_date
GROUP BY p.program_id, m.name, m.target_subject, p.arm, a.minimum_n
ORDER BY p.program_id, p.arm;
