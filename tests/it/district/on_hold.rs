//! What goes on hold, what an approval covers, and what is known already.

use super::{Kept, courses, day, files, full, many, within};
use crate::support::Delivered;
use rollcall::district::{Error, HoldReason, Incoming, Outcome};
use rollcall::model::finding::digest;
use rollcall::model::{Date, Table};
use rollcall::plan::Plan;
use rollcall::source::folder::Tables;
use rollcall::source::{FileError, Mode};
use std::collections::BTreeSet;

#[test]
fn an_approval_covers_the_reported_reason_only() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &many(1000))], full());
    // The day was accepted; now its file is truncated.
    let is_held = |outcome: Outcome| match outcome {
        Outcome::OnHold(guard) => guard,
        other => panic!("it is not held: {other:?}"),
    };
    let broken = many(100);
    let changed = HoldReason::Changed { file: "course.csv".to_owned() };
    assert_eq!(is_held(district.take("1", &[("course.csv", &broken)], full())), changed);
    let mut district = district.release("1");
    let guard = is_held(district.take("1", &[("course.csv", &broken)], full()));
    assert_eq!(guard, HoldReason::MassDelete { table: "course".to_owned(), deletes: 900, live: 1000 });
    assert_eq!(district.keys(Table::Course).len(), 1000);
    // Other contents need another approval, and so does another mode.
    let mut district = district.release("1");
    let fewer = many(50);
    assert_eq!(is_held(district.take("1", &[("course.csv", &fewer)], full())), changed);
    assert_eq!(is_held(district.take("1", &[("course.csv", &broken)], within("org_id=D"))), changed);
}

#[test]
fn a_truncated_extract_of_a_school_goes_on_hold() {
    let enrollments = |schools: std::ops::Range<usize>| {
        let rows = schools.flat_map(|school| {
            (0..100).map(move |number| format!("E{school}-{number},S{school}-{number},N{school},2026,03,2025-08-20\n"))
        });
        "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n".to_owned() + &rows.collect::<String>()
    };
    let mut district = Kept::new();
    district.taken("1", &[("school_enrollment.csv", &enrollments(0..20))], full());
    let outcome = district.take("2", &[("school_enrollment.csv", &enrollments(0..0))], within("school_id=N3"));
    let Outcome::OnHold(HoldReason::MassDelete { deletes: 100, live: 100, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(district.keys(Table::SchoolEnrollment).len(), 2000);
}

#[test]
fn a_mass_delete_waits_for_approval() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &many(600))], full());
    district.flush();
    let held = |outcome: Outcome| match outcome {
        Outcome::OnHold(HoldReason::MassDelete { table, deletes, live }) => (table, deletes, live),
        other => panic!("{other:?}"),
    };
    let next = many(500) + "new,D,New\n";
    assert_eq!(held(district.take("2", &[("course.csv", &next)], full())), ("course".to_owned(), 100, 600));
    let gone: String = (0..61).map(|number| format!("delete,{number:04},,\n")).collect();
    let gone = format!("_op,course_id,org_id,title\n{gone}");
    assert_eq!(held(district.take("3", &[("course.csv", &gone)], Mode::Delta)), ("course".to_owned(), 61, 600));
    // Nothing took effect except the hold, which is reported once.
    assert_eq!((district.keys(Table::Course).len(), district.open("REF-012").len()), (600, 2));
    let said: Vec<_> = district.flush().into_iter().map(|sealed| (sealed.label, sealed.opened)).collect();
    assert_eq!(said, [("2".to_owned(), 1), ("3".to_owned(), 1)]);
    let log = district.log();
    held(district.take("2", &[("course.csv", &next)], full()));
    assert!(district.flush().is_empty() && district.log() == log);
    // Exactly a tenth is not more than a tenth.
    district.taken("4", &[("course.csv", &many(540))], full());
    assert_eq!(district.keys(Table::Course).len(), 540);
    // Once approved, it is accepted with the same contents only.
    let mut district = district.release("2");
    let other = many(400) + "new,D,New\n";
    assert_eq!(held(district.take("2", &[("course.csv", &other)], full())), ("course".to_owned(), 140, 540));
    let mut district = district.release("2");
    district.taken("2", &[("course.csv", &other)], full());
    assert_eq!(district.keys(Table::Course).len(), 401);
    let next = other;
    assert!(matches!(district.take("2", &[("course.csv", &next)], full()), Outcome::Known));
    // Any number of a few rows may be deleted.
    let mut few = Kept::new();
    few.taken("1", &[("course.csv", &many(50))], full());
    few.taken("2", &[("course.csv", &courses(""))], full());
    assert!(few.keys(Table::Course).is_empty());
}

