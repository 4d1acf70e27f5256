//! A district over time: deliveries and days come in, each is logged before it takes effect, and the changes it causes are
//! published exactly once, even if the process dies in between.
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
use crate::model::{Date, Note, Settings, Table, Texts, timestamp};
use crate::plan::Plan;
use crate::publish::changes::{self, ClosedTimestamp, Files, Line};
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

/// Errors that stop a district.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// From the log or the published files.
    #[error(transparent)]
    Log(#[from] store::Error),
    /// From the engine.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// From a delivery that cannot be read. Nothing of it is kept.
    #[error(transparent)]
    Delivery(#[from] FileError),
    /// The log contradicts itself.
    #[error("the log cannot be followed: {0}")]
    Inconsistent(String),
}

/// A delivery to read.
pub struct Incoming<'a> {
    /// The source system of the records.
    pub source: &'a str,
    /// Its name; two deliveries of a source with the same name are the same delivery.
    pub label: &'a str,
    /// How to read it.
    pub format: &'a dyn Format,
    /// The MD5 of each of its files.
    pub digests: &'a BTreeMap<String, String>,
    /// For a piece of a stream, the position after it: the number of lines and their MD5. A repeated piece is not recognized
    /// as known; the reader of the stream keeps the position.
    pub piece: Option<(u64, &'a str)>,
}

/// The result of a delivery.
#[derive(Debug)]
pub enum Outcome {
    /// It was accepted.
    Accepted {
        /// Its files.
        files: Vec<FileReport>,
        /// Tables whose rows were not deleted, because a row of the full extract could not be identified.
        suspended: BTreeSet<Table>,
    },
    /// All of its files were accepted before.
    Known,
    /// It is on hold until [`Approval::approve`]; nothing of it has taken effect.
    OnHold(HoldReason),
}

/// What a restart found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The timestamp of the snapshot that it started from.
    pub snapshot: Option<u64>,
    /// Damaged snapshots, and why each is damaged.
    pub damaged: Vec<String>,
    /// Batches replayed from the log.
    pub batches: u64,
    /// Changes in those batches.
    pub changes: u64,
    /// Bytes cut off the end of the log.
    pub torn: u64,
    /// Bytes cut off the end of the published changes.
    pub unclosed: u64,
    /// Timestamps that were logged and are published only now.
    pub published: u64,
    /// Whether lines published before the snapshot are missing; they cannot be reproduced.
    pub is_gone: bool,
    /// How version, thresholds and switches have changed since the last run, in words.
    pub differences: Vec<String>,
}

/// The state that snapshots store beside the records.
#[derive(Default, Serialize, Deserialize)]
struct SavedState {
    /// The version, thresholds and switches in use.
    computed: Computed,
    /// Tables that some source delivers.
    fed: BTreeSet<Table>,
    history: History,
    /// KPI figures as last published.
    board: Board,
    feed: Feed,
}

/// A district on two disks: one for the log and snapshots, one for published changes.
pub struct District<D: Disk> {
    log: Log<D>,
    files: Files<D>,
    state: CurrentState,
    /// How many texts are logged.
    marks: Marks,
    /// The thresholds and switches, before tables without a source are taken into account.
    plan: Plan,
    /// The end of the last snapshot in the log, and the snapshot's size, if there is one.
    snapshot: Option<(Position, u64)>,
    /// How many bytes may be logged before the next snapshot, if the last one is small.
    between_snapshots: u64,
}

/// Everything that follows from the log.
struct CurrentState {
    engine: Engine,
    /// The thresholds in use.
    settings: Settings,
    workers: usize,
    violations: Violations,
    saved: SavedState,
    /// Lines of timestamps that are not published yet.
    unpublished: Vec<(u64, String)>,
    /// Changes that the caller has not received yet.
    pending: VecDeque<(Vec<Line>, ClosedTimestamp)>,
    /// The last timestamp that was published before the restart.
    published: Option<u64>,
}

impl CurrentState {
    /// Closes days until this one.
    fn days(&mut self, day: Date) -> Result<(), Error> {
        while self.engine.day() < day {
            self.engine.advance_to(self.engine.day().plus(1))?;
            self.report(None)?;
        }
        Ok(())
    }

