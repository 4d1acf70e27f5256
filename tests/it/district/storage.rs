//! What is logged and saved: of any length, and pruned.

use super::{Kept, courses, day, full, keys};
use crate::support::in_segment;
use rollcall::district::{Error, Outcome, Past};
use rollcall::model::Table;
use rollcall::plan::Plan;
use rollcall::source::Mode;
use rollcall::source::debezium::Debezium;
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::{self, Item, Log, Position, frame, snapshot};

#[test]
fn texts_of_any_length_are_logged_except_of_deliveries_on_hold() {
    let mut district = Kept::new();
    let long = |range: std::ops::Range<usize>| {
        let rows = range.map(|number| format!("{number:05},D,{}{number}\n", "long ".repeat(1600)));
        "course_id,org_id,title\n".to_owned() + &rows.collect::<String>()
    };
    // Longer than a frame of the log.
    district.taken("1", &[("course.csv", &long(0..9_000))], full());
    district.flush();
    let length = district.log().len();
    let other = long(10_000..19_000);
    assert!(matches!(district.take("2", &[("course.csv", &other)], full()), Outcome::OnHold(_)));
    district.flush();
    assert!(district.log().len() < length + 4096, "nothing is logged except the hold");
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course).len(), 9_000);
}

/// The same disk, its snapshots as if an earlier version had written them.
fn with_snapshots_of_version(version: u8, disk: &Simulated) -> Simulated {
    let mut state = disk.folder("state");
    for file in snapshot::list(&state).expect("the disk works") {
        let (bytes, mut older, mut payload) = (state.bytes(&file), Vec::new(), Vec::new());
        let mut rest = &bytes[..];
        while matches!(frame::read(&mut rest, &mut payload).expect("memory can be read"), frame::Found::Whole(_)) {
            frame::write_unlinked(version, &payload, &mut older);
        }
        state.truncate(&file, 0).and_then(|()| state.append(&file, &older)).expect("the disk works");
    }
    disk.clone()
}

#[test]
fn snapshots_of_an_earlier_version_are_not_needed() {
    let mut district = Kept::new();
    district.district.snapshot_every(1);
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    district.flush();
    district.district.pass_to(day(1)).expect("the disk works");
    district.flush();
    let disk = with_snapshots_of_version(2, &district.disk.copy());
    let (mut district, recovery) = Kept::on(disk, Plan::default()).expect("the log is whole");
    assert_eq!((recovery.snapshot, recovery.batches), (None, 1));
    assert!(recovery.unused.iter().all(|why| why.contains("was written by an earlier version")), "{recovery:?}");
    assert!(!recovery.unused.is_empty());
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
}

#[test]
fn a_pruned_log_needs_a_snapshot() {
    let mut district = Kept::new();
    district.district.snapshot_every(1);
    district.taken("1", &[("course.csv", &courses("A"))], full());
    district.flush();
    district.district.pass_to(day(1)).expect("the disk works");
    district.flush();
    let disk = district.disk.clone();
    district.district.close().expect("the disk works");
    // The log continues in another segment, as if one were full.
    let mut log = Log::open(disk.folder("state")).expect("the log is intact");
    log.resume(&in_segment(2, &log)).expect("the disk works");
    log.append(&Item::Days(day(2))).and_then(|()| log.commit()).expect("the disk works");
    let (mut district, _) = Kept::on(disk.clone(), Plan::default()).expect("the log is intact");
    district.district.snapshot_every(1);
    let state = disk.folder("state");
    let begins = |file: &String| snapshot::read(&state, file, |_, _| Ok(())).expect("a valid snapshot").log.segment;
    let mut last = 2;
    while last < 20 && !snapshot::list(&state).expect("the disk works").iter().all(|file| begins(file) == 2) {
        last += 1;
        district.district.pass_to(day(last)).expect("the disk works");
        let titles: String = (0..500).map(|number| format!("{number}:{last} ")).collect();
        district.taken(&last.to_string(), &[("course.csv", &(courses("A B") + &courses(&titles)[23..]))], full());
        district.flush();
    }
    let end = Position { segment: 2, offset: 0 };
    let (_, _) = district.again(Plan::default());
    let mut log = Log::open(disk.folder("state")).expect("the log is intact");
    assert_eq!(log.prune(end).expect("the disk works"), 1);

    // With its snapshots it covers the days after them, but none before.
    let (mut district, recovery) = Kept::on(disk.copy(), Plan::default()).expect("there are snapshots");
    assert!(recovery.snapshot.is_some() && recovery.unused.is_empty());
    assert_eq!(district.keys(Table::Course).len(), 502);
    let known_at = |disk: &Simulated, number: i64| {
        let past = Past::known_at(disk.folder("state"), day(number), 1).expect("the log tells, or does not");
        past.map(|mut past| keys(past.engine(), Table::Course).len())
    };
    assert_eq!(known_at(&disk, last), Some(502));
    assert_eq!([0, 1, 2].map(|number| known_at(&disk, number)), [None, None, None]);

    // Those of an earlier version are not read, and it says so.
    let older = disk.copy();
    let error = Kept::on(with_snapshots_of_version(2, &older), Plan::default()).err().expect("it needs its snapshots");
    assert!(matches!(&error, Error::Log(store::Error::Older { version: 2, .. })), "{error}");
    assert!(Past::known_at(older.folder("state"), day(last), 1).is_err());

    // Without them it cannot be read from the middle.
    // The byte is the version of a frame: this is damage, not a later version.
    for file in snapshot::list(&state).expect("the disk works") {
        state.damage(&file, 40);
    }
    let error = Kept::on(disk.copy(), Plan::default()).err().expect("it cannot be understood");
    assert!(matches!(&error, Error::Log(store::Error::Missing { file }) if file == "log-00000001"), "{error}");
    assert_eq!(error.to_string(), "log-00000001 is missing from the log");
    assert_eq!([0, last].map(|number| known_at(&disk, number)), [None, None]);
    assert!(Past::now(disk.folder("state"), 1).is_err());
}

