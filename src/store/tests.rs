//! Tests of the log: what is written is read, whatever fails meanwhile, and nothing else.

use super::disk::{Failing, Simulated};
use super::*;
use crate::model::Table;

fn header(time: u64, parts: u32) -> Header {
    Header {
        time,
        source: "sis".to_owned(),
        label: format!("day {time}"),
        files: Vec::new(),
        tables: Vec::new(),
        doubtful: Vec::new(),
        delivered: vec![Table::Course],
        parts,
        is_stream: false,
        is_ordered: false,
        held: None,
    }
}

fn day(number: i64) -> Date {
    Date::ymd(2025, 9, 1).unwrap().plus(number)
}

/// All items of the log, and its tail.
fn all(log: &Log<Simulated>) -> Result<(Vec<Item>, Tail), Error> {
    let mut reader = log.reader(log.begin(), None)?;
    let mut items = Vec::new();
    while let Some((item, _)) = reader.next_item()? {
        items.push(item);
    }
    Ok((items, reader.tail()?))
}

fn opened(disk: &Simulated) -> Result<(Log<Simulated>, Vec<Item>, Tail), Error> {
    let mut log = Log::open(disk.clone())?;
    let (items, tail) = all(&log)?;
    log.resume(&tail)?;
    Ok((log, items, tail))
}

/// Days and batches (one of three parts), each committed separately; returns how many succeeded.
fn write(log: &mut Log<Simulated>, from: usize) -> Result<usize, (usize, Error)> {
    log.group_limit = 20;
    for (number, item) in expected().iter().enumerate().skip(from) {
        log.append(item).and_then(|()| log.commit()).map_err(|error| (number, error))?;
    }
    Ok(8)
}

fn places() -> Places {
    let mut placing = record::Placing::default();
    let file = placing.file("course.csv");
    (2..5).for_each(|line| placing.push(file, line));
    placing.finish()
}

fn expected() -> Vec<Item> {
    let part = Part { changes: record::Bytes(vec![7; 15]), places: places(), ..Part::default() };
    let item = |number: usize| match number % 3 {
        // More than fits in one group.
        2 => Item::Batch(header(number as u64, 3), vec![part.clone(); 3]),
        _ => Item::Days(day(number as i64)),
    };
    (0..8).map(item).collect()
}

#[test]
fn what_is_written_is_read() {
    let disk = Simulated::default();
    let (mut log, items, tail) = opened(&disk).unwrap();
    assert_eq!((items.len(), tail.cut), (0, 0));
    write(&mut log, 0).unwrap();
    let (_, items, tail) = opened(&disk).unwrap();
    assert_eq!((items, tail.cut), (expected(), 0));
}

#[test]
fn a_crash_at_any_operation_loses_nothing_that_was_committed() {
    let whole = Simulated::default();
    write(&mut opened(&whole).unwrap().0, 0).unwrap();
    for failing in [Failing::Crash, Failing::Full, Failing::Sync] {
        for operation in 0..whole.operations() {
            for chance in 0..8 {
                let disk = Simulated::default();
                disk.fail_at(operation, failing);
                let mut log = opened(&disk).unwrap().0;
                let done = write(&mut log, 0).unwrap_or_else(|(done, _)| {
                    let further = log.append(&Item::Days(day(0))).and_then(|()| log.commit());
                    assert!(matches!(further, Err(Error::Failed)), "the result of a failed write is unknown");
                    done
                });
                // The last operation is the seal, which is not synced.
                let is_seal = failing == Failing::Sync && operation + 1 == whole.operations();
                assert!(done < 8 || failing == Failing::Full || is_seal, "{failing:?} at {operation} was noticed");
                disk.restart(chance);
                let (mut log, items, _) = opened(&disk).unwrap();
                assert!((done..=done + 1).contains(&items.len()), "{failing:?} at {operation}: {done} done");
                assert_eq!(items, expected()[..items.len()]);
                write(&mut log, items.len()).unwrap();
                let (_, items, tail) = opened(&disk).unwrap();
                assert_eq!((items, tail.cut), (expected(), 0), "{failing:?} at {operation}");
            }
        }
    }
}

