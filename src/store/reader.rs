//! Reading the log: items one after another, and where its last complete item ends.

use super::frame::{self, Found, Kind};
use super::head::{self, Head};
use super::record::{Logged, Part, Undecodable};
use super::schema::{Dropped, Reading, Schema};
use super::{Disk, Error, Item, Link, Log, Position, name};
use std::io::Read;

/// The end of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tail {
    /// Where the last complete item ends.
    pub end: Position,
    /// The frame that ends there.
    pub last: Option<Link>,
    /// Bytes after it: a torn frame, or a batch without its header.
    pub cut: u64,
}

/// Reads a log item by item.
pub struct Reader<'a, D> {
    log: &'a Log<D>,
    /// Where the buffered frame ends.
    position: Position,
    open: Option<Box<dyn Read + 'a>>,
    /// How to read the current segment, and the version that wrote it.
    reading: Reading,
    rollcall: String,
    payload: Vec<u8>,
    /// How much of the payload has been read.
    read: usize,
    torn: u64,
    /// The last frame that was read.
    last: Option<Link>,
    /// Where the last item ended, and the frame that ends there.
    ended: (Position, Option<Link>),
    dropped: Dropped,
}

impl<'a, D: Disk> Reader<'a, D> {
    pub(super) fn at(log: &'a Log<D>, position: Position, last: Option<Link>) -> Reader<'a, D> {
        Reader {
            log,
            position,
            open: None,
            reading: Reading::current(),
            rollcall: String::new(),
            payload: Vec::new(),
            read: 0,
            torn: 0,
            last,
            ended: (position, last),
            dropped: Dropped::new(),
        }
    }

    /// What was stored and is no longer declared: type and name, and how often it was dropped.
    pub fn dropped(&self) -> &Dropped {
        &self.dropped
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
                Logged::Days(day) => return Ok(Some((Item::Days(day), self.end()))),
                Logged::Computed(computed) => return Ok(Some((Item::Computed(computed), self.end()))),
                Logged::Approved(source, label) => return Ok(Some((Item::Approved(source, label), self.end()))),
                Logged::Places(of) => places = Some(of),
                Logged::Part(mut part) => {
                    parts += 1;
                    let translated = self.reading.changes(&mut part, &mut self.dropped);
                    translated.map_err(|error| self.undecodable(&error))?;
                    take(Part { places: places.take().unwrap_or_default(), ..part });
                }
                Logged::Batch(header) => {
                    if parts != header.parts {
                        let why = format!("a batch has {} parts but {parts} are present", header.parts);
                        return Err(self.damaged(why));
                    }
                    return Ok(Some((Item::Batch(header, Vec::new()), self.end())));
                }
            }
        }
        Ok(None)
    }

    /// Where an item ends that was just read.
    fn end(&mut self) -> Position {
        self.ended = (self.position, self.last);
        self.position
    }

    /// The end of the log, once everything was read.
    pub fn tail(&self) -> Result<Tail, Error> {
        let (end, last) = self.ended;
        Ok(Tail { end, last, cut: self.log.bytes_between(end, self.position)? + self.torn })
    }

    fn damaged(&self, why: impl Into<String>) -> Error {
        Error::Damaged { file: name(self.position.segment), offset: self.position.offset, why: why.into() }
    }

    fn undecodable(&self, error: &Undecodable) -> Error {
        match error {
            Undecodable::Unknown(_) => Error::Foreign {
                file: name(self.position.segment),
                rollcall: self.rollcall.clone(),
                what: error.to_string(),
            },
            Undecodable::Invalid(_) => self.damaged(error.to_string()),
        }
    }

    fn record(&mut self) -> Result<Option<Logged>, Error> {
        while self.read == self.payload.len() {
            if !self.frame()? {
                return Ok(None);
            }
        }
        let mut rest = &self.payload[self.read..];
        let record = self.reading.decode("Logged", &mut rest, &mut self.dropped);
        self.read = self.payload.len() - rest.len();
        record.map(Some).map_err(|error| self.undecodable(&error))
    }

    /// Reads the next frame into the buffer; false at the end.
    fn frame(&mut self) -> Result<bool, Error> {
        (self.read, self.torn) = (0, 0);
        self.payload.clear();
        loop {
            let file = name(self.position.segment);
            let is_last = self.log.segments.last().is_none_or(|last| *last <= self.position.segment);
            if self.log.segments.is_empty() {
                return self.finished();
            }
            let open = match &mut self.open {
                Some(open) => open,
                none => {
                    if self.position.offset > 0 {
                        (self.reading, self.rollcall) = self.log.read_head(self.position.segment)?;
                    }
                    let read = self.log.disk.read(&file, self.position.offset).map_err(Error::disk("read", &file))?;
                    none.insert(read)
                }
            };
            match frame::read(&mut **open, &mut self.payload).map_err(Error::disk("read", &file))? {
                Found::Whole(frame) => {
                    let before = match frame.kind {
                        Kind::Content => frame.before,
                        Kind::Head if self.position.offset > 0 => return Err(self.damaged("a second head")),
                        Kind::Head => {
                            let (head, reading) = Head::read(&file, &self.payload)?;
                            (self.reading, self.rollcall) = (reading, head.rollcall);
                            Some(head.before)
                        }
                    };
                    if before.is_none() && self.position.offset == 0 {
                        (self.reading, self.rollcall) = first()?;
                    }
                    if let (Some(before), Some(last)) = (before, self.last)
                        && before != last.sum
                    {
                        self.payload.clear();
                        return Err(self.damaged("it does not follow what is before it"));
                    }
                    self.last = Some(Link { begin: self.position, sum: frame.sum });
                    self.position.offset += frame.length as u64;
                    if frame.kind == Kind::Content {
                        return Ok(true);
                    }
                }
                Found::End if is_last => return self.finished(),
                Found::End => {
                    self.position = Position { segment: self.position.segment + 1, offset: 0 };
                    self.open = None;
                }
                Found::Newer(version) => return Err(Error::Newer { file, version }),
                Found::Bad(why) => {
                    let mut rest = Vec::new();
                    let mut read = self.log.disk.read(&file, self.position.offset).map_err(Error::disk("read", &file))?;
                    read.read_to_end(&mut rest).map_err(Error::disk("read", &file))?;
                    // Each frame is synced before the next is written, so a valid frame after this one proves that it
                    // was complete; so does the seal.
                    let is_sealed = self.log.sealed.is_some_and(|sealed| sealed > self.position);
                    if !is_last || is_sealed || frame::any_in(&rest[1..]) {
                        self.payload.clear();
                        return Err(self.damaged(why));
                    }
                    self.torn = rest.len() as u64;
                    return self.finished();
                }
            }
        }
    }

    /// At the end of the log; nothing is left to read. What was acknowledged must have been there.
    fn finished(&mut self) -> Result<bool, Error> {
        self.payload.clear();
        let Position { segment, offset } = self.position;
        match self.log.sealed {
            Some(sealed) if sealed > self.position => Err(Error::Contradiction(format!(
                "{} ends at byte {offset}, but the log was acknowledged up to byte {} of {}: something is missing",
                name(segment),
                sealed.offset,
                name(sealed.segment)
            ))),
            _ => Ok(false),
        }
    }
}

