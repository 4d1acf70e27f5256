//! A school year through the program: the published violations match the answer key day by day, and changes, full extracts and
//! OneRoster end in the same district.
//!
//! Ten thousand students are replayed as changes. Full extracts and OneRoster, which repeat every row on 180 days, are
//! compared for 1,500 students.

use crate::support::{File, Folder};
use rollcall::model::{SchoolYear, Table};
use rollcall_generate::oneroster::{self, Options, Tables, Version};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Rule, subject, and the days on which a violation opened and closed.
type PublishedEpisode = [String; 4];

/// Rows of a CSV file by column name.
fn rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(bytes);
    reader.deserialize().map(|row| row.expect("valid CSV")).collect()
}

/// The episodes of violations in the published lines.
fn published(folder: &Folder, out: &str) -> BTreeSet<PublishedEpisode> {
    let mut open: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for lines in folder.files(&format!("{out}/reports/changes")).into_values() {
        for line in String::from_utf8(lines).expect("lines are UTF-8").lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            let (of, day) = ((text("rule"), text("subject")), text("batch").split('/').next().unwrap_or("").to_owned());
            match line["event"].as_str() {
                Some("opened") => assert!(open.insert(of, day).is_none(), "it was open before"),
                Some("closed") => {
                    let opened = open.remove(&of).expect("what closes was open");
                    told.insert([of.0, of.1, opened, day]);
                }
                _ => {}
            }
        }
    }
    told.extend(open.into_iter().map(|((rule, subject), opened)| [rule, subject, opened, String::new()]));
    told
}

/// Asserts that the published violations match the planted ones; returns their number.
fn assert_found(folder: &Folder, feed: &str, out: &str) -> usize {
    let key = rows(folder.read(&format!("{feed}/answer_key.csv")).as_bytes());
    let planted = key.iter().map(|row| ["rule_id", "subject", "opened", "closed"].map(|column| row[column].clone()));
    // The key names the records that share something; the published subject is the shared thing.
    let plain = |[rule, subject, opened, closed]: PublishedEpisode| {
        let is_opaque = rule == "DUP-004" || rule == "DUP-006";
        [rule, if is_opaque { String::new() } else { subject }, opened, closed]
    };
    let count = |told: &mut dyn Iterator<Item = PublishedEpisode>| {
        let mut counts: BTreeMap<PublishedEpisode, usize> = BTreeMap::new();
        told.for_each(|of| *counts.entry(plain(of)).or_default() += 1);
        counts
    };
    // The usual number of changes is not planted.
    let found = published(folder, out).into_iter().filter(|[rule, ..]| rule != "REF-019");
    let (planted, found) = (count(&mut planted.into_iter()), count(&mut found.into_iter()));
    let lacks = |of: &BTreeMap<PublishedEpisode, usize>, other: &BTreeMap<PublishedEpisode, usize>| {
        let lacking = of.iter().filter(|(told, count)| other.get(*told) != Some(*count));
        lacking.map(|(told, count)| format!("{count} {}", told.join(" "))).collect::<Vec<_>>()
    };
    let (missed, invented) = (lacks(&planted, &found), lacks(&found, &planted));
    assert!(missed.is_empty() && invented.is_empty(), "{out}\nmissed: {missed:#?}\ninvented: {invented:#?}");
    key.len()
}

#[test]
fn ten_thousand_students_match_their_answer_key() {
    let folder = Folder::new("year").with_feed(10_000, 180);
    let printed = folder.run(&["replay", "feed", "--out", "out"]);
    assert!(printed.contains("2026-05"), "{printed}");
    assert!(assert_found(&folder, "feed", "out") > 300);
    assert_eq!(folder.run(&["log", "--out", "out", "--json"]).lines().count(), 181);
}

/// Writes the full extracts of a feed as OneRoster.
fn as_oneroster(folder: &Folder, feed: &str, into: &str) {
    let options = Options { version: Version::V1p2, school_year: SchoolYear(2026), has_inclusive_ends: false };
    for day in fs::read_dir(folder.0.join(feed)).expect("the feed is there").flatten().map(|entry| entry.path()) {
        let name = day.file_name().expect("a day has a name").to_string_lossy().into_owned();
        if !day.is_dir() {
            continue;
        }
        let read = |table: &Table| -> Vec<Vec<String>> {
            let spec = table.spec();
            let bytes = fs::read(day.join(format!("{}.csv", spec.name))).expect("an extract has all tables");
            let mut reader = csv::Reader::from_reader(&bytes[..]);
            let headers = reader.headers().expect("valid CSV").clone();
            assert!(headers.iter().eq(spec.columns.iter().map(|column| column.name)), "{}", spec.name);
            reader.records().map(|record| record.expect("valid CSV").iter().map(str::to_owned).collect()).collect()
        };
        let tables: Tables = Table::ALL.iter().map(|table| (*table, read(table))).collect();
        let mut files: BTreeMap<&str, File> = BTreeMap::new();
        oneroster::write(&tables, &options, |name| Ok(files.entry(name).or_default().clone())).expect("memory");
        for (file, bytes) in files {
            folder.write(&format!("{into}/{name}/{file}"), bytes.0.take());
        }
    }
}

