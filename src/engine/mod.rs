//! The engine: accepts batches, drives the workers, and returns one Delta per timestamp, in order.
//!
//! A single thread ingests and owns the current rows; the workers compute. Every batch and every elapsed day has a timestamp
//! and a Delta. Workers process whatever is queued, so several timestamps are in flight at once.

mod ahead;
pub mod message;
mod threads;
pub mod worker;

use crate::current::CurrentRows;
pub use crate::dataflow::{Diff, Time};
use crate::kpi::Tallies;
use crate::model::{Batch, Change, Date, Entry, Finding, Table, Texts, timestamp};
use crate::plan::{self, Output, Plan};
use crate::source::RecordSink;
use crate::tallies::Sums;
use crate::tallies::scores::roll_up;
use crate::warehouse::{RELATIONS, Relation, RelationRow};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use differential_dataflow::consolidation::consolidate;
use message::{Command, Peek, Peeked, Report};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many timestamps may be in flight before the engine waits for the oldest.
const IN_FLIGHT: usize = 32;
/// How many entries are sent to a worker at once.
const CHUNK: usize = 256;
/// How many commands may queue for a worker; a source that is faster than the workers waits, so records do not pile up in
/// memory.
const QUEUE: usize = 4096;

/// Errors of the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A day before the current one.
    #[error("cannot go back to {asked}: {reached} is already closed")]
    DayPassed {
        /// The day asked for.
        asked: Date,
        /// The current day.
        reached: Date,
    },
    /// The workers could not be started.
    #[error("cannot start the workers: {0}")]
    Start(String),
    /// A worker has stopped, and its state is lost.
    #[error("a worker of the dataflow stopped; see its message above")]
    WorkerLost,
    /// A batch was begun but never finished. Part of it is in the dataflow, so the results cannot be trusted.
    #[error("a batch was begun but not finished; restart the engine")]
    Abandoned,
}

/// The changes at one timestamp: outputs with the number of times each came (positive) or went (negative), consolidated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The timestamp.
    pub time: Time,
    /// The changes.
    pub updates: Vec<(Output, Diff)>,
}

impl Delta {
    /// The day of its timestamp.
    pub fn day(&self) -> Date {
        timestamp::day(self.time)
    }

    /// The findings that came or went, each with how often.
    pub fn findings(&self) -> impl Iterator<Item = (&Finding, Diff)> {
        self.updates.iter().filter_map(|(output, diff)| match output {
            Output::Finding(finding) => Some((finding, *diff)),
            Output::Tally(_) | Output::Scores(..) | Output::Row(_) => None,
        })
    }
}

/// How the engine reaches a worker, wherever it runs.
pub trait WorkerHandle: Send {
    /// Sends a command. The worker need not look at it before [`WorkerHandle::wake`].
    fn send(&mut self, command: Command);
    /// How many commands the worker has not taken.
    fn queued(&self) -> usize {
        0
    }
    /// Wakes the worker.
    fn wake(&self) {}
}

/// The engine's handle on running workers.
pub struct Running {
    /// Their reports.
    pub reports: Receiver<Report>,
    /// Set when a worker is lost; otherwise the other workers would wait forever.
    pub lost: Arc<AtomicBool>,
    /// Waits for the workers when it is dropped, after the handles.
    pub stop: Option<Box<dyn std::any::Any + Send>>,
}

/// A running plan and its current rows.
pub struct Engine {
    /// The current rows and their texts.
    pub(crate) current: CurrentRows,
    plan: Plan,
    workers: Vec<Box<dyn WorkerHandle>>,
    running: Running,
    /// Which workers have started.
    started: usize,
    /// The answers to the last question, and its number.
    peeked: (u64, Vec<Peeked>),
    reached: Vec<Option<Time>>,
    pending: VecDeque<Time>,
    /// What workers have reported for timestamps that are not closed, each part consolidated.
    parts: BTreeMap<Time, Vec<Vec<(Output, Diff)>>>,
    ready: VecDeque<Delta>,
    day: Date,
    sequence: u32,
    next_worker: usize,
    abandoned: bool,
}

