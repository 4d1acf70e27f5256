//! The log: the durable truth. Every batch is in it, synced, before anything that follows from it is visible; from it and
//! a snapshot everything else can be made again.
//!
//! The log is a row of segments, `log-00000001` and so on; a segment is a row of [frames](frame); a frame holds
//! [records](record) that were synced together. What was written and not synced when a process died may be there, torn,
//! or not: it is the last frame of the last segment, and is cut. Damage anywhere else is an error with file and offset,
//! because what follows it cannot be trusted.
//!
//! What is not done: segments are not compressed, and not encrypted; files are readable by their owner only.

pub mod disk;
pub mod frame;
pub mod record;
pub mod snapshot;

pub use disk::Disk;
pub use record::{Computed, Counts, Header, HoldReason, Logged, Part, Places, Quarantine};

use crate::model::Date;
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// How long a segment grows before another is begun, in bytes.
const SEGMENT: u64 = 128 << 20;
/// How much is gathered in a group before it is written, in bytes.
const GROUP: usize = 4 << 20;

/// What keeps a log from being read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The disk does not do what it is asked to.
    #[error("cannot {what} {file}: {source}")]
    Disk {
        /// What was asked of it.
        what: &'static str,
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// Bytes that are not what was written.
    #[error("{file} is damaged at byte {offset}: {why}")]
    Damaged {
        /// The file.
        file: String,
        /// Where.
        offset: u64,
        /// Why.
        why: String,
    },
    /// It was written by a later version.
    #[error("{file} was written by a later version of rollcall (format {version})")]
    Newer {
        /// The file.
        file: String,
        /// The version of its format.
        version: u8,
    },
    /// Segments that should be there are not.
    #[error("the log lacks {file}")]
    Missing {
        /// The file.
        file: String,
    },
    /// An earlier write failed, and what is on the disk is not known.
    #[error("the log cannot be written any more: an earlier write failed")]
    Failed,
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::Disk { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "make room and start again; what was taken until then is safe"
            }
            Error::Disk { source, .. } if source.kind() == io::ErrorKind::WouldBlock => "wait until it has stopped",
            Error::Disk { .. } | Error::Failed => "mend the disk and start again; what was taken until then is safe",
            Error::Damaged { .. } | Error::Missing { .. } => {
                "bring the file back from a backup; what follows it cannot be trusted without it"
            }
            Error::Newer { .. } => "use that version",
        }
    }

    fn disk(what: &'static str, file: &str) -> impl FnOnce(io::Error) -> Error {
        let file = file.to_owned();
        move |source| Error::Disk { what, file, source }
    }
}

/// A place in the log, between records.
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
    /// The numbers of the segments, one after the other.
    segments: Vec<u64>,
    /// Where the next frame is written.
    end: Position,
    /// Records that wait to be written together.
    group: Vec<u8>,
    /// How large the group grows before it is written, in bytes.
    gathers: usize,
    failed: bool,
}

fn name(segment: u64) -> String {
    format!("log-{segment:08}")
}

impl<D: Disk> Log<D> {
    /// Opens the log on a disk. It can be read; before it is written, [`Log::resume`] says from where.
    pub fn open(disk: D) -> Result<Log<D>, Error> {
        let names = disk.names().map_err(Error::disk("list", "the log"))?;
        let numbers = names.iter().filter_map(|name| name.strip_prefix("log-")?.parse().ok());
        let segments: Vec<u64> = numbers.collect();
        if let Some(gap) = segments.windows(2).find(|pair| pair[0] + 1 != pair[1]) {
            return Err(Error::Missing { file: name(gap[0] + 1) });
        }
        Ok(Log { disk, segments, end: Position::default(), group: Vec::new(), gathers: GROUP, failed: true })
    }

    /// The disk, for what stands beside the segments.
    pub fn disk(&mut self) -> &mut D {
        &mut self.disk
    }

    /// The same, for those who only read.
    pub fn read_only(&self) -> &D {
        &self.disk
    }

    /// Where the first segment that is kept begins.
    pub fn begin(&self) -> Position {
        Position { segment: self.segments.first().copied().unwrap_or(1), offset: 0 }
    }