/// The relations that OneRoster covers, each with columns, the key first.
const CARRIED: [(&str, &[&str]); 10] = [
    ("dim_organization", &["org_id", "name", "org_type", "parent_org_id", "parent_name", "district_id", "district_name"]),
    ("dim_session", &["session_id", "school_year", "session_type", "title", "begin_date", "end_date", "parent_session_id"]),
    ("dim_course", &["course_id", "org_id", "course_code", "title", "subject", "state_course_code", "school_year"]),
    (
        "dim_section",
        &[
            "section_id",
            "course_id",
            "school_id",
            "school_year",
            "title",
            "section_type",
            "subject",
            "room",
            "begin_date",
            "end_date",
        ],
    ),
    ("dim_student", &["k_student", "student_id", "school_year", "sex", "birth_date", "is_mobile"]),
    ("dim_staff", &["staff_id", "state_staff_id", "sex", "is_active"]),
    (
        "fct_school_enrollment",
        &[
            "enrollment_id",
            "student_id",
            "school_id",
            "school_year",
            "entry_date",
            "exit_date",
            "status",
            "is_active",
            "is_primary",
        ],
    ),
    (
        "fct_section_enrollment",
        &[
            "section_enrollment_id",
            "student_id",
            "section_id",
            "school_id",
            "school_year",
            "begin_date",
            "end_date",
            "is_active",
        ],
    ),
    (
        "fct_section_staff",
        &[
            "section_staff_id",
            "staff_id",
            "section_id",
            "school_id",
            "role",
            "begin_date",
            "end_date",
            "subject",
            "is_active",
        ],
    ),
    ("fct_staff_assignment", &["assignment_id", "staff_id", "org_id", "school_year", "begin_date", "end_date", "is_active"]),
];

#[test]
fn changes_full_extracts_and_oneroster_end_in_the_same_district() {
    let folder = Folder::new("three-ways");
    for (mode, feed) in [("delta", "changes"), ("full", "extracts")] {
        folder.run(&["generate", "--students", "1500", "--days", "180", "--as", mode, "--no-faults", feed]);
        folder.run(&["replay", feed, "--out", &format!("{feed}-out")]);
        assert_eq!(assert_found(&folder, feed, &format!("{feed}-out")), 0);
    }
    let relations = |out: &str| {
        let mut files = folder.files(&format!("{out}/warehouse"));
        files.retain(|name, _| is_relation(name));
        files
    };
    // Rejected lines and volumes depend on the format of the delivery.
    let (changes, extracts) = (relations("changes-out"), relations("extracts-out"));
    assert!(changes.len() > 25 && changes.keys().eq(extracts.keys()), "{} relations", changes.len());
    for (name, bytes) in &changes {
        assert!(*bytes == extracts[name], "{} differs between changes and full extracts", name.display());
    }

    as_oneroster(&folder, "extracts", "oneroster");
    let printed = folder.run(&["replay", "oneroster", "--out", "oneroster-out"]);
    assert!(printed.contains("2026-05"), "{printed}");
    let oneroster = relations("oneroster-out");
    for (relation, columns) in CARRIED {
        let name = Path::new("out").join(format!("{relation}.csv"));
        let told = |bytes: &[u8], is_whole: bool| -> BTreeMap<String, Vec<String>> {
            let mut rows = rows(bytes);
            // Only one year is delivered, and only class enrollments that were not dropped.
            let is_carried = |row: &BTreeMap<String, String>| {
                row.get("school_year").is_none_or(|year| year.is_empty() || year == "2026")
                    && row.get("is_dropped").is_none_or(|is_dropped| is_dropped != "true")
            };
            rows.retain(|row| is_whole || is_carried(row));
            let text = |row: &BTreeMap<String, String>| columns.iter().map(|column| row[*column].clone()).collect();
            rows.iter().map(|row| (row[columns[0]].clone(), text(row))).collect()
        };
        let (mut expected, read) = (told(&changes[&name], false), told(&oneroster[&name], true));
        if relation == "dim_staff" {
            // Persons without an assignment in the year are not delivered.
            expected.retain(|key, _| read.contains_key(key));
        }
        let differ = expected.iter().find(|(key, row)| read.get(*key) != Some(*row));
        if let Some((key, row)) = differ {
            panic!("{relation}: {key} is {row:?}, and by OneRoster {:?}", read.get(key));
        }
        let more: Vec<_> = read.keys().filter(|key| !expected.contains_key(*key)).take(3).collect();
        assert!(more.is_empty() && expected.len() > 3, "{relation}: {more:?} are by OneRoster only");
    }
}

/// Whether a file is a relation of the warehouse, not one about deliveries.
fn is_relation(name: &Path) -> bool {
    name.extension().is_some_and(|ending| ending == "csv") && !name.to_string_lossy().contains("_dq_")
}