    /// Applies a batch. Its texts are known already unless it is read from the log.
    fn batch(&mut self, header: &Header, parts: &[Part], is_read: bool) -> Result<(), Error> {
        let cannot = |why: &str| Error::Inconsistent(format!("batch {}: {why}", changes::batch(header.time)));
        self.days(timestamp::day(header.time))?;
        if self.engine.next_time() != header.time {
            return Err(cannot("it is out of order"));
        }
        let mut commit = self.engine.begin();
        commit.deliver(&header.delivered);
        if header.is_ordered {
            commit.order();
        }
        for part in parts {
            if is_read && !commit.texts().take(&part.words) {
                return Err(cannot("its texts do not follow those of the batches before"));
            }
            for change in part.changes() {
                commit.change(change.map_err(|error| cannot(&error.to_string()))?);
            }
        }
        commit.finish()?;
        self.saved.fed.extend(header.tables.iter().map(|(table, _)| *table));
        self.saved.feed.apply(header, parts);
        self.report(Some(header))
    }

    /// Switches to other thresholds and switches. The violations that opens and closes get a timestamp, unless nothing has been
    /// delivered yet.
    fn compute(&mut self, computed: &Computed) -> Result<(), Error> {
        let plan = computed::plan(computed);
        let is_empty = self.saved.feed.is_empty() && self.engine.current.delivery_notes().next().is_none();
        self.settings = plan.settings.clone();
        self.saved.computed = computed.clone();
        let fresh = Engine::start(plan, self.workers, self.engine.day())?;
        let mut before = std::mem::replace(&mut self.engine, fresh);
        if is_empty {
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
        self.saved.board.restart();
        for delta in self.engine.settle()? {
            now.apply(&delta);
            self.saved.board.apply(&delta);
        }
        // The open violations are the reported ones; another version may find different ones in the same records.
        let mut events = self.saved.history.missed(&now);
        for (&violation, _) in now.open() {
            if self.saved.history.opened(&violation).is_some() && !now.same(&self.violations, &violation) {
                events.push((violation, Event::Changed));
            }
        }
        self.violations = now;
        self.add_lines(time, None, "settings", &events);
        Ok(())
    }

    /// Turns changes of violations and KPIs into lines, unless they were published before.
    fn add_lines(&mut self, time: u64, header: Option<&Header>, label: &str, events: &[(Violation, Event)]) {
        let moves = self.saved.board.moves(time, &self.engine.current, &self.settings);
        if Some(time) > self.published {
            let of = changes::Timestamp { time, header, texts: &self.engine.current.texts };
            let (mut lines, mut closed) = changes::lines(&of, events, &self.violations, &self.saved.history);
            closed.moved = moves.len() as u64;
            lines.extend(moves);
            if header.is_none() {
                label.clone_into(&mut closed.label);
            }
            let mut text: String = lines.iter().map(Line::text).collect();
            text.push_str(&Line::TimestampClosed(closed.clone()).text());
            self.unpublished.push((time, text));
            self.pending.push_back((lines, closed));
        }
        self.saved.history.apply(time, events);
    }

    /// Waits for the results of the last timestamp and turns them into lines.
    fn report(&mut self, header: Option<&Header>) -> Result<(), Error> {
        for delta in self.engine.settle()? {
            let events = self.violations.apply(&delta);
            self.saved.board.apply(&delta);
            self.add_lines(delta.time, header, "", &events);
        }
        Ok(())
    }

    /// Applies an item of the log.
    fn follow(&mut self, item: &Item) -> Result<(), Error> {
        match item {
            Item::Days(day) => self.days(*day),
            Item::Computed(computed) => self.compute(computed),
            Item::Released(source, label) => {
                self.saved.feed.approve(source, label);
                Ok(())
            }
            Item::Batch(header, parts) => self.batch(header, parts, true),
        }
    }
}

/// The name of [`SavedState`] in a snapshot.
const SAVED_STATE: &str = "roll";
/// The name of the [`opening::Opening`] in a snapshot.
const OPENING: &str = "opening";
/// How many bytes may be logged before the next snapshot, if the last one is small.
const BETWEEN_SNAPSHOTS: u64 = 8 << 20;
/// How many logged bytes are worth a snapshot when a district is closed.
const WORTH_A_SNAPSHOT: u64 = 256 << 10;

impl<D: Disk> District<D> {
    /// Opens a district: replays the log and publishes what was not published yet. `first` is the first day of a new district.
    /// Progress is reported in bytes of the log: read so far, and total.
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
        let (files, unclosed) = Files::open(published)?;
        recovery.unclosed = unclosed;
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
                // What is read is durable, so it may be published.
                recovery.published += state.publish(&mut files)?;
                state.pending.clear();
            }
            reader.tail(good)?
        };
        recovery.torn = tail.cut;
        // Only the log counts: changes it does not contain are removed.
        recovery.unclosed += files.cut_after(last)?;
        log.resume(tail.end)?;
        state.published = None;
        let marks = state.engine.current.texts.marks();
        let between_snapshots = BETWEEN_SNAPSHOTS;
        let mut district = District { log, files, state, marks, plan, snapshot, between_snapshots };
        if !district.is_new() {
            let wanted = computed::of(&district.plan, &district.state.saved.fed);
            recovery.differences = computed::differences(&district.state.saved.computed, &wanted);
            district.compute(wanted)?;
        }
        Ok((district, recovery))
    }

    /// Switches to other thresholds and switches, if they differ.
    fn compute(&mut self, wanted: Computed) -> Result<(), Error> {
        if self.state.saved.computed != wanted {
            let item = Item::Computed(wanted);
            self.log.append(&item)?;
            self.state.follow(&item)?;
        }
        Ok(())
    }

    /// The version, thresholds and switches in use.
    pub fn computed(&self) -> &Computed {
        &self.state.saved.computed
    }

    /// Sets how many logged bytes trigger a snapshot; tests use small values.
    pub fn snapshot_every(&mut self, bytes: u64) {
        self.between_snapshots = bytes;
    }

    /// The current day.
    pub fn day(&self) -> Date {
        self.state.engine.day()
    }

    /// Whether nothing has been delivered yet.
    pub fn is_new(&self) -> bool {
        self.state.saved.feed.is_empty()
    }

    /// The timestamp of the last batch or day.
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

    /// The open violations.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// When violations opened and closed.
    pub fn history(&self) -> &History {
        &self.state.saved.history
    }

    /// Everything about a violation except the provenance of its rows.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// The deliveries on hold: source, name and reason.
    pub fn on_hold(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.state.saved.feed.on_hold().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// The headline figures as last published.
    pub fn headlines(&self) -> Vec<Headline> {
        self.state.saved.board.headlines()
    }

    /// The headline figures of a school.
    pub fn headlines_at(&self, school: &str) -> Vec<Headline> {
        self.state.saved.board.headlines_at(school)
    }

    /// The figures at the start of the school year.
    pub fn opening(&self) -> &Opening {
        &self.state.saved.board.opening
    }

    /// The files accepted last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.saved.feed.files()
    }

    /// Closes days until this one, with one timestamp per day.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Error> {
        if day > self.day() {
            self.log.append(&Item::Days(day))?;
            self.state.days(day)?;
        }
        Ok(())
    }

    /// Whether all files of a delivery were accepted with the same contents.
    pub fn is_known(&self, source: &str, label: &str, digests: &BTreeMap<String, String>) -> bool {
        let known = self.state.saved.feed.known(&(source.to_owned(), label.to_owned()));
        known.is_some_and(|known| digests.iter().all(|(file, digest)| known.get(file) == Some(digest)))
    }

    /// Reads a delivery on the current day. [`District::flush`] makes its effect durable and publishes it.
    pub fn take(&mut self, incoming: &Incoming<'_>, delivery: &mut Delivery<'_>) -> Result<Outcome, Error> {
        let name = (incoming.source.to_owned(), incoming.label.to_owned());
        let digests = incoming.digests;
        let unless_stated = delivery.unless_stated.clone();
        let feed = &self.state.saved.feed;
        let approved = feed.approved(&name, digests, unless_stated.as_ref()).cloned();
        let allows = |reason: &HoldReason| approved.as_ref().is_some_and(|held| held.allows(reason));
        let held = |reason: &HoldReason| {
            let lifted = approved.iter().flat_map(|held| held.lifted.iter().chain([&held.reason]));
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
            // The manifest also describes the new files, so it is kept.
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
                // Nothing of the delivery is logged, so its texts must not be logged with the next one.
                self.state.engine.current.texts.forget_since(&self.marks);
                // The file will not fix itself, and later days wait for it, so a violation opens.
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
        let Drafted { parts, marks, tables, doubtful, delivered, suspended, hold_reason: reason } = drafted;
        if let Some(reason) = reason.filter(|reason| !allows(reason)) {
            self.state.engine.current.texts.forget_since(&self.marks);
            return self.hold(name, held(&reason));
        }
        let files = match incoming.piece {
            Some((lines, digest)) => {
                let report = |report: &FileReport| FileReport { rows: lines, digest: digest.to_owned(), ..report.clone() };
                reports.iter().map(report).collect()
            }
            // Files without a report, such as a manifest, are also recognized by their contents.
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
        let mut fed = self.state.saved.fed.clone();
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
        // Rules that waited for a table start only after its rows are applied, so they never see it empty.
        self.compute(computed)?;
        Ok(Outcome::Accepted { files: reports, suspended })
    }

    /// Logs a batch and applies it.
    fn append(&mut self, header: Header, parts: Vec<Part>, marks: Marks) -> Result<(), Error> {
        let item = Item::Batch(header, parts);
        self.log.append(&item)?;
        self.marks = marks;
        match &item {
            Item::Batch(header, parts) => self.state.batch(header, parts, false),
            Item::Days(_) | Item::Computed(_) | Item::Released(..) => Ok(()),
        }
    }

    /// Puts a delivery on hold. This is logged once, at a separate timestamp, and opens a violation.
    fn hold(&mut self, name: Name, held: Quarantine) -> Result<Outcome, Error> {
        let reason = held.reason.clone();
        if self.state.saved.feed.is_on_hold(&name, &held) {
            return Ok(Outcome::OnHold(reason));
        }
        let CurrentState { engine, saved, settings, .. } = &mut self.state;
        let mut draft = Draft::new(&mut engine.current, &saved.feed, settings, self.marks.clone(), &name.0);
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

    /// Makes everything accepted so far durable, publishes it, and returns the changes.
    pub fn flush(&mut self) -> Result<Vec<(Vec<Line>, ClosedTimestamp)>, Error> {
        self.log.commit()?;
        self.state.publish(&mut self.files)?;
        let (from, length) = self.snapshot.unwrap_or((self.log.begin(), 0));
        if self.log.bytes_between(from, self.log.end())? > self.between_snapshots.max(length / 2) {
            self.write_snapshot()?;
        }
        Ok(self.state.pending.drain(..).collect())
    }

    /// Closes the district, with a snapshot if that makes the next start faster.
    pub fn close(mut self) -> Result<Engine, Error> {
        self.flush()?;
        let from = self.snapshot.map_or(self.log.begin(), |(from, _)| from);
        if self.log.bytes_between(from, self.log.end())? > WORTH_A_SNAPSHOT {
            self.write_snapshot()?;
        }
        self.files.sync()?;
        Ok(self.state.engine)
    }

    /// Writes a snapshot of the durable and published state.
    fn write_snapshot(&mut self) -> Result<(), Error> {
        // Changes before a snapshot are never published again.
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

/// The differences between the files of a delivery and its manifest: announced files that are missing, and files that the
/// manifest lists as absent.
fn announced(
    delivery: &mut Delivery<'_>,
    digests: &BTreeMap<String, String>,
) -> Result<(Vec<String>, Vec<String>), FileError> {
    match digests.keys().find(|file| manifest::is(file)) {
        Some(manifest) => Manifest::read(&(delivery.read)(manifest)?)?.differences(digests.keys()),
        None => Ok(Default::default()),
    }
}

/// The beginning of a text, for quoting.
fn cut(text: &str) -> String {
    text.chars().take(QUOTED_CHARS).collect()
}

/// The delivery note for a delivery on hold.
fn note(reason: &HoldReason, label: &str, texts: &mut Texts) -> Note {
    match reason {
        HoldReason::MassDelete { table, deletes, live } => {
            let (label, table) = (texts.id(label), texts.id(table));
            Note::Held { label, table, deletes: *deletes, live: *live }
        }
        HoldReason::Changed { file } => {
            Note::File { file: texts.id(&format!("{label}/{file}")), problem: texts.id("changed after it was accepted") }
        }
        HoldReason::Header { file, why, .. } => {
            Note::Header { file: texts.id(&format!("{label}/{file}")), unknown: 0, what: texts.id(&cut(why)) }
        }
    }
}

impl CurrentState {
    /// Reads a delivery without applying it. Returns the reports of its files, and the files that were not read because the
    /// manifest lists them as absent.
    fn draft(
        &mut self,
        incoming: &Incoming<'_>,
        delivery: &mut Delivery<'_>,
        marks: Marks,
    ) -> Result<(Drafted, Vec<FileReport>, Vec<String>), FileError> {
        let (missing, unread) = announced(delivery, incoming.digests)?;
        delivery.files.retain(|file| !unread.contains(file));
        let (day, is_stream) = (self.engine.day(), incoming.piece.is_some());
        let mut draft = Draft::new(&mut self.engine.current, &self.saved.feed, &self.settings, marks, incoming.source);
        let reports = incoming.format.read(delivery, &mut draft)?;
        let missing = missing.into_iter().map(|file| (file, "announced but missing"));
        let unexpected = unread.iter().map(|file| (file.clone(), "announced as absent but present"));
        // A text file beside the tables, such as a readme, is not an error; a CSV file that matches no table is.
        let is_read = |file: &&String| reports.iter().any(|report| report.file == **file) || manifest::is(file);
        let is_rows = |file: &&String| file.to_ascii_lowercase().ends_with(".csv");
        let unknown = delivery.files.iter().filter(|file| !is_read(file) && is_rows(file));
        let unknown: Vec<_> = unknown.map(|file| (file.clone(), "not named after a table; not read")).collect();
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

    /// Publishes unpublished lines and returns the number of timestamps.
    fn publish<D: Disk>(&mut self, files: &mut Files<D>) -> Result<u64, Error> {
        let unpublished = std::mem::take(&mut self.unpublished);
        let count = unpublished.len() as u64;
        unpublished.into_iter().try_for_each(|(time, lines)| files.publish(time, &lines))?;
        Ok(count)
    }

    /// The sections of a snapshot.
    fn sections(&self, marks: &Marks) -> impl Iterator<Item = snapshot::Section> {
        use snapshot::Section;
        /// The number of rows or texts per section.
        const ROWS: usize = 4096;
        let current = &self.engine.current;
        let mut bytes = Vec::new();
        record::encode(&self.saved, &mut bytes);
        // A frame holds at most 64 MiB.
        let saved: Vec<Section> =
            bytes.chunks(16 << 20).map(|bytes| Section::Kept(SAVED_STATE.to_owned(), Bytes(bytes.to_vec()))).collect();
        // In a separate section, so that snapshots of versions without it can be read.
        let mut opening = Vec::new();
        record::encode(&self.saved.board.opening, &mut opening);
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
        let notes: Vec<_> = current.delivery_notes().copied().collect();
        let notes: Vec<Section> = notes.chunks(ROWS).map(|some| Section::Notes(some.to_vec())).collect();
        words.chain(rows).chain(faults).chain(notes).chain(saved).chain([opening])
    }

    /// Starts at a snapshot or the beginning of the log; later items of the log must still be applied.
    fn start<D: Disk>(
        log: &Log<D>,
        mut base: Option<&mut Base>,
        workers: usize,
        first: Date,
    ) -> Result<CurrentState, Error> {
        let begins = match &base {
            Some(base) => timestamp::day(base.begin.time),
            None => first_day(log)?.unwrap_or(first),
        };
        let saved = base.as_mut().map_or_else(SavedState::default, |base| std::mem::take(&mut base.saved));
        let plan = computed::plan(&saved.computed);
        let mut state = CurrentState {
            settings: plan.settings.clone(),
            engine: Engine::start(plan, workers, begins)?,
            workers,
            violations: Violations::default(),
            saved,
            unpublished: Vec::new(),
            pending: VecDeque::new(),
            published: None,
        };
        if let Some(base) = base {
            state.restore(log.read_only(), base)?;
        }
        Ok(state)
    }

    /// Restores a snapshot.
    fn restore(&mut self, disk: &impl Disk, base: &Base) -> Result<(), Error> {
        use snapshot::Section;
        let mut read = Ok(());
        self.engine.restore(base.begin.time, |current, out| {
            let mut put = |entry, _: i32| out(entry);
            let visited = snapshot::read(disk, &base.file, |section| {
                match section {
                    Section::Words(words) => {
                        if !current.texts.take(&words) {
                            return Err("its texts are out of order".to_owned());
                        }
                    }
                    Section::Rows(rows) => rows.into_iter().for_each(|row| current.restore_row(row, &mut put)),
                    Section::Faults(rejected, superseded) => {
                        rejected.into_iter().for_each(|fault| current.restore_rejected(fault, &mut put));
                        superseded.into_iter().for_each(|fault| current.restore_superseded(fault, &mut put));
                    }
                    Section::Notes(notes) => {
                        notes.into_iter().for_each(|note| current.restore_delivery_note(note, &mut put));
                    }
                    Section::Kept(..) | Section::Begin(_) | Section::End(_) => {}
                }
                Ok(())
            });
            read = visited.map(drop);
        })?;
        read?;
        let deltas = self.engine.settle()?;
        deltas.iter().for_each(|delta| drop(self.violations.apply(delta)));
        self.saved.board.restore(&deltas);
        Ok(())
    }
}

/// The day on which a log begins.
fn first_day<D: Disk>(log: &Log<D>) -> Result<Option<Date>, Error> {
    let mut reader = log.reader(log.origin()?)?;
    while let Some((item, _)) = reader.next_item()? {
        match item {
            Item::Days(day) => return Ok(Some(day)),
            Item::Batch(header, _) => return Ok(Some(timestamp::day(header.time))),
            Item::Computed(_) | Item::Released(..) => {}
        }
    }
    Ok(None)
}

/// A snapshot to start from.
struct Base {
    file: String,
    begin: snapshot::Begin,
    length: u64,
    /// Moved out by [`CurrentState::start`].
    saved: SavedState,
}

impl Base {
    /// The latest intact snapshot, before a timestamp if one is given.
    fn find(disk: &impl Disk, before: Option<u64>, damaged: &mut Vec<String>) -> Result<Option<Base>, Error> {
        for file in snapshot::list(disk)? {
            let (mut saved, mut opening) = (Vec::new(), Vec::new());
            let read = snapshot::read(disk, &file, |section| {
                match section {
                    snapshot::Section::Kept(name, bytes) if name == SAVED_STATE => saved.extend(bytes.0),
                    snapshot::Section::Kept(name, bytes) if name == OPENING => opening = bytes.0,
                    _ => {}
                }
                Ok(())
            });
            match read {
                Ok(begin) if before.is_some_and(|before| begin.time >= before) => {}
                Ok(begin) => {
                    let saved: SavedState = match record::decode_long::<SavedState>(&saved) {
                        Ok(mut saved) => {
                            saved.board.opening = record::decode_long(&opening).unwrap_or_default();
                            saved
                        }
                        Err(error) => {
                            damaged.push(format!("{file}: {error}"));
                            continue;
                        }
                    };
                    let length = disk.length(&file);
                    let length = length.map_err(|source| store::Error::Disk {
                        what: "read the size of",
                        file: file.clone(),
                        source,
                    })?;
                    return Ok(Some(Base { file, begin, length, saved }));
                }
                Err(error @ store::Error::Newer { .. }) => return Err(error.into()),
                Err(error) => damaged.push(error.to_string()),
            }
        }
        Ok(None)
    }
}

/// The deliveries on hold. Approving one needs only the log, not the engine.
pub struct Approval<D: Disk> {
    log: Log<D>,
    feed: Feed,
}

impl<D: Disk> Approval<D> {
    /// Reads which deliveries are on hold.
    pub fn open(state: D) -> Result<Approval<D>, Error> {
        let mut log = Log::open(state)?;
        let base = Base::find(log.read_only(), None, &mut Vec::new())?;
        let from = base.as_ref().map_or_else(|| log.origin(), |base| Ok(base.begin.log))?;
        let mut feed = base.map_or_else(Feed::default, |base| base.saved.feed);
        let mut good = from.max(log.begin());
        let tail = {
            let mut reader = log.reader(from)?;
            while let Some((item, end)) = reader.next_item()? {
                match item {
                    Item::Batch(header, parts) => feed.apply(&header, &parts),
                    Item::Released(source, label) => feed.approve(&source, &label),
                    Item::Days(_) | Item::Computed(_) => {}
                }
                good = end;
            }
            reader.tail(good)?
        };
        log.resume(tail.end)?;
        Ok(Approval { log, feed })
    }

    /// The deliveries on hold: source, name and reason.
    pub fn on_hold(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.feed.on_hold().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// Approves a delivery with its present contents; it is accepted when it is read again. Durable on return.
    pub fn approve(&mut self, source: &str, label: &str) -> Result<(), Error> {
        self.log.append(&Item::Released(source.to_owned(), label.to_owned()))?;
        self.log.commit()?;
        self.feed.approve(source, label);
        Ok(())
    }
}

/// A past state of a district, in memory; changes to it are not logged.
pub struct Past {
    state: CurrentState,
}

impl Past {
    /// Rebuilds the state at the end of a day, if the log goes back that far.
    pub fn known_at<D: Disk>(state: D, day: Date, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, Some(day), workers)
    }

    /// Rebuilds the current state, if there is one.
    pub fn now<D: Disk>(state: D, workers: usize) -> Result<Option<Past>, Error> {
        Past::rebuild(state, None, workers)
    }

    fn rebuild<D: Disk>(state: D, until: Option<Date>, workers: usize) -> Result<Option<Past>, Error> {
        let log = Log::open(state)?;
        let after = until.map(|day| timestamp::at(day.plus(1), 0));
        let mut base = Base::find(log.read_only(), after, &mut Vec::new())?;
        let from = match (&base, log.origin()) {
            (Some(base), _) => base.begin.log,
            (None, Ok(origin)) => origin,
            // The state before the log was pruned is lost.
            (None, Err(_)) if until.is_some() => return Ok(None),
            (None, Err(error)) => return Err(error.into()),
        };
        let mut state = CurrentState::start(&log, base.as_mut(), workers, until.unwrap_or(Date::MIN))?;
        let mut reader = log.reader(from)?;
        let mut is_reached = base.is_some();
        while let Some((item, _)) = reader.next_item()? {
            let begins = match &item {
                Item::Days(day) => Some(*day),
                Item::Batch(header, _) => Some(timestamp::day(header.time)),
                Item::Computed(_) | Item::Released(..) => None,
            };
            if let (Some(day), Some(begins)) = (until, begins)
                && begins > day
            {
                // The wanted day may be within the days closed by this item.
                if !state.saved.feed.is_empty() {
                    state.days(day)?;
                }
                break;
            }
            state.follow(&item)?;
            is_reached = true;
            state.unpublished.clear();
            state.pending.clear();
        }
        let is_there = is_reached && !state.saved.feed.is_empty();
        let is_then = until.is_none_or(|day| state.engine.day() == day);
        Ok((is_there && is_then).then_some(Past { state }))
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.state.engine
    }

    /// The violation of a rule and a subject key, open or not, if it was ever open.
    pub fn violation(&self, rule: &Rule, subject: &str) -> Option<Violation> {
        self.state.violation(rule, subject)
    }

    /// Everything about a violation except the provenance of its rows.
    pub fn page(&self, violation: &Violation) -> Page {
        self.state.page(violation)
    }

    /// Returns the engine.
    pub fn into_engine(self) -> Engine {
        self.state.engine
    }

    /// The texts behind symbols.
    pub fn texts(&self) -> &Texts {
        &self.state.engine.current.texts
    }

    /// The open violations.
    pub fn violations(&self) -> &Violations {
        &self.state.violations
    }

    /// The version, thresholds and switches in use.
    pub fn computed(&self) -> &Computed {
        &self.state.saved.computed
    }

    /// When violations opened and closed.
    pub fn history(&self) -> &History {
        &self.state.saved.history
    }

    /// The files accepted last, by source and name.
    pub fn files(&self) -> impl Iterator<Item = (&(String, String), &Accepted)> {
        self.state.saved.feed.files()
    }

    /// What a delivery would change if it came on a day, including the days until then, and why it would be put on hold, if it
    /// would.
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
        // Rules that waited for a table of this delivery would run from then on.
        let mut computed = state.saved.computed.clone();
        computed.absent_tables.retain(|name| header.tables.iter().all(|(table, _)| table.spec().name != name));
        if computed != state.saved.computed {
            state.compute(&computed)?;
        }
        let pending = state.pending.drain(..);
        let lines = pending.flat_map(|(lines, closed)| [lines, vec![Line::TimestampClosed(closed)]].concat()).collect();
        Ok((lines, drafted.hold_reason))
    }
}
