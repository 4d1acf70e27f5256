//! Files of different ages and damaged files: what opens is exact, anything else is refused with words, and can be repaired.

use super::{Kept, courses, day, full};
use crate::support::in_segment;
use rollcall::district::{Error, repair};
use rollcall::model::Table;
use rollcall::plan::Plan;
use rollcall::store::backup::{self, Copied};
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::{self, Item, Log};

const CHANGES: &str = "2025-09.jsonl";

/// What somebody sees of a district at one moment.
#[derive(Clone, PartialEq, Eq)]
struct Seen {
    courses: Vec<String>,
    changes: Vec<u8>,
    episodes: usize,
}

fn seen(district: &mut Kept) -> Seen {
    Seen {
        courses: district.keys(Table::Course),
        changes: district.disk.folder("changes").bytes(CHANGES),
        episodes: district.district.history().episodes().count(),
    }
}

/// A copy of a disk at each of some moments, and what was seen then. A snapshot is taken every other day.
fn moments() -> Vec<(Simulated, Seen)> {
    let mut moments = Vec::new();
    let mut disk = Simulated::default();
    for (number, ids) in ["A", "A B:", "B C", "A B C:", "A D", "D E F"].into_iter().enumerate() {
        let (mut district, _) = Kept::on(disk, Plan::default()).expect("what was written is read");
        district.district.snapshot_every(if number % 2 == 1 { 1 } else { u64::MAX });
        district.district.pass_to(day(number as i64)).expect("the disk works");
        // Enough for a snapshot each time one is asked for.
        let ballast: String = (0..5).map(|of| format!("Z{of},D,{}\n", number.to_string().repeat(12_000))).collect();
        district.taken(&number.to_string(), &[("course.csv", &(courses(ids) + &ballast))], full());
        district.flush();
        let seen = seen(&mut district);
        disk = district.disk.clone();
        moments.push((disk.copy(), seen));
    }
    moments
}

/// Replaces the files of one kind by those of another disk.
fn replace(disk: &Simulated, of: &Simulated, folder: &str, is: impl Fn(&str) -> bool) {
    let (mut to, from) = (disk.folder(folder), of.folder(folder));
    let names =
        |disk: &Simulated| disk.names().expect("the disk works").into_iter().filter(|name| is(name)).collect::<Vec<_>>();
    for name in names(&to) {
        to.remove(&name).expect("the disk works");
    }
    for name in names(&from) {
        to.append(&name, &from.bytes(&name)).and_then(|()| to.sync(&name)).expect("the disk works");
    }
}

/// Whether it opens; if it does not, the words are about files, and a repair makes it open.
fn opens(disk: &Simulated, what: &str) -> Option<Seen> {
    let error = match Kept::on(disk.copy(), Plan::default()) {
        Ok((mut district, _)) => return Some(seen(&mut district)),
        Err(error) => error,
    };
    assert!(
        matches!(
            error,
            Error::Log(store::Error::Damaged { .. } | store::Error::Contradiction(_) | store::Error::Missing { .. })
        ),
        "{what}: {error}"
    );
    let repaired = disk.copy();
    let done = repair(repaired.folder("state"), repaired.folder("changes"), 1);
    let done = done.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(!done.is_empty(), "{what}: {error}");
    let again = Kept::on(repaired.copy(), Plan::default());
    assert!(again.is_ok(), "{what}: {done:?}: {:?}", again.map(drop));
    None
}

