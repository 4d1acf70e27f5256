//! Guarantees of the generator: the same bytes for the same options, consistent rows, and every kind of fault. Other
//! tests run the rules to check that the answer key is complete.

mod rules;

use super::*;
use rollcall_model::Table;
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

/// A row as cells by column.
type Row = BTreeMap<String, String>;
/// Rows by the text of a column.
type Lists<'a> = BTreeMap<&'a str, Vec<&'a Row>>;

/// The rows of a table.
fn rows(files: &BTreeMap<&'static str, Vec<u8>>, table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(&files[table][..]);
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn by<'a>(rows: &'a [Row], column: &str) -> Lists<'a> {
    let mut lists = Lists::new();
    for row in rows {
        lists.entry(row[column].as_str()).or_default().push(row);
    }
    lists
}

/// The number of a day.
fn day(text: &str) -> i64 {
    Date::parse_iso(text.as_bytes()).unwrap().since(Date::ymd(1900, 1, 1).unwrap())
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
    for &table in Table::ALL {
        let spec = table.spec();
        let table = spec.name;
        let mut reader = csv::Reader::from_reader(&files[table][..]);
        assert!(reader.headers().unwrap().iter().eq(spec.columns.iter().map(|column| column.name)), "{table}");
        assert!(counts[table] > 0, "{table} is empty");
        assert_eq!(reader.records().map(Result::unwrap).count() as u64, counts[table], "{table}");
    }
    assert_eq!(counts["student"], 2_000);
    assert_eq!(counts["organization"], 6);
    assert!((4_800..5_300).contains(&counts["school_enrollment"]));
    assert!((12_000..15_000).contains(&counts["assessment_result"]));
    assert!((1_900..2_600).contains(&counts["student_status"]));
    assert!((8_500..10_500).contains(&counts["section_enrollment"]));
    let teachers = rows(&files, "staff_assignment")
        .into_iter()
        .filter(|row| row["school_year"] == "2026" && row["role"].starts_with("teacher_"));
    let fte: f64 = teachers.map(|row| row["fte"].parse::<f64>().unwrap()).sum();
    let enabled = rows(&files, "student").iter().filter(|row| row["is_enabled"] == "true").count() as f64;
    assert!((13.0..18.0).contains(&(enabled / fte)), "{} students per teacher", enabled / fte);
    assert!(rows(&files, "organization").iter().all(|row| row["name"].starts_with("SYNTHETIC ")));
}

