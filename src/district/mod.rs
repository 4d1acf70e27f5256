//! The roll: a district kept over time. Deliveries and days go in; each is logged before it takes effect, and what it
//! changes is published once, however often the process dies in between.
//!
//! ```text
//!  delivery ─ draft ─ log ─ engine ─ violations, history ─ changes
//!                      └ synced before anything is published
//! ```

mod board;
pub mod computed;
mod draft;
mod feed;
pub mod opening;
pub mod page;
pub mod provenance;

use crate::current::CurrentRows;
use crate::engine::{self, Engine};
use crate::kpi::Headline;
use crate::model::texts::Marks;
use crate::model::{Date, Note, Settings, Table, Texts, moment};
use crate::plan::Plan;
use crate::publish::changes::{self, Files, Line, Sealed};
use crate::qa::Rule;
use crate::quality::{Event, History, Violation, Violations};
use crate::source::csv::QUOTED_CHARS;
use crate::source::manifest::Manifest;
use crate::source::{Delivery, FileError, FileReport, Format, RecordSink, manifest};
use crate::store::disk::Disk;
pub use crate::store::record::HoldReason;
use crate::store::record::Quarantine;
use crate::store::record::{self, Bytes};
use crate::store::{self, Computed, Header, Item, Log, Part, Position, snapshot};
use board::Board;
use draft::{Draft, Drafted};
pub use feed::Accepted;
use feed::{Feed, Name};
use opening::Opening;
pub use page::Page;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What keeps a roll from going on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log, or what is published beside it.
    #[error(transparent)]
    Log(#[from] store::Error),
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
    /// How far the stream is read with it that it is a piece of, if it is one: lines, and MD5 of all of them. Nothing of a
    /// stream is known when it comes again; whoever reads it knows where to go on.
    pub piece: Option<(u64, &'a str)>,
}

/// What became of a delivery.
#[derive(Debug)]
pub enum Outcome {
    /// It was taken.
    Accepted {
        /// Its files.
        files: Vec<FileReport>,
        /// Tables of which nothing was deleted, because a row in the full extract could not be told from others.
        suspended: BTreeSet<Table>,
    },
    /// All of its files were taken before.
    Known,
    /// It is held until [`Approval::release`], and nothing of it has taken effect.
    OnHold(HoldReason),
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
    /// Whether lines are gone that were published before the snapshot; they are not made again.
    pub is_gone: bool,
    /// In what version, thresholds and switches have changed since, in words.
    pub differences: Vec<String>,
}

/// What is kept in snapshots beside the records.
#[derive(Default, Serialize, Deserialize)]
struct SavedState {
    /// What is computed with.
    computed: Computed,
    /// Tables that have a feed.
    fed: BTreeSet<Table>,
    history: History,
    /// KPIs as they were stated.
    board: Board,
    feed: Feed,
}

/// A district kept over time, on two disks: one for the log and snapshots, one for what is published.
pub struct District<D: Disk> {
    log: Log<D>,
    files: Files<D>,
    state: CurrentState,
    /// The texts that are logged.
    marks: Marks,
    /// The thresholds and switches, whatever tables have a feed.
    plan: Plan,
    /// Where the last snapshot ends in the log, and how long it is; none without one.
    snapshot: Option<(Position, u64)>,
    /// How much is logged before the next one, in bytes, where the last one is small.
    between_snapshots: u64,
}

/// What follows from the log.
struct CurrentState {
    engine: Engine,
    /// The thresholds that it computes with.
    settings: Settings,
    workers: usize,
    violations: Violations,
    kept: SavedState,
    /// Texts of moments that are not published yet.
    waiting: Vec<(u64, String)>,
    /// What happened since the caller last asked.
    news: VecDeque<(Vec<Line>, Sealed)>,
    /// Moments up to this one were published before the restart.
    published: Option<u64>,
}

impl CurrentState {
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
        if header.is_ordered {
            commit.order();
        }
        for part in parts {
            if is_read && !commit.texts().take(&part.words) {
                return Err(cannot("its texts have other numbers than those before"));
            }
            for change in part.changes() {
                commit.change(change.map_err(|error| cannot(&error.to_string()))?);
            }
        }
        commit.finish()?;
        self.kept.fed.extend(header.tables.iter().map(|(table, _)| *table));
        self.kept.feed.apply(header, parts);
        self.settle(Some(header))
    }

    /// Computes with something else from now on. What that opens and closes is a moment of its own, unless nothing was ever
    /// said.
    fn compute(&mut self, computed: &Computed) -> Result<(), Error> {
        let plan = computed::plan(computed);
        let is_untold = self.kept.feed.is_empty() && self.engine.current.noted().next().is_none();
        self.settings = plan.settings.clone();
        self.kept.computed = computed.clone();
        let fresh = Engine::start(plan, self.workers, self.engine.day())?;
        let mut before = std::mem::replace(&mut self.engine, fresh);
        if is_untold {
            self.engine.current = std::mem::take(&mut before.current);
            return Ok(());
        }
        let time = before.next_time();
        let old = std::mem::take(&mut before.current);
        drop(before);
        self.engine.restore(time, |current, out| {
            *current = old;
            current.entries().for_each(out);
        })?;
        let mut now = Violations::default();
        self.kept.board.restart();
        for delta in self.engine.settle()? {
            now.apply(&delta);
            self.kept.board.apply(&delta);
        }
        // What is open is what was said to be: another version may find other things in the same records.
        let mut events = self.kept.history.missed(&now);
        for (&violation, _) in now.open() {
            if self.kept.history.opened(&violation).is_some() && !now.same(&self.violations, &violation) {
                events.push((violation, Event::Changed));
            }
        }
        self.violations = now;
        self.tell(time, None, "settings", &events);
        Ok(())
    }

    /// Puts what became of violations into lines, unless they were published before.
    fn tell(&mut self, time: u64, header: Option<&Header>, label: &str, events: &[(Violation, Event)]) {
        let moves = self.kept.board.moves(time, &self.engine.current, &self.settings);
        if Some(time) > self.published {
            let of = changes::Moment { time, header, texts: &self.engine.current.texts };
            let (mut lines, mut sealed) = changes::lines(&of, events, &self.violations, &self.kept.history);
            sealed.moved = moves.len() as u64;
            lines.extend(moves);
            if header.is_none() {
                label.clone_into(&mut sealed.label);
            }
            let mut text: String = lines.iter().map(Line::text).collect();
            text.push_str(&Line::Sealed(sealed.clone()).text());
            self.waiting.push((time, text));
            self.news.push_back((lines, sealed));
        }
        self.kept.history.apply(time, events);
    }

    /// Waits for what follows from the last moment, and puts it into lines.
    fn settle(&mut self, header: Option<&Header>) -> Result<(), Error> {
        for delta in self.engine.settle()? {
            let events = self.violations.apply(&delta);
            self.kept.board.apply(&delta);
            self.tell(delta.time, header, "", &events);
        }
        Ok(())
    }

    /// Follows an item of the log.
    fn follow(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Days(day) => self.days(*day),
            Item::Computed(computed) => self.compute(computed),
            Item::Released(source, label) => {
                self.kept.feed.release(source, label);
                Ok(())
            }
            Item::Batch(header, parts) => self.batch(header, parts, true),
        }
    }
}

