//! A feed as a stream of change events: one JSON object per line, from a file, from standard input, or from connections to a
//! local port. Lines that have arrived are accepted together, with at least one batch per day, and each day that passes
//! is closed.

use super::{Clock, Error, Feed, GROUP, Observer, Options, Session};
use crate::district::{self, District, Incoming, Outcome};
use crate::model::Date;
use crate::model::finding::Digest;
use crate::source::{Delivery, Mode, debezium};
use crate::store::disk::Folder;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

/// The longest line that is stored; a longer one is rejected as not being an event.
const LINE_BYTES: u64 = (1 << 20) + 2;
/// The maximum bytes of a stream accepted together.
const CHUNK: usize = 1 << 20;
/// The same for a file.
const CHUNK_OF_FILE: usize = 4 << 20;
/// How many chunks may wait to be accepted; each reader has one more.
const WAITING: usize = 2;
/// The maximum number of connections.
const CONNECTIONS: usize = 64;
/// How long writing an answer to a sender may take.
const ANSWER: Duration = Duration::from_millis(200);
/// How many events of a file are searched for its first day.
const LOOKED_AT: usize = 1000;

/// Lines sent together, all of one day.
#[derive(Default)]
struct Chunk {
    /// The connection they came from.
    from: usize,
    bytes: Vec<u8>,
    lines: u64,
    /// The number of earlier lines.
    before: u64,
    day: Option<Date>,
    /// The MD5 of the stream up to here.
    digest: String,
}

/// The last day of an event: one dated later comes from a wrong clock and must not advance the district. It moves with the clock;
/// readers have it from the ingesting thread, which looks at the clock.
#[derive(Clone)]
struct Horizon(Arc<AtomicI64>);

impl Horizon {
    fn new(clock: &dyn Clock) -> Horizon {
        let horizon = Horizon(Arc::default());
        horizon.look(clock);
        horizon
    }

    /// Looks at the clock. Clocks differ by a day around the world.
    fn look(&self, clock: &dyn Clock) {
        self.0.store(clock.today().plus(1).number(), Ordering::Relaxed);
    }

    fn holds(&self, day: Date) -> bool {
        day.number() <= self.0.load(Ordering::Relaxed)
    }
}

/// Messages from reader threads to the ingesting thread.
enum Message {
    Chunk(Chunk),
    /// A new connection.
    Came(usize, TcpStream),
    /// The reader has finished.
    Over(usize),
    /// The reader has failed.
    Failed(String),
}

/// The input of a reader.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Input,
    Connection,
}

/// Reads a stream; see [`super::take`].
pub fn take(options: &Options, clock: &dyn Clock, observer: &mut dyn Observer) -> Result<Option<District<Folder>>, Error> {
    let horizon = Horizon::new(clock);
    let (send, receive) = crossbeam_channel::bounded(WAITING);
    let of = horizon.clone();
    let stream = |connections| Stream { options, clock, horizon: of, receive, connections, queued: Vec::new(), last: None };
    match &options.feed {
        Feed::File(path) => {
            let first = first_day(path, &horizon)?;
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("events.jsonl").to_owned();
            let file = File::open(path).map_err(|error| cannot(path, &error))?;
            let mut stream = stream(None);
            let mut session = Session::open(options, clock, observer, first)?;
            let source = options.source().to_owned();
            let known = session.district.files().find(|(of, _)| **of == (source.clone(), name.clone()));
            let known = known.map(|(_, taken)| (taken.file.rows, taken.file.digest.clone()));
            std::thread::spawn(move || Reader::new(Kind::File, 0, horizon, send, known).read(file));
            stream.take_all(None, &name, &mut session)?;
            Ok(Some(session.district))
        }
        Feed::Input => {
            std::thread::spawn(move || Reader::new(Kind::Input, 0, horizon, send, None).read(std::io::stdin()));
            stream(None).wait(observer)
        }
        Feed::Port(port) => {
            listen(*port, horizon, send, observer)?;
            stream(Some(BTreeMap::new())).wait(observer)
        }
        Feed::Directory(_) => unreachable!("invariant: directories are replayed by days"),
    }
}

fn cannot(path: &Path, error: &io::Error) -> Error {
    Error::input(format!("cannot read {}: {error}", path.display()), None)
}

