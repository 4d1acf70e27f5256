//! Violations over time in the warehouse: they match the published openings and closings, and for a past day those known
//! then.

use crate::support::Folder;
use crate::tables::shared;
use rollcall::model::finding::surrogate_key;
use rollcall::model::{Date, timestamp};
use rollcall::publish::changes::{Line, time};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

/// A replayed feed shared by the tests of this binary: reports and warehouse are in `out`.
pub fn replayed() -> &'static Folder {
    static REPLAYED: OnceLock<Folder> = OnceLock::new();
    REPLAYED.get_or_init(|| {
        let folder = Folder::new("episodes").with_feed(2_000, 60);
        folder.run(&["replay", "feed", "--out", "out"]);
        folder
    })
}

/// By violation and when it was opened: when it was closed.
type Episodes = BTreeMap<(String, String), Option<String>>;

/// The rows of `fct_dq_violation.csv`, by column.
fn rows(folder: &Folder, out: &str) -> Vec<BTreeMap<String, String>> {
    let files = folder.files(&format!("{out}/warehouse/out"));
    let mut reader = csv::Reader::from_reader(&files[Path::new("fct_dq_violation.csv")][..]);
    reader.deserialize().map(|row| row.expect("the file is valid CSV")).collect()
}

fn episodes(rows: &[BTreeMap<String, String>]) -> Episodes {
    let stated = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let of = |row: &BTreeMap<String, String>| {
        ((row["violation_id"].clone(), row["opened_at"].clone()), stated(&row["closed_at"]))
    };
    let episodes: Episodes = rows.iter().map(of).collect();
    assert_eq!(episodes.len(), rows.len(), "violation and opening are a key");
    episodes
}

fn day(timestamp: &str) -> Date {
    timestamp::day(time(timestamp).expect("a timestamp is a day and a batch"))
}

#[test]
fn episodes_are_those_that_were_published() {
    let mut published = Episodes::new();
    let mut open: BTreeMap<String, String> = BTreeMap::new();
    for (_, bytes) in replayed().files("out/reports/changes") {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line).expect("a line is JSON") {
                Line::Opened(of) => {
                    let violation = surrogate_key(&[&of.rule, &of.subject]);
                    assert_eq!(open.insert(violation.clone(), of.batch.clone()), None, "it was not open");
                    published.insert((violation, of.batch), None);
                }
                Line::Closed(of) => {
                    let violation = surrogate_key(&[&of.rule, &of.subject]);
                    let opened = open.remove(&violation).expect("what closes was open");
                    published.insert((violation, opened), Some(of.batch));
                }
                Line::Changed(_) | Line::Moved(_) | Line::TimestampClosed(_) => {}
            }
        }
    }
    let rows = rows(replayed(), "out");
    assert_eq!(episodes(&rows), published);
    assert!(published.len() > 100 && open.len() > 5 && published.len() > 2 * open.len(), "most are closed again");
    let last = Date::ymd(2025, 12, 8).expect("a day of the calendar");
    for row in &rows {
        let (opened, closed) =
            (day(&row["opened_at"]), Some(&row["closed_at"]).filter(|at| !at.is_empty()).map(|at| day(at)));
        assert_eq!(row["opened_on"], opened.to_string());
        assert_eq!(row["closed_on"], closed.map_or(String::new(), |day| day.to_string()));
        assert_eq!(row["age_days"], closed.unwrap_or(last).since(opened).to_string());
        assert_eq!(row["evidence"].is_empty(), closed.is_some(), "evidence is of what is open");
    }
    let told = |column: &str| rows.iter().filter(|row| !row["closed_at"].is_empty() && !row[column].is_empty()).count();
    assert!(["org_id", "student_id", "staff_id"].map(told).iter().all(|count| *count > 10), "closed ones concern somebody");
}

#[test]
fn of_a_past_day_they_are_those_known_then() {
    let folder = replayed();
    folder.run(&["run", "--known-at", "2025-10-31", "--state", "out/state", "--out", "october"]);
    let then = Date::ymd(2025, 10, 31).expect("a day of the calendar");
    let mut expected = episodes(&rows(folder, "out"));
    expected.retain(|(_, opened), _| day(opened) <= then);
    let mut later = 0;
    for closed in expected.values_mut() {
        later += usize::from(closed.take_if(|closed| day(closed) > then).is_some());
    }
    assert!(expected.len() > 50 && later > 5, "{} until then, of which {later} close later", expected.len());
    assert_eq!(episodes(&rows(folder, "october")), expected);
}

#[test]
fn of_an_extract_all_open_when_it_is_looked_at() {
    let (header, rows) = shared().csv("fct_dq_violation");
    let place = |name: &str| header.iter().position(|column| column == name).expect("a column each");
    for (column, expected) in
        [("opened_at", "2026-03-16/1"), ("opened_on", "2026-03-16"), ("closed_at", ""), ("closed_on", ""), ("age_days", "0")]
    {
        assert!(rows.iter().all(|row| row[place(column)] == expected), "{column}");
    }
}