/// How segments without a head are read.
fn first() -> Result<(Reading, String), Error> {
    let reading = Reading::of(Schema::first());
    Ok((reading.expect("invariant: the schema of version 0.1 is complete"), head::FIRST.to_owned()))
}

impl<D: Disk> Log<D> {
    /// How to read a segment, and the version of rollcall that began it.
    pub(super) fn read_head(&self, segment: u64) -> Result<(Reading, String), Error> {
        let file = name(segment);
        match Head::of(&self.disk, &file)? {
            Some((head, reading)) => Ok((reading, head.rollcall)),
            None => first(),
        }
    }

    /// The segments, each with its head; those without one are as version 0.1 wrote them.
    pub fn heads(&self) -> Result<Vec<(String, Head)>, Error> {
        let heads = self.segments.iter().map(|&segment| {
            let file = name(segment);
            let head = Head::of(&self.disk, &file)?.map_or_else(|| Head::first(&file), |(head, _)| head);
            Ok((file, head))
        });
        heads.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::Simulated;
    use super::super::{SEGMENT, record};
    use super::*;
    use crate::model::Date;

    #[test]
    fn each_segment_begins_with_a_head_that_follows_the_one_before() {
        let disk = Simulated::default();
        let mut log = Log::open(disk.clone()).unwrap();
        let tail = log.reader(log.begin(), None).unwrap().tail().unwrap();
        log.resume(&tail).unwrap();
        let days = [1, 2, 3, 4].map(|number| Date::MIN.plus(number));
        for (day, end) in days.into_iter().zip([None, Some(SEGMENT), Some(SEGMENT + 1), None]) {
            // As if so much were written already.
            log.end.offset = end.unwrap_or(log.end.offset);
            log.append(&Item::Days(day)).and_then(|()| log.commit()).unwrap();
        }
        let mut last = 0;
        let mut records = |segment: u64| {
            let bytes = disk.bytes(&name(segment));
            let (mut rest, mut payload, mut records) = (&bytes[..], Vec::new(), Vec::new());
            while let Found::Whole(frame) = frame::read(&mut rest, &mut payload).unwrap() {
                let before = match frame.kind {
                    Kind::Content => {
                        records.push(record::decode::<Logged>(&mut &payload[..]).unwrap());
                        frame.before
                    }
                    Kind::Head => {
                        let (head, _) = Head::read(&name(segment), &payload).unwrap();
                        assert!(records.is_empty() && head.rollcall == env!("CARGO_PKG_VERSION"));
                        Some(head.before)
                    }
                };
                assert_eq!(before, Some(last));
                last = frame.sum;
            }
            records
        };
        assert_eq!(records(1), [Logged::Days(days[0]), Logged::Days(days[1])]);
        assert_eq!(records(2), [Logged::Days(days[2]), Logged::Days(days[3])]);
        assert_eq!(disk.names().unwrap(), [name(1), name(2), "sealed".to_owned()]);
        assert!(Head::of(&disk, &name(1)).unwrap().is_some());
        assert_eq!(
            Head::read("log-00000009", &[]).map(drop).unwrap_err().to_string().split(':').next(),
            Some("log-00000009 is damaged at byte 0")
        );
    }
}