#[test]
fn a_delivery_is_accepted_once_and_a_late_file_separately() {
    let mut district = Kept::new();
    let course = ("course.csv", &*courses("A B"));
    district.taken("1", &[course], full());
    district.flush();
    let (log, operations) = (district.log(), district.disk.operations());
    assert!(matches!(district.take("1", &[course], full()), Outcome::Known));
    assert!(district.flush().is_empty());
    assert_eq!((district.log(), district.disk.operations()), (log, operations), "nothing is written");

    // A new file: the others are not read again and delete nothing.
    district.taken("2", &[("course.csv", &courses("A B C"))], full());
    let staff = ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n");
    let (mut read, both) = (Vec::new(), files(&[course, staff]));
    let late = Delivered { label: "1", files: &both, mode: Some(full()), format: &Tables };
    let outcome = late.take(&mut district.district, &mut read).expect("the delivery is read");
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(read.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&"staff.csv".to_owned()]));
    assert_eq!((district.keys(Table::Course).len(), district.keys(Table::Staff).len()), (3, 1));
    assert!(matches!(district.take("1", &[course, staff], full()), Outcome::Known));

    // The same name with other contents.
    let other = ("course.csv", &*courses("A Z"));
    match district.take("1", &[other, staff], full()) {
        Outcome::OnHold(HoldReason::Changed { file }) => assert_eq!(file, "course.csv"),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(district.keys(Table::Course), ["A", "B", "C"]);
    let mut district = district.release("1");
    district.taken("1", &[other, staff], full());
    assert_eq!(district.keys(Table::Course), ["A", "Z"]);

    // All of it is also known after a restart.
    let (mut district, _) = district.again(Plan::default());
    assert!(matches!(district.take("1", &[other, staff], full()), Outcome::Known));
    assert!(matches!(district.take("1", &[course, staff], full()), Outcome::OnHold(_)));
    // With another name it is another delivery.
    district.taken("3", &[other, staff], full());
}

#[test]
fn an_unreadable_delivery_has_no_effect() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    district.flush();
    let log = district.log();
    let long = "staff_id,first_name,last_name\n".to_owned() + &"x\n".repeat(100_001);
    let unsound = files(&[("course.csv", &courses("A C")), ("staff.csv", &long)]);
    let error = district.try_take("2", &unsound, full()).expect_err("staff cannot be read");
    assert!(matches!(&error, Error::Delivery(FileError::Flooded { file, .. }) if file == "staff.csv"), "{error}");
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
    assert!(district.flush().is_empty() && district.log() == log);
    // A file with the headers of another goes on hold; that is reported, and the file has no other effect.
    match district.take("2", &[("course.csv", &courses("A C")), ("staff.csv", "staff_id,name\nT,Cy\n")], full()) {
        Outcome::OnHold(HoldReason::Header { file, .. }) => assert_eq!(file, "staff.csv"),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!((district.keys(Table::Course), district.open("REF-002").len()), (vec!["A".to_owned(), "B".to_owned()], 1));
    // The texts of both were interned, and are logged when first needed.
    district.taken("3", &[("course.csv", &courses("A C D"))], full());
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course), ["A", "C", "D"]);
    // Once corrected, it is accepted under its name.
    district.taken(
        "2",
        &[("course.csv", &courses("A C")), ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n")],
        full(),
    );
    assert_eq!((district.open("REF-002"), district.keys(Table::Staff)), (Vec::new(), vec!["T".to_owned()]));
}