impl Engine {
    /// Starts a plan with this many workers (at least one) on a day, as threads of this process. The workers stop when the
    /// engine is dropped.
    ///
    /// # Errors
    ///
    /// Workers that cannot be started.
    ///
    /// ```
    /// use rollcall::engine::Engine;
    /// use rollcall::model::{Date, Settings};
    /// use rollcall::plan::Plan;
    ///
    /// let settings = Settings { minimum_n: 20, ..Settings::default() };
    /// let engine = Engine::start(Plan { settings, ..Plan::default() }, 2, Date::ymd(2025, 9, 2).unwrap())?;
    /// assert!(engine.current().rows().course.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start(plan: Plan, workers: usize, day: Date) -> Result<Engine, Error> {
        let (workers, running) = threads::start(&plan, workers.max(1), timestamp::at(day, 0))?;
        Engine::drive(plan, day, workers, running)
    }

    /// Drives workers that run this plan from the beginning of a day, wherever they are.
    ///
    /// # Errors
    ///
    /// A worker that is lost before it has started.
    pub fn drive(plan: Plan, day: Date, workers: Vec<Box<dyn WorkerHandle>>, running: Running) -> Result<Engine, Error> {
        let mut engine = Engine {
            current: CurrentRows::default(),
            plan,
            reached: vec![Some(0); workers.len()],
            workers,
            running,
            started: 0,
            peeked: (0, Vec::new()),
            pending: VecDeque::new(),
            parts: BTreeMap::new(),
            ready: VecDeque::new(),
            day,
            sequence: 0,
            next_worker: 0,
            abandoned: false,
        };
        while engine.started < engine.workers.len() {
            engine.listen()?;
        }
        Ok(engine)
    }

    /// The current day.
    pub fn day(&self) -> Date {
        self.day
    }

    /// The current rows and their texts. Only batches change them.
    pub fn current(&self) -> &CurrentRows {
        &self.current
    }

    /// The texts behind the ids of rows, for making the rows of a batch.
    pub fn texts(&mut self) -> &mut Texts {
        &mut self.current.texts
    }

    /// The last timestamp that was begun.
    pub fn time(&self) -> Time {
        timestamp::at(self.day, self.sequence)
    }

    /// Closes days until this one, with one timestamp per day: violations open and close because time passes.
    ///
    /// # Errors
    ///
    /// [`Error::DayPassed`] for an earlier day; a lost worker.
    pub fn advance_to(&mut self, day: Date) -> Result<(), Error> {
        if day < self.day {
            return Err(Error::DayPassed { asked: day, reached: self.day });
        }
        while self.day < day {
            self.day = self.day.plus(1);
            self.sequence = 0;
            self.close(timestamp::at(self.day, 0))?;
        }
        Ok(())
    }

    /// The timestamp of the next batch, unless a day is closed before it.
    pub fn next_time(&self) -> Time {
        timestamp::at(self.day, self.sequence + 1)
    }

    /// Continues from the timestamp that another engine had reached on the same records. `fill` loads all current rows as one
    /// batch at that timestamp.
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn restore(&mut self, time: Time, fill: impl FnOnce(&mut CurrentRows, &mut dyn FnMut(Entry))) -> Result<(), Error> {
        let mut current = std::mem::take(&mut self.current);
        let mut chunk: Vec<(Entry, Time, Diff)> = Vec::with_capacity(CHUNK);
        let mut worker = 0;
        fill(&mut current, &mut |entry| {
            chunk.push((entry, time, 1));
            if chunk.len() >= CHUNK {
                self.command(worker, Command::Entries(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))));
                worker = (worker + 1) % self.workers.len();
            }
        });
        current.finish(&mut |entry, diff| chunk.push((entry, time, diff)));
        self.post(worker, Command::Entries(chunk));
        self.current = current;
        (self.day, self.sequence) = (timestamp::day(time), timestamp::sequence(time));
        self.close(time)
    }

    /// Applies a batch; all of its changes take effect together, at the returned timestamp. This does not wait for the
    /// results: up to 32 timestamps are in flight.
    ///
    /// # Errors
    ///
    /// A lost worker; a batch that was begun before and not finished.
    ///
    /// ```
    /// # use rollcall::engine::Engine;
    /// # use rollcall::model::{Batch, Change, Date, Table};
    /// # use rollcall::plan::Plan;
    /// # let mut engine = Engine::start(Plan::default(), 1, Date::ymd(2025, 9, 2).unwrap())?;
    /// let course = [
    ///     ("course_id", "C1"), ("org_id", "North"), ("course_code", "ALG1"), ("title", "Algebra"), ("school_year", "2026"),
    /// ];
    /// let row = Table::Course.row(&course, engine.texts())?;
    /// let time = engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
    /// let gone = Change::Delete(Table::Course, row.symbol());
    /// assert!(engine.commit(&Batch { changes: vec![gone], ..Batch::default() })? > time);
    /// assert_eq!(engine.current().rows().course.iter().flatten().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn commit(&mut self, batch: &Batch) -> Result<Time, Error> {
        let mut commit = self.begin();
        commit.deliver(&batch.delivered);
        batch.changes.iter().for_each(|&change| commit.change(change));
        commit.finish()
    }

    /// Begins a batch that may be too large for memory: changes enter the dataflow as they are stated, and take effect together
    /// when it is finished.
    pub fn begin(&mut self) -> Commit<'_> {
        self.sequence += 1;
        let time = timestamp::at(self.day, self.sequence);
        Commit { engine: self, time, chunk: Vec::new(), finished: false }
    }

    fn close(&mut self, time: Time) -> Result<(), Error> {
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        self.pending.push_back(time);
        for worker in 0..self.workers.len() {
            self.command(worker, Command::Advance(time + 1));
        }
        while self.pending.len() > IN_FLIGHT {
            self.listen()?;
        }
        Ok(())
    }

    fn command(&mut self, worker: usize, command: Command) {
        self.post(worker, command);
        self.workers[worker].wake();
    }

    /// Sends a command that need not be processed before the next one; a worker woken twice per batch works twice.
    fn post(&mut self, worker: usize, command: Command) {
        // A bounded channel would do the same, but hands out its slots one by one, with two thread switches each: that cost an
        // eighth of a load. Here the source pauses until the worker has caught up.
        let handle = &mut self.workers[worker];
        if handle.queued() >= QUEUE {
            while handle.queued() > QUEUE / 2 && !self.running.lost.load(Ordering::SeqCst) {
                handle.wake();
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        handle.send(command);
    }

    /// Receives one report, and moves the Deltas that it completes to `ready`.
    fn listen(&mut self) -> Result<(), Error> {
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        match self.running.reports.recv_timeout(Duration::from_secs(3600)) {
            Ok(Report::Started(_)) => self.started += 1,
            Ok(Report::Peeked(number, peeked)) if number == self.peeked.0 => self.peeked.1.push(peeked),
            Ok(Report::Peeked(..)) => {}
            Ok(Report::Part(time, updates)) => self.parts.entry(time).or_default().push(updates),
            Ok(Report::Reached(worker, time)) => self.reached[worker] = time,
            Ok(Report::Stopped) | Err(RecvTimeoutError::Disconnected) => return Err(Error::WorkerLost),
            Err(RecvTimeoutError::Timeout) => {}
        }
        while let Some(&time) = self.pending.front() {
            if self.reached.iter().flatten().any(|&reached| reached <= time) {
                break;
            }
            self.pending.pop_front();
            let mut parts = self.parts.remove(&time).unwrap_or_default();
            let updates = if parts.len() > 1 {
                let mut updates = parts.concat();
                consolidate(&mut updates);
                updates
            } else {
                parts.pop().unwrap_or_default()
            };
            self.ready.push_back(Delta { time, updates });
        }
        Ok(())
    }

    /// The next Delta, in the order of timestamps; none if all have been returned. Waits for the workers.
    ///
    /// # Errors
    ///
    /// A lost worker.
    ///
    /// ```
    /// # use rollcall::engine::Engine;
    /// # use rollcall::model::{Batch, Change, Date, Table};
    /// # use rollcall::plan::Plan;
    /// use rollcall::qa;
    /// # let mut engine = Engine::start(Plan::default(), 1, Date::ymd(2025, 9, 2).unwrap())?;
    /// # let course = [
    /// #     ("course_id", "C1"), ("org_id", "North"), ("course_code", "ALG1"), ("title", "Algebra"), ("school_year", "2026"),
    /// # ];
    /// # let row = Table::Course.row(&course, engine.texts())?;
    /// engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
    /// let mut lines = Vec::new();
    /// while let Some(delta) = engine.next_delta()? {
    ///     for (finding, diff) in delta.findings() {
    ///         let (rule, subject) = (qa::numbered(finding.rule), finding.subject.key(&engine.current().texts));
    ///         let what = if diff > 0 { "opened" } else { "closed" };
    ///         lines.push(format!("{} {what}: {subject}", rule.id));
    ///     }
    /// }
    /// assert_eq!(lines, ["REF-007 opened: course|org_id|North"]); // no row of the organization has come yet
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn next_delta(&mut self) -> Result<Option<Delta>, Error> {
        while self.ready.is_empty() && !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Waits until every timestamp so far is closed and returns the remaining Deltas.
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn settle(&mut self) -> Result<Vec<Delta>, Error> {
        while !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.drain(..).collect())
    }

    /// Peeks at a relation that the dataflow arranges: its current rows, in no particular order; none for a relation that is
    /// computed from the current input rows.
    ///
    /// # Errors
    ///
    /// A lost worker.
    ///
    /// ```
    /// # use rollcall::engine::Engine;
    /// # use rollcall::model::{Batch, Change, Date, Table};
    /// # use rollcall::plan::Plan;
    /// use rollcall::warehouse::fct_school_enrollment;
    /// # let mut engine = Engine::start(Plan::default(), 1, Date::ymd(2025, 9, 2).unwrap())?;
    /// # let enrollment = [("enrollment_id", "E1"), ("student_id", "S1"), ("school_id", "North"), ("school_year", "2026"),
    /// #     ("grade_level", "03"), ("entry_date", "2025-09-02")];
    /// # let row = Table::SchoolEnrollment.row(&enrollment, engine.texts())?;
    /// engine.commit(&Batch { changes: vec![Change::Upsert(row)], ..Batch::default() })?;
    /// let rows = engine.rows(&fct_school_enrollment::RELATION)?;
    /// assert_eq!(rows[0].values()[0].text(&engine.current().texts), "E1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows(&mut self, relation: &'static Relation) -> Result<Vec<RelationRow>, Error> {
        let mut rows = Vec::new();
        let Some(position) = RELATIONS.iter().position(|of| of.name == relation.name) else { return Ok(rows) };
        for peeked in self.peek(Peek::Relation(position as u16, self.day))? {
            if let Peeked::Rows(part) = peeked {
                rows.extend(part);
            }
        }
        Ok(rows)
    }

    /// Peeks at the sums behind KPIs: every tally with all roll-ups, in the order of published text.
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn tallies(&mut self) -> Result<Tallies, Error> {
        let (mut today, mut scores) = (Sums::default(), Vec::new());
        for peeked in self.peek(Peek::Sums)? {
            if let Peeked::Sums(of_today, of_scores) = peeked {
                today.extend(of_today);
                scores.extend(of_scores);
            }
        }
        let mut tallies = Tallies { scores: roll_up(scores), today };
        tallies.sort(&self.current.texts);
        Ok(tallies)
    }

    /// How many entries of each kind the dataflow has counted; see [`plan::kind`].
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn counted(&mut self) -> Result<Vec<u64>, Error> {
        let mut counted = vec![0; plan::KINDS];
        for peeked in self.peek(Peek::Counted)? {
            if let Peeked::Counted(part) = peeked {
                counted.iter_mut().zip(part).for_each(|(total, count)| *total += count);
            }
        }
        Ok(counted)
    }

    fn peek(&mut self, peek: Peek) -> Result<Vec<Peeked>, Error> {
        while !self.pending.is_empty() {
            self.listen()?;
        }
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        self.peeked = (self.peeked.0 + 1, Vec::new());
        for worker in 0..self.workers.len() {
            self.command(worker, Command::Peek(self.peeked.0, peek));
        }
        while self.peeked.1.len() < self.workers.len() {
            self.listen()?;
        }
        Ok(std::mem::take(&mut self.peeked.1))
    }

    /// Stops the workers and discards pending future changes. Returns outputs that nobody asked for; there are none if every
    /// timestamp was closed.
    pub fn stop(mut self) -> Vec<(Time, Vec<(Output, Diff)>)> {
        self.shut_down();
        let parts = self.running.reports.try_iter().filter_map(|report| match report {
            Report::Part(time, updates) => Some((time, updates)),
            _ => None,
        });
        parts.collect()
    }

    fn shut_down(&mut self) {
        // Workers end when no more commands can come.
        self.workers.clear();
        self.running.stop = None;
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// A batch being written. If dropped unfinished, the engine cannot be used any more, because part of it is in the dataflow.
pub struct Commit<'a> {
    engine: &'a mut Engine,
    time: Time,
    chunk: Vec<(Entry, Time, Diff)>,
    finished: bool,
}

impl Drop for Commit<'_> {
    fn drop(&mut self) {
        self.engine.abandoned |= !self.finished;
    }
}

