//! The log, the durable source of truth. Every batch is synced to it before anything derived from the batch becomes
//! visible; everything else can be rebuilt from the log and a snapshot.
//!
//! The log is a sequence of segments, `log-00000001` and so on; a segment is a sequence of [frames](frame); a frame
//! holds [records](record) that were synced together. Data written but not synced before a crash may be there, torn or
//! missing: it is the last frame of the last segment and is truncated. Damage anywhere else is an error with file and
//! offset, because nothing after it can be trusted.
//!
//! Segments are neither compressed nor encrypted; only their owner can read the files.

pub mod disk;
pub mod frame;
mod reader;
pub mod record;
pub mod snapshot;

pub(crate) use disk::Disk;
pub use reader::{Reader, Tail};
pub use record::{Computed, Counts, Header, HoldReason, Logged, Part, Places, Quarantine};

use crate::model::Date;
use serde::{Deserialize, Serialize};
use std::io;

/// The size in bytes after which a new segment begins.
const SEGMENT: u64 = 128 << 20;
/// The size in bytes after which a group of records is written.
const GROUP: usize = 4 << 20;

/// Why a log cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An operation of the disk failed.
    #[error("cannot {what} {file}: {source}")]
    Disk {
        /// The operation.
        what: &'static str,
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Bytes that differ from what was written.
    #[error("{file} is damaged at byte {offset}: {why}")]
    Damaged {
        /// The file.
        file: String,
        /// Where.
        offset: u64,
        /// Why.
        why: String,
    },
    /// The file was written by a later version.
    #[error("{file} was written by a later version of rollcall (format {version})")]
    Newer {
        /// The file.
        file: String,
        /// The version of its format.
        version: u8,
    },
    /// A snapshot that was written by an earlier version. Only the log is read across versions.
    #[error("{file} was written by an earlier version of rollcall (format {version})")]
    Older {
        /// The file.
        file: String,
        /// The version of its format.
        version: u8,
    },
    /// A segment is missing.
    #[error("{file} is missing from the log")]
    Missing {
        /// The file.
        file: String,
    },
    /// An earlier write failed, so the state of the disk is unknown.
    #[error("cannot write to the log: an earlier write failed")]
    Failed,
}

impl Error {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Error::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free disk space and restart; everything accepted so far is safe"
            }
            Error::Disk { source, .. } if source.kind() == io::ErrorKind::WouldBlock => {
                "wait until the other rollcall has stopped"
            }
            Error::Disk { .. } | Error::Failed => "repair the disk and restart; everything accepted so far is safe",
            Error::Damaged { .. } | Error::Missing { .. } => {
                "restore the file from a backup; nothing after it can be trusted"
            }
            Error::Newer { .. } => "use that version or a later one",
            Error::Older { .. } => "use that version, or replay the feed into a new folder",
        }
    }

    fn disk(what: &'static str, file: &str) -> impl FnOnce(io::Error) -> Error {
        let file = file.to_owned();
        move |source| Error::Disk { what, file, source }
    }
}

/// A position in the log, between records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The segment; 0 is before the first.
    pub segment: u64,
    /// The offset in it.
    pub offset: u64,
}

/// A log on a disk.
pub struct Log<D> {
    disk: D,
    /// The numbers of the segments, in order.
    segments: Vec<u64>,
    /// Where the next frame is written.
    end: Position,
    /// Records waiting to be written together.
    group: Vec<u8>,
    /// The size in bytes at which the group is written.
    group_limit: usize,
    failed: bool,
}

fn name(segment: u64) -> String {
    format!("log-{segment:08}")
}

impl<D: Disk> Log<D> {
    /// Opens the log on a disk for reading. Call [`Log::resume`] before writing.
    pub fn open(disk: D) -> Result<Log<D>, Error> {
        let names = disk.names().map_err(Error::disk("list", "the log"))?;
        let numbers = names.iter().filter_map(|name| name.strip_prefix("log-")?.parse().ok());
        let segments: Vec<u64> = numbers.collect();
        if let Some(gap) = segments.windows(2).find(|pair| pair[0] + 1 != pair[1]) {
            return Err(Error::Missing { file: name(gap[0] + 1) });
        }
        Ok(Log { disk, segments, end: Position::default(), group: Vec::new(), group_limit: GROUP, failed: true })
    }

    /// The disk, for files other than the segments.
    pub(crate) fn disk(&mut self) -> &mut D {
        &mut self.disk
    }

    /// The disk, read only.
    pub(crate) fn read_only(&self) -> &D {
        &self.disk
    }

    /// The beginning of the oldest segment.
    pub fn begin(&self) -> Position {
        Position { segment: self.segments.first().copied().unwrap_or(1), offset: 0 }
    }

    /// Where to begin reading without a snapshot. A pruned log needs a snapshot.
    pub(crate) fn origin(&self) -> Result<Position, Error> {
        let begin = self.begin();
        if begin.segment > 1 { Err(Error::Missing { file: name(1) }) } else { Ok(begin) }
    }

