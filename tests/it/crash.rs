//! Nothing is lost or published twice: after crashes, full disks and failed syncs at any operation, a district ends up byte
//! for byte like one without them.

use crate::support::{Delivered, Files, district_rows, published};
use rollcall::district::{District, Error, Outcome};
use rollcall::model::{Date, Table};
use rollcall::plan::Plan;
use rollcall::quality::Episode;
use rollcall::source::folder::Tables;
use rollcall::source::{Mode, Scope};
use rollcall::store::disk::{Failing, Simulated};
use std::collections::BTreeMap;

fn day(number: i64) -> Date {
    Date::ymd(2026, 3, 16).expect("a day of the calendar").plus(number)
}

/// Deliveries of a small district: an extract, then days on which rows change, are deleted and return. None on weekends.
fn feed() -> Vec<(Date, Files)> {
    let mut rows: BTreeMap<Table, Vec<Vec<String>>> = BTreeMap::new();
    for told in district_rows(12, 5) {
        rows.entry(told.table()).or_default().push(told.fields().to_vec());
    }
    let mut chance = 7u64;
    let mut draw = move |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as usize % below
    };
    let mut days = Vec::new();
    for number in [0, 1, 2, 5, 6, 7] {
        if number > 0 {
            let tables =
                [Table::SchoolEnrollment, Table::StaffAssignment, Table::SectionEnrollment, Table::AssessmentResult];
            for table in tables {
                let rows = rows.get_mut(&table).expect("the district has such rows");
                let (from, to) = (draw(rows.len()), draw(rows.len()));
                // A value moves from one row to another, and a row is deleted.
                let column = 1 + draw(rows[0].len() - 1);
                rows[to][column] = rows[from][column].clone();
                if draw(3) == 0 {
                    rows.remove(from);
                }
            }
            rows.get_mut(&Table::Student).expect("there are students")[number as usize][2] = format!("New{number}");
        }
        let file = |(table, rows): (&Table, &Vec<Vec<String>>)| {
            let mut csv = csv::Writer::from_writer(Vec::new());
            csv.write_record(table.spec().columns.iter().map(|column| column.name)).expect("memory takes every byte");
            rows.iter().for_each(|row| csv.write_record(row).expect("memory takes every byte"));
            (format!("{}.csv", table.spec().name), csv.into_inner().expect("memory takes every byte"))
        };
        let mut files: Files = rows.iter().map(file).collect();
        if number == 6 {
            files.insert("course.csv".to_owned(), b"course_id,org_id,title\nX\nY,D,\"open\n".to_vec());
        }
        days.push((day(number), files));
    }
    days
}

/// Accepts new deliveries until the end of the feed.
fn keep(disk: &Simulated, feed: &[(Date, Files)]) -> Result<(Vec<String>, Vec<Episode>), Error> {
    let (state, out) = (disk.folder("state"), disk.folder("changes"));
    let (mut district, _) = District::open(state, out, Plan::default(), 1, day(0), &mut |_, _| {})?;
    district.snapshot_every(4096);
    for (number, (day, files)) in feed.iter().enumerate() {
        if *day > district.day() {
            district.pass_to(*day)?;
        }
        let (label, mode) = (day.to_string(), Some(Mode::Full(Scope::default())));
        let delivered = Delivered { label: &label, files, mode, format: &Tables };
        let outcome = delivered.take(&mut district, &mut Vec::new())?;
        assert!(matches!(outcome, Outcome::Accepted { .. } | Outcome::Known), "{outcome:?}");
        // Some are made durable together.
        if number % 2 == 1 {
            district.flush()?;
        }
    }
    district.pass_to(day(12))?;
    district.flush()?;
    let episodes = district.history().episodes().collect();
    let lines = published(district.engine());
    district.close()?;
    Ok((lines, episodes))
}

fn changes(disk: &Simulated) -> String {
    String::from_utf8(disk.folder("changes").bytes("2026-03.jsonl")).expect("lines are UTF-8")
}

#[test]
fn a_failure_at_any_operation_changes_nothing() {
    let feed = feed();
    let whole = Simulated::default();
    let expected = keep(&whole, &feed).unwrap();
    let operations = whole.operations();
    assert!(operations > 20 && changes(&whole).lines().count() > 100, "{operations} operations");
    let (mut failures, mut tries) = (0, 0);
    for failing in [Failing::Crash, Failing::Full, Failing::Sync] {
        for operation in 0..operations {
            let disk = Simulated::default();
            disk.fail_at(operation, failing);
            let mut kept = keep(&disk, &feed);
            failures += usize::from(kept.is_err());
            for chance in 0.. {
                tries += 1;
                if let Ok(kept) = &kept {
                    // assert_eq would print both sides.
                    assert!(kept.0 == expected.0, "{failing:?} at {operation}: what is there");
                    assert!(kept.1 == expected.1, "{failing:?} at {operation}: episodes");
                    assert!(changes(&disk) == changes(&whole), "{failing:?} at {operation}: what was published");
                    break;
                }
                assert!(chance < 4, "{failing:?} at {operation}: {:?}", kept.err());
                disk.restart(operation + chance);
                // The next start fails too, a little later.
                if chance < 2 {
                    disk.fail_at(disk.operations() + operation % 5 + chance, failing);
                }
                kept = keep(&disk, &feed);
            }
        }
    }
    println!("{operations} operations, {failures} failures, {tries} starts");
    assert!(failures > operations as usize);
}

#[test]
fn running_again_accepts_nothing_twice() {
    let feed = feed();
    let disk = Simulated::default();
    let first = keep(&disk, &feed).unwrap();
    let said = changes(&disk);
    assert_eq!(keep(&disk, &feed).unwrap(), first);
    assert_eq!(changes(&disk), said);
}