#[test]
fn every_rule_has_its_fault() {
    #[rustfmt::skip]
    const RULES: [&str; 71] = [
        "ASM-001", "ASM-003", "ASM-004", "ASM-005", "ASM-006", "ASM-009", "ASM-010", "CAL-002", "CAL-005", "CRT-001", "CRT-002",
        "CRT-003", "CRT-004", "CRT-005", "CRT-006", "CRT-007", "CRT-008", "CRT-010", "CRT-011", "CRT-012", "CRT-013", "CRT-014",
        "CRT-016", "DUP-001", "DUP-002", "DUP-003", "DUP-004", "DUP-005", "DUP-006", "DUP-007", "DUP-009", "ENR-001", "ENR-002",
        "ENR-003", "ENR-004", "ENR-005", "ENR-008", "ENR-009", "ENR-010", "ENR-011", "ENR-012", "ENR-013", "ENR-014", "ENR-015",
        "ENR-018", "ENR-021", "ENR-022", "ENR-024", "ENR-025", "ENR-026", "FTE-001", "FTE-002", "FTE-003", "FTE-004", "FTE-005",
        "FTE-006", "FTE-007", "FTE-009", "FTE-012", "FTE-014", "FTE-019", "PRG-001", "PRG-002", "PRG-003", "RAT-001", "RAT-002",
        "RAT-003", "RAT-004", "RAT-006", "RAT-012", "REF-003",
    ];
    const ROWS: [&str; 8] = ["REF-004", "REF-005", "REF-006", "REF-007", "REF-008", "REF-009", "REF-017", "REF-018"];
    for (students, seed) in [(300, 1), (300, 2), (2_000, 1), (2_000, 2)] {
        let (_, key) = generate(options(students, seed, true));
        let mut counts: BTreeMap<&str, usize> = RULES.into_iter().chain(ROWS).map(|rule| (rule, 0)).collect();
        for planted in &key.faults {
            *counts.get_mut(planted.rule).unwrap() += 1;
        }
        // Districts with two classes per grade: no school can be kept short of teachers, groups of ten expected students
        // may not exist, and nobody has a full post for English learners.
        counts.retain(|rule, _| students >= 2_000 || !["RAT-001", "ASM-010", "CRT-007"].contains(rule));
        let single = |rule: &str| ["RAT-", "CAL-", "FTE-014"].iter().any(|start| rule.starts_with(start));
        for (rule, count) in counts {
            let least = if students < 2_000 || single(rule) { 1 } else { 2 };
            assert!(count >= least, "{rule}: {count} of {students} students");
        }
        let distinct: BTreeSet<&Planted> = key.faults.iter().collect();
        assert_eq!(distinct.len(), key.faults.len(), "an answer is duplicated");
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
        ("academic_session", "begin_date", "end_date"),
        ("staff_employment", "hire_date", "end_date"),
        ("program_participation", "begin_date", "end_date"),
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
    for &table in Table::ALL {
        let spec = table.spec();
        for column in spec.columns {
            let Some(parent) = table.referred(column) else { continue };
            let key = parent.spec().key[0];
            let read = rows(&files, parent.spec().name);
            let known: BTreeSet<&String> = read.iter().map(|row| &row[key]).collect();
            assert_eq!(known.len(), read.len(), "a key of {} is duplicated", parent.spec().name);
            for row in rows(&files, spec.name) {
                for id in row[column.name].split(';').filter(|id| !id.is_empty()) {
                    assert!(known.contains(&id.to_owned()), "{}.{} {id}", spec.name, column.name);
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

/// Each completed participation with an interim test before and after is a pair of scores on one score scale; both
/// groups start alike, and participants gain more.
#[test]
fn programs_can_be_evaluated() {
    let (files, _) = generate(options(20_000, 5, false));
    let mut scores: BTreeMap<(String, String), (String, f64)> = BTreeMap::new();
    let assessments = rows(&files, "assessment");
    let assessments = by(&assessments, "assessment_id");
    for row in rows(&files, "assessment_result") {
        let assessment = assessments[row["assessment_id"].as_str()][0];
        if assessment["category"] == "interim" && assessment["school_year"] == "2025" && !row["score"].is_empty() {
            let when = format!("{} {}", assessment["subject"], assessment["period"]);
            scores.insert(
                (row["student_id"].clone(), when),
                (row["administration_date"].clone(), row["score"].parse().unwrap()),
            );
        }
    }
    for (program, subject) in [("P-READ-2025", "ela"), ("P-MATH-2025", "math")] {
        let (mut all, mut arms) = (0, BTreeMap::<String, Vec<(f64, f64)>>::new());
        for row in rows(&files, "program_participation").into_iter().filter(|row| row["program_id"] == program) {
            all += 1;
            let of = |period: &str| scores.get(&(row["student_id"].clone(), format!("{subject} {period}")));
            let Some(((before, pre), (after, post))) = of("boy").zip(of("eoy")) else { continue };
            let (begin, end) = (day(&row["begin_date"]), day(&row["end_date"]));
            assert!((begin - 180..=begin + 14).contains(&day(before)) && (end - 14..=end + 120).contains(&day(after)));
            arms.entry(row["arm"].clone()).or_default().push((*pre, *post));
        }
        let [treated, compared] = ["treatment", "comparison"].map(|arm| &arms[arm]);
        assert!(10 * (treated.len() + compared.len()) > 8 * all, "{program}: most have a pair");
        let mean =
            |of: &dyn Fn(&(f64, f64)) -> f64, list: &[(f64, f64)]| list.iter().map(of).sum::<f64>() / list.len() as f64;
        let post_mean = mean(&|pair| pair.1, compared);
        let sd = mean(&|pair| (pair.1 - post_mean).powi(2), compared).sqrt();
        let start = (mean(&|pair| pair.0, treated) - mean(&|pair| pair.0, compared)) / sd;
        let gain = (mean(&|pair| pair.1 - pair.0, treated) - mean(&|pair| pair.1 - pair.0, compared)) / sd;
        assert!(start.abs() < 0.1, "{program}: the groups differ by {start:.2} at the start");
        assert!((0.05..0.4).contains(&gain), "{program}: gain of {gain:.2}");
    }
}
