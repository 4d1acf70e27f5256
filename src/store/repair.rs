//! What a repair asks of the log: how far it is intact, heads written again, and a beginning behind a snapshot.

use super::frame::{self, Found};
use super::head::Head;
use super::{Disk, Error, GROUP, Item, Link, Log, Position, Reader, Tail, name, seal, snapshot};
use crate::model::timestamp;
use std::io::{self, Read};

/// How far a log is intact.
pub(crate) struct Intact {
    /// The end of what is intact, and how many bytes are after it.
    pub tail: Tail,
    /// The timestamp of the last batch or day in it, if there is one.
    pub time: Option<u64>,
    /// Why it ends there, unless the log ends.
    pub why: Option<String>,
}

impl<D: Disk> Log<D> {
    /// Opens it to repair it, whatever is missing.
    pub(crate) fn open_as_found(disk: D) -> Result<Log<D>, Error> {
        let names = disk.names().map_err(Error::disk("list", "the log"))?;
        let segments: Vec<u64> = names.iter().filter_map(|name| name.strip_prefix("log-")?.parse().ok()).collect();
        let sealed = seal::read(&disk)?;
        let (end, group) = (Position::default(), Vec::new());
        Ok(Log { disk, segments, sealed, end, last: None, is_current: false, group, group_limit: GROUP, failed: true })
    }

    /// Reads as far as everything is intact: from a snapshot, or from the first complete item.
    ///
    /// # Errors
    ///
    /// What only another version can read, and a disk that fails.
    pub(crate) fn intact(&self, from: Option<(Position, Option<Link>)>) -> Result<Intact, Error> {
        let (from, last) = match from {
            Some(from) => from,
            None => (self.first_item()?, None),
        };
        let mut reader = Reader::at(self, from, last);
        let mut time = None;
        let why = loop {
            match reader.next_by_parts(&mut |_| {}) {
                Ok(Some((Item::Batch(header, _), _))) => time = Some(header.time),
                Ok(Some((Item::Days(day), _))) => time = Some(timestamp::at(day, 0)),
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(error @ (Error::Newer { .. } | Error::Foreign { .. })) => return Err(error),
                Err(Error::Disk { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    break Some("a file of the log is missing".to_owned());
                }
                Err(error @ Error::Disk { .. }) => return Err(error),
                Err(error) => break Some(error.to_string()),
            }
        };
        let tail = reader.tail()?;
        let cut = self.bytes_between(tail.end, Position { segment: u64::MAX, offset: 0 })?;
        Ok(Intact { tail: Tail { cut, ..tail }, time, why })
    }

    /// Whether the frame that somebody remembers is there and ends at a position.
    pub(crate) fn has(&self, end: Position, last: Option<Link>) -> bool {
        end.segment >= self.begin().segment && last.is_none_or(|last| self.check(end, last).is_ok())
    }

    /// Writes damaged heads again, where that can be done exactly: what follows states the checksum of the head, and
    /// other files have heads of the same version. Returns the files.
    pub(crate) fn restore_heads(&mut self) -> Result<Vec<String>, Error> {
        let mut known = vec![Head::new("", 0)];
        let names = self.disk.names().map_err(Error::disk("list", "the log"))?;
        for file in names.iter().filter(|name| name.starts_with("log-") || name.starts_with("snapshot-")) {
            known.extend(Head::of(&self.disk, file).ok().flatten().map(|(head, _)| head));
        }
        let (mut restored, mut before) = (Vec::new(), (self.begin().segment == 1).then_some(0));
        for segment in self.segments.clone() {
            let file = name(segment);
            if let (Err(Error::Damaged { .. }), Some(before)) = (Head::of(&self.disk, &file), before) {
                for head in &known {
                    if self.restore_head(Head { file: file.clone(), before, ..head.clone() })? {
                        restored.push(file.clone());
                        break;
                    }
                }
            }
            before = self.last_sum(&file)?;
        }
        Ok(restored)
    }

    /// Writes a head in the place of a damaged one, if what follows proves that it was this one.
    fn restore_head(&mut self, head: Head) -> Result<bool, Error> {
        /// The file until it is complete.
        const PART: &str = "head.part";
        let (file, mut bytes, mut payload) = (head.file.clone(), Vec::new(), Vec::new());
        let sum = head.write(&mut bytes);
        let mut rest = Vec::new();
        let mut from = self.disk.read(&file, bytes.len() as u64).map_err(Error::disk("read", &file))?;
        from.read_to_end(&mut rest).map_err(Error::disk("read", &file))?;
        drop(from);
        let next = frame::read(&mut &rest[..], &mut payload).map_err(Error::disk("read", &file))?;
        if !matches!(next, Found::Whole(next) if next.before == Some(sum)) {
            return Ok(false);
        }
        bytes.extend(rest);
        if self.disk.names().map_err(Error::disk("list", "the log"))?.iter().any(|name| name == PART) {
            self.disk.remove(PART).map_err(Error::disk("remove", PART))?;
        }
        let written = self.disk.append(PART, &bytes).and_then(|()| self.disk.sync(PART));
        written.and_then(|()| self.disk.rename(PART, &file)).map_err(Error::disk("write", &file))?;
        Ok(true)
    }

    /// The checksum of the last frame of a file, if all of them are whole.
    fn last_sum(&self, file: &str) -> Result<Option<u32>, Error> {
        let mut from = self.disk.read(file, 0).map_err(Error::disk("read", file))?;
        let (mut last, mut payload) = (None, Vec::new());
        loop {
            match frame::read(&mut *from, &mut payload).map_err(Error::disk("read", file))? {
                Found::Whole(frame) => last = Some(frame.sum),
                Found::End => return Ok(last),
                Found::Bad(_) | Found::Newer(_) => return Ok(None),
            }
        }
    }

    /// Begins the log again behind a snapshot, in this segment; everything before it goes. Returns the segments that went.
    pub(crate) fn begin_again(&mut self, snapshot: &str, segment: u64) -> Result<Vec<String>, Error> {
        let begin = Position { segment, offset: 0 };
        snapshot::continue_at(&mut self.disk, snapshot, begin)?;
        for other in snapshot::list(&self.disk)?.iter().filter(|other| *other != snapshot) {
            self.disk.remove(other).map_err(Error::disk("remove", other))?;
        }
        let segments: Vec<String> = std::mem::take(&mut self.segments).into_iter().map(name).collect();
        for file in segments.iter().rev() {
            self.disk.remove(file).map_err(Error::disk("remove", file))?;
        }
        self.end = begin;
        self.seal()?;
        Ok(segments)
    }

    /// Seals the log at its end.
    pub(crate) fn seal(&mut self) -> Result<(), Error> {
        self.sealed = Some(self.end);
        seal::write(&mut self.disk, self.end)
    }

    /// Returns the disk.
    pub(crate) fn into_disk(self) -> D {
        self.disk
    }
}