    /// Where one begins to read who has no snapshot. A log that was pruned cannot be understood without one.
    pub fn origin(&self) -> Result<Position, Error> {
        let begin = self.begin();
        if begin.segment > 1 { Err(Error::Missing { file: name(1) }) } else { Ok(begin) }
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
        Ok(Reader { log: self, position: from, open: None, payload: Vec::new(), read: 0, torn: 0 })
    }

    /// Goes on writing behind what was read: what stands there is torn or unfinished, and is cut.
    pub fn resume(&mut self, end: Position) -> Result<(), Error> {
        let beyond: Vec<u64> = self.segments.iter().copied().filter(|&segment| segment > end.segment).collect();
        // From the last to the first: a crash in between leaves a log without gaps.
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

    /// Adds an item to the group in hand, which is written when it is large, and else by [`Log::commit`].
    pub fn append(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Days(day) => record::encode(&Logged::Days(*day), &mut self.group),
            Item::Computed(computed) => record::encode(&Logged::Computed(computed.clone()), &mut self.group),
            Item::Released(source, label) => {
                record::encode(&Logged::Released(source.clone(), label.clone()), &mut self.group);
            }
            Item::Batch(header, parts) => {
                let size: usize = parts.iter().map(Part::bytes).sum();
                let is_large = size > self.gathers;
                if is_large {
                    // Parts in frames of their own: none is left behind a whole item when the rest is lost.
                    self.commit()?;
                }
                for part in parts {
                    // In one frame with the part: neither is there without the other.
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
        if self.group.len() > self.gathers { self.commit() } else { Ok(()) }
    }

    /// Writes the group in hand and returns when it is durable.
    pub fn commit(&mut self) -> Result<(), Error> {
        if self.group.is_empty() {
            return Ok(());
        }
        if self.failed {
            return Err(Error::Failed);
        }
        // What is on the disk after a failure is not known before it is read again.
        self.failed = true;
        if self.end.segment == 0 || self.end.offset > SEGMENT {
            self.end = Position { segment: self.end.segment + 1, offset: 0 };
        }
        let mut bytes = Vec::with_capacity(self.group.len() + 2 * frame::HEAD);
        if self.end.offset == 0 {
            let mut first = Vec::new();
            let (number, rollcall) = (self.end.segment, env!("CARGO_PKG_VERSION").to_owned());
            record::encode(&Logged::Segment { number, rollcall }, &mut first);
            // In one frame with what follows: a segment is there with something in it, or torn.
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

    /// Where what is durable ends.
    pub fn end(&self) -> Position {
        self.end
    }

    /// How many bytes there are between two positions.
    pub fn bytes_between(&self, from: Position, to: Position) -> Result<u64, Error> {
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

    /// Removes the segments that end before a position; gives how many. What was known on the days in them can no longer
    /// be told.
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

/// Something that was logged, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are batches")]
pub enum Item {
    /// Days passed up to this one.
    Days(Date),
    /// A batch.
    Batch(Header, Vec<Part>),
    /// From here on outputs are computed with this.
    Computed(Computed),
    /// A delivery that is held may be taken: its source, and what it is called.
    Released(String, String),
}

/// What stands at the end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Where the last whole item ends.
    pub end: Position,
    /// Bytes behind it: of a frame that was torn, or of a batch without its header.
    pub cut: u64,
}

/// Reads a log, item by item.
pub struct Reader<'a, D> {
    log: &'a Log<D>,
    /// Where the frame ends that is in the buffer.
    position: Position,
    open: Option<Box<dyn Read + 'a>>,
    payload: Vec<u8>,
    /// How much of the payload was read.
    read: usize,
    torn: u64,
}

impl<D: Disk> Reader<'_, D> {
    /// The next item, and where it ends. Items of one frame end where the frame does.
    pub fn next_item(&mut self) -> Result<Option<(Item, Position)>, Error> {
        let mut parts = Vec::new();
        let next = self.next_by_parts(&mut |part| parts.push(part))?;
        Ok(next.map(|(item, end)| match item {
            Item::Batch(header, _) => (Item::Batch(header, parts), end),
            item => (item, end),
        }))
    }

    /// The same, with the parts of a batch given away as they are read, which the item is then without: a batch may be as
    /// large as a district. What they say holds when the batch comes, and else nothing of it does.
    pub fn next_by_parts(&mut self, take: &mut dyn FnMut(Part)) -> Result<Option<(Item, Position)>, Error> {
        let (mut parts, mut places) = (0, None);
        while let Some(record) = self.record()? {
            if places.is_some() && !matches!(record, Logged::Part(_)) {
                return Err(self.damaged("places are here of a part that is not"));
            }
            match record {
                Logged::Segment { .. } => {}
                Logged::Days(day) => return Ok(Some((Item::Days(day), self.position))),
                Logged::Computed(computed) => return Ok(Some((Item::Computed(computed), self.position))),
                Logged::Released(source, label) => return Ok(Some((Item::Released(source, label), self.position))),
                Logged::Places(of) => places = Some(of),
                Logged::Part(part) => {
                    parts += 1;
                    take(Part { places: places.take().unwrap_or_default(), ..part });
                }
                Logged::Batch(header) => {
                    if parts != header.parts {
                        let why = format!("a batch has {} parts and {parts} are here", header.parts);
                        return Err(self.damaged(why));
                    }
                    return Ok(Some((Item::Batch(header, Vec::new()), self.position)));
                }
            }
        }
        Ok(None)
    }

    /// What stands at the end, once everything was read; `good` is where the last whole item ended.
    pub fn tail(&self, good: Position) -> Result<Tail, Error> {
        Ok(Tail { end: good, cut: self.log.bytes_between(good, self.position)? + self.torn })
    }

    fn damaged(&self, why: impl Into<String>) -> Error {
        Error::Damaged { file: name(self.position.segment), offset: self.position.offset, why: why.into() }
    }

    fn record(&mut self) -> Result<Option<Logged>, Error> {
        while self.read == self.payload.len() {
            if !self.frame()? {
                return Ok(None);
            }
        }
        let mut rest = &self.payload[self.read..];
        let record = record::decode(&mut rest).map_err(|error| self.damaged(error.to_string()))?;
        self.read = self.payload.len() - rest.len();
        Ok(Some(record))
    }

    /// Reads the next frame into the buffer; false at the end.
    fn frame(&mut self) -> Result<bool, Error> {
        (self.read, self.torn) = (0, 0);
        loop {
            let file = name(self.position.segment);
            let is_last = self.log.segments.last().is_none_or(|last| *last <= self.position.segment);
            if self.log.segments.is_empty() {
                self.payload.clear();
                return Ok(false);
            }
            let open = match &mut self.open {
                Some(open) => open,
                none => {
                    let read = self.log.disk.read(&file, self.position.offset).map_err(Error::disk("read", &file))?;
                    none.insert(read)
                }
            };
            match frame::read(&mut **open, &mut self.payload).map_err(Error::disk("read", &file))? {
                frame::Found::Whole => {
                    self.position.offset += (frame::HEAD + self.payload.len()) as u64;
                    return Ok(true);
                }
                frame::Found::End if is_last => {
                    self.payload.clear();
                    return Ok(false);
                }
                frame::Found::End => {
                    self.position = Position { segment: self.position.segment + 1, offset: 0 };
                    self.open = None;
                }
                frame::Found::Newer(version) => return Err(Error::Newer { file, version }),
                frame::Found::Bad(why) => {
                    self.payload.clear();
                    let mut rest = Vec::new();
                    let mut read = self.log.disk.read(&file, self.position.offset).map_err(Error::disk("read", &file))?;
                    read.read_to_end(&mut rest).map_err(Error::disk("read", &file))?;
                    // Each frame is synced before the next is written: with a sound one behind it, this one was sound too.
                    if !is_last || frame::any_in(&rest[1..]) {
                        return Err(self.damaged(why));
                    }
                    self.torn = rest.len() as u64;
                    return Ok(false);
                }
            }
        }
    }
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

    /// Everything in the log, and its tail.
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

    /// Days and batches, each committed by itself, a batch of three parts among them; gives how many came through.
    fn write(log: &mut Log<Simulated>, from: usize) -> Result<usize, (usize, Error)> {
        log.gathers = 20;
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
            // More than is gathered in one frame.
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
                        assert!(matches!(further, Err(Error::Failed)), "what a failed write left is not known");
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
    fn damage_before_the_end_has_a_place_and_at_the_end_is_cut() {
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
    fn places_stand_before_their_part_and_nowhere_else() {
        for (records, is_sound) in [
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
                    assert!(is_sound && parts[0].places == places());
                }
                Err(error) => assert!(!is_sound && matches!(error, Error::Damaged { .. }), "{error}"),
            }
        }
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
