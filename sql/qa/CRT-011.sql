-- CRT-011: active credential without number, issue date or level.
-- One row per credential with status active or empty without one of the three.
-- subject = credential_id; e1 = the names of the missing columns, joined with ';'.
SELECT
  credential_id AS subject,
  SUBSTR(
    CASE WHEN credential_number IS NULL THEN ';credential_number' ELSE '' END
      || CASE WHEN issue_date IS NULL THEN ';issue_date' ELSE '' END
      || CASE WHEN level IS NULL THEN ';level' ELSE '' END,
    2) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM credential
WHERE COALESCE(status, 'active') = 'active'
  AND (credential_number IS NULL OR issue_date IS NULL OR level IS NULL)
