//! Change events as they happen: lines of JSON from a file, from standard input, or from whoever connects on this machine.
//! What has arrived is taken together, a batch for each day at least, and every elapsed day is a tick.

use super::replay::{self, Replay};
use super::{Failure, terminal};
use crate::model::Date;
use crate::roll::{Incoming, Outcome};
use crate::source::{Delivery, Mode, debezium};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// Where deliveries come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// A directory with a folder per day.
    Directory(PathBuf),
    /// A file with a change event a line.
    File(PathBuf),
    /// Change events from standard input.
    Input,
    /// Change events from whoever connects to this port, on this machine.
    Port(u16),
}

impl FromStr for From {
    type Err = String;

    fn from_str(text: &str) -> Result<From, String> {
        if text == "-" {
            return Ok(From::Input);
        }
        if let Some(port) = text.strip_prefix("tcp:") {
            let port = port.parse().map_err(|_| "a port is a number up to 65535, as in tcp:7432".to_owned())?;
            return Ok(From::Port(port));
        }
        let path = PathBuf::from(text);
        Ok(if path.is_file() { From::File(path) } else { From::Directory(path) })
    }
}

/// Longest line that is kept; what is longer is told to be no event.
const LINE_BYTES: u64 = (1 << 20) + 2;
/// How much is taken together, in bytes.
const CHUNK: usize = 4 << 20;
/// How long events are waited for before those that are there are taken.
const IDLE: Duration = Duration::from_millis(200);
/// How many lines may wait between those who send and the one who takes.
const WAITING: usize = 4096;

/// A line, and which connection sent it.
struct Event {
    line: Vec<u8>,
    from: usize,
}

/// What is said to the thread that takes.
enum Said {
    Event(Event),
    /// Somebody has connected.
    Came(usize, TcpStream),
    /// No more comes from there.
    Over(usize),
}

/// Events that are taken together.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    lines: u64,
    /// Lines of each connection.
    of: BTreeMap<usize, u64>,
}

pub fn run(arguments: &replay::Arguments) -> Result<(String, u8), Failure> {
    let from = &arguments.feed;
    let begin = Instant::now();
    let (send, receive) = crossbeam_channel::bounded(WAITING);
    match from {
        From::File(path) => {
            let file = File::open(path).map_err(|error| cannot(path, &error))?;
            std::thread::spawn(move || read(file, 0, &send));
        }
        From::Input => drop(std::thread::spawn(move || read(io::stdin(), 0, &send))),
        From::Port(port) => listen(*port, send)?,
        From::Directory(_) => unreachable!("invariant: directories are replayed by days"),
    }
    let mut stream = Stream {
        arguments,
        receive,
        is_open_ended: matches!(from, From::Port(_)),
        file: if let From::File(path) = from { Some(path.clone()) } else { None },
        open: BTreeMap::new(),
        taken: BTreeMap::new(),
        over: Vec::new(),
        pending: None,
    };
    let Some(first) = stream.next(Date::MIN)? else {
        return Err(Failure::input("there is no event", "change events are one JSON object a line".to_owned()));
    };
    let day = stream.day_of(&first.bytes).unwrap_or_else(replay::today);
    replay::kept(arguments, day, begin, |replay| stream.take_all(first, replay, begin))
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::input(format!("cannot read {}: {error}", path.display()), None)
}

/// Reads lines and hands them on; whoever takes has stopped when nobody listens any more.
fn read(source: impl Read, from: usize, send: &Sender<Said>) {
    let mut source = BufReader::new(source);
    loop {
        let mut line = Vec::new();
        match source.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        if line.last() != Some(&b'\n') {
            // Cut, or the last: the rest of a line that is too long is read over.
            if line.len() as u64 == LINE_BYTES && skip_line(&mut source).is_err() {
                break;
            }
            line.push(b'\n');
        }
        if send.send(Said::Event(Event { line, from })).is_err() {
            return;
        }
    }
    let _ = send.send(Said::Over(from));
}

