//! Recovery: a district starts from the last intact snapshot and the log after it, and publishes what a crash kept from
//! being published. Snapshots only save time; everything in them follows from the log.

use super::state::{CurrentState, SavedState};
use super::{District, Error, computed};
use crate::engine::Engine;
use crate::model::texts::Marks;
use crate::model::{Date, Table, timestamp};
use crate::plan::Plan;
use crate::publish::changes::{self, Files};
use crate::quality::Violations;
use crate::store::disk::Disk;
use crate::store::record::{self, Bytes};
use crate::store::schema::Reading;
use crate::store::snapshot::{self, Section};
use crate::store::{self, Item, Log, Position};
use std::collections::VecDeque;

/// What a restart found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The timestamp of the snapshot that it started from.
    pub snapshot: Option<u64>,
    /// Snapshots that were not used, and why: they are damaged, or of an earlier version.
    pub unused: Vec<String>,
    /// Batches replayed from the log.
    pub batches: u64,
    /// Changes in those batches.
    pub changes: u64,
    /// Names that earlier versions stored and that are no longer declared, with the number of values that were dropped.
    pub dropped: Vec<(String, u64)>,
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

/// The name of [`SavedState`] in a snapshot: part of the stored format.
const SAVED_STATE: &str = "roll";
/// The name of the [`Opening`](super::opening::Opening) in a snapshot.
const OPENING: &str = "opening";
/// How many bytes may be logged before the next snapshot, if the last one is small.
const BETWEEN_SNAPSHOTS: u64 = 8 << 20;

