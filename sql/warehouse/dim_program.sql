-- dim_program: the programs.
-- One row per program, unchanged.
SELECT
  program_id,
  org_id,
  name,
  program_type,
  target_subject,
  begin_date,
  end_date
FROM program