/// What [`SavedState`] is called in a snapshot.
const ROLL: &str = "roll";
/// What the [`opening::Opening`] is called.
const OPENING: &str = "opening";
/// How much is logged before the next snapshot, in bytes, where the last one is small.
const BETWEEN_SNAPSHOTS: u64 = 8 << 20;
/// How much is logged that is worth a snapshot when a roll is closed, in bytes.
const WORTH_A_SNAPSHOT: u64 = 256 << 10;

impl<D: Disk> District<D> {
    /// Opens a roll: what was logged is gone through again, and what was not published of it is published. `first` is the
    /// day on which a new roll begins. Progress is told in bytes of the log: how many are read, and how many there are to read.
    pub fn open(
        state: D,
        published: D,
        plan: Plan,
        workers: usize,
        first: Date,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(District<D>, Recovery), Error> {
        let mut recovery = Recovery::default();
        let mut log = Log::open(state)?;
        let mut base = Base::find(log.disk(), None, &mut recovery.damaged)?;
        let (files, unsealed) = Files::open(published)?;
        recovery.unsealed = unsealed;
        let mut state = CurrentState::start(&log, base.as_mut(), workers, first)?;
        state.published = files.published();
        recovery.is_gone = base.as_ref().is_some_and(|base| files.published() < Some(base.begin.time));
        let from = base.as_ref().map_or_else(|| log.origin(), |base| Ok(base.begin.log))?;
        let mut last = base.as_ref().map(|base| base.begin.time);
        recovery.snapshot = last;
        let snapshot = base.map(|base| (base.begin.log, base.length));
        let mut files = files;
        let mut good = from.max(log.begin());
        let all = log.bytes_between(from, Position { segment: u64::MAX, offset: 0 })?;
        let mut done = 0;
        let tail = {
            let mut reader = log.reader(from)?;
            while let Some((item, end)) = reader.next_item()? {
                state.follow(&item)?;
                if let Item::Batch(header, _) = &item {
                    recovery.batches += 1;
                    recovery.changes += header.counts().all();
                }
                last = Some(state.engine.time());
                done += log.bytes_between(good, end)?;
                good = end;
                progress(done, all);
                // What is read is durable.
                recovery.published += state.publish(&mut files)?;
                state.news.clear();
            }
            reader.tail(good)?
        };
        recovery.torn = tail.cut;
        // The log is the truth: what it does not know was never said.
        recovery.unsealed += files.cut_after(last)?;
        log.resume(tail.end)?;
        state.published = None;
        let marks = state.engine.current.texts.marks();
        let between_snapshots = BETWEEN_SNAPSHOTS;
        let mut district = District { log, files, state, marks, plan, snapshot, between_snapshots };
        if !district.is_new() {
            let wanted = computed::of(&district.plan, &district.state.kept.fed);
            recovery.differences = computed::differences(&district.state.kept.computed, &wanted);
            district.compute(wanted)?;
        }
        Ok((district, recovery))
    }

    /// Computes with something else from now on, if it is something else.
    fn compute(&mut self, wanted: Computed) -> Result<(), Error> {
        if self.state.kept.computed != wanted {
            let item = Item::Computed(wanted);
            self.log.append(&item)?;
            self.state.follow(&item)?;
        }
        Ok(())
    }

    /// What is computed with.
    pub fn computed(&self) -> &Computed {
        &self.state.kept.computed
    }

    /// Takes a snapshot whenever so many bytes were logged; for those who cannot wait for it.
    pub fn snapshot_every(&mut self, bytes: u64) {
        self.between_snapshots = bytes;
    }

    /// The day reached.
    pub fn day(&self) -> Date {
        self.state.engine.day()
    }

    /// Whether nothing was ever said.
    pub fn is_new(&self) -> bool {
        self.state.kept.feed.is_empty()
    }

    /// The last moment that was taken.
    pub fn time(&self) -> u64 {
        self.state.engine.time()
    }

    /// The engine, for peeks.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.state.engine
    }

