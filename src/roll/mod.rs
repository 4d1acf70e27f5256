//! The roll: a district kept over time. Deliveries and days go in; each is logged before it takes effect, and what it
//! changes is published once, however often the process dies in between.
//!
//! ```text
//!  delivery ─ draft ─ log ─ engine ─ violations, history ─ changes
//!                      └ synced before anything is published
//! ```

mod draft;

use crate::engine::{self, Engine};
use crate::log::disk::Disk;
use crate::log::record::{self, Bytes};
use crate::log::{self, Header, Item, Log, Part, Position, snapshot};
use crate::model::finding::surrogate_key;
use crate::model::texts::Marks;
use crate::model::{Date, Table, moment};
use crate::plan::Plan;
use crate::quality::{History, Violations};
use crate::sink::changes::{self, Files, Line, Sealed};
use crate::source::{Delivery, FileError, FileReport, Format, Taker};
use draft::{Draft, Drafted};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What keeps a roll from going on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log, or what is published beside it.
    #[error(transparent)]
    Log(#[from] log::Error),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// A delivery that cannot be read. It has left no trace.
    #[error(transparent)]
    Delivery(#[from] FileError),
    /// The log says something that cannot be.
    #[error("the log cannot be followed: {0}")]
    Inconsistent(String),
}

/// Why a delivery is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Guard {
    /// It would delete too many rows of a table.
    MassDelete {
        /// The table.
        table: String,
        /// Rows that would be deleted.
        deletes: u64,
        /// Rows that are there.
        live: u64,
    },
    /// A file that was taken before has other contents now.
    Changed {
        /// The file.
        file: String,
    },
}

/// More deletes than this share of the rows of a table, of 1, are held (REF-012) ...
const MASS_SHARE: f64 = 0.10;
/// ... when they are more than so many.
const MASS_ROWS: u64 = 50;

impl Guard {
    fn mass_delete(table: Table, deletes: u64, live: u64) -> Option<Guard> {
        let too_many = deletes > MASS_ROWS && deletes as f64 > MASS_SHARE * live as f64;
        too_many.then(|| Guard::MassDelete { table: table.spec().name.to_owned(), deletes, live })
    }
}

impl std::fmt::Display for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Guard::MassDelete { table, deletes, live } => {
                write!(f, "it would delete {deletes} of {live} rows of {table}")
            }
            Guard::Changed { file } => write!(f, "{file} was taken before and has other contents now"),
        }
    }
}

/// A delivery, ready to be read.
pub struct Incoming<'a> {
    /// The system that the records come from.
    pub source: &'a str,
    /// What it is called; two deliveries of a source with one name are one.
    pub label: &'a str,
    /// How it is written.
    pub format: &'a dyn Format,
    /// MD5 of each of its files.
    pub digests: &'a BTreeMap<String, String>,
    /// Whether it is taken even if it would be held.
    pub released: bool,
}

/// What became of a delivery.
#[derive(Debug)]
pub enum Outcome {
    /// It was taken.
    Taken {
        /// Its files.
        files: Vec<FileReport>,
        /// Tables of which nothing was deleted, because a row in the full extract could not be told from others.
        suspended: BTreeSet<Table>,
    },
    /// All of its files were taken before.
    Known,
    /// It is held, and nothing of it has taken effect.
    Held(Guard),
}

/// What a restart found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The moment of the snapshot that it went on from.
    pub snapshot: Option<u64>,
    /// Snapshots that are damaged, and why.
    pub damaged: Vec<String>,
    /// Batches read from the log.
    pub batches: u64,
    /// Changes in them.
    pub changes: u64,
    /// Bytes cut off the end of the log.
    pub torn: u64,
    /// Bytes cut off the end of what was published.
    pub unsealed: u64,
    /// Moments that were in the log and are published only now.
    pub published: u64,
}

/// A file as it was taken last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The delivery that it came with.
    pub label: String,
    /// The moment.
    pub time: u64,
    /// The file.
    pub file: record::File,
}