/// The day of the first event of a file that states one.
fn first_day(path: &Path, horizon: &Horizon) -> Result<Date, Error> {
    let mut file = BufReader::new(File::open(path).map_err(|error| cannot(path, &error))?);
    let mut line = Vec::new();
    for _ in 0..LOOKED_AT {
        line.clear();
        let read = file.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line).map_err(|error| cannot(path, &error))?;
        if let Some(day) = debezium::day_of(&line).filter(|day| horizon.holds(*day)) {
            return Ok(day);
        }
        if read == 0 {
            break;
        }
    }
    let hint = "change events are one JSON object per line, with source.table and source.ts_ms".to_owned();
    Err(Error::input(format!("{} has no event that states its day", path.display()), hint))
}

/// Reads lines and passes them on in chunks.
struct Reader {
    kind: Kind,
    horizon: Horizon,
    send: Sender<Message>,
    /// The number of lines already accepted, and their MD5.
    known: Option<(u64, String)>,
    chunk: Chunk,
    /// The MD5 of the lines so far; files only.
    digest: Digest,
    lines: u64,
}

impl Reader {
    fn new(kind: Kind, from: usize, horizon: Horizon, send: Sender<Message>, known: Option<(u64, String)>) -> Reader {
        let chunk = Chunk { from, ..Chunk::default() };
        Reader { kind, horizon, send, known, chunk, digest: Digest::default(), lines: 0 }
    }

    fn read(mut self, source: impl Read) {
        // The ingesting thread has stopped if the channel is closed.
        let end = match self.lines(source) {
            Ok(()) => Message::Over(self.chunk.from),
            Err(_) if self.kind == Kind::Connection => Message::Over(self.chunk.from),
            Err(error) => Message::Failed(error.to_string()),
        };
        let _ = self.send.send(end);
    }

    fn lines(&mut self, source: impl Read) -> io::Result<()> {
        let mut source = BufReader::with_capacity(1 << 18, source);
        loop {
            // Pass on what has arrived before waiting for more.
            if self.kind != Kind::File && !source.buffer().contains(&b'\n') && !self.hand_on() {
                return Ok(());
            }
            let mut line = Vec::new();
            source.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                if line.len() as u64 == LINE_BYTES {
                    // Skip the rest of a line that is too long.
                    skip_line(&mut source)?;
                } else if line.is_empty() || self.kind == Kind::Connection {
                    // If the sender disconnects, its last line may be incomplete; it was not confirmed.
                    break;
                }
                line.push(b'\n');
            }
            // A browser tricked into sending data starts with an HTTP method.
            let is_object = line.trim_ascii_start().first().is_none_or(|first| *first == b'{');
            if self.kind == Kind::Connection && self.lines == 0 && !is_object {
                return Ok(());
            }
            if !self.add(&line)? {
                return Ok(());
            }
        }
        if let Some((lines, _)) = self.known {
            let why = format!("it has {} lines now, but {lines} have been accepted", self.lines);
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        self.hand_on();
        Ok(())
    }

    /// Adds a line; false if the ingesting thread has stopped.
    fn add(&mut self, line: &[u8]) -> io::Result<bool> {
        self.lines += 1;
        if let Some((lines, digest)) = &self.known {
            self.digest.add(line);
            if self.lines == *lines {
                if self.digest.text() != *digest {
                    let why = format!("its first {lines} lines have changed since they were accepted; give it another name");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, why));
                }
                self.known = None;
                self.chunk.before = self.lines;
            }
            return Ok(true);
        }
        let day = debezium::day_of(line).filter(|day| self.horizon.holds(*day));
        let most = if self.kind == Kind::File { CHUNK_OF_FILE } else { CHUNK };
        let is_later = day.is_some_and(|day| self.chunk.day.is_none_or(|of_chunk| day > of_chunk));
        if self.chunk.lines > 0 && (is_later || self.chunk.bytes.len() + line.len() > most) && !self.hand_on() {
            return Ok(false);
        }
        if self.kind == Kind::File {
            self.digest.add(line);
        }
        self.chunk.day = self.chunk.day.max(day);
        self.chunk.bytes.extend_from_slice(line);
        self.chunk.lines += 1;
        Ok(true)
    }

    /// Passes on the collected lines; false if the ingesting thread has stopped.
    fn hand_on(&mut self) -> bool {
        if self.chunk.lines == 0 {
            return true;
        }
        self.chunk.digest =
            if self.kind == Kind::File { self.digest.text() } else { crate::model::finding::digest(&self.chunk.bytes) };
        let before = self.chunk.before + self.chunk.lines;
        let next = Chunk { from: self.chunk.from, before, ..Chunk::default() };
        self.send.send(Message::Chunk(std::mem::replace(&mut self.chunk, next))).is_ok()
    }
}

