-- SQL twin of KPI-25, on the warehouse database: days from the last delivery and the last change of each table until
-- today.
SELECT
    source,
    table_name,
    last_delivery,
    CAST(julianday(as_of) - julianday(last_delivery) AS INTEGER) AS days_since_delivery,
    last_change,
    CAST(julianday(as_of) - julianday(last_change) AS INTEGER) AS days_since_change
FROM fct_dq_feed
