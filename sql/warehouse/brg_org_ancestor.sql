-- brg_org_ancestor: the organizations above the organizations.
-- One row per organization and ancestor that has a row, including the organization itself with depth 0, at most 8 steps
-- up.
-- The path ends before an organization that it already contains. After that it would repeat in a cycle, so only the
-- first occurrence counts.
WITH RECURSIVE climb (org_id, ancestor_id, next_org_id, depth) AS (
  SELECT org_id, org_id, parent_org_id, 0
  FROM organization
  UNION ALL
  SELECT c.org_id, o.org_id, o.parent_org_id, c.depth + 1
  FROM climb c
  JOIN organization o ON o.org_id = c.next_org_id
  WHERE c.depth < 8
)
SELECT
  org_id,
  ancestor_id,
  MIN(depth) AS depth
FROM climb
GROUP BY org_id, ancestor_id