impl Commit<'_> {
    /// Begins a new delivery of tables.
    pub fn deliver(&mut self, tables: &[Table]) {
        self.engine.current.deliver(tables, &mut |entry, diff| self.chunk.push((entry, self.time, diff)));
        self.send(CHUNK);
    }

    /// Marks the changes as events in order, so that a row may change more than once.
    pub fn order(&mut self) {
        self.engine.current.order();
    }

    /// Applies the batch.
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn finish(mut self) -> Result<Time, Error> {
        self.engine.current.finish(&mut |entry, diff| self.chunk.push((entry, self.time, diff)));
        self.send(1);
        self.finished = true;
        self.engine.close(self.time)?;
        Ok(self.time)
    }

    fn send(&mut self, at_least: usize) {
        if self.chunk.len() >= at_least {
            let worker = self.engine.next_worker;
            self.engine.next_worker = (worker + 1) % self.engine.workers.len();
            let entries = Command::Entries(std::mem::take(&mut self.chunk));
            if at_least == CHUNK {
                self.chunk.reserve(CHUNK);
                self.engine.command(worker, entries);
            } else {
                self.engine.post(worker, entries);
            }
        }
    }
}

impl RecordSink for Commit<'_> {
    fn texts(&mut self) -> &mut Texts {
        &mut self.engine.current.texts
    }

    fn change(&mut self, change: Change) {
        self.engine.current.change(change, &mut |entry, diff| self.chunk.push((entry, self.time, diff)));
        self.send(CHUNK);
    }
}