#[test]
fn the_saved_state_may_be_longer_than_a_frame() {
    let mut district = Kept::new();
    // File names are stored three times each, and 72 MiB of them exceed a frame.
    for number in 0..12 {
        let name = format!("{number}{}.txt", "x".repeat(2 << 20));
        district.taken(&number.to_string(), &[("course.csv", &courses(&format!("A:{number}"))), (&name, "")], full());
        district.flush();
    }
    let (mut district, recovery) = district.again(Plan::default());
    assert!(recovery.snapshot.is_some() && recovery.unused.is_empty());
    let state = district.disk.folder("state");
    let longest = snapshot::list(&state).expect("the disk works").into_iter().map(|file| state.bytes(&file).len()).max();
    assert!(longest > Some(store::frame::LONGEST), "{longest:?} bytes");
    assert_eq!(district.keys(Table::Course), ["A"]);
}

#[test]
fn texts_interned_before_the_first_row_fit_into_frames() {
    // Change events are read to the end before the rows of a table are stated; their texts exceed a frame.
    let event = |number: usize| {
        let title = format!("{number:05}{}", "x".repeat(16_000));
        let row = format!("{{\"course_id\":\"E{number}\",\"org_id\":\"D\",\"title\":\"{title}\"}}");
        format!("{{\"op\":\"c\",\"after\":{row},\"source\":{{\"table\":\"course\"}}}}\n")
    };
    let mut district = Kept::new();
    district.format = &Debezium;
    district.taken("1", &[("course.jsonl", &(0..4_400).map(event).collect::<String>())], Mode::Delta);
    let (mut district, recovery) = district.again(Plan::default());
    assert!(recovery.snapshot.is_some() && recovery.unused.is_empty());
    assert_eq!(district.keys(Table::Course).len(), 4_400);
    // Also from the log alone.
    let state = district.disk.folder("state");
    for file in snapshot::list(&state).expect("the disk works") {
        state.damage(&file, 40);
    }
    let (mut district, recovery) = district.again(Plan::default());
    assert!(!recovery.unused.is_empty() && recovery.batches == 1, "{recovery:?}");
    assert_eq!(district.keys(Table::Course).len(), 4_400);
}

#[test]
fn a_delivery_of_too_many_files_is_refused_with_words_and_nothing_of_it_is_kept() {
    let mut district = Kept::new();
    let names: Vec<String> = (0..10_001).map(|number| format!("{number}.csv")).collect();
    let text = courses("A");
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), text.as_str())).collect();
    let error = district.try_take("1", &super::files(&many), full()).expect_err("it is refused");
    assert_eq!(error.to_string(), "1 has 10001 files, more than 10000");
    district.taken("1", &[("course.csv", &text)], full());
    district.flush();
    let (mut district, recovery) = district.again(Plan::default());
    assert_eq!((recovery.batches, district.keys(Table::Course)), (1, vec!["A".to_owned()]));
}