    /// The current rows and their texts.
    pub fn current(&self) -> &CurrentRows {
        &self.state.engine.current
    }

    /// The violations that are open.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// When violations were opened and closed.
    pub fn history(&self) -> &History {
        &self.state.kept.history
    }

    /// All there is to say of a violation, but where its rows stand.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// The deliveries that are held: source, what it is called, and why.
    pub fn held(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.state.kept.feed.held().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// The figures that leaders ask for first, as they were stated last.
    pub fn headlines(&self) -> Vec<Headline> {
        self.state.kept.board.headlines()
    }

    /// The same of a school.
    pub fn headlines_at(&self, school: &str) -> Vec<Headline> {
        self.state.kept.board.headlines_at(school)
    }

    /// How they stood when the school year began.
    pub fn opening(&self) -> &Opening {
        &self.state.kept.board.opening
    }

    /// The files that were taken last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.kept.feed.files()
    }

    /// Lets days pass, one tick each.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Error> {
        if day > self.day() {
            self.log.append(&Item::Days(day))?;
            self.state.days(day)?;
        }
        Ok(())
    }

    /// Whether all files of a delivery were taken as they are.
    pub fn is_known(&self, source: &str, label: &str, digests: &BTreeMap<String, String>) -> bool {
        let known = self.state.kept.feed.known(&(source.to_owned(), label.to_owned()));
        known.is_some_and(|known| digests.iter().all(|(file, digest)| known.get(file) == Some(digest)))
    }

    /// Takes a delivery on the day reached. What it does becomes durable, and is published, with [`District::flush`].
    pub fn take(&mut self, incoming: &Incoming<'_>, delivery: &mut Delivery<'_>) -> Result<Outcome, Error> {
        let name = (incoming.source.to_owned(), incoming.label.to_owned());
        let digests = incoming.digests;
        let unless_stated = delivery.unless_stated.clone();
        let feed = &self.state.kept.feed;
        let released = feed.released(&name, digests, unless_stated.as_ref()).cloned();
        let allows = |reason: &HoldReason| released.as_ref().is_some_and(|held| held.allows(reason));
        let held = |reason: &HoldReason| {
            let lifted = released.iter().flat_map(|held| held.lifted.iter().chain([&held.reason]));
            Quarantine {
                reason: reason.clone(),
                lifted: lifted.cloned().collect(),
                digests: digests.clone(),
                unless_stated: unless_stated.clone(),
            }
        };
        let mut fresh: BTreeMap<&String, &String> = digests.iter().collect();
        if let Some(known) = feed.known(&name) {
            let differs = |(file, digest): &(&String, &String)| known.get(*file).is_some_and(|before| before != *digest);
            if let Some((file, _)) = digests.iter().find(differs) {
                let reason = HoldReason::Changed { file: file.clone() };
                if !allows(&reason) {
                    return self.hold(name, held(&reason));
                }
            }
            fresh.retain(|file, digest| known.get(*file) != Some(*digest));
            // The manifest speaks of the files that are new, too.
            delivery.files.retain(|file| fresh.contains_key(file) || manifest::is(file));
        }
        if fresh.is_empty() {
            return Ok(Outcome::Known);
        }
        let marks = self.marks.clone();
        let read = self.state.draft(incoming, delivery, marks);
        let (drafted, reports, unread) = match read {
            Ok(read) => read,
            Err(error) => {
                // Nothing of it is logged, and no name in it with the next one either.
                self.state.engine.current.texts.forget_since(&self.marks);
                // The file will not come right by itself, and days behind it wait: that is worth a violation.
                return match error.of_headers() {
                    Some(file) => {
                        let reason =
                            HoldReason::Header { file: file.to_owned(), why: error.to_string(), hint: error.hint() };
                        self.hold(name, held(&reason))
                    }
                    None => Err(error.into()),
                };
            }
        };
        let Drafted { parts, marks, tables, doubtful, delivered, suspended, held: reason } = drafted;
        if let Some(reason) = reason.filter(|reason| !allows(reason)) {
            self.state.engine.current.texts.forget_since(&self.marks);
            return self.hold(name, held(&reason));
        }
        let files = match incoming.piece {
            Some((lines, digest)) => {
                let report = |report: &FileReport| FileReport { rows: lines, digest: digest.to_owned(), ..report.clone() };
                reports.iter().map(report).collect()
            }
            // Files that no report is about, such as a manifest, are known by their contents too.
            None => fresh
                .into_iter()
                .filter(|(file, _)| !unread.contains(file))
                .map(|(name, digest)| {
                    let report = reports.iter().find(|report| report.file == *name).cloned();
                    FileReport { file: name.clone(), digest: digest.clone(), ..report.unwrap_or_default() }
                })
                .collect(),
        };
        let is_new = self.is_new();
        let mut fed = self.state.kept.fed.clone();
        fed.extend(tables.iter().map(|(table, _)| *table));
        let computed = computed::of(&self.plan, &fed);
        if is_new {
            self.compute(computed.clone())?;
        }
        let header = Header {
            time: self.state.engine.next_time(),
            source: name.0,
            label: name.1,
            files,
            tables,
            doubtful,
            delivered,
            parts: parts.len() as u32,
            is_stream: incoming.piece.is_some(),
            is_ordered: incoming.format.is_ordered(),
            held: None,
        };
        self.append(header, parts, marks)?;
        // The rules that a table was missing for run once its rows are there, and do not find them missing for a moment.
        self.compute(computed)?;
        Ok(Outcome::Accepted { files: reports, suspended })
    }

    /// Logs a batch and makes it take effect.
    fn append(&mut self, header: Header, parts: Vec<Part>, marks: Marks) -> Result<(), Error> {
        let item = Item::Batch(header, parts);
        self.log.append(&item)?;
        self.marks = marks;
        match &item {
            Item::Batch(header, parts) => self.state.batch(header, parts, false),
            Item::Days(_) | Item::Computed(_) | Item::Released(..) => Ok(()),
        }
    }

    /// Holds a delivery. That is logged once, and is a moment on which a violation opens.
    fn hold(&mut self, name: Name, held: Quarantine) -> Result<Outcome, Error> {
        let reason = held.reason.clone();
        if self.state.kept.feed.is_held(&name, &held) {
            return Ok(Outcome::OnHold(reason));
        }
        let CurrentState { engine, kept, settings, .. } = &mut self.state;
        let mut draft = Draft::new(&mut engine.current, &kept.feed, settings, self.marks.clone(), &name.0);
        draft.note(None, |texts| note(&reason, &name.1, texts));
        let Drafted { parts, marks, .. } = draft.finish();
        let is_new = self.is_new();
        if is_new {
            self.compute(computed::of(&self.plan, &BTreeSet::new()))?;
        }
        let (time, parts_in_all) = (self.state.engine.next_time(), parts.len() as u32);
        let (source, label) = name;
        let header = Header {
            time,
            source,
            label,
            files: Vec::new(),
            tables: Vec::new(),
            doubtful: Vec::new(),
            delivered: Vec::new(),
            parts: parts_in_all,
            is_stream: false,
            is_ordered: false,
            held: Some(held),
        };
        self.append(header, parts, marks)?;
        Ok(Outcome::OnHold(reason))
    }

    /// Returns when all that was taken is durable and published; gives what it changed.
    pub fn flush(&mut self) -> Result<Vec<(Vec<Line>, Sealed)>, Error> {
        self.log.commit()?;
        self.state.publish(&mut self.files)?;
        let (from, length) = self.snapshot.unwrap_or((self.log.begin(), 0));
        if self.log.bytes_between(from, self.log.end())? > self.between_snapshots.max(length / 2) {
            self.write_snapshot()?;
        }
        Ok(self.state.news.drain(..).collect())
    }

    /// Makes the next start a fast one.
    pub fn close(mut self) -> Result<Engine, Error> {
        self.flush()?;
        let from = self.snapshot.map_or(self.log.begin(), |(from, _)| from);
        if self.log.bytes_between(from, self.log.end())? > WORTH_A_SNAPSHOT {
            self.write_snapshot()?;
        }
        self.files.sync()?;
        Ok(self.state.engine)
    }

    /// Writes a snapshot of what is durable and published.
    fn write_snapshot(&mut self) -> Result<(), Error> {
        // Behind a snapshot nothing is published again.
        self.files.sync()?;
        let begin = snapshot::Begin {
            time: self.state.engine.time(),
            log: self.log.end(),
            rollcall: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let log = begin.log;
        let length = snapshot::write(self.log.disk(), begin, self.state.sections(&self.marks))?;
        self.snapshot = Some((log, length));
        Ok(())
    }
}