/// What was acknowledged is damaged, wherever it stands; what was written later and not acknowledged is torn.
#[test]
fn damage_is_located_and_what_was_never_acknowledged_is_truncated() {
    let (disk, file) = (Simulated::default(), "log-00000001");
    let mut log = opened(&disk).unwrap().0;
    write(&mut log, 0).unwrap();
    let unsealed = disk.copy();
    log.append(&Item::Days(day(9))).and_then(|()| log.commit()).unwrap();
    let bytes = disk.bytes(file);
    let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"RCFR").collect();
    let last = *starts.last().unwrap();
    // The head is long.
    for offset in (0..starts[1]).step_by(499).chain(starts[1]..bytes.len()) {
        let begin = *starts.iter().rfind(|start| **start <= offset).unwrap() as u64;
        for is_sealed in [true, false] {
            let disk = disk.copy();
            if !is_sealed {
                // As if the process had died between the sync and the seal.
                let mut disk = disk.clone();
                disk.remove("sealed").and_then(|()| disk.append("sealed", &unsealed.bytes("sealed"))).unwrap();
            }
            disk.damage(file, offset);
            match opened(&disk) {
                Ok((_, items, tail)) => {
                    assert!(offset >= last && !is_sealed, "byte {offset} was acknowledged");
                    assert_eq!((items.len(), tail.cut), (8, (bytes.len() - last) as u64));
                }
                Err(Error::Damaged { file: of, offset: at, .. }) => {
                    assert_eq!((of.as_str(), at), (file, begin), "byte {offset}");
                }
                Err(error) => panic!("byte {offset}: {error}"),
            }
        }
    }
    // Cut off anywhere.
    for length in (0..starts[1]).step_by(499).chain(starts[1]..bytes.len()) {
        let length = length as u64;
        let mut disk = disk.copy();
        disk.truncate(file, length).unwrap();
        let error = opened(&disk).map(drop).unwrap_err();
        assert!(matches!(error, Error::Damaged { .. } | Error::Contradiction(_)), "{length} bytes: {error}");
    }
    let mut gone = disk.copy();
    gone.remove(file).unwrap();
    assert!(matches!(opened(&gone), Err(Error::Contradiction(_))));
    // A seal that is damaged proves nothing.
    for offset in 0..disk.bytes("sealed").len() {
        let disk = disk.copy();
        disk.damage("sealed", offset);
        assert_eq!(opened(&disk).unwrap().1.len(), 9, "byte {offset} of the seal");
    }
}

/// Segments and snapshots of another history of the same district are not taken for those of this one.
#[test]
fn what_does_not_follow_is_refused() {
    let disk = Simulated::default();
    let mut log = opened(&disk).unwrap().0;
    log.append(&Item::Days(day(0))).and_then(|()| log.commit()).unwrap();
    let fork = disk.copy();
    let snapshot = |disk: &Simulated, log: &Log<Simulated>| {
        let begin = snapshot::Begin { time: 1, log: log.end(), last: log.last() };
        snapshot::write(&mut disk.clone(), begin, std::iter::empty()).unwrap();
    };
    for (disk, number) in [(&disk, 1), (&fork, 2)] {
        let mut log = opened(disk).unwrap().0;
        log.append(&Item::Days(day(number))).and_then(|()| log.commit()).unwrap();
        snapshot(disk, &log);
        log.end.offset = SEGMENT + 1;
        log.append(&Item::Days(day(7))).and_then(|()| log.commit()).unwrap();
    }
    let read = |disk: &Simulated| -> Result<usize, Error> {
        let log = Log::open(disk.clone())?;
        let file = snapshot::list(disk)?.remove(0);
        let begin = snapshot::read(disk, &file, |_, _| Ok(()))?;
        let mut reader = log.reader(begin.log, begin.last)?;
        while reader.next_item()?.is_some() {}
        let mut reader = log.reader(log.begin(), None)?;
        let mut items = 0;
        while reader.next_item()?.is_some() {
            items += 1;
        }
        Ok(items)
    };
    assert_eq!((read(&disk).unwrap(), read(&fork).unwrap()), (3, 3));
    for file in disk.names().unwrap() {
        let mixed = disk.copy();
        let mut files = mixed.clone();
        files.remove(&file).and_then(|()| files.append(&file, &fork.bytes(&file))).unwrap();
        let is_same = disk.bytes(&file) == fork.bytes(&file);
        match read(&mixed) {
            Ok(items) => assert!(is_same && items == 3, "{file} of another history is taken"),
            Err(Error::Damaged { .. } | Error::Contradiction(_)) => assert!(!is_same, "{file} is the same"),
            Err(error) => panic!("{file}: {error}"),
        }
    }
}