    /// Where the first item begins that is there as a whole: the oldest segment of a pruned log may begin within a batch, and
    /// snapshots lie between items.
    pub(crate) fn first_item(&self) -> Result<Position, Error> {
        let begin = self.begin();
        if begin.segment <= 1 {
            return Ok(begin);
        }
        let snapshots = snapshot::list(&self.disk)?;
        let positions = snapshots.iter().filter_map(|file| Some(snapshot::read(&self.disk, file, |_| Ok(())).ok()?.log));
        Ok(positions.filter(|position| *position >= begin).min().unwrap_or(begin))
    }

    /// Reads from a position on.
    pub fn reader(&self, from: Position) -> Result<Reader<'_, D>, Error> {
        let from = from.max(Position { segment: 1, offset: 0 });
        let first = self.begin();
        if from < first {
            return Err(Error::Missing { file: name(from.segment) });
        }
        if from.segment > self.segments.last().copied().unwrap_or(1) {
            return Err(Error::Missing { file: name(from.segment) });
        }
        Ok(Reader::at(self, from))
    }

    /// Prepares for writing at `end`, the end of what was read; torn or unfinished data after it is truncated.
    pub fn resume(&mut self, end: Position) -> Result<(), Error> {
        let beyond: Vec<u64> = self.segments.iter().copied().filter(|&segment| segment > end.segment).collect();
        // From last to first, so that a crash in between leaves no gaps.
        for segment in beyond.into_iter().rev() {
            self.disk.remove(&name(segment)).map_err(Error::disk("remove", &name(segment)))?;
        }
        self.segments.retain(|segment| *segment <= end.segment);
        if self.segments.contains(&end.segment) {
            let file = name(end.segment);
            let length = self.disk.length(&file).map_err(Error::disk("look at", &file))?;
            if length > end.offset {
                self.disk.truncate(&file, end.offset).map_err(Error::disk("cut", &file))?;
            }
        }
        (self.end, self.failed) = (end, false);
        Ok(())
    }

    /// Adds an item to the current group, which is written when it is large enough or by [`Log::commit`].
    pub fn append(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Days(day) => record::encode(&Logged::Days(*day), &mut self.group),
            Item::Computed(computed) => record::encode(&Logged::Computed(computed.clone()), &mut self.group),
            Item::Approved(source, label) => {
                record::encode(&Logged::Approved(source.clone(), label.clone()), &mut self.group);
            }
            Item::Batch(header, parts) => {
                let size: usize = parts.iter().map(Part::bytes).sum();
                let is_large = size > self.group_limit;
                if is_large {
                    // A large batch has one frame per part; commit earlier items first so that they do not depend on it.
                    self.commit()?;
                }
                for part in parts {
                    // Places are in one frame with their part: either both exist or neither.
                    if !part.places.is_empty() {
                        record::encode(&Logged::Places(part.places.clone()), &mut self.group);
                    }
                    record::encode(&Logged::Part(part.clone()), &mut self.group);
                    if is_large {
                        self.commit()?;
                    }
                }
                record::encode(&Logged::Batch(header.clone()), &mut self.group);
            }
        }
        if self.group.len() > self.group_limit { self.commit() } else { Ok(()) }
    }

    /// Writes the current group and returns once it is durable.
    pub fn commit(&mut self) -> Result<(), Error> {
        if self.group.is_empty() {
            return Ok(());
        }
        if self.failed {
            return Err(Error::Failed);
        }
        // After a failure the state of the disk is unknown until it is read again.
        self.failed = true;
        if self.end.segment == 0 || self.end.offset > SEGMENT {
            self.end = Position { segment: self.end.segment + 1, offset: 0 };
        }
        let mut bytes = Vec::with_capacity(self.group.len() + 2 * frame::HEAD);
        if self.end.offset == 0 {
            let mut first = Vec::new();
            let (number, rollcall) = (self.end.segment, env!("CARGO_PKG_VERSION").to_owned());
            record::encode(&Logged::Segment { number, rollcall }, &mut first);
            // In one frame with what follows: a segment either has content or is torn.
            first.append(&mut self.group);
            self.group = first;
        }
        frame::write(&self.group, &mut bytes);
        let file = name(self.end.segment);
        self.disk.append(&file, &bytes).map_err(Error::disk("write", &file))?;
        self.disk.sync(&file).map_err(Error::disk("sync", &file))?;
        if self.segments.last() != Some(&self.end.segment) {
            self.segments.push(self.end.segment);
        }
        self.end.offset += bytes.len() as u64;
        self.group.clear();
        self.failed = false;
        Ok(())
    }

    /// The end of the durable log.
    pub(crate) fn end(&self) -> Position {
        self.end
    }

    /// The number of bytes between two positions.
    pub(crate) fn bytes_between(&self, from: Position, to: Position) -> Result<u64, Error> {
        let mut bytes = 0;
        for segment in self.segments.iter().copied().filter(|segment| (from.segment..=to.segment).contains(segment)) {
            let file = name(segment);
            let begin = if segment == from.segment { from.offset } else { 0 };
            let end = if segment == to.segment {
                to.offset
            } else {
                self.disk.length(&file).map_err(Error::disk("look at", &file))?
            };
            bytes += end.saturating_sub(begin);
        }
        Ok(bytes)
    }

    /// Removes the segments that end before a position and returns how many. History on the days in them can no longer
    /// be queried.
    pub fn prune(&mut self, before: Position) -> Result<usize, Error> {
        let mut removed = 0;
        while self.segments.first().is_some_and(|segment| *segment < before.segment) {
            let file = name(self.segments[0]);
            self.disk.remove(&file).map_err(Error::disk("remove", &file))?;
            self.segments.remove(0);
            removed += 1;
        }
        Ok(removed)
    }
}