/// What is kept in snapshots beside the records.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// Digest of what is computed with.
    computed_with: String,
    history: History,
    /// By source and name: the file that was taken last.
    files: BTreeMap<(String, String), Taken>,
    /// By source and delivery: the digest of each file.
    known: BTreeMap<(String, String), BTreeMap<String, String>>,
}

/// A district kept over time, on two disks: one for the log and snapshots, one for what is published.
pub struct Roll<D: Disk> {
    log: Log<D>,
    files: Files<D>,
    keeper: Keeper,
    /// The texts that are logged.
    marks: Marks,
    /// Where the last snapshot ends in the log, and how long it is; none without one.
    snapshot: Option<(Position, u64)>,
    /// How much is logged before the next one, in bytes, where the last one is small.
    between_snapshots: u64,
}

/// What follows from the log.
struct Keeper {
    engine: Engine,
    violations: Violations,
    kept: Kept,
    /// Texts of moments that are not published yet.
    waiting: Vec<(u64, String)>,
    /// What happened since the caller last asked.
    news: VecDeque<(Vec<Line>, Sealed)>,
    /// Moments up to this one were published before the restart.
    published: Option<u64>,
}

impl Keeper {
    /// Lets days pass.
    fn days(&mut self, day: Date) -> Result<(), Error> {
        while self.engine.day() < day {
            self.engine.advance_to(self.engine.day().plus(1))?;
            self.settle(None)?;
        }
        Ok(())
    }

    /// Makes a batch take effect. Its texts are known already, unless it is read from the log.
    fn batch(&mut self, header: &Header, parts: &[Part], is_read: bool) -> Result<(), Error> {
        let cannot = |why: &str| Error::Inconsistent(format!("batch {}: {why}", changes::batch(header.time)));
        self.days(moment::day(header.time))?;
        if self.engine.next_time() != header.time {
            return Err(cannot("it comes out of turn"));
        }
        let mut commit = self.engine.begin();
        commit.deliver(&header.delivered);
        for part in parts {
            if is_read && !commit.texts().take(&part.words) {
                return Err(cannot("its texts have other numbers than those before"));
            }
            for change in part.changes() {
                commit.change(change.map_err(|error| cannot(&error.to_string()))?);
            }
        }
        commit.finish()?;
        let delivery = (header.source.clone(), header.label.clone());
        let known = self.kept.known.entry(delivery).or_default();
        for file in &header.files {
            known.insert(file.name.clone(), file.digest.clone());
            let taken = Taken { label: header.label.clone(), time: header.time, file: file.clone() };
            self.kept.files.insert((header.source.clone(), file.name.clone()), taken);
        }
        self.settle(Some(header))
    }

    /// Waits for what follows from the last moment, and puts it into lines.
    fn settle(&mut self, header: Option<&Header>) -> Result<(), Error> {
        for delta in self.engine.settle()? {
            let events = self.violations.apply(&delta);
            if Some(delta.time) > self.published {
                let of = changes::Moment { time: delta.time, header, texts: &self.engine.register.texts };
                let (lines, sealed) = changes::lines(&of, &events, &self.violations, &self.kept.history);
                let mut text: String = lines.iter().map(Line::text).collect();
                text.push_str(&Line::Sealed(sealed.clone()).text());
                self.waiting.push((delta.time, text));
                self.news.push_back((lines, sealed));
            }
            self.kept.history.apply(delta.time, &events);
        }
        Ok(())
    }
}

/// How much is logged before the next snapshot, in bytes, where the last one is small.
const BETWEEN_SNAPSHOTS: u64 = 8 << 20;
/// How much is logged that is worth a snapshot when a roll is closed, in bytes.
const WORTH_A_SNAPSHOT: u64 = 256 << 10;

