//! Damaged logs and snapshots: whatever their bytes claim, with or without a valid checksum.

use super::ANY;
use crate::memory::most_held;
use proptest::prelude::*;
use rollcall::model::{Change, Date, Fault, Reason, Rejected, RowName, Table, Texts};
use rollcall::source::{FileReport, Mode, Scope};
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::record::{self, Bytes, Counts, Header, Logged, Part, Placing};
use rollcall::store::snapshot::{self, Begin, Section};
use rollcall::store::{HoldReason, Quarantine};
use rollcall::store::{Log, Position, frame, head};
use std::collections::BTreeMap;

/// A log of one segment, and a snapshot, as records.
fn kept() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut texts = Texts::default();
    let marks = texts.marks();
    let row = |texts: &mut Texts, id: &str| {
        let text = |column: usize| ["", id, "D", "Art"][[1, 2, 0, 3].get(column).copied().unwrap_or(0)].to_owned();
        let fields: Vec<String> = (0..Table::Course.spec().columns.len()).map(text).collect();
        Table::Course.read(|column| &fields[column], texts, |column, _| panic!("column {column}")).expect("a valid row")
    };
    let rows = ["A", "B", "C"].map(|id| row(&mut texts, id));
    let file = texts.id("course.csv");
    let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
    let rejected = Rejected { table: Table::Course, row: RowName::Place(file, 3), file, line: 3, reason };
    let mut part = Part { words: texts.since(&marks), ..Part::default() };
    rows.iter().for_each(|row| part.push(&Change::Upsert(*row)));
    part.push(&Change::Delete(Table::Course, rows[0].symbol()));
    part.push(&Change::KeyChange(rows[1].symbol(), rows[2]));
    part.push(&Change::Reject(rejected));
    part.push(&Change::Accept(Table::Course, RowName::Place(file, 2)));
    part.stamps.push((Table::Course, rows[0].symbol(), 1));
    let mut placing = Placing::default();
    for (file, line) in [("course.csv", 2), ("course_2.csv", 9), ("course_2.csv", 4)] {
        let file = placing.file(file);
        placing.push(file, line);
    }
    let report = FileReport { file: "course.csv".to_owned(), table: "course".into(), rows: 5, ..FileReport::default() };
    let header = Header {
        time: 7,
        source: "sis".to_owned(),
        label: "2025-09-02".to_owned(),
        files: vec![report],
        tables: vec![(Table::Course, Counts { upserts: 3, deletes: 1, key_changes: 1, rejected: 1 })],
        doubtful: vec![(Table::Course, Scope::default(), vec![RowName::Place(file, 3)])],
        delivered: vec![Table::Course],
        parts: 1,
        is_stream: false,
        is_ordered: false,
        held: Some(Quarantine {
            reason: HoldReason::Changed { file: "course.csv".to_owned() },
            lifted: Vec::new(),
            digests: BTreeMap::new(),
            unless_stated: Some(Mode::Delta),
        }),
    };
    let words = texts.since(&marks);
    let day = Date::ymd(2025, 9, 2).expect("a day of the calendar");
    let logged = [
        Logged::Segment { number: 1, rollcall: "0".to_owned() },
        Logged::Days(day),
        Logged::Places(placing.finish()),
        Logged::Part(part),
        Logged::Batch(header),
        Logged::Approved("sis".to_owned(), "2025-09-02".to_owned()),
    ];
    let begin = Begin { time: 1, log: Position { segment: 1, offset: 0 }, last: None };
    let sections = [
        Section::Begin(begin),
        Section::Words(words),
        Section::Rows(rows.to_vec()),
        Section::Faults(vec![rejected], Vec::new()),
        Section::State("roll".to_owned(), Bytes(vec![1; 40])),
        Section::End(5),
    ];
    let encoded = |value: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        value(&mut bytes);
        bytes
    };
    (
        logged.iter().map(|logged| encoded(&|bytes| record::encode(logged, bytes))).collect(),
        sections.iter().map(|section| encoded(&|bytes| record::encode(section, bytes))).collect(),
    )
}

