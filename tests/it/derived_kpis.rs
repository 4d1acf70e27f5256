//! KPIs computed from other KPIs or from violations: their SQL twins query the database that a run writes, which has the
//! published source tables.

use crate::episodes::replayed;
use crate::tables::{Written, district, shared};
use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use std::collections::{BTreeMap, BTreeSet};

fn ask<T>(database: &Connection, sql: &str, row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let mut statement = database.prepare(sql).expect("the query is valid");
    let rows = statement.query_map([], row).expect("the database answers");
    rows.map(|row| row.expect("the columns are there")).collect()
}

/// The database of a run over one extract, which covers one day, and of a replay, which covers all of its days.
fn databases() -> [Connection; 2] {
    [shared().database(), replayed().database("out")]
}

#[test]
fn record_cleanliness_follows_from_the_violations() {
    type Clean = ((String, Option<String>, String), (i64, i64, f64));
    for database in databases() {
        let clean = |row: &Row<'_>| -> rusqlite::Result<Clean> {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), (row.get(3)?, row.get(4)?, row.get(5)?)))
        };
        let there = ask(&database, include_str!("../../sql/kpi/KPI-23.sql"), clean);
        let columns = "SELECT family, org_id, name, records, faulty, clean FROM kpi_23_record_cleanliness";
        let here: BTreeMap<_, _> = ask(&database, columns, clean).into_iter().collect();
        assert!(here.iter().any(|((_, org, _), (_, faulty, _))| org.is_some() && *faulty > 0), "some school is faulty");
        assert_eq!(here.len(), there.len());
        for (of, (records, faulty, clean)) in there {
            let (counted, wrong, told) = here[&of];
            // Two decimals are published.
            assert!((counted, wrong) == (records, faulty) && (told - clean).abs() < 0.005 + 1e-9, "{of:?}: {told} {clean}");
        }
    }
}

#[test]
fn the_flow_of_violations_follows_from_their_days() {
    type Flow = (Vec<Option<String>>, Vec<Option<i64>>);
    let flow = |row: &Row<'_>| -> rusqlite::Result<Flow> {
        let keys = (0..3).map(|column| row.get(column)).collect::<Result<_, _>>()?;
        Ok((keys, (3..9).map(|column| row.get(column)).collect::<Result<_, _>>()?))
    };
    let [once, often] = databases().map(|database| {
        let here = "SELECT rule_id, org_id, day, opened, closed, open, median_age, close_p50, close_p90
            FROM kpi_24_violation_flow ORDER BY rule_id, org_id, day";
        let here = ask(&database, here, flow);
        let there = format!("{} ORDER BY f.rule_id, f.org_id, f.day", include_str!("../../sql/kpi/KPI-24.sql"));
        assert_eq!(here, ask(&database, &there, flow));
        here
    });
    let days = |of: &[Flow]| of.iter().map(|(keys, _)| keys[2].clone()).collect::<BTreeSet<_>>().len();
    assert!(once.len() > 100 && days(&once) == 1, "an extract tells of its day");
    let spread = often.iter().filter(|(_, figures)| figures[4] < figures[5]).count();
    assert!(often.len() > 300 && days(&often) > 30 && spread > 20, "{} rows, {spread} with a spread", often.len());
}

#[test]
fn freshness_follows_from_what_was_delivered() {
    let [once, often] = databases().map(|database| {
        let row = |row: &Row<'_>| (0..6).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<Value>>>();
        let there =
            ask(&database, &format!("{} ORDER BY source, table_name", include_str!("../../sql/kpi/KPI-25.sql")), row);
        assert_eq!(ask(&database, "SELECT * FROM kpi_25_feed_freshness ORDER BY 1, 2", row), there);
        there
    });
    assert!(once.is_empty() && often.len() > 10, "an extract that is looked at once is no feed");
}

#[test]
fn faulty_records_are_reported_day_by_day() {
    type Day = (String, String, String, i64);
    let [once, often] = databases().map(|database| {
        let day = |row: &Row<'_>| -> rusqlite::Result<Day> { Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)) };
        let here = ask(&database, "SELECT family, org_id, day, faulty FROM fct_dq_family_day ORDER BY 1, 2, 3", day);
        let there = format!("{} ORDER BY 1, 2, 3", include_str!("../../sql/quality/fct_dq_family_day.sql"));
        assert_eq!(here, ask(&database, &there, day));
        // On the last day it equals KPI-23, for every school that ever had a record with an error.
        let differ = "SELECT count(*) FROM kpi_23_record_cleanliness k CROSS JOIN about LEFT JOIN fct_dq_family_day d
            ON d.family = k.family AND d.org_id = coalesce(k.org_id, '*') AND d.day = about.as_of
            WHERE (d.faulty, d.records) IS NOT (k.faulty, k.records) AND (k.faulty > 0 OR d.family IS NOT NULL)";
        assert_eq!(ask(&database, differ, |row| row.get::<_, i64>(0)), [0]);
        here
    });
    assert!(once.len() > 20 && often.len() > 100, "{} and {} days", once.len(), often.len());
}

#[test]
fn the_comparison_of_schools_follows_from_the_kpis_compared() {
    // A level is compared if it has at least three schools.
    let database = Written::by_run("schools", &district(5_000)).database();
    let keyed = |row: &Row<'_>| -> rusqlite::Result<(String, Vec<Value>)> {
        let values = (0..row.as_ref().column_count()).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()?;
        Ok((format!("{:?}", &values[..5]), values))
    };
    let real = |value: &Value| match value {
        Value::Real(number) => Some(*number),
        Value::Integer(number) => Some(*number as f64),
        _ => None,
    };
    let near = |a: &Value, b: &Value, most: f64| match (real(a), real(b)) {
        (Some(a), Some(b)) => (a - b).abs() <= most,
        (a, b) => a == b,
    };
    let there: BTreeMap<String, Vec<Value>> =
        ask(&database, include_str!("../../sql/kpi/KPI-14.sql"), keyed).into_iter().collect();
    let here = ask(&database, "SELECT * FROM kpi_14_school_comparison", keyed);
    assert!(here.len() > 20, "schools are compared");
    assert_eq!(here.len(), there.len());
    for (key, here) in &here {
        let there = there.get(key).unwrap_or_else(|| panic!("{key} is not compared by the twin"));
        // Figures agree to the last published decimal; means of published figures to two more.
        let agree = [(6, 0.051), (7, 0.051), (8, 0.11)];
        assert!(agree.iter().all(|&(column, most)| near(&here[column], &there[column], most)), "{here:?}\n{there:?}");
        let [value, mean, variance] = [&there[6], &there[8], &there[9]].map(|value| real(value).expect("a number"));
        let z = if variance > 1e-9 { Value::Real((value - mean) / variance.sqrt()) } else { Value::Null };
        assert!(near(&here[9], &z, 0.021), "{here:?}\n{there:?}");
        let [rank, from, to] = [&here[10], &there[10], &there[11]].map(real);
        assert!(from <= rank && rank <= to, "{here:?}\n{there:?}");
        assert_eq!(here[11], there[12], "{key}");
    }
}
