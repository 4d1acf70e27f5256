//! The log, the durable source of truth. Every batch is synced to it before anything derived from the batch becomes
//! visible; everything else can be rebuilt from the log and a snapshot.
//!
//! The log is a sequence of segments, `log-00000001` and so on; a segment is a sequence of [frames](frame); a frame
//! holds [records](record) that were synced together. Data written but not synced before a crash may be there, torn or
//! missing: it is the last frame of the last segment and is truncated. Damage anywhere else is an error with file and
//! offset, because nothing after it can be trusted.
//!
//! Each file begins with a [head](head) that states its [schema](schema), and each frame with the checksum of the one before, so
//! that files of different histories are not taken for one. How far the log was acknowledged stands in the [seal](seal).
//!
//! Segments are neither compressed nor encrypted; only their owner can read the files.

pub mod disk;
pub mod frame;
pub mod head;
mod reader;
pub mod record;
pub mod schema;
pub mod seal;
pub mod snapshot;

pub(crate) use disk::Disk;
pub use reader::{Reader, Tail};
pub use record::{Computed, Counts, Header, HoldReason, Logged, Part, Places, Quarantine};

use crate::model::Date;
use head::Head;
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
    /// The file holds something that only another version knows.
    #[error("{file} was written by rollcall {rollcall}: {what}")]
    Foreign {
        /// The file.
        file: String,
        /// The version that wrote it.
        rollcall: String,
        /// What it holds.
        what: String,
    },
    /// Files that do not belong together, or of which something is missing.
    #[error("{0}")]
    Contradiction(String),
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
            Error::Newer { .. } | Error::Foreign { .. } => "use that version or a later one",
            Error::Contradiction(_) => {
                "restore all of state/ and reports/changes/ from one backup, or see what `rollcall log repair` would do"
            }
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

/// A frame of the log, by which its successor is recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it begins.
    pub begin: Position,
    /// Its checksum.
    pub sum: u32,
}

/// A log on a disk.
pub struct Log<D> {
    disk: D,
    /// The numbers of the segments, in order.
    segments: Vec<u64>,
    /// How far the log was acknowledged when it was opened, if that is known.
    sealed: Option<Position>,
    /// Where the next frame is written.
    end: Position,
    /// The frame before it.
    last: Option<Link>,
    /// Whether the segment of the end has the schema of this version; otherwise a new segment is begun.
    is_current: bool,
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
        let sealed = seal::read(&disk)?;
        let (end, group) = (Position::default(), Vec::new());
        Ok(Log { disk, segments, sealed, end, last: None, is_current: false, group, group_limit: GROUP, failed: true })
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
        let positions = snapshots.iter().filter_map(|file| Some(snapshot::read(&self.disk, file, |_, _| Ok(())).ok()?.log));
        Ok(positions.filter(|position| *position >= begin).min().unwrap_or(begin))
    }

    /// Reads from a position on; `last` is the frame before it, if that is known.
    pub fn reader(&self, from: Position, last: Option<Link>) -> Result<Reader<'_, D>, Error> {
        let from = from.max(Position { segment: 1, offset: 0 });
        let first = self.begin();
        if from < first {
            return Err(Error::Missing { file: name(from.segment) });
        }
        if from.segment > self.segments.last().copied().unwrap_or(1) {
            return Err(Error::Missing { file: name(from.segment) });
        }
        if let Some(last) = last {
            self.check(from, last)?;
        }
        Ok(Reader::at(self, from, last))
    }

    /// Checks that a frame which somebody remembers is there and ends at a position.
    fn check(&self, end: Position, link: Link) -> Result<(), Error> {
        let file = name(link.begin.segment);
        let mut payload = Vec::new();
        let mut from = self.disk.read(&file, link.begin.offset).map_err(Error::disk("read", &file))?;
        let found = frame::read(&mut *from, &mut payload).map_err(Error::disk("read", &file))?;
        let is_it = |frame: frame::Frame| {
            frame.sum == link.sum
                && link.begin.segment == end.segment
                && link.begin.offset + frame.length as u64 == end.offset
        };
        if matches!(found, frame::Found::Whole(frame) if is_it(frame)) {
            return Ok(());
        }
        let length = self.disk.length(&file).map_err(Error::disk("look at", &file))?;
        let Position { offset, .. } = end;
        Err(Error::Contradiction(if length < offset {
            format!("a snapshot continues {file} at byte {offset}, but {file} ends at byte {length}: something is missing")
        } else {
            format!("a snapshot continues {file} at byte {offset}, but something else was logged there")
        }))
    }

    /// Prepares for writing at the end of what was read; torn or unfinished data after it is truncated.
    pub fn resume(&mut self, tail: &Tail) -> Result<(), Error> {
        let end = tail.end;
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
        (self.end, self.last, self.is_current, self.failed) = (end, tail.last, tail.is_current, false);
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
                        // It can still be cut off, so it is not sealed.
                        self.write()?;
                    }
                }
                record::encode(&Logged::Batch(header.clone()), &mut self.group);
            }
        }
        if self.group.len() > self.group_limit { self.commit() } else { Ok(()) }
    }

    /// Writes the current group and returns once it is durable.
    pub fn commit(&mut self) -> Result<(), Error> {
        if !self.group.is_empty() {
            self.write()?;
            // After the sync, so that what is sealed is there, whatever happens.
            self.failed = true;
            seal::write(&mut self.disk, self.end)?;
            self.failed = false;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Error> {
        if self.failed {
            return Err(Error::Failed);
        }
        // After a failure the state of the disk is unknown until it is read again.
        self.failed = true;
        let is_foreign = self.end.offset > 0 && !self.is_current;
        if self.end.segment == 0 || self.end.offset > SEGMENT || is_foreign {
            self.end = Position { segment: self.end.segment + 1, offset: 0 };
        }
        let file = name(self.end.segment);
        let mut before = self.last.map_or(0, |last| last.sum);
        let mut bytes = Vec::with_capacity(self.group.len() + 2 * frame::HEAD);
        if self.end.offset == 0 {
            // Synced before what follows, like every frame.
            before = Head::new(&file, before).write(&mut bytes);
            self.put(&file, &mut bytes)?;
        }
        let begin = self.end;
        let sum = frame::write(frame::Kind::Content, before, &self.group, &mut bytes);
        self.put(&file, &mut bytes)?;
        if self.segments.last() != Some(&self.end.segment) {
            self.segments.push(self.end.segment);
        }
        (self.last, self.is_current) = (Some(Link { begin, sum }), true);
        self.group.clear();
        self.failed = false;
        Ok(())
    }

    /// Writes bytes at the end, durably.
    fn put(&mut self, file: &str, bytes: &mut Vec<u8>) -> Result<(), Error> {
        self.disk.append(file, bytes).map_err(Error::disk("write", file))?;
        self.disk.sync(file).map_err(Error::disk("sync", file))?;
        self.end.offset += bytes.len() as u64;
        bytes.clear();
        Ok(())
    }

    /// The last durable frame.
    pub(crate) fn last(&self) -> Option<Link> {
        self.last
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
        assert_eq!(
            (tail.end.offset, log.end(), disk.operations()),
            (length, tail.end, operations),
            "there is nothing to cut"
        );
        let end = Position { offset: length - 1, ..tail.end };
        log.resume(&Tail { end, ..tail }).unwrap();
        assert_eq!(disk.length("log-00000001").unwrap(), length - 1);
        log.resume(&Tail { end: Position::default(), ..tail }).unwrap();
        assert_eq!(disk.names().unwrap(), ["sealed"]);
    }
}