/// Reads everything on a disk, as a start does before anything takes effect; returns the number of records.
fn read_disk(disk: &Simulated) -> usize {
    let mut texts = Texts::default();
    let mut count = 0;
    if let Ok(log) = Log::open(disk.clone())
        && let Ok(mut reader) = log.reader(log.begin(), None)
    {
        while let Ok(Some((item, _))) = reader.next_item() {
            count += 1;
            if let rollcall::store::Item::Batch(_, parts) = item {
                for part in parts {
                    let _ = texts.take(&part.words);
                    count += part.changes().take_while(Result::is_ok).count();
                    let _ = part.places.iter().take_while(Result::is_ok).count();
                }
            }
        }
        let _ = reader.tail();
    }
    for file in snapshot::list(disk).expect("a simulated disk lists its files") {
        let mut texts = Texts::default();
        let _ = snapshot::read(disk, &file, |section, _| {
            count += 1;
            if let Section::Words(words) = section {
                let _ = texts.take(&words);
            }
            Ok(())
        });
    }
    count
}

/// A disk with a log of these frames, and a snapshot.
fn disk(log: &[Vec<u8>], sections: &[Vec<u8>]) -> Simulated {
    let mut disk = Simulated::default();
    for (file, payloads) in [("log-00000001", log), ("snapshot-0000000000000001", sections)] {
        disk.append(file, &head::file(file, payloads)).expect("a simulated disk takes every byte");
    }
    disk
}

#[test]
fn a_log_that_claims_more_than_it_has_is_no_log() {
    let (log, sections) = kept();
    assert_eq!(read_disk(&disk(&log, &sections)), 3 + 7 + 4);
    // Every number in it becomes the maximum, with a valid checksum.
    for (is_log, payloads) in [(true, &log), (false, &sections)] {
        for record in 0..payloads.len() {
            for place in 0..payloads[record].len() {
                for claim in [&[253, 255, 255, 255, 255, 255, 255, 255, 127][..], &[252, 255, 255, 255, 3], &[255], &[]] {
                    let mut payloads = payloads.clone();
                    payloads[record].splice(place..=place, claim.iter().copied());
                    let disk = if is_log { disk(&payloads, &[]) } else { disk(&[], &payloads) };
                    let (_, most) = most_held(|| read_disk(&disk));
                    assert!(most <= frame::LONGEST + ANY, "record {record} at {place}: {most} bytes");
                }
            }
        }
    }
    // A frame that claims the maximum length.
    let mut head = b"RCFR\x01\0\0\0".to_vec();
    head.extend((frame::LONGEST as u32).to_le_bytes());
    let mut many = Simulated::default();
    many.append("log-00000001", &head.repeat(100_000)).expect("a simulated disk takes every byte");
    let (_, most) = most_held(|| read_disk(&many));
    assert!(most < 12 * 100_000 * 8, "{most} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// No bytes in a log or a snapshot cause a panic, with or without valid checksums.
    #[test]
    fn any_log_is_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..6),
        any in prop::collection::vec(any::<u8>(), 0..80),
        is_framed in any::<bool>(),
    ) {
        let (mut log, mut sections) = kept();
        for (record, place, byte) in changes {
            for payloads in [&mut log, &mut sections] {
                let payload = record.index(payloads.len());
                let place = place.index(payloads[payload].len());
                payloads[payload][place] = byte;
            }
        }
        if is_framed {
            log.insert(1, any.clone());
            sections.insert(1, any.clone());
        }
        let mut disk = disk(&log, &sections);
        if !is_framed {
            disk.append("log-00000001", &any).expect("a simulated disk takes every byte");
            disk.append("snapshot-0000000000000002", &any).expect("a simulated disk takes every byte");
        }
        let (_, most) = most_held(|| read_disk(&disk));
        prop_assert!(most <= frame::LONGEST + ANY, "{} bytes", most);
    }
}
