//! What the generator promises: the same bytes for the same options, rows that fit together, and every kind of
//! fault. That the answer key is complete is for the tests that run the rules.

use super::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A file in memory that outlives its writer.
#[derive(Clone, Default)]
struct File(Rc<RefCell<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn options(students: u32, seed: u64, faults: bool) -> Options {
    Options { students, seed, day: Date::ymd(2026, 3, 16).unwrap(), faults }
}

/// The files of a district and its answer key.
fn generate(options: Options) -> (BTreeMap<&'static str, Vec<u8>>, AnswerKey) {
    let mut files: BTreeMap<&'static str, File> = BTreeMap::new();
    let key = district(&options, |table| Ok(files.entry(table).or_default().clone())).unwrap();
    (files.into_iter().map(|(table, file)| (table, file.0.take())).collect(), key)
}

/// The rows of a table as cells by column.
fn rows(files: &BTreeMap<&'static str, Vec<u8>>, table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(&files[table][..]);
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn options_decide_every_byte() {
    let (first, key) = generate(options(300, 7, true));
    let (second, again) = generate(options(300, 7, true));
    assert!(first == second && key.faults == again.faults);
    let (other, _) = generate(options(300, 8, true));
    for table in ["student", "school_enrollment", "staff", "assessment_result", "student_status"] {
        assert!(first[table] != other[table], "{table} does not depend on the seed");
    }
}

#[test]
fn rows_are_counted_and_sane() {
    let (files, key) = generate(options(2_000, 1, false));
    assert_eq!(key.faults, []);
    let counts: BTreeMap<_, _> = key.rows.iter().copied().collect();
    for (table, columns) in sheet::TABLES {
        let mut reader = csv::Reader::from_reader(&files[table][..]);
        assert!(reader.headers().unwrap().iter().eq(columns.iter().copied()), "{table}");
        assert_eq!(reader.records().map(Result::unwrap).count() as u64, counts[table], "{table}");
    }
    assert_eq!(counts["student"], 2_000);
    assert_eq!(counts["organization"], 6);
    assert!((3_500..4_000).contains(&counts["school_enrollment"]));
    assert!((7_000..9_000).contains(&counts["assessment_result"]));
    assert!((1_900..2_600).contains(&counts["student_status"]));
    let teachers = rows(&files, "staff_assignment")
        .into_iter()
        .filter(|row| row["school_year"] == "2026" && row["role"].starts_with("teacher_"));
    let fte: f64 = teachers.map(|row| row["fte"].parse::<f64>().unwrap()).sum();
    let enabled = rows(&files, "student").iter().filter(|row| row["is_enabled"] == "true").count() as f64;
    assert!((13.0..18.0).contains(&(enabled / fte)), "{} students to a teacher", enabled / fte);
    assert!(rows(&files, "organization").iter().all(|row| row["name"].starts_with("SYNTHETIC ")));
}

#[test]
fn every_rule_has_its_fault() {
    #[rustfmt::skip]
    const RULES: [&str; 24] = [
        "ASM-001", "CRT-001", "CRT-002", "CRT-003", "CRT-005", "CRT-008", "DUP-001", "DUP-002", "ENR-001", "ENR-002", "ENR-003",
        "ENR-004", "ENR-011", "ENR-013", "ENR-025", "FTE-001", "FTE-003", "RAT-001", "RAT-003", "REF-003", "REF-004", "REF-005",
        "REF-007", "REF-009",
    ];
    for (students, seed) in [(300, 1), (300, 2), (2_000, 1), (2_000, 2)] {
        let (_, key) = generate(options(students, seed, true));
        let mut counts: BTreeMap<&str, usize> = RULES.into_iter().map(|rule| (rule, 0)).collect();
        for planted in &key.faults {
            *counts.get_mut(planted.rule).unwrap() += 1;
        }
        if students < 2_000 {
            // Fewer than five schools: none can be kept short of teachers.
            counts.remove("RAT-001");
        }
        for (rule, count) in counts {
            assert!(count >= if rule.starts_with("RAT") { 1 } else { 2 }, "{rule}: {count} of {students} students");
        }
        let distinct: BTreeSet<&Planted> = key.faults.iter().collect();
        assert_eq!(distinct.len(), key.faults.len(), "an answer is there twice");
    }
}

#[test]
fn intervals_end_after_they_begin() {
    let (files, _) = generate(options(2_000, 3, false));
    for (table, begin, end) in [
        ("school_enrollment", "entry_date", "exit_date"),
        ("student_status", "begin_date", "end_date"),
        ("staff_assignment", "begin_date", "end_date"),
        ("section_staff", "begin_date", "end_date"),
        ("credential", "effective_date", "expiration_date"),
        ("assessment", "window_begin", "window_end"),
    ] {
        for row in rows(&files, table) {
            let from = Date::parse_iso(row[begin].as_bytes()).unwrap();
            if !row[end].is_empty() {
                let to = Date::parse_iso(row[end].as_bytes()).unwrap();
                let no_show = row.get("is_no_show").is_some_and(|flag| flag == "true");
                assert!(from < to || no_show && from == to, "{table}: {row:?}");
            }
        }
    }
}

#[test]
fn references_lead_somewhere() {
    let (files, _) = generate(options(2_000, 4, false));
    let parents = [
        ("organization", "org_id"),
        ("student", "student_id"),
        ("staff", "staff_id"),
        ("course", "course_id"),
        ("section", "section_id"),
        ("credential", "credential_id"),
        ("assessment", "assessment_id"),
    ];
    for (parent, key) in parents {
        let read = rows(&files, parent);
        let known: BTreeSet<&String> = read.iter().map(|row| &row[key]).collect();
        assert_eq!(known.len(), read.len(), "a key of {parent} is there twice");
        for (table, columns) in sheet::TABLES {
            for column in columns {
                let refers =
                    *column == key || (parent == "organization" && matches!(*column, "school_id" | "parent_org_id"));
                if refers && table != parent || *column == "parent_org_id" && parent == "organization" {
                    for row in rows(&files, table) {
                        assert!(
                            row[*column].is_empty() || known.contains(&row[*column]),
                            "{table}.{column} {}",
                            row[*column]
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn names_stay_apart_when_accents_are_dropped() {
    let fold = |name: &str| -> String {
        let plain = |letter: char| match letter {
            'á' => 'a',
            'é' | 'ë' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            other => other,
        };
        name.to_lowercase().chars().filter(|letter| letter.is_alphabetic()).map(plain).collect()
    };
    let first = names::FEMALE.iter().chain(&names::MALE);
    for list in [first.collect::<Vec<_>>(), names::LAST.iter().collect()] {
        let folded: BTreeSet<String> = list.iter().map(|name| fold(name)).collect();
        assert!(folded.iter().all(|name| name.is_ascii()));
        assert_eq!(folded.len(), list.len());
    }
}

#[test]
fn holidays_are_refused() {
    for (month, day) in [(7, 4), (9, 14), (6, 1)] {
        let options = Options { day: Date::ymd(2026, month, day).unwrap(), ..options(300, 1, false) };
        assert!(district(&options, |_| Ok(io::sink())).is_err());
    }
}