/// Skips to the end of a line.
fn skip_line(source: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = source.fill_buf()?;
        match buffer.iter().position(|byte| *byte == b'\n') {
            Some(place) => {
                source.consume(place + 1);
                return Ok(());
            }
            None if buffer.is_empty() => return Ok(()),
            None => {
                let length = buffer.len();
                source.consume(length);
            }
        }
    }
}

/// Listens on a local port; every connection sends lines.
fn listen(port: u16, horizon: Horizon, send: Sender<Message>, observer: &mut dyn Observer) -> Result<(), Error> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| Error::work(format!("cannot listen on port {port}: {error}")))?;
    let address = listener.local_addr().map_err(Error::work)?;
    observer.listening(&address.to_string());
    std::thread::spawn(move || {
        let connected = Arc::new(AtomicUsize::new(0));
        for (number, connection) in listener.incoming().enumerate() {
            let Ok(connection) = connection else { continue };
            let Ok(answers) = connection.try_clone() else { continue };
            if connected.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS {
                // A connection that is not served is closed at once.
                connected.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            // A sender that does not read answers must not delay others.
            let _ = answers.set_write_timeout(Some(ANSWER));
            if send.send(Message::Came(number, answers)).is_err() {
                return;
            }
            let (send, connected, horizon) = (send.clone(), connected.clone(), horizon.clone());
            std::thread::spawn(move || {
                Reader::new(Kind::Connection, number, horizon, send, None).read(connection);
                connected.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Ok(())
}

struct Stream<'a> {
    options: &'a Options,
    clock: &'a dyn Clock,
    horizon: Horizon,
    receive: Receiver<Message>,
    /// The connections with the number of their accepted lines; none if there cannot be any.
    connections: Option<BTreeMap<usize, (TcpStream, u64)>>,
    /// Connections with accepted lines that are not durable yet, and their number.
    queued: Vec<(usize, u64)>,
    /// The last durable batch.
    last: Option<String>,
}

impl Stream<'_> {
    /// Waits for the first events, which determine the first day of a new district.
    fn wait(&mut self, observer: &mut dyn Observer) -> Result<Option<District<Folder>>, Error> {
        let is_there = std::fs::read_dir(self.options.out.join("state")).is_ok_and(|mut files| files.next().is_some());
        let first = loop {
            self.horizon.look(self.clock);
            let message = match self.receive.recv_timeout(observer.patience()) {
                Err(RecvTimeoutError::Timeout) => {
                    if !observer.idle(None)? {
                        return Ok(None);
                    }
                    continue;
                }
                message => message,
            };
            match message {
                // A new district begins on the day of its first event, not on that of the clock.
                Ok(Message::Chunk(chunk)) if is_there || chunk.day.is_some() => break chunk,
                Ok(Message::Chunk(chunk)) => {
                    let (error, hint) = ("no event states its day", "change events have source.table and source.ts_ms");
                    if self.connections.is_none() {
                        return Err(Error::input(error, hint.to_owned()));
                    }
                    self.cut_off(chunk.from, error, hint);
                }
                Ok(other) => {
                    if !self.hear(other)? {
                        let hint = "change events are one JSON object per line".to_owned();
                        return Err(Error::input("there is no event", hint));
                    }
                }
                Err(_) => return Err(Error::work("the listener has stopped")),
            }
        };
        let day = first.day.unwrap_or_else(|| self.clock.today());
        let mut session = Session::open(self.options, self.clock, observer, day)?;
        self.take_all(Some(first), "events.jsonl", &mut session)?;
        Ok(Some(session.district))
    }

    /// Handles messages about connections; false when no more can come.
    fn hear(&mut self, message: Message) -> Result<bool, Error> {
        match message {
            Message::Came(number, connection) => {
                if let Some(connections) = &mut self.connections {
                    connections.insert(number, (connection, 0));
                }
                Ok(true)
            }
            Message::Over(number) => Ok(self.connections.as_mut().is_some_and(|connections| {
                connections.remove(&number);
                true
            })),
            Message::Failed(why) => {
                let hint = "lines may only be added at the end of a file".to_owned();
                Err(Error::input(format!("the stream cannot be read: {why}"), hint))
            }
            Message::Chunk(_) => Ok(true),
        }
    }

    /// Accepts chunk after chunk.
    fn take_all(&mut self, first: Option<Chunk>, file: &str, session: &mut Session<'_>) -> Result<(), Error> {
        let mut next = first.map(Message::Chunk);
        // Quitting must not close days.
        let mut is_left = false;
        loop {
            self.horizon.look(self.clock);
            let message = match next.take() {
                Some(message) => message,
                None => match self.receive.recv_timeout(session.observer.patience()) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => {
                        is_left = !self.rest(session)?;
                        if is_left {
                            break;
                        }
                        continue;
                    }
                },
            };
            let Message::Chunk(chunk) = message else {
                self.settle(session)?;
                if self.hear(message)? { continue } else { break }
            };
            let reached = session.district.day();
            let day = chunk.day.map_or(reached, |day| day.max(reached));
            // What arrives is of the day on which it arrives, also before the first pause of a new day.
            let day = if self.options.is_realtime() { day.max(self.clock.today()) } else { day };
            if self.options.until.is_some_and(|until| day > until) {
                break;
            }
            if !session.observer.turn(&mut session.district)? {
                is_left = true;
                break;
            }
            session.district.pass_to(day)?;
            self.take(&chunk, file, session)?;
            if session.is_on_hold {
                break;
            }
            next = self.receive.try_recv().ok();
            if next.is_none() || self.queued.len() >= GROUP || session.observer.is_stepping() {
                self.settle(session)?;
            }
        }
        if let (Some(until), false) = (self.options.until, session.is_on_hold || is_left) {
            session.district.pass_to(until)?;
        }
        self.settle(session)
    }

    /// Closes days as they pass while no input comes; false to end the feed.
    fn rest(&self, session: &mut Session<'_>) -> Result<bool, Error> {
        if self.options.is_realtime() {
            let today = self.clock.today().min(self.options.until.unwrap_or(Date::MAX));
            session.district.pass_to(today)?;
            session.flush()?;
        }
        session.observer.idle(Some(&mut session.district))
    }

    fn take(&mut self, chunk: &Chunk, file: &str, session: &mut Session<'_>) -> Result<(), Error> {
        let source = self.options.source();
        // Lines of a file are numbered within it, those of a stream within the batch.
        let is_file = matches!(self.options.feed, Feed::File(_));
        let before = if is_file { chunk.before as usize } else { 0 };
        let mut read = |_: &str| Ok([vec![b'\n'; before], chunk.bytes.clone()].concat());
        let files = vec![file.to_owned()];
        let mut delivery = Delivery { files, read: &mut read, unless_stated: Some(Mode::Delta) };
        let digests = BTreeMap::from([(file.to_owned(), chunk.digest.clone())]);
        let piece = Some((if is_file { chunk.before + chunk.lines } else { chunk.lines }, chunk.digest.as_str()));
        let format = &debezium::Debezium;
        let incoming = Incoming { source, label: "events", format, digests: &digests, piece };
        let begin = self.clock.elapsed();
        match session.district.take(&incoming, &mut delivery) {
            Ok(Outcome::Accepted { .. }) => {
                session.observer.computed(self.clock.elapsed().saturating_sub(begin));
                self.queued.push((chunk.from, chunk.lines));
                Ok(())
            }
            Ok(Outcome::Known) => Ok(()),
            Ok(Outcome::OnHold(reason)) => {
                self.answer(chunk.from, &json!({"held": reason.to_string()}));
                session.is_on_hold = true;
                session.observer.on_hold(format!("events are on hold: {reason}"));
                Ok(())
            }
            // One sender's error must not end the feed of others.
            Err(district::Error::Delivery(error)) if self.connections.is_some() => {
                self.cut_off(chunk.from, &error.to_string(), &error.hint());
                session.observer.note(format!("a sender was disconnected: {error}"));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes everything accepted durable, and tells each sender how many of its lines are; the sender must repeat lines that
    /// are not confirmed.
    fn settle(&mut self, session: &mut Session<'_>) -> Result<(), Error> {
        if let Some(last) = session.flush()? {
            self.last = Some(last);
        }
        for (from, lines) in std::mem::take(&mut self.queued) {
            let Some((_, taken)) = self.connections.as_mut().and_then(|all| all.get_mut(&from)) else { continue };
            *taken += lines;
            let answer = json!({"taken": *taken, "batch": self.last});
            self.answer(from, &answer);
        }
        Ok(())
    }

    /// Tells a sender why no more of its lines are accepted.
    fn cut_off(&mut self, from: usize, error: &str, hint: &str) {
        self.answer(from, &json!({"error": error, "hint": hint}));
        if let Some((connection, _)) = self.connections.as_mut().and_then(|all| all.remove(&from)) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }

    fn answer(&mut self, to: usize, answer: &serde_json::Value) {
        let Some(connections) = &mut self.connections else { return };
        let Some((connection, _)) = connections.get_mut(&to) else { return };
        if connection.write_all(format!("{answer}\n").as_bytes()).is_err() {
            connections.remove(&to);
        }
    }
}

#[cfg(test)]
mod tests;
