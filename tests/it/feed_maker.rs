//! A generated year, replayed: on every day the opened and closed violations match its answer key, a year without faults has
//! none, and changes and full extracts give the same result.

use crate::support::File;
use rollcall::engine::Engine;
use rollcall::model::{Batch, Date, Record, Subject, Table, Texts};
use rollcall::plan::Plan;
use rollcall::qa;
use rollcall::quality::{Event, Violations};
use rollcall::source::{Collected, Delivery, Format, folder};
use rollcall_generate::{Extracts, FeedKey, FeedOptions, Violation};
use std::collections::{BTreeMap, BTreeSet};

/// The files of each day.
type Feed = BTreeMap<Date, BTreeMap<String, Vec<u8>>>;

fn options(students: u32, seed: u64, days: u32, faults: bool) -> FeedOptions {
    let first_day = Date::ymd(2025, 9, 15).expect("a day of the calendar");
    FeedOptions { students, seed, first_day, days, faults, extracts: Extracts::Delta }
}

fn make(options: &FeedOptions) -> (Feed, FeedKey) {
    let mut files: BTreeMap<Date, BTreeMap<String, File>> = BTreeMap::new();
    let key = rollcall_generate::feed(options, |day, file| {
        Ok(files.entry(day).or_default().entry(file.to_owned()).or_default().clone())
    });
    let key = key.expect("memory takes every byte");
    let taken = |of: BTreeMap<String, File>| of.into_iter().map(|(name, file)| (name, file.0.take())).collect();
    (files.into_iter().map(|(day, of)| (day, taken(of))).collect(), key)
}

/// The changes in the files of a day.
fn read(files: &BTreeMap<String, Vec<u8>>, texts: &mut Texts) -> Batch {
    let mut taker = Collected { texts, batch: Batch::default() };
    let mut delivery =
        Delivery { files: files.keys().cloned().collect(), read: &mut |name| Ok(files[name].clone()), unless_stated: None };
    folder::Tables.read(&mut delivery, &mut taker).expect("the files are read");
    taker.batch
}

/// Every violation that was open on some day, and the engine on the last day.
fn replay(feed: &Feed, key: &FeedKey) -> (BTreeSet<Violation>, Engine) {
    let (&first, &last) = (feed.keys().next().expect("a day"), feed.keys().last().expect("a day"));
    let mut engine = Engine::start(Plan::default(), 2, first).expect("the engine starts");
    let mut violations = Violations::default();
    let mut open: BTreeMap<(&'static str, Subject), (String, Date)> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for day in (0..=last.since(first)).map(|days| first.plus(days)) {
        engine.advance_to(day).expect("days go on");
        if let Some(files) = feed.get(&day) {
            let mut batch = read(files, engine.texts());
            if day == first {
                batch.delivered = Table::ALL.to_vec();
                assert_eq!(batch.changes.len() as u64, key.rows);
            }
            engine.commit(&batch).expect("the workers work");
        }
        for delta in engine.settle().expect("the workers work") {
            for ((rule, subject), event) in violations.apply(&delta) {
                let of = (qa::numbered(rule).id, subject);
                if event == Event::Opened {
                    let spelled = spelled(&violations, rule, subject, &engine.current().texts);
                    assert!(open.insert(of, (spelled, delta.day())).is_none());
                } else if event == Event::Closed {
                    let (subject, opened) = open.remove(&of).expect("what closes was open");
                    all.insert(Violation { rule: of.0, subject, opened, closed: Some(delta.day()) });
                }
            }
        }
    }
    let still = |((rule, _), (subject, opened))| Violation { rule, subject, opened, closed: None };
    all.extend(open.into_iter().map(still));
    (all, engine)
}

/// The subject as in the answer key: for an opaque one, the staff who share it.
fn spelled(violations: &Violations, rule: rollcall::model::RuleNumber, subject: Subject, texts: &Texts) -> String {
    if !matches!(subject, Subject::Match(_) | Subject::Login(_)) {
        return subject.key(texts);
    }
    let findings = violations.open().find(|(of, _)| **of == (rule, subject)).map(|(_, findings)| findings);
    let staff: BTreeSet<String> = findings.into_iter().flatten().map(|evidence| evidence[0].text(texts)).collect();
    format!("dup:{}", Vec::from_iter(staff).join("+"))
}

fn check(options: &FeedOptions) {
    let (feed, key) = make(options);
    let (found, _) = replay(&feed, &key);
    let planted: BTreeSet<Violation> = key.violations.iter().cloned().collect();
    assert_eq!(planted.len(), key.violations.len(), "an answer is there twice");
    let missed: Vec<_> = planted.difference(&found).map(line).collect();
    let invented: Vec<_> = found.difference(&planted).map(line).collect();
    assert!(missed.is_empty() && invented.is_empty(), "{options:?}\nmissed: {missed:#?}\ninvented: {invented:#?}");
    let rules: BTreeSet<&str> = planted.iter().map(|violation| violation.rule).collect();
    let closed = planted.iter().filter(|violation| violation.closed.is_some()).count();
    if options.faults {
        assert!(rules.len() >= 40 && 2 * closed > planted.len(), "{} rules, {closed} of {}", rules.len(), planted.len());
        assert!(closed < planted.len(), "some stay");
    } else {
        assert!(planted.is_empty());
    }
}

