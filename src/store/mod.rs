//! The log, the durable source of truth. Every batch is synced to it before anything derived from the batch becomes
//! visible; everything else can be rebuilt from the log and a snapshot.
//!
//! The log is a sequence of segments, `log-00000001` and so on; a segment is a sequence of [frames](frame); a frame
//! holds [records](record) that were synced together. Data written but not synced before a crash may be there, torn or
//! missing: it is the last frame of the last segment and is truncated. Damage anywhere else is an error with file and
//! offset, because nothing after it can be trusted.
//!
//! Each file begins with a [head] that states its [schema], and each frame with the checksum of the one
//! before, so that files of different histories are not taken for one. The [seal] records how far the log was acknowledged.
//!
//! Segments are neither compressed nor encrypted; only their owner can read the files.

pub mod backup;
pub mod disk;
pub mod frame;
pub mod head;
mod hold;
mod reader;
pub mod record;
mod repair;
pub mod schema;
pub mod seal;
pub mod snapshot;

pub(crate) use disk::Disk;
pub use hold::{HoldReason, Quarantine};
pub use reader::{Reader, Tail};
pub use record::{Computed, Counts, Header, Logged, Part, Places};

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
                "restore all of state/ and reports/changes/ from one backup, or go on with `rollcall log repair`"
            }
            Error::Older { .. } => "use that version, or replay the feed into a new folder",
        }
    }

    pub(crate) fn disk(what: &'static str, file: &str) -> impl FnOnce(io::Error) -> Error {
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

/// The file of a segment.
pub(crate) fn name(segment: u64) -> String {
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

    /// Where the first item begins that is there as a whole: the oldest segment of a pruned log may begin within a batch,
    /// and snapshots lie between items.
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
        // A repaired log may begin behind a snapshot, with a segment that does not exist yet.
        let is_new = self.segments.is_empty() && from.offset == 0;
        if !is_new && from.segment > self.segments.last().copied().unwrap_or(1) {
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
        let mut from = match self.disk.read(&file, link.begin.offset) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::Missing { file }),
            other => other.map_err(Error::disk("read", &file))?,
        };
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
        self.is_current = true;
        if self.segments.contains(&end.segment) {
            self.is_current = end.offset == 0 || self.read_head(end.segment)?.0.is_current();
            let file = name(end.segment);
            let length = self.disk.length(&file).map_err(Error::disk("look at", &file))?;
            if length > end.offset {
                self.disk.truncate(&file, end.offset).map_err(Error::disk("cut", &file))?;
            }
        }
        (self.end, self.last, self.failed) = (end, tail.last, false);
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
        if self.end.segment == 0 || self.end.offset > SEGMENT || !self.is_current {
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
mod tests;