impl<D: Disk> Roll<D> {
    /// Opens a roll: what was logged is gone through again, and what was not published of it is published. `first` is the
    /// day on which a new roll begins. Progress is told in bytes of the log.
    pub fn open(
        state: D,
        published: D,
        plan: Plan,
        workers: usize,
        first: Date,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(Roll<D>, Recovery), Error> {
        let mut recovery = Recovery::default();
        let mut log = Log::open(state)?;
        let computed_with = computed_with(&plan);
        let mut base = None;
        for file in snapshot::list(log.disk())? {
            match snapshot::read(log.disk(), &file, |_| Ok(())) {
                Ok(begin) => {
                    base = Some((file, begin));
                    break;
                }
                Err(error @ log::Error::Newer { .. }) => return Err(error.into()),
                Err(error) => recovery.damaged.push(error.to_string()),
            }
        }
        let from = base.as_ref().map_or(log.begin(), |(_, begin)| begin.log);
        let begins = match (&base, log.reader(from)?.next_item()?) {
            (Some((_, begin)), _) => moment::day(begin.time),
            (None, Some((Item::Days(day), _))) => day,
            (None, Some((Item::Batch(header, _), _))) => moment::day(header.time),
            (None, None) => first,
        };
        let (files, unsealed) = Files::open(published)?;
        recovery.unsealed = unsealed;
        let mut keeper = Keeper {
            engine: Engine::start(plan, workers, begins)?,
            violations: Violations::default(),
            kept: Kept { computed_with, ..Kept::default() },
            waiting: Vec::new(),
            news: VecDeque::new(),
            published: files.published(),
        };
        let mut last = None;
        let mut snapshot = None;
        if let Some((file, begin)) = &base {
            let length = log.disk().length(file);
            let length = length.map_err(|source| log::Error::Disk { what: "look at", file: file.clone(), source })?;
            keeper.restore(log.disk(), file, begin)?;
            snapshot = Some((begin.log, length));
            last = Some(begin.time);
            recovery.snapshot = last;
        }
        let mut files = files;
        let mut good = from.max(log.begin());
        let tail = {
            let mut reader = log.reader(from)?;
            while let Some((item, end)) = reader.next_item()? {
                match &item {
                    Item::Days(day) => keeper.days(*day)?,
                    Item::Batch(header, parts) => {
                        keeper.batch(header, parts, true)?;
                        recovery.batches += 1;
                        recovery.changes += header.counts.all();
                    }
                }
                last = Some(keeper.engine.time());
                good = end;
                progress(end.offset);
                // What is read is durable.
                recovery.published += keeper.publish(&mut files)?;
                keeper.news.clear();
            }
            reader.tail(good)?
        };
        recovery.torn = tail.cut;
        // The log is the truth: what it does not know was never said.
        recovery.unsealed += files.cut_after(last)?;
        log.resume(tail.end)?;
        keeper.published = None;
        let marks = keeper.engine.register.texts.marks();
        let between_snapshots = BETWEEN_SNAPSHOTS;
        Ok((Roll { log, files, keeper, marks, snapshot, between_snapshots }, recovery))
    }

    /// Takes a snapshot whenever so many bytes were logged; for those who cannot wait for it.
    pub fn snapshot_every(&mut self, bytes: u64) {
        self.between_snapshots = bytes;
    }

    /// The day reached.
    pub fn day(&self) -> Date {
        self.keeper.engine.day()
    }

    /// Whether nothing was ever said.
    pub fn is_new(&self) -> bool {
        self.keeper.kept.known.is_empty()
    }

    /// The engine, for peeks.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.keeper.engine
    }

    /// The violations that are open.
    pub fn violations(&self) -> &Violations {
        &self.keeper.violations
    }

    /// When violations were opened and closed.
    pub fn history(&self) -> &History {
        &self.keeper.kept.history
    }

