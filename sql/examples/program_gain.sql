-- Question: did the students of a program gain more than those they are compared with?
-- One row is: a program and arm, over the whole district.
-- Caveats: only participations with a score before and after have a gain; coverage tells how many do. Students were not
-- assigned at random, so a difference is no proof of an effect: KPI-09 weighs it with the standing at the start.
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
