-- dim_organization: the organizations with their parent and their district.
-- One row per organization.
-- The district is the nearest organization of type 'district' on the path from the organization
-- itself to the top, at most 8 steps up; NULL if there is none. A missing parent row ends the path.
WITH RECURSIVE climb (org_id, at_org_id, at_name, at_org_type, next_org_id, step) AS (
  SELECT org_id, org_id, name, org_type, parent_org_id, 0
  FROM organization
  UNION ALL
  SELECT c.org_id, o.org_id, o.name, o.org_type, o.parent_org_id, c.step + 1
  FROM climb c
  JOIN organization o ON o.org_id = c.next_org_id
  WHERE c.step < 8
    AND c.at_org_type <> 'district'
)
SELECT
  o.org_id,
  o.name,
  o.org_type,
  o.parent_org_id,
  p.name AS parent_name,
  d.at_org_id AS district_id,
  d.at_name AS district_name,
  o.school_level,
  o.grade_low,
  o.grade_high,
  o.status,
  o.open_date,
  o.close_date,
  o.is_charter,
  o.is_title1
FROM organization o
LEFT JOIN organization p ON p.org_id = o.parent_org_id
LEFT JOIN climb d ON d.org_id = o.org_id AND d.at_org_type = 'district'