fn line(of: &Violation) -> String {
    let closed = of.closed.map_or("stays".to_owned(), |closed| closed.to_string());
    format!("{} {} {} {closed}", of.rule, of.subject, of.opened)
}

#[test]
fn a_small_district_matches_its_key_on_every_day() {
    for seed in [1, 2] {
        check(&options(300, seed, 180, false));
        check(&options(300, seed, 180, true));
    }
}

#[test]
fn a_larger_district_matches_its_key_on_every_day() {
    check(&options(2_000, 1, 180, false));
    check(&options(2_000, 1, 180, true));
}

#[test]
fn a_year_looks_realistic() {
    let (feed, key) = make(&options(2_000, 3, 180, false));
    assert_eq!(feed.len(), 181);
    assert!(feed.keys().all(|day| day.weekday() < 6));
    let rows = key.rows as f64;
    let share = key.changed() as f64 / rows / 180.0;
    assert!((0.001..0.006).contains(&share), "{share} of the rows a day");
    let quiet = key.changes.iter().filter(|(_, changes)| (*changes as f64) < 0.004 * rows).count();
    assert!(quiet > 100, "{quiet} ordinary days");
    // Every column is used.
    for (table, word) in [
        ("school_enrollment", "key_change"),
        ("staff_assignment", "key_change"),
        ("program_participation", "delete"),
        ("credential", "delete"),
        ("student", "upsert"),
        ("staff", "upsert"),
        ("assessment", "upsert"),
        ("assessment_result", "upsert"),
    ] {
        let file = format!("{table}.csv");
        let said = |files: &BTreeMap<String, Vec<u8>>| {
            files.get(&file).is_some_and(|bytes| String::from_utf8_lossy(bytes).lines().any(|line| line.starts_with(word)))
        };
        assert!(feed.values().any(said), "{table}: {word}");
    }
}

#[test]
fn changes_and_full_extracts_give_the_same_year() {
    let delta = options(300, 5, 60, true);
    let (changes, key) = make(&delta);
    let (again, _) = make(&delta);
    assert!(changes == again, "the same options give the same bytes");
    let (full, full_key) = make(&FeedOptions { extracts: Extracts::Full, ..delta });
    assert_eq!(key.violations, full_key.violations);
    assert!(changes.keys().eq(full.keys()));
    let (_, of_changes) = replay(&changes, &key);
    // The last day alone, as a full extract.
    let (&last, files) = full.last_key_value().expect("a day");
    let mut of_full = Engine::start(Plan::default(), 1, last).expect("the engine starts");
    let batch = read(files, of_full.texts());
    of_full.commit(&batch).expect("the workers work");
    let [held, stated] = [of_changes, of_full].map(|engine| {
        let (rows, texts) = (engine.current().rows(), &engine.current().texts);
        let told = |row: Record| row.values().iter().map(|value| value.text(texts)).collect::<Vec<_>>();
        let of = |&table: &Table| rows.of(table).map(|row| (table, told(row))).collect::<Vec<_>>();
        Table::ALL.iter().flat_map(of).collect::<BTreeSet<_>>()
    });
    let differ: Vec<_> = held.symmetric_difference(&stated).take(8).collect();
    assert!(held.len() > 5_000 && differ.is_empty(), "{differ:#?}");
}

#[test]
fn a_year_must_be_valid() {
    for (first, days) in [((2026, 7, 1), 5), ((2025, 9, 15), 200), ((2025, 9, 15), 400)] {
        let first_day = Date::ymd(first.0, first.1, first.2).expect("a day of the calendar");
        let options = FeedOptions { first_day, ..options(300, 1, days, false) };
        assert!(rollcall_generate::feed(&options, |_, _| Ok(std::io::sink())).is_err(), "{first_day} and {days} days");
    }
}

/// The command writes a feed into a new or empty folder and prints a summary.
#[test]
fn the_command_writes_a_feed() {
    let folder = std::env::temp_dir().join(format!("rollcall-feed-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.arg("generate").args(arguments).arg(&folder).output().expect("the command starts")
    };
    let output = run(&["--students", "300", "--days", "6"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && told.contains("2025-09-15 to 2025-09-23") && told.contains("violations"), "{told}");
    let (feed, key) = make(&options(300, 1, 6, true));
    for (day, files) in &feed {
        let here = folder.join(day.to_string());
        assert_eq!(std::fs::read_dir(&here).expect("a folder of the day").count(), files.len());
        for (name, bytes) in files {
            assert!(std::fs::read(here.join(name)).expect("a file of the day") == *bytes, "{day} {name}");
        }
    }
    let answers = std::fs::read_to_string(folder.join("answer_key.csv")).expect("an answer key");
    assert_eq!(answers.lines().next(), Some("rule_id,subject,opened,closed"));
    assert_eq!(answers.lines().count(), key.violations.len() + 1);
    assert!(folder.join("SYNTHETIC.md").exists());
    let again = run(&["--students", "300", "--days", "6"]);
    assert!(again.status.code() == Some(2) && String::from_utf8_lossy(&again.stderr).contains("is not empty"));
    std::fs::remove_dir_all(&folder).expect("the folder goes away");

    let output = run(&["--students", "300", "--no-faults"]);
    assert!(output.status.success() && folder.join("student.csv").exists() && folder.join("clock.csv").exists());
    std::fs::remove_dir_all(&folder).expect("the folder goes away");
    assert_eq!(run(&["--students", "300", "--days", "189"]).status.code(), Some(2));
}