/// How the files of a delivery differ from what its manifest announces: names that are missing, and files that it says are
/// absent.
fn announced(
    delivery: &mut Delivery<'_>,
    digests: &BTreeMap<String, String>,
) -> Result<(Vec<String>, Vec<String>), FileError> {
    match digests.keys().find(|file| manifest::is(file)) {
        Some(manifest) => Manifest::read(&(delivery.read)(manifest)?)?.differences(digests.keys()),
        None => Ok(Default::default()),
    }
}

/// The beginning of what stands in a file.
fn cut(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

/// What is noted of a delivery that is held.
fn note(reason: &HoldReason, label: &str, texts: &mut Texts) -> Note {
    match reason {
        HoldReason::MassDelete { table, deletes, live } => {
            let (label, table) = (texts.id(label), texts.id(table));
            Note::Held { label, table, deletes: *deletes, live: *live }
        }
        HoldReason::Changed { file } => {
            Note::File { file: texts.id(&format!("{label}/{file}")), problem: texts.id("changed after it was taken") }
        }
        HoldReason::Header { file, why, .. } => {
            Note::Header { file: texts.id(&format!("{label}/{file}")), unknown: 0, what: texts.id(&cut(why)) }
        }
    }
}

impl CurrentState {
    /// Reads a delivery, of which nothing takes effect yet; gives the reports of its files, and the files that were not read
    /// because the manifest says that they are not there.
    fn draft(
        &mut self,
        incoming: &Incoming<'_>,
        delivery: &mut Delivery<'_>,
        marks: Marks,
    ) -> Result<(Drafted, Vec<FileReport>, Vec<String>), FileError> {
        let (missing, unread) = announced(delivery, incoming.digests)?;
        delivery.files.retain(|file| !unread.contains(file));
        let (day, is_stream) = (self.engine.day(), incoming.piece.is_some());
        let mut draft = Draft::new(&mut self.engine.current, &self.kept.feed, &self.settings, marks, incoming.source);
        let reports = incoming.format.read(delivery, &mut draft)?;
        let missing = missing.into_iter().map(|file| (file, "announced and not there"));
        let unexpected = unread.iter().map(|file| (file.clone(), "announced as absent and there"));
        // Text beside tables, such as a note to readers, is nobody's mistake; a file of rows that nobody reads is.
        let is_read = |file: &&String| reports.iter().any(|report| report.file == **file) || manifest::is(file);
        let is_rows = |file: &&String| file.to_ascii_lowercase().ends_with(".csv");
        let unknown = delivery.files.iter().filter(|file| !is_read(file) && is_rows(file));
        let unknown: Vec<_> = unknown.map(|file| (file.clone(), "not named after a table, and not read")).collect();
        for (file, problem) in missing.chain(unexpected).chain(unknown) {
            draft.note(None, |texts| Note::File { file: texts.id(&file), problem: texts.id(problem) });
        }
        for report in reports.iter().filter(|_| incoming.format.has_own_headers()) {
            if let Some(first) = report.ignored_columns.first() {
                let unknown = report.ignored_columns.len() as u32;
                draft.note(None, |texts| Note::Header {
                    file: texts.id(&report.file),
                    unknown,
                    what: texts.id(&cut(first)),
                });
            }
        }
        draft.came(incoming.source, day, is_stream);
        Ok((draft.finish(), reports, unread))
    }

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
        let current = &self.engine.current;
        let mut kept = Vec::new();
        record::encode(&self.kept, &mut kept);
        // A frame takes no more than 64 MiB.
        let kept: Vec<Section> =
            kept.chunks(16 << 20).map(|bytes| Section::Kept(ROLL.to_owned(), Bytes(bytes.to_vec()))).collect();
        // By itself, so that snapshots of versions without it are read.
        let mut opening = Vec::new();
        record::encode(&self.kept.board.opening, &mut opening);
        let opening = Section::Kept(OPENING.to_owned(), Bytes(opening));
        let words = current.texts.up_to(marks).map(Section::Words);
        let rows = Table::ALL.iter().flat_map(move |&table| {
            let mut rows = current.all_stated(table);
            std::iter::from_fn(move || {
                let some: Vec<_> = rows.by_ref().take(ROWS).collect();
                (!some.is_empty()).then_some(Section::Rows(some))
            })
        });
        let rejected: Vec<_> = current.rejected().copied().collect();
        let superseded: Vec<_> = current.superseded().copied().collect();
        let faults = rejected.chunks(ROWS).map(|some| Section::Faults(some.to_vec(), Vec::new()));
        let faults: Vec<Section> =
            faults.chain(superseded.chunks(ROWS).map(|some| Section::Faults(Vec::new(), some.to_vec()))).collect();
        let noted: Vec<_> = current.noted().copied().collect();
        let notes: Vec<Section> = noted.chunks(ROWS).map(|some| Section::Notes(some.to_vec())).collect();
        words.chain(rows).chain(faults).chain(notes).chain(kept).chain([opening])
    }

    /// Starts where a snapshot or the log begins; what is logged behind it is still to be followed.
    fn start<D: Disk>(
        log: &Log<D>,
        mut base: Option<&mut Base>,
        workers: usize,
        first: Date,
    ) -> Result<CurrentState, Error> {
        let begins = match &base {
            Some(base) => moment::day(base.begin.time),
            None => first_day(log)?.unwrap_or(first),
        };
        let kept = base.as_mut().map_or_else(SavedState::default, |base| std::mem::take(&mut base.kept));
        let plan = computed::plan(&kept.computed);
        let mut state = CurrentState {
            settings: plan.settings.clone(),
            engine: Engine::start(plan, workers, begins)?,
            workers,
            violations: Violations::default(),
            kept,
            waiting: Vec::new(),
            news: VecDeque::new(),
            published: None,
        };
        if let Some(base) = base {
            state.restore(log.read_only(), base)?;
        }
        Ok(state)
    }

    /// Takes what a snapshot holds.
    fn restore(&mut self, disk: &impl Disk, base: &Base) -> Result<(), Error> {
        use snapshot::Section;
        let mut read = Ok(());
        self.engine.restore(base.begin.time, |current, out| {
            let mut put = |entry, _: i32| out(entry);
            let visited = snapshot::read(disk, &base.file, |section| {
                match section {
                    Section::Words(words) => {
                        if !current.texts.take(&words) {
                            return Err("its texts do not follow one another".to_owned());
                        }
                    }
                    Section::Rows(rows) => rows.into_iter().for_each(|row| current.restore_row(row, &mut put)),
                    Section::Faults(rejected, superseded) => {
                        rejected.into_iter().for_each(|fault| current.restore_rejected(fault, &mut put));
                        superseded.into_iter().for_each(|fault| current.restore_superseded(fault, &mut put));
                    }
                    Section::Notes(noted) => noted.into_iter().for_each(|noted| current.restore_noted(noted, &mut put)),
                    Section::Kept(..) | Section::Begin(_) | Section::End(_) => {}
                }
                Ok(())
            });
            read = visited.map(drop);
        })?;
        read?;
        let deltas = self.engine.settle()?;
        deltas.iter().for_each(|delta| drop(self.violations.apply(delta)));
        self.kept.board.restore(&deltas);
        Ok(())
    }
}