#[test]
fn places_come_only_before_their_part() {
    for (records, is_valid) in [
        (vec![Logged::Places(places()), Logged::Part(Part::default()), Logged::Batch(header(1, 1))], true),
        (vec![Logged::Part(Part::default()), Logged::Places(places()), Logged::Batch(header(1, 1))], false),
        (vec![Logged::Places(places()), Logged::Days(day(1))], false),
    ] {
        let mut payload = Vec::new();
        records.iter().for_each(|record| record::encode(record, &mut payload));
        let mut disk = Simulated::default();
        disk.append("log-00000001", &head::file("log-00000001", &[payload])).unwrap();
        match all(&Log::open(disk).unwrap()) {
            Ok((items, _)) => {
                let [Item::Batch(_, parts)] = &items[..] else { panic!("{items:?}") };
                assert!(is_valid && parts[0].places == places());
            }
            Err(error) => assert!(!is_valid && matches!(error, Error::Damaged { .. }), "{error}"),
        }
    }
}

#[test]
fn a_batch_whose_beginning_is_pruned_is_left_out() {
    let payload = |records: &[Logged]| {
        let mut payload = Vec::new();
        records.iter().for_each(|record| record::encode(record, &mut payload));
        payload
    };
    let mut disk = Simulated::default();
    let first = head::file("log-00000001", &[payload(&[Logged::Part(Part::default())])]);
    disk.append("log-00000001", &first).unwrap();
    let mut before = crc32c::crc32c(&[]);
    let (mut rest, mut read) = (&first[..], Vec::new());
    while let frame::Found::Whole(frame) = frame::read(&mut rest, &mut read).unwrap() {
        before = frame.sum;
    }
    let mut second = Vec::new();
    before = Head::new("log-00000002", before).write(&mut second);
    let half = payload(&[Logged::Part(Part::default()), Logged::Batch(header(1, 2))]);
    before = frame::write(frame::Kind::Content, before, &half, &mut second);
    let after = Position { segment: 2, offset: second.len() as u64 };
    frame::write(frame::Kind::Content, before, &payload(&[Logged::Days(day(1))]), &mut second);
    disk.append("log-00000002", &second).unwrap();
    let mut log = Log::open(disk.clone()).unwrap();
    assert_eq!(log.first_item().unwrap(), Position { segment: 1, offset: 0 });
    let begin = snapshot::Begin { time: 1, log: after, last: None };
    snapshot::write(&mut disk, begin, std::iter::empty()).unwrap();
    assert_eq!(log.prune(after).unwrap(), 1);
    assert!(log.reader(log.begin(), None).unwrap().next_item().is_err(), "half a batch");
    let mut reader = log.reader(log.first_item().unwrap(), None).unwrap();
    assert_eq!(reader.next_item().unwrap().map(|(item, _)| item), Some(Item::Days(day(1))));
}

