-- DUP-009: generation suffix inside a name.
-- One row per staff whose last, first or middle name ends with a suffix such as Jr or III.
-- subject = staff_id.
SELECT
  staff_id AS subject,
  CAST(NULL AS INTEGER) AS e1,
  CAST(NULL AS INTEGER) AS e2,
  CAST(NULL AS INTEGER) AS e3
FROM staff
WHERE rollcall_ends_with_suffix(last_name) = 1
   OR rollcall_ends_with_suffix(first_name) = 1
   OR rollcall_ends_with_suffix(COALESCE(middle_name, '')) = 1