    /// The files that were taken last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Taken)> {
        self.keeper.kept.files.iter()
    }

    /// Lets days pass, one tick each.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Error> {
        if day > self.day() {
            self.log.append(&Item::Days(day))?;
            self.keeper.days(day)?;
        }
        Ok(())
    }

    /// Takes a delivery on the day reached. What it does becomes durable, and is published, with [`Roll::flush`].
    pub fn take(&mut self, incoming: &Incoming<'_>, delivery: &mut Delivery<'_>) -> Result<Outcome, Error> {
        let Incoming { source, label, format, digests, released } = *incoming;
        let name = (source.to_owned(), label.to_owned());
        if let Some(known) = self.keeper.kept.known.get(&name) {
            let differs = |(file, digest): &(&String, &String)| known.get(*file).is_some_and(|before| before != *digest);
            if let (Some((file, _)), false) = (digests.iter().find(differs), released) {
                return Ok(Outcome::Held(Guard::Changed { file: file.clone() }));
            }
            delivery.files.retain(|file| digests.get(file).is_none_or(|digest| known.get(file) != Some(digest)));
            if delivery.files.is_empty() {
                return Ok(Outcome::Known);
            }
        }
        let mut draft = Draft::new(&mut self.keeper.engine.register, self.marks.clone());
        let reports = format.read(delivery, &mut draft)?;
        let Drafted { parts, marks, counts, delivered, suspended, held } = draft.finish();
        if let (Some(guard), false) = (held, released) {
            return Ok(Outcome::Held(guard));
        }
        // Files that no report is about, such as a manifest, are known by their contents too.
        let file = |(name, digest): (&String, &String)| {
            let report = reports.iter().find(|report| report.file == *name);
            let (rows, rejected) = report.map_or((0, 0), |report| (report.rows, report.rejected));
            record::File { name: name.clone(), digest: digest.clone(), rows, rejected }
        };
        let header = Header {
            time: self.keeper.engine.next_time(),
            source: name.0,
            label: name.1,
            files: digests.iter().map(file).collect(),
            delivered,
            parts: parts.len() as u32,
            counts,
            computed_with: self.keeper.kept.computed_with.clone(),
        };
        let item = Item::Batch(header, parts);
        self.log.append(&item)?;
        self.marks = marks;
        if let Item::Batch(header, parts) = &item {
            self.keeper.batch(header, parts, false)?;
        }
        Ok(Outcome::Taken { files: reports, suspended })
    }

    /// Returns when all that was taken is durable and published; gives what it changed.
    pub fn flush(&mut self) -> Result<Vec<(Vec<Line>, Sealed)>, Error> {
        self.log.commit()?;
        self.keeper.publish(&mut self.files)?;
        let (from, length) = self.snapshot.unwrap_or((self.log.begin(), 0));
        if self.log.bytes_between(from, self.log.end())? > self.between_snapshots.max(length / 2) {
            self.write_snapshot()?;
        }
        Ok(self.keeper.news.drain(..).collect())
    }

    /// Makes the next start a fast one.
    pub fn close(mut self) -> Result<Engine, Error> {
        self.flush()?;
        let from = self.snapshot.map_or(self.log.begin(), |(from, _)| from);
        if self.log.bytes_between(from, self.log.end())? > WORTH_A_SNAPSHOT {
            self.write_snapshot()?;
        }
        self.files.sync()?;
        Ok(self.keeper.engine)
    }

    /// Writes a snapshot of what is durable and published.
    fn write_snapshot(&mut self) -> Result<(), Error> {
        // Behind a snapshot nothing is published again.
        self.files.sync()?;
        let begin = snapshot::Begin {
            time: self.keeper.engine.time(),
            log: self.log.end(),
            rollcall: env!("CARGO_PKG_VERSION").to_owned(),
            computed_with: self.keeper.kept.computed_with.clone(),
        };
        let log = begin.log;
        let length = snapshot::write(self.log.disk(), begin, self.keeper.sections(&self.marks))?;
        self.snapshot = Some((log, length));
        Ok(())
    }
}