/// The day on which a log begins.
fn first_day<D: Disk>(log: &Log<D>) -> Result<Option<Date>, Error> {
    let mut reader = log.reader(log.origin()?)?;
    while let Some((item, _)) = reader.next_item()? {
        match item {
            Item::Days(day) => return Ok(Some(day)),
            Item::Batch(header, _) => return Ok(Some(moment::day(header.time))),
            Item::Computed(_) | Item::Released(..) => {}
        }
    }
    Ok(None)
}

/// A snapshot to go on from.
struct Base {
    file: String,
    begin: snapshot::Begin,
    length: u64,
    /// Taken by whoever goes on from it.
    kept: SavedState,
}

impl Base {
    /// The latest sound snapshot, of those before a moment if one is given.
    fn find(disk: &impl Disk, before: Option<u64>, damaged: &mut Vec<String>) -> Result<Option<Base>, Error> {
        for file in snapshot::list(disk)? {
            let (mut kept, mut opening) = (Vec::new(), Vec::new());
            let read = snapshot::read(disk, &file, |section| {
                match section {
                    snapshot::Section::Kept(name, bytes) if name == ROLL => kept.extend(bytes.0),
                    snapshot::Section::Kept(name, bytes) if name == OPENING => opening = bytes.0,
                    _ => {}
                }
                Ok(())
            });
            match read {
                Ok(begin) if before.is_some_and(|before| begin.time >= before) => {}
                Ok(begin) => {
                    let kept: SavedState = match record::decode_long::<SavedState>(&kept) {
                        Ok(mut kept) => {
                            kept.board.opening = record::decode_long(&opening).unwrap_or_default();
                            kept
                        }
                        Err(error) => {
                            damaged.push(format!("{file}: {error}"));
                            continue;
                        }
                    };
                    let length = disk.length(&file);
                    let length =
                        length.map_err(|source| store::Error::Disk { what: "look at", file: file.clone(), source })?;
                    return Ok(Some(Base { file, begin, length, kept }));
                }
                Err(error @ store::Error::Newer { .. }) => return Err(error.into()),
                Err(error) => damaged.push(error.to_string()),
            }
        }
        Ok(None)
    }
}