impl<D: Disk> District<D> {
    /// Opens a district: replays the log and publishes what was not published yet. `first` is the first day of a new
    /// district. Progress is reported in bytes of the log: read so far, and total.
    ///
    /// # Errors
    ///
    /// A log that cannot be read or followed, and files that contradict each other; see [`repair`](super::repair()).
    pub fn open(
        state: D,
        published: D,
        plan: Plan,
        workers: usize,
        first: Date,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(District<D>, Recovery), Error> {
        let files = Files::open(published)?;
        let (mut district, mut recovery) = District::recover(state, files, plan, workers, first, false, progress)?;
        if !district.is_new() {
            let wanted = computed::of(&district.plan, &district.state.saved.fed);
            recovery.differences = computed::differences(&district.state.saved.computed, &wanted);
            district.compute(wanted)?;
        }
        Ok((district, recovery))
    }

    /// Opens it without adopting settings. With `is_repair`, published lines that the log does not contain are removed, and
    /// others may be missing.
    pub(super) fn recover(
        state: D,
        mut files: Files<D>,
        plan: Plan,
        workers: usize,
        first: Date,
        is_repair: bool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(District<D>, Recovery), Error> {
        let mut recovery = Recovery::default();
        let mut log = Log::open(state)?;
        let mut base = Base::find(&log, None, &mut recovery.unused)?;
        let since = base.as_ref().map(|base| base.begin.time);
        recovery.is_gone = files.published() < since;
        // Lines before a snapshot cannot be made again. Somebody may have removed all of them on purpose.
        if recovery.is_gone && !is_repair && !files.is_empty()? {
            let [kept, since] =
                [files.published(), since].map(|time| time.map_or_else(|| "the beginning".to_owned(), changes::batch));
            let why =
                format!("reports/changes is whole up to {kept}, but what was published up to {since} cannot be made again");
            return Err(store::Error::Contradiction(why).into());
        }
        recovery.unclosed = files.trim()?;
        let first = if base.is_some() { first } else { first_day(&log)?.unwrap_or(first) };
        let mut state = CurrentState::start(&log, base.as_mut(), workers, first)?;
        state.published = files.published();
        let from = base.as_ref().map_or_else(|| log.origin(), |base| Ok(base.begin.log))?;
        let link = base.as_ref().and_then(|base| base.begin.last);
        let mut last = since;
        recovery.snapshot = since;
        if let (true, true, Some(since)) = (is_repair, recovery.is_gone, since) {
            files.skip_to(since, state.violations.len() as u64)?;
            state.published = files.published();
        }
        let snapshot = base.map(|base| (base.begin.log, base.length));
        let mut good = from.max(log.begin());
        let all = log.bytes_between(from, Position { segment: u64::MAX, offset: 0 })?;
        let mut done = 0;
        let tail = {
            let mut reader = log.reader(from, link)?;
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
            recovery.dropped = reader.dropped().iter().map(|((of, name), count)| (format!("{of}.{name}"), *count)).collect();
            reader.tail()?
        };
        recovery.torn = tail.cut;
        // Only the log counts. It is durable before anything is published, so what is published and not in it was lost.
        if files.published() > last {
            if !is_repair {
                let [published, last] =
                    [files.published(), last].map(|time| time.map_or_else(|| "nothing".to_owned(), changes::batch));
                let why = format!("reports/changes has {published}, but the log ends with {last}: something is missing");
                return Err(store::Error::Contradiction(why).into());
            }
            recovery.unclosed += files.cut_after(last)?;
        }
        log.resume(&tail)?;
        state.published = None;
        let marks = state.engine.current.texts.marks();
        let between_snapshots = BETWEEN_SNAPSHOTS;
        Ok((District { log, files, state, marks, plan, snapshot, between_snapshots }, recovery))
    }

    /// Writes a snapshot of the durable and published state.
    pub(super) fn write_snapshot(&mut self) -> Result<(), Error> {
        // Changes before a snapshot are never published again.
        self.files.sync()?;
        let begin = snapshot::Begin { time: self.state.engine.time(), log: self.log.end(), last: self.log.last() };
        let log = begin.log;
        let length = snapshot::write(self.log.disk(), begin, self.state.sections(&self.marks))?;
        self.snapshot = Some((log, length));
        Ok(())
    }
}

impl CurrentState {
    /// The sections of a snapshot.
    fn sections(&self, marks: &Marks) -> impl Iterator<Item = Section> {
        /// The number of rows or texts per section.
        const ROWS: usize = 4096;
        let current = &self.engine.current;
        let mut bytes = Vec::new();
        record::encode(&self.saved, &mut bytes);
        // A frame holds at most 64 MiB.
        let saved: Vec<Section> =
            bytes.chunks(16 << 20).map(|bytes| Section::State(SAVED_STATE.to_owned(), Bytes(bytes.to_vec()))).collect();
        // In a separate section, so that snapshots of versions without it can be read.
        let mut opening = Vec::new();
        record::encode(&self.saved.board.opening, &mut opening);
        let opening = Section::State(OPENING.to_owned(), Bytes(opening));
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

    /// Starts at a snapshot, or at the first day of the log; later items of the log must still be applied.
    pub(super) fn start<D: Disk>(
        log: &Log<D>,
        mut base: Option<&mut Base>,
        workers: usize,
        first: Date,
    ) -> Result<CurrentState, Error> {
        let begins = base.as_ref().map_or(first, |base| timestamp::day(base.begin.time));
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
        let mut read = Ok(());
        self.engine.restore(base.begin.time, |current, out| {
            let mut put = |entry, _: i32| out(entry);
            let visited = snapshot::read(disk, &base.file, |section, _| {
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
                    Section::State(..) | Section::Begin(_) | Section::End(_) => {}
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

/// The day on which a log begins, if it has one yet.
pub(super) fn first_day<D: Disk>(log: &Log<D>) -> Result<Option<Date>, Error> {
    let mut reader = log.reader(log.origin()?, None)?;
    while let Some((item, _)) = reader.next_item()? {
        match item {
            Item::Days(day) => return Ok(Some(day)),
            Item::Batch(header, _) => return Ok(Some(timestamp::day(header.time))),
            Item::Computed(_) | Item::Approved(..) => {}
        }
    }
    Ok(None)
}

/// A snapshot to start from.
pub(super) struct Base {
    pub(super) file: String,
    pub(super) begin: snapshot::Begin,
    pub(super) length: u64,
    /// Moved out by [`CurrentState::start`].
    pub(super) saved: SavedState,
}

impl Base {
    /// The latest snapshot that can be used, before a timestamp if one is given; those that cannot are added to `unused`.
    ///
    /// # Errors
    ///
    /// Snapshots of a later version; and of an earlier one, if the log no longer begins at its beginning.
    pub(super) fn find<D: Disk>(log: &Log<D>, before: Option<u64>, unused: &mut Vec<String>) -> Result<Option<Base>, Error> {
        let disk = log.read_only();
        let mut older = None;
        for file in snapshot::list(disk)? {
            let (mut saved, mut opening, mut reading) = (Vec::new(), Vec::new(), Reading::current());
            let read = snapshot::read(disk, &file, |section, of| {
                reading.clone_from(of);
                match section {
                    Section::State(name, bytes) if name == SAVED_STATE => saved.extend(bytes.0),
                    Section::State(name, bytes) if name == OPENING => opening = bytes.0,
                    _ => {}
                }
                Ok(())
            });
            match read {
                Ok(begin) if before.is_some_and(|before| begin.time >= before) => {}
                Ok(begin) => {
                    let saved: SavedState = match reading.decode_long::<SavedState>("SavedState", &saved) {
                        Ok(mut saved) => {
                            saved.board.opening = reading.decode_long("Opening", &opening).unwrap_or_default();
                            saved.history.translate(|subject| reading.subject(subject));
                            saved
                        }
                        Err(error) => {
                            unused.push(format!("{file} is damaged: {error}"));
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
                Err(error @ (store::Error::Newer { .. } | store::Error::Foreign { .. })) => return Err(error.into()),
                Err(error) => {
                    unused.push(error.to_string());
                    older = older.or(Some(error).filter(|error| matches!(error, store::Error::Older { .. })));
                }
            }
        }
        match older {
            Some(error) if log.origin().is_err() => Err(error.into()),
            _ => Ok(None),
        }
    }
}