#[test]
fn segments_follow_one_another() {
    let disk = Simulated::default();
    let mut log = opened(&disk).unwrap().0;
    log.append(&Item::Days(day(0))).unwrap();
    log.commit().unwrap();
    let first = log.end();
    log.end.offset = SEGMENT + 1;
    log.append(&Item::Days(day(1))).unwrap();
    log.commit().unwrap();
    let (mut log, items, _) = opened(&disk).unwrap();
    assert_eq!(items, [Item::Days(day(0)), Item::Days(day(1))]);
    assert_eq!(log.bytes_between(first, log.end()).unwrap(), log.end().offset);
    assert_eq!(log.prune(log.end()).unwrap(), 1);
    let (log, items, _) = opened(&disk).unwrap();
    assert_eq!(items, [Item::Days(day(1))]);
    assert!(matches!(log.reader(first, None), Err(Error::Missing { file }) if file == "log-00000001"));
    let mut disk = disk.clone();
    disk.append("log-00000004", b"").unwrap();
    assert!(matches!(Log::open(disk), Err(Error::Missing { file }) if file == "log-00000003"));
}

#[test]
fn every_error_says_what_to_do() {
    let disk = |kind: io::ErrorKind| Error::disk("sync", "a")(io::Error::from(kind));
    let file = || "a".to_owned();
    for (error, hint) in [
        (disk(io::ErrorKind::StorageFull), "free disk space"),
        (disk(io::ErrorKind::WouldBlock), "wait until the other rollcall has stopped"),
        (disk(io::ErrorKind::PermissionDenied), "repair the disk"),
        (Error::Failed, "repair the disk"),
        (Error::Damaged { file: file(), offset: 0, why: String::new() }, "restore the file from a backup"),
        (Error::Missing { file: file() }, "restore the file from a backup"),
        (Error::Newer { file: file(), version: 9 }, "use that version or a later one"),
        (Error::Foreign { file: file(), rollcall: file(), what: file() }, "use that version or a later one"),
        (Error::Contradiction(file()), "restore all of state/ and reports/changes/ from one backup"),
        (Error::Older { file: file(), version: 1 }, "use that version, or replay the feed"),
    ] {
        assert!(error.hint().starts_with(hint), "{error}: {}", error.hint());
    }
}

#[test]
fn items_wait_for_a_group_that_is_large_enough() {
    let disk = Simulated::default();
    let mut log = opened(&disk).unwrap().0;
    let mut encoded = Vec::new();
    record::encode(&Logged::Days(day(0)), &mut encoded);
    log.group_limit = 3 * encoded.len();
    for number in 0..3 {
        log.append(&Item::Days(day(number))).unwrap();
    }
    assert!(disk.names().unwrap().is_empty(), "the group is not larger than its limit");
    log.append(&Item::Days(day(3))).unwrap();
    assert_eq!(opened(&disk).unwrap().1, (0..4).map(|number| Item::Days(day(number))).collect::<Vec<_>>());
    // A batch has a frame for each part, and what came before in its own, if it is larger than the limit.
    let part = Part { changes: record::Bytes(vec![7; 100]), ..Part::default() };
    for (beyond, frames) in [(0, 2), (1, 5)] {
        let disk = Simulated::default();
        let mut log = opened(&disk).unwrap().0;
        log.group_limit = 2 * part.bytes() - beyond;
        log.append(&Item::Days(day(0))).unwrap();
        log.append(&Item::Batch(header(1, 2), vec![part.clone(); 2])).unwrap();
        log.commit().unwrap();
        let bytes = disk.bytes("log-00000001");
        // And the head.
        assert_eq!(memchr::memmem::find_iter(&bytes, b"RCFR").count(), frames, "{beyond} beyond the limit");
    }
}

#[test]
fn what_follows_the_end_is_cut_and_nothing_else() {
    let disk = Simulated::default();
    write(&mut opened(&disk).unwrap().0, 0).unwrap();
    let (length, operations) = (disk.length("log-00000001").unwrap(), disk.operations());
    let mut log = Log::open(disk.clone()).unwrap();
    let tail = all(&log).unwrap().1;
    log.resume(&tail).unwrap();
    assert_eq!((tail.end.offset, log.end(), disk.operations()), (length, tail.end, operations), "there is nothing to cut");
    let end = Position { offset: length - 1, ..tail.end };
    log.resume(&Tail { end, ..tail }).unwrap();
    assert_eq!(disk.length("log-00000001").unwrap(), length - 1);
    log.resume(&Tail { end: Position::default(), ..tail }).unwrap();
    assert_eq!(disk.names().unwrap(), ["sealed"]);
}
