-- dim_subgroup: the subgroups that students are counted by.
-- One row per category and value, in the order of the categories of KPI-02.
SELECT
  category,
  value,
  is_reference,
  sort
FROM subgroup
