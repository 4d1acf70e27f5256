-- SQL twin of KPI-24, on the warehouse database: computed from the violations, by the days on which they opened and
-- closed. org_id NULL = whole district. Percentiles use the nearest rank: of n values in order, the one at n times the
-- share, rounded up.
WITH violation AS MATERIALIZED (
    SELECT rule_id, NULL AS org_id, opened_on, closed_on FROM fct_dq_violation
    UNION ALL
    SELECT rule_id, org_id, opened_on, closed_on FROM fct_dq_violation WHERE org_id IS NOT NULL
),
day AS MATERIALIZED (
    SELECT rule_id, org_id, opened_on AS day FROM violation
    UNION SELECT rule_id, org_id, closed_on FROM violation WHERE closed_on IS NOT NULL
    UNION SELECT rule_id, org_id, as_of FROM violation, about
),
flow AS (
    SELECT d.rule_id, d.org_id, d.day,
        sum(v.opened_on = d.day) AS opened,
        sum(coalesce(v.closed_on = d.day, 0)) AS closed,
        sum(v.opened_on <= d.day AND coalesce(v.closed_on > d.day, 1)) AS open
    FROM day d JOIN violation v ON v.rule_id = d.rule_id AND v.org_id IS d.org_id
    GROUP BY d.rule_id, d.org_id, d.day
),
age AS (
    SELECT d.rule_id, d.org_id, d.day, CAST(julianday(d.day) - julianday(v.opened_on) AS INTEGER) AS days,
        row_number() OVER (PARTITION BY d.rule_id, d.org_id, d.day ORDER BY v.opened_on DESC) AS place,
        count(*) OVER (PARTITION BY d.rule_id, d.org_id, d.day) AS n
    FROM day d JOIN violation v ON v.rule_id = d.rule_id AND v.org_id IS d.org_id
    WHERE v.opened_on <= d.day AND coalesce(v.closed_on > d.day, 1)
),
time_to_close AS (
    SELECT d.rule_id, d.org_id, d.day, CAST(julianday(v.closed_on) - julianday(v.opened_on) AS INTEGER) AS days,
        row_number() OVER (
            PARTITION BY d.rule_id, d.org_id, d.day ORDER BY julianday(v.closed_on) - julianday(v.opened_on)
        ) AS place,
        count(*) OVER (PARTITION BY d.rule_id, d.org_id, d.day) AS n
    FROM day d JOIN violation v ON v.rule_id = d.rule_id AND v.org_id IS d.org_id
    WHERE v.closed_on <= d.day
)
SELECT f.rule_id, f.org_id, f.day, f.opened, f.closed, f.open,
    a.days AS median_age, half.days AS close_p50, most.days AS close_p90
FROM flow f
LEFT JOIN age a ON a.rule_id = f.rule_id AND a.org_id IS f.org_id AND a.day = f.day AND a.place = (a.n * 50 + 99) / 100
LEFT JOIN time_to_close half
    ON half.rule_id = f.rule_id AND half.org_id IS f.org_id AND half.day = f.day AND half.place = (half.n * 50 + 99) / 100
LEFT JOIN time_to_close most
    ON most.rule_id = f.rule_id AND most.org_id IS f.org_id AND most.day = f.day AND most.place = (most.n * 90 + 99) / 100