/// The deliveries that are held. To let one in needs the log, and none of what follows from it.
pub struct Approval<D: Disk> {
    log: Log<D>,
    feed: Feed,
}

impl<D: Disk> Approval<D> {
    /// Reads which deliveries are held.
    pub fn open(state: D) -> Result<Approval<D>, Error> {
        let mut log = Log::open(state)?;
        let base = Base::find(log.read_only(), None, &mut Vec::new())?;
        let from = base.as_ref().map_or_else(|| log.origin(), |base| Ok(base.begin.log))?;
        let mut feed = base.map_or_else(Feed::default, |base| base.kept.feed);
        let mut good = from.max(log.begin());
        let tail = {
            let mut reader = log.reader(from)?;
            while let Some((item, end)) = reader.next_item()? {
                match item {
                    Item::Batch(header, parts) => feed.apply(&header, &parts),
                    Item::Released(source, label) => feed.release(&source, &label),
                    Item::Days(_) | Item::Computed(_) => {}
                }
                good = end;
            }
            reader.tail(good)?
        };
        log.resume(tail.end)?;
        Ok(Approval { log, feed })
    }

    /// The deliveries that are held: source, what it is called, and why.
    pub fn held(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.feed.held().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// Lets a delivery in with the contents that it has; it is taken when it comes again. Returns when that is durable.
    pub fn release(&mut self, source: &str, label: &str) -> Result<(), Error> {
        self.log.append(&Item::Released(source.to_owned(), label.to_owned()))?;
        self.log.commit()?;
        self.feed.release(source, label);
        Ok(())
    }
}

/// A district as it was known at a moment, in memory: nothing that is done to it is logged.
pub struct Past {
    state: CurrentState,
}

impl Past {
    /// Rebuilds what was known at the end of a day; none when the log does not tell.
    pub fn known_at<D: Disk>(state: D, day: Date, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, Some(day), workers)
    }