#[test]
fn a_state_of_files_of_different_ages_is_exact_or_refused() {
    let moments = moments();
    let (mut exact, mut refused) = (0, 0);
    for (log, (of_log, then)) in moments.iter().enumerate() {
        for (snapshot, (of_snapshot, _)) in moments.iter().enumerate() {
            for (published, (of_published, _)) in moments.iter().enumerate() {
                let disk = of_log.copy();
                replace(&disk, of_snapshot, "state", |name| name.starts_with("snapshot-"));
                replace(&disk, of_published, "changes", |_| true);
                let what = format!("log {log}, snapshots {snapshot}, changes {published}");
                match opens(&disk, &what) {
                    Some(seen) => {
                        assert!(seen == *then, "{what}: opened with something else");
                        exact += 1;
                    }
                    None => {
                        assert!(snapshot > log || published > log || published < snapshot, "{what}: is refused");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(exact >= 20 && refused >= 100, "{exact} exact, {refused} refused");
}

#[test]
fn every_file_that_is_damaged_cut_or_gone_is_noticed_or_not_needed() {
    let moments = moments();
    let (disk, then) = moments.last().expect("there are moments");
    let (mut exact, mut refused) = (0, 0);
    for folder in ["state", "changes"] {
        for name in disk.folder(folder).names().expect("the disk works") {
            let length = disk.folder(folder).bytes(&name).len();
            // The head of a file is long; frames and lines are short.
            let starts = memchr::memmem::find_iter(&disk.folder(folder).bytes(&name), b"RCFR").nth(1).unwrap_or(0);
            let places = (0..starts).step_by(9973).chain((starts..length).step_by(1511)).chain([length - 1]);
            for place in places {
                for is_cut in [false, true] {
                    let changed = disk.copy();
                    let mut of = changed.folder(folder);
                    if is_cut {
                        of.truncate(&name, place as u64).expect("the disk works");
                    } else {
                        of.damage(&name, place);
                    }
                    let what =
                        format!("{folder}/{name}, {} at byte {place} of {length}", if is_cut { "cut" } else { "flipped" });
                    match opens(&changed, &what) {
                        Some(seen) => {
                            assert!(seen == *then, "{what}: opened with something else");
                            exact += 1;
                        }
                        None => refused += 1,
                    }
                }
            }
            let gone = disk.copy();
            gone.folder(folder).remove(&name).expect("the disk works");
            match opens(&gone, &format!("{folder}/{name} is gone")) {
                // Published lines that a snapshot covers are not made again when their whole folder is gone on purpose.
                Some(seen) => {
                    assert!(seen.courses == then.courses && (seen == *then || folder == "changes"), "{name} is gone")
                }
                None => refused += 1,
            }
        }
    }
    assert!(exact >= 100 && refused >= 20, "{exact} exact, {refused} refused");
}

#[test]
fn a_log_that_ends_before_its_snapshot_is_refused_and_the_snapshot_is_enough_to_repair_it() {
    let moments = moments();
    let (early, late) = (&moments[1], &moments[5]);
    let disk = early.0.copy();
    replace(&disk, &late.0, "state", |name| name.starts_with("snapshot-"));
    replace(&disk, &late.0, "changes", |_| true);
    let error = Kept::on(disk.copy(), Plan::default()).err().expect("it is refused").to_string();
    assert!(error.contains("a snapshot continues log-00000001 at byte"), "{error}");
    assert!(error.ends_with("something is missing"), "{error}");
    let done = repair(disk.folder("state"), disk.folder("changes"), 1).expect("it can be repaired");
    assert!(done[0].starts_with("the state as of 2025-09-06/1 is taken from snapshot-"), "{done:?}");
    let (mut district, _) = Kept::on(disk.clone(), Plan::default()).expect("it is repaired");
    assert!(seen(&mut district) == late.1, "{done:?}");
    // It goes on, and opens again.
    district.district.pass_to(day(8)).expect("the disk works");
    district.taken("8", &[("course.csv", &courses("G"))], full());
    district.flush();
    let (mut district, _) = Kept::on(disk.clone(), Plan::default()).expect("what was written is read");
    assert_eq!((district.keys(Table::Course), district.district.day()), (vec!["G".to_owned()], day(8)));
    assert_eq!(
        disk.folder("state").names().expect("the disk works").iter().filter(|name| name.starts_with("log-")).count(),
        1
    );
    drop(district);
    assert_eq!(repair(disk.folder("state"), disk.folder("changes"), 1).expect("it is read"), Vec::<String>::new());
}

/// Every head of a log of three segments is damaged at once: what follows each proves what it was.
#[test]
fn damaged_heads_are_written_again_as_they_were() {
    let mut disk = Simulated::default();
    for segment in 1..=3 {
        let (mut district, _) = Kept::on(disk, Plan::default()).expect("what was written is read");
        district.district.snapshot_every(u64::MAX);
        district.district.pass_to(day(segment)).expect("the disk works");
        district.taken(&segment.to_string(), &[("course.csv", &courses(&format!("A{segment} B")))], full());
        district.flush();
        disk = district.disk.clone();
        drop(district);
        if segment < 3 {
            let mut log = Log::open(disk.folder("state")).expect("the log is intact");
            log.resume(&in_segment(segment as u64 + 1, &log)).expect("the disk works");
            log.append(&Item::Days(day(segment))).and_then(|()| log.commit()).expect("the disk works");
        }
    }
    let names: Vec<String> = (1..=3).map(|segment| format!("log-{segment:08}")).collect();
    let state = disk.folder("state");
    assert!(names.iter().all(|name| state.names().expect("the disk works").contains(name)));
    let whole: Vec<Vec<u8>> = names.iter().map(|name| state.bytes(name)).collect();
    names.iter().for_each(|name| state.damage(name, 100));
    assert!(Kept::on(disk.copy(), Plan::default()).is_err());
    let done = repair(disk.folder("state"), disk.folder("changes"), 1).expect("it can be repaired");
    assert_eq!(done.iter().filter(|line| line.ends_with("was damaged and is restored")).count(), 3, "{done:?}");
    assert!(names.iter().map(|name| state.bytes(name)).eq(whole), "{done:?}");
    let (mut district, _) = Kept::on(disk, Plan::default()).expect("it is repaired");
    assert_eq!(district.keys(Table::Course), ["A3", "B"]);
}

/// Published lines that are missing are made again from a log that goes back to its beginning, though there is a snapshot.
#[test]
fn missing_lines_are_made_again_from_a_whole_log() {
    let (disk, then) = moments().pop().expect("there are moments");
    let changes = disk.folder("changes");
    let half = changes.bytes(CHANGES).len() / 2;
    changes.clone().truncate(CHANGES, half as u64).expect("the disk works");
    assert!(opens(&disk, "half of the lines").is_none());
    let done = repair(disk.folder("state"), disk.folder("changes"), 1).expect("it can be repaired");
    assert!(done.contains(&"missing lines of reports/changes were made again from the log".to_owned()), "{done:?}");
    let (mut district, _) = Kept::on(disk, Plan::default()).expect("it is repaired");
    assert!(seen(&mut district) == then);
}

/// A copy of a state that somebody writes to is one moment of it, whatever happened between two files.
#[test]
fn a_backup_is_a_moment_of_the_district() {
    let moments = moments();
    for (number, (disk, then)) in moments.iter().enumerate() {
        let (copy, live) = (Simulated::default(), disk.copy());
        // The next item is being written.
        live.folder("state").append("log-00000001", b"RCFR\x04\0\0\0").expect("the disk works");
        live.folder("changes").append(CHANGES, b"{\"event\":").expect("the disk works");
        let (state, mut changes) = (copy.folder("state"), copy.folder("changes"));
        let copied = backup::copy(live.folder("state"), &live.folder("changes"), state, &mut changes).expect("it is intact");
        let Copied { files, time, .. } = copied;
        assert_eq!(time, Some(rollcall::model::timestamp::at(day(number as i64), 1)));
        assert_eq!(files, disk.folder("state").names().expect("the disk works").len() as u64);
        let (mut district, recovery) = Kept::on(copy, Plan::default()).expect("the copy opens");
        assert_eq!((recovery.torn, recovery.published), (0, 0));
        assert!(seen(&mut district) == *then);
    }
    // A state that is damaged makes no backup.
    let damaged = moments[5].0.copy();
    let last = memchr::memmem::rfind(&damaged.folder("state").bytes("log-00000001"), b"RCFR").expect("a frame");
    damaged.folder("state").damage("log-00000001", last + 20);
    let copy = Simulated::default();
    let copied =
        backup::copy(damaged.folder("state"), &damaged.folder("changes"), copy.folder("state"), &mut copy.folder("changes"));
    assert!(copied.is_err());
}