impl Keeper {
    /// Publishes what waits, and gives how many moments.
    fn publish<D: Disk>(&mut self, files: &mut Files<D>) -> Result<u64, Error> {
        let waiting = std::mem::take(&mut self.waiting);
        let count = waiting.len() as u64;
        waiting.into_iter().try_for_each(|(time, lines)| files.publish(time, &lines))?;
        Ok(count)
    }

    /// The parts of a snapshot.
    fn sections(&self, marks: &Marks) -> impl Iterator<Item = snapshot::Section> {
        use snapshot::Section;
        /// Rows and texts of a section.
        const ROWS: usize = 4096;
        let register = &self.engine.register;
        let mut kept = Vec::new();
        record::encode(&self.kept, &mut kept);
        // A frame takes no more than 64 MiB.
        let kept: Vec<Section> =
            kept.chunks(16 << 20).map(|bytes| Section::Kept("roll".to_owned(), Bytes(bytes.to_vec()))).collect();
        let words = register.texts.up_to(marks).map(Section::Words);
        let rows = Table::ALL.iter().flat_map(move |&table| {
            let mut rows = register.all_stated(table);
            std::iter::from_fn(move || {
                let some: Vec<_> = rows.by_ref().take(ROWS).collect();
                (!some.is_empty()).then_some(Section::Rows(some))
            })
        });
        let rejected: Vec<_> = register.rejected().copied().collect();
        let superseded: Vec<_> = register.superseded().copied().collect();
        let faults = rejected.chunks(ROWS).map(|some| Section::Faults(some.to_vec(), Vec::new()));
        let faults: Vec<Section> =
            faults.chain(superseded.chunks(ROWS).map(|some| Section::Faults(Vec::new(), some.to_vec()))).collect();
        words.chain(rows).chain(faults).chain(kept)
    }

    /// Goes on from a snapshot.
    fn restore(&mut self, disk: &impl Disk, file: &str, begin: &snapshot::Begin) -> Result<(), Error> {
        use snapshot::Section;
        let mut kept = Vec::new();
        let mut read = Ok(());
        self.engine.restore(begin.time, |register, out| {
            let mut put = |entry, _: i32| out(entry);
            let visited = snapshot::read(disk, file, |section| {
                match section {
                    Section::Words(words) => {
                        if !register.texts.take(&words) {
                            return Err("its texts do not follow one another".to_owned());
                        }
                    }
                    Section::Rows(rows) => rows.into_iter().for_each(|row| register.restore_row(row, &mut put)),
                    Section::Faults(rejected, superseded) => {
                        rejected.into_iter().for_each(|fault| register.restore_rejected(fault, &mut put));
                        superseded.into_iter().for_each(|fault| register.restore_superseded(fault, &mut put));
                    }
                    Section::Kept(_, bytes) => kept.extend(bytes.0),
                    Section::Begin(_) | Section::End(_) => {}
                }
                Ok(())
            });
            read = visited.map(drop);
        })?;
        read?;
        let computed_with = std::mem::take(&mut self.kept.computed_with);
        let damaged = |error: record::Undecodable| Error::Inconsistent(format!("{file}: {error}"));
        self.kept = Kept { computed_with, ..record::decode(&mut &kept[..]).map_err(damaged)? };
        for delta in self.engine.settle()? {
            self.violations.apply(&delta);
        }
        Ok(())
    }
}

/// The version, thresholds and switches that a plan computes with, as one key.
pub fn computed_with(plan: &Plan) -> String {
    let thresholds = plan.settings.list().into_iter().map(|(_, _, name, value)| format!("{name}={value}"));
    let off = plan.off.iter().map(|rule| format!("off={rule}"));
    let absent = plan.settings.absent_tables.iter().map(|table| format!("absent={}", table.spec().name));
    let version = std::iter::once(format!("rollcall={}", env!("CARGO_PKG_VERSION")));
    let all: Vec<String> = version.chain(thresholds).chain(off).chain(absent).collect();
    surrogate_key(&all.iter().map(String::as_str).collect::<Vec<_>>())
}