    /// Rebuilds what is known now; none when nothing is.
    pub fn now<D: Disk>(state: D, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, None, workers)
    }

    fn rebuild<D: Disk>(state: D, until: Option<Date>, workers: usize) -> Result<Option<Past>, Error> {
        let log = Log::open(state)?;
        let after = until.map(|day| moment::at(day.plus(1), 0));
        let mut base = Base::find(log.read_only(), after, &mut Vec::new())?;
        let from = match (&base, log.origin()) {
            (Some(base), _) => base.begin.log,
            (None, Ok(origin)) => origin,
            // What was known before the log was pruned is not told any more.
            (None, Err(_)) if until.is_some() => return Ok(None),
            (None, Err(error)) => return Err(error.into()),
        };
        let mut state = CurrentState::start(&log, base.as_mut(), workers, until.unwrap_or(Date::MIN))?;
        let mut reader = log.reader(from)?;
        let mut is_reached = base.is_some();
        while let Some((item, _)) = reader.next_item()? {
            let begins = match &item {
                Item::Days(day) => Some(*day),
                Item::Batch(header, _) => Some(moment::day(header.time)),
                Item::Computed(_) | Item::Released(..) => None,
            };
            if let (Some(day), Some(begins)) = (until, begins)
                && begins > day
            {
                // Some of the days that passed there may be wanted.
                if !state.kept.feed.is_empty() {
                    state.days(day)?;
                }
                break;
            }
            state.follow(&item)?;
            is_reached = true;
            state.waiting.clear();
            state.news.clear();
        }
        let is_there = is_reached && !state.kept.feed.is_empty();
        let is_then = until.is_none_or(|day| state.engine.day() == day);
        Ok((is_there && is_then).then_some(Past { state }))
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.state.engine
    }

    /// The violation of a rule and the published key of whom it is about, open or not; none when it was never open.
    pub fn violation(&self, rule: &Rule, subject: &str) -> Option<Violation> {
        self.state.violation(rule, subject)
    }

    /// All there is to say of a violation, but where its rows stand.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// The engine, for good.
    pub fn into_engine(self) -> Engine {
        self.state.engine
    }

    /// The texts behind symbols.
    pub fn texts(&self) -> &Texts {
        &self.state.engine.current.texts
    }

    /// The violations that were open.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// What was computed with.
    pub fn computed(&self) -> &Computed {
        &self.state.kept.computed
    }

    /// When violations were opened and closed.
    pub fn history(&self) -> &History {
        &self.state.kept.history
    }

    /// The files that were taken last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.kept.feed.files()
    }

    /// What a delivery would change if it were taken on a day, the days until then included; and why it would be held, if
    /// it would.
    pub fn what_if(
        &mut self,
        day: Date,
        incoming: &Incoming<'_>,
        delivery: &mut Delivery<'_>,
    ) -> Result<(Vec<Line>, Option<HoldReason>), Error> {
        let Past { state } = self;
        state.days(day)?;
        let marks = state.engine.current.texts.marks();
        let (drafted, _, _) = state.draft(incoming, delivery, marks)?;
        let header = Header {
            time: state.engine.next_time(),
            source: incoming.source.to_owned(),
            label: incoming.label.to_owned(),
            files: Vec::new(),
            tables: drafted.tables,
            doubtful: drafted.doubtful,
            delivered: drafted.delivered,
            parts: drafted.parts.len() as u32,
            is_stream: false,
            is_ordered: incoming.format.is_ordered(),
            held: None,
        };
        state.batch(&header, &drafted.parts, false)?;
        // The rules that a table was missing for would run from then on.
        let mut computed = state.kept.computed.clone();
        computed.absent_tables.retain(|name| header.tables.iter().all(|(table, _)| table.spec().name != name));
        if computed != state.kept.computed {
            state.compute(&computed)?;
        }
        let news = state.news.drain(..);
        let lines = news.flat_map(|(lines, sealed)| [lines, vec![Line::Sealed(sealed)]].concat()).collect();
        Ok((lines, drafted.held))
    }
}