/// Reads to the end of a line.
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

/// Listens on a port of this machine; every connection sends lines.
fn listen(port: u16, send: Sender<Said>) -> Result<(), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| Failure::work(format!("cannot listen on port {port}: {error}")))?;
    let address = listener.local_addr().map_err(Failure::work)?;
    anstream::eprintln!("{}listening{:#} on {address}", terminal::BOLD, terminal::BOLD);
    std::thread::spawn(move || {
        for (number, connection) in listener.incoming().enumerate() {
            let Ok(connection) = connection else { continue };
            let Ok(answers) = connection.try_clone() else { continue };
            // Whoever does not read answers must not keep others waiting.
            let _ = answers.set_write_timeout(Some(IDLE));
            if send.send(Said::Came(number, answers)).is_err() {
                return;
            }
            let send = send.clone();
            std::thread::spawn(move || read(connection, number, &send));
        }
    });
    Ok(())
}

struct Stream<'a> {
    arguments: &'a replay::Arguments,
    receive: Receiver<Said>,
    /// Whether more may come when all that have sent so far have stopped.
    is_open_ended: bool,
    /// The file that it is, of which nothing is taken twice.
    file: Option<PathBuf>,
    /// Who is connected.
    open: BTreeMap<usize, TcpStream>,
    /// How many lines of each connection are durable.
    taken: BTreeMap<usize, u64>,
    /// Connections of which no more comes, and which may still wait for an answer.
    over: Vec<usize>,
    /// The event that begins the next chunk.
    pending: Option<Event>,
}

