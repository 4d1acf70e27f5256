//! The example queries of `sql/examples/`: each runs on the SQLite file of a generated district, states its question, and shows
//! persons by id only; some are recomputed from the CSV files.

use crate::tables::{Written, shared};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Examples that may be empty for a small district.
const MAY_BE_EMPTY: [&str; 2] = ["credentials_expiring", "out_of_field_sections"];

/// The examples by name.
fn examples() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/examples");
    let files = fs::read_dir(folder).expect("the folder of examples is there");
    let example = |path: &Path| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("an example is readable"))
    };
    files.map(|file| example(&file.expect("the folder is readable").path())).collect()
}

/// The result of an example: its columns, and its rows as text.
fn ask(database: &Connection, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let sql = &examples()[name];
    let mut statement = database.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let text = |value| match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(_) => panic!("{name}: bytes"),
    };
    let rows = statement.query_map([], |row| (0..columns.len()).map(|place| row.get(place).map(text)).collect());
    let rows = rows.unwrap_or_else(|error| panic!("{name}: {error}"));
    let rows = rows.map(|row| row.unwrap_or_else(|error| panic!("{name}: {error}"))).collect();
    (columns, rows)
}

/// Rows by column name.
fn named(of: (Vec<String>, Vec<Vec<String>>)) -> Vec<BTreeMap<String, String>> {
    let (columns, rows) = of;
    rows.into_iter().map(|row| columns.iter().cloned().zip(row).collect()).collect()
}

fn csv(written: &Written, table: &str) -> Vec<BTreeMap<String, String>> {
    named(written.csv(table))
}

#[test]
fn every_example_runs_and_states_its_question() {
    let database = shared().database();
    let examples = examples();
    assert!(examples.len() >= 12);
    for (name, sql) in &examples {
        let header: Vec<&str> = sql.lines().take_while(|line| line.starts_with("-- ")).collect();
        for opening in ["-- Question: ", "-- One row is: ", "-- Caveats: "] {
            assert!(header.iter().any(|line| line.starts_with(opening)), "{name} lacks {opening:?}");
        }
        assert!(sql.lines().all(|line| line.chars().count() <= 130), "{name} has long lines");
        let (columns, rows) = ask(&database, name);
        assert!(!rows.is_empty() || MAY_BE_EMPTY.contains(&name.as_str()), "{name} gives nothing");
        let is_name = |column: &String| column.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(columns.iter().all(is_name), "{name}: name the columns {columns:?}");
        assert_eq!(columns.iter().collect::<BTreeSet<_>>().len(), columns.len(), "{name}: {columns:?}");
        // Names, birth dates and similar data of persons must not appear.
        let personal = ["first", "last", "birth", "email", "address", "sex", "race"];
        let tells = |column: &&String| column.split('_').any(|word| personal.contains(&word));
        let told: Vec<&String> = columns.iter().filter(tells).filter(|column| !column.ends_with("_day")).collect();
        assert!(told.is_empty(), "{name} tells {told:?}");
    }
}

#[test]
fn instructional_days_match_the_calendar() {
    let written = shared();
    let mut days: BTreeMap<[String; 3], i64> = BTreeMap::new();
    for day in csv(written, "dim_calendar_day") {
        let of = ["school_id", "calendar_id", "school_year"].map(|name| day[name].clone());
        *days.entry(of).or_default() += i64::from(day["is_instructional"] == "true");
    }
    let rows = named(ask(&written.database(), "calendar_days"));
    assert_eq!(rows.len(), days.len());
    for row in rows {
        let of = ["school_id", "calendar_id", "school_year"].map(|name| row[name].clone());
        assert_eq!(row["instructional_days"], days[&of].to_string(), "{of:?}");
    }
}

#[test]
fn loads_match_the_class_enrollments() {
    let written = shared();
    let mut students: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for seat in csv(written, "fct_section_enrollment").into_iter().filter(|seat| seat["is_active"] == "true") {
        students.entry(seat["section_id"].clone()).or_default().insert(seat["student_id"].clone());
    }
    let mut loads: BTreeMap<[String; 2], BTreeSet<String>> = BTreeMap::new();
    for teaching in csv(written, "fct_section_staff") {
        if teaching["is_active"] == "true" && teaching["role"] == "teacher_of_record" {
            let load = loads.entry(["school_id", "staff_id"].map(|name| teaching[name].clone())).or_default();
            load.extend(students.get(&teaching["section_id"]).into_iter().flatten().cloned());
        }
    }
    let rows = named(ask(&written.database(), "roster_load"));
    let told = rows.iter().map(|row| (["school_id", "staff_id"].map(|name| row[name].clone()), row["students"].clone()));
    let told: BTreeMap<_, _> = told.collect();
    let expected: BTreeMap<_, _> = loads.into_iter().map(|(of, students)| (of, students.len().to_string())).collect();
    assert!(expected.len() > 10);
    assert_eq!(told, expected);
}

/// Two ways to the same figure: the participations of the warehouse, and the published KPI-08.
#[test]
fn gains_match_the_published_ones() {
    let written = shared();
    let database = written.database();
    let mut statement = database
        .prepare(
            "SELECT program_id, arm, n, gain FROM kpi_08_program_gain
             WHERE school_id IS NULL AND category = 'all' AND NOT suppressed AND gain IS NOT NULL",
        )
        .expect("KPI-08 is a table");
    let published = statement.query_map([], |row| Ok(([row.get(0)?, row.get(1)?], (row.get(2)?, row.get(3)?))));
    let published: BTreeMap<[String; 2], (i64, f64)> = published.and_then(Iterator::collect).expect("KPI-08 is readable");
    assert!(!published.is_empty());
    let rows = named(ask(&database, "program_gain"));
    for ([program, arm], (n, gain)) in published {
        let row = rows.iter().find(|row| row["program_id"] == program && row["arm"] == arm).expect("a row each");
        assert_eq!(row["with_both_scores"], n.to_string(), "{program} {arm}");
        let told: f64 = row["mean_gain"].parse().expect("a gain is a number");
        assert!((told - gain).abs() < 0.11, "{program} {arm}: {told}, published {gain}");
    }
}
