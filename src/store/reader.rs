//! Reading the log: items one after another, and where its last complete item ends.

use super::record::{self, Logged, Part};
use super::{Disk, Error, Item, Log, Position, frame, name};
use std::io::Read;

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Where the last complete item ends.
    pub end: Position,
    /// Bytes after it: a torn frame, or a batch without its header.
    pub cut: u64,
}

/// Reads a log item by item.
pub struct Reader<'a, D> {
    log: &'a Log<D>,
    /// Where the buffered frame ends.
    position: Position,
    open: Option<Box<dyn Read + 'a>>,
    payload: Vec<u8>,
    /// How much of the payload has been read.
    read: usize,
    torn: u64,
}

impl<'a, D: Disk> Reader<'a, D> {
    pub(super) fn at(log: &'a Log<D>, position: Position) -> Reader<'a, D> {
        Reader { log, position, open: None, payload: Vec::new(), read: 0, torn: 0 }
    }

    /// The next item and where it ends. All items of a frame end where the frame ends.
    pub fn next_item(&mut self) -> Result<Option<(Item, Position)>, Error> {
        let mut parts = Vec::new();
        let next = self.next_by_parts(&mut |part| parts.push(part))?;
        Ok(next.map(|(item, end)| match item {
            Item::Batch(header, _) => (Item::Batch(header, parts), end),
            item => (item, end),
        }))
    }

    /// The same, but passes the parts of a batch to `take` as they are read and returns the item without them, because a
    /// batch may be as large as a district. The parts count only if the batch is returned; otherwise discard them.
    pub(crate) fn next_by_parts(&mut self, take: &mut dyn FnMut(Part)) -> Result<Option<(Item, Position)>, Error> {
        let (mut parts, mut places) = (0, None);
        while let Some(record) = self.record()? {
            if places.is_some() && !matches!(record, Logged::Part(_)) {
                return Err(self.damaged("places without their part"));
            }
            match record {
                Logged::Segment { .. } => {}
                Logged::Days(day) => return Ok(Some((Item::Days(day), self.position))),
                Logged::Computed(computed) => return Ok(Some((Item::Computed(computed), self.position))),
                Logged::Approved(source, label) => return Ok(Some((Item::Approved(source, label), self.position))),
                Logged::Places(of) => places = Some(of),
                Logged::Part(part) => {
                    parts += 1;
                    take(Part { places: places.take().unwrap_or_default(), ..part });
                }
                Logged::Batch(header) => {
                    if parts != header.parts {
                        let why = format!("a batch has {} parts but {parts} are present", header.parts);
                        return Err(self.damaged(why));
                    }
                    return Ok(Some((Item::Batch(header, Vec::new()), self.position)));
                }
            }
        }
        Ok(None)
    }

    /// The end of the log, once everything was read; `good` is where the last complete item ended.
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
                frame::Found::Whole(_) => {
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
                    // Each frame is synced before the next is written, so a valid frame after this one proves that it
                    // was complete.
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