impl Stream<'_> {
    /// The day of the first event of a chunk that tells one.
    fn day_of(&self, bytes: &[u8]) -> Option<Date> {
        bytes.split(|byte| *byte == b'\n').find_map(debezium::day_of)
    }

    /// Gathers what is taken together next: events up to the first of a later day than `reached` and of what is gathered.
    /// None when no more comes.
    fn next(&mut self, reached: Date) -> Result<Option<Chunk>, Failure> {
        let mut chunk = Chunk::default();
        let mut day = None;
        loop {
            let event = match self.pending.take() {
                Some(event) => event,
                None => {
                    let wait = if chunk.lines == 0 || self.file.is_some() { Duration::MAX } else { IDLE };
                    let said = match wait {
                        Duration::MAX => self.receive.recv().map_err(|_| RecvTimeoutError::Disconnected),
                        _ => self.receive.recv_timeout(wait),
                    };
                    match said {
                        Ok(Said::Event(event)) => event,
                        Ok(Said::Came(number, connection)) => {
                            self.open.insert(number, connection);
                            continue;
                        }
                        Ok(Said::Over(number)) if self.is_open_ended => {
                            self.over.push(number);
                            continue;
                        }
                        Ok(Said::Over(_)) | Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => {
                            return Ok((chunk.lines > 0).then_some(chunk));
                        }
                    }
                }
            };
            let of_event = debezium::day_of(&event.line).filter(|of_event| *of_event > reached);
            let is_later = matches!((day, of_event), (Some(day), Some(of_event)) if of_event > day)
                || (chunk.lines > 0 && day.is_none() && of_event.is_some());
            if is_later || chunk.bytes.len() + event.line.len() > CHUNK && chunk.lines > 0 {
                self.pending = Some(event);
                return Ok(Some(chunk));
            }
            day = day.max(of_event);
            chunk.bytes.extend_from_slice(&event.line);
            chunk.lines += 1;
            *chunk.of.entry(event.from).or_default() += 1;
        }
    }

    /// Takes chunk after chunk.
    fn take_all(&mut self, first: Chunk, replay: &mut Replay<'_>, begin: Instant) -> Result<(), Failure> {
        let bar = terminal::spinner("replaying");
        let (mut next, mut line) = (Some(first), 1);
        while let Some(chunk) = next {
            let reached = replay.roll.day();
            let day = self.day_of(&chunk.bytes).map_or(reached, |day| day.max(reached));
            if self.arguments.until.is_some_and(|until| day > until) {
                break;
            }
            replay.pass_to(day)?;
            self.take(&chunk, line, replay)?;
            replay.flush()?;
            if replay.told.held.is_some() {
                break;
            }
            self.answer(&chunk, replay);
            line += chunk.lines;
            bar.set_message(replay.told.message(begin));
            bar.tick();
            next = self.next(day)?;
        }
        if let (Some(until), None) = (self.arguments.until, &replay.told.held) {
            replay.pass_to(until)?;
        }
        bar.finish_and_clear();
        replay.flush()
    }

    fn take(&self, chunk: &Chunk, line: u64, replay: &mut Replay<'_>) -> Result<(), Failure> {
        let source = self.arguments.source.as_deref().unwrap_or("sis");
        let named = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let file = self.file.as_ref().and_then(named).unwrap_or_else(|| "events.jsonl".to_owned());
        // Lines of a file are told by their numbers in it, those of a stream by their numbers in the batch.
        let before = if self.file.is_some() { line as usize - 1 } else { 0 };
        let mut read = |_: &str| Ok([vec![b'\n'; before], chunk.bytes.clone()].concat());
        let mut delivery = Delivery { files: vec![file.clone()], read: &mut read, unless_stated: Some(Mode::Delta) };
        let digest = crate::model::finding::digest(&chunk.bytes);
        let label =
            if self.file.is_some() { format!("{} {}", replay.roll.day(), &digest[..8]) } else { "events".to_owned() };
        let digests = self.file.is_some().then(|| BTreeMap::from([(file, digest)]));
        let incoming = Incoming { source, label: &label, format: &debezium::Debezium, digests: digests.as_ref() };
        match replay.roll.take(&incoming, &mut delivery).map_err(replay::failure)? {
            Outcome::Taken { .. } => replay.told.taken += 1,
            Outcome::Known => {}
            Outcome::Held(guard) => replay.told.held = Some(format!("{label} is held: {guard}")),
        }
        Ok(())
    }

    /// Tells those who sent how many of their lines are durable: what was not told is to be sent again.
    fn answer(&mut self, chunk: &Chunk, replay: &Replay<'_>) {
        let batch = replay.told.last_batch().unwrap_or_default().to_owned();
        for (from, lines) in &chunk.of {
            let taken = self.taken.entry(*from).or_default();
            *taken += lines;
            let Some(connection) = self.open.get_mut(from) else { continue };
            let answer = format!("{}\n", json!({"taken": taken, "batch": batch}));
            if connection.write_all(answer.as_bytes()).is_err() {
                self.open.remove(from);
            }
        }
        let waits = self.pending.as_ref().map(|event| event.from);
        for from in self.over.extract_if(.., |from| Some(*from) != waits) {
            self.open.remove(&from);
            self.taken.remove(&from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_deliveries_come_from_is_told_by_the_name() {
        assert_eq!("-".parse(), Ok(From::Input));
        assert_eq!("tcp:7432".parse(), Ok(From::Port(7432)));
        assert!("tcp:99999".parse::<From>().is_err());
        assert_eq!("Cargo.toml".parse(), Ok(From::File("Cargo.toml".into())));
        assert_eq!("src".parse(), Ok(From::Directory("src".into())));
    }

    #[test]
    fn lines_that_are_too_long_are_cut_and_the_next_is_whole() {
        let (send, receive) = crossbeam_channel::unbounded();
        let text = [vec![b'x'; 3 << 20], b"\nnext\nlast".to_vec()].concat();
        read(&text[..], 7, &send);
        let lines: Vec<usize> = receive
            .try_iter()
            .filter_map(|said| if let Said::Event(event) = said { Some(event.line.len()) } else { None })
            .collect();
        assert_eq!(lines, [LINE_BYTES as usize + 1, 5, 5]);
    }
}