/// A complete logged item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are batches")]
pub enum Item {
    /// Days passed up to this one.
    Days(Date),
    /// A batch.
    Batch(Header, Vec<Part>),
    /// Outputs after this are computed with these settings.
    Computed(Computed),
    /// A delivery on hold is approved: its source and its label.
    Approved(String, String),
}

#[cfg(test)]
mod tests {
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
        let mut reader = log.reader(log.begin())?;
        let (mut items, mut good) = (Vec::new(), log.begin());
        while let Some((item, end)) = reader.next_item()? {
            items.push(item);
            good = end;
        }
        Ok((items, reader.tail(good)?))
    }

    fn opened(disk: &Simulated) -> Result<(Log<Simulated>, Vec<Item>, Tail), Error> {
        let mut log = Log::open(disk.clone())?;
        let (items, tail) = all(&log)?;
        log.resume(tail.end)?;
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
                    assert!(done < 8 || failing == Failing::Full, "{failing:?} at {operation} was noticed");
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

    #[test]
    fn damage_before_the_end_is_located_and_damage_at_the_end_is_truncated() {
        let disk = Simulated::default();
        write(&mut opened(&disk).unwrap().0, 0).unwrap();
        let bytes = disk.bytes("log-00000001");
        let starts: Vec<usize> = memchr::memmem::find_iter(&bytes, b"RCFR").collect();
        let last = *starts.last().unwrap();
        for offset in 0..bytes.len() {
            let disk = disk.copy();
            disk.damage("log-00000001", offset);
            let begin = *starts.iter().rfind(|start| **start <= offset).unwrap() as u64;
            match opened(&disk) {
                Ok((_, items, tail)) => {
                    assert!(offset >= last, "byte {offset} is in the middle");
                    assert_eq!((items.len(), tail.cut), (7, (bytes.len() - last) as u64));
                }
                Err(Error::Damaged { file, offset: at, .. }) => {
                    assert_eq!((file.as_str(), at), ("log-00000001", begin), "byte {offset}");
                }
                Err(error) => panic!("byte {offset}: {error}"),
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
            let (mut payload, mut bytes) = (Vec::new(), Vec::new());
            records.iter().for_each(|record| record::encode(record, &mut payload));
            frame::write(&payload, &mut bytes);
            let mut disk = Simulated::default();
            disk.append("log-00000001", &bytes).unwrap();
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
        let framed = |records: &[Logged]| {
            let (mut payload, mut bytes) = (Vec::new(), Vec::new());
            records.iter().for_each(|record| record::encode(record, &mut payload));
            frame::write(&payload, &mut bytes);
            bytes
        };
        let mut disk = Simulated::default();
        disk.append("log-00000001", &framed(&[Logged::Part(Part::default())])).unwrap();
        let rest = framed(&[Logged::Part(Part::default()), Logged::Batch(header(1, 2))]);
        let after = Position { segment: 2, offset: rest.len() as u64 };
        disk.append("log-00000002", &[rest, framed(&[Logged::Days(day(1))])].concat()).unwrap();
        let mut log = Log::open(disk.clone()).unwrap();
        assert_eq!(log.first_item().unwrap(), Position { segment: 1, offset: 0 });
        let begin = snapshot::Begin { time: 1, log: after, rollcall: String::new() };
        snapshot::write(&mut disk, begin, std::iter::empty()).unwrap();
        assert_eq!(log.prune(after).unwrap(), 1);
        assert!(log.reader(log.begin()).unwrap().next_item().is_err(), "half a batch");
        let mut reader = log.reader(log.first_item().unwrap()).unwrap();
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
        assert!(matches!(log.reader(first), Err(Error::Missing { file }) if file == "log-00000001"));
        let mut disk = disk.clone();
        disk.append("log-00000004", b"").unwrap();
        assert!(matches!(Log::open(disk), Err(Error::Missing { file }) if file == "log-00000003"));
    }
}