#[test]
fn a_district_whose_first_delivery_is_on_hold_numbers_timestamps_once() {
    let mut district = Kept::new();
    let titel = "course_id,org_id,titel\nA,D,Art\n";
    assert!(matches!(district.take("1", &[("course.csv", titel)], full()), Outcome::OnHold(HoldReason::Header { .. })));
    let mut sealed = district.flush();
    assert_eq!(district.open("REF-002"), ["sis|1/course.csv"]);
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    sealed.extend(district.flush());
    assert!(district.open("REF-002").is_empty());
    let batches: Vec<&str> = sealed.iter().map(|sealed| sealed.batch.as_str()).collect();
    assert!(batches.is_sorted() && batches.windows(2).all(|pair| pair[0] != pair[1]), "{batches:?}");
    assert_eq!(sealed.iter().map(|sealed| (sealed.opened, sealed.closed)).collect::<Vec<_>>().last(), Some(&(0, 1)));
    // The published lines are reproduced from the log.
    let lines = district.disk.folder("changes").bytes("2025-09.jsonl");
    let Ok(cut) = std::str::from_utf8(&lines) else { panic!("lines are text") };
    assert_eq!(cut.lines().filter(|line| line.contains("REF-002")).count(), 2);
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
    assert_eq!(district.disk.folder("changes").bytes("2025-09.jsonl"), lines);
}

/// A folder named 2225 instead of 2025 would close 200 years of days, and every later delivery would come too late.
#[test]
fn a_day_that_is_far_away_waits_for_approval() {
    let mut district = Kept::new();
    let (text, horizon) = (courses("A"), day(10_000));
    district.taken("0", &[("course.csv", &text)], full());
    let digests = std::collections::BTreeMap::from([("course.csv".to_owned(), digest(text.as_bytes()))]);
    let mode = Some(full());
    let far = |district: &mut Kept, day: Date, horizon: Date| {
        let label = day.to_string();
        let incoming = Incoming { source: "sis", label: &label, format: &Tables, digests: &digests, piece: None };
        district.district.hold_if_far(&incoming, mode.as_ref(), day, horizon).expect("the disk works")
    };
    for (number, horizon, is_far) in [
        (1, horizon, false),
        (396, horizon, false),
        (397, horizon, true),
        (73_000, horizon, true),
        (1, day(1), false),
        (2, day(1), true),
        (-1, horizon, false),
    ] {
        let reason = far(&mut district, day(number), horizon);
        assert_eq!(reason, is_far.then(|| HoldReason::Far { day: day(number), last: day(0) }), "day {number}");
    }
    // Nothing has passed, the same is held once, and the hold is a violation that ends with the approval.
    district.flush();
    assert_eq!((district.district.day(), district.district.on_hold().count()), (day(0), 3));
    let length = district.log().len();
    far(&mut district, day(397), horizon);
    district.flush();
    assert_eq!(district.log().len(), length);
    assert_eq!(district.open("REF-001").len(), 3);
    let label = day(397).to_string();
    let mut district = district.release(&label);
    assert_eq!(far(&mut district, day(397), horizon), None);
    district.district.pass_to(day(397)).expect("the disk works");
    district.taken(&label, &[("course.csv", &text)], full());
    district.flush();
    let told = [397, 2].map(|number| HoldReason::Far { day: day(number), last: day(0) }.to_string());
    assert_eq!(told[0], "its day, 2026-10-03, is 397 days after the last one, 2025-09-01");
    assert_eq!(told[1], "its day, 2025-09-03, is in the future");
    assert_eq!(district.district.day(), day(397));
}
