//! The engine: accepts batches, drives the workers, and returns one Delta per timestamp, in order.
//!
//! A single thread ingests and owns the current rows; the workers compute. Every batch and every elapsed day has a timestamp
//! and a Delta. Workers process whatever is queued, so several timestamps are in flight at once.

mod ahead;

use crate::current::CurrentRows;
use crate::dataflow::{Diff, Time, walk_sums, walk_views};
use crate::kpi::Tallies;
use crate::model::{Batch, Change, Date, Entry, Finding, Table, Texts, timestamp};
use crate::plan::{self, Handles, Output, Plan};
use crate::source::RecordSink;
use crate::tallies::Sums;
use crate::tallies::scores::roll_up;
use crate::tallies::staffing::{Measure, OrgScope};
use crate::views::staff::StaffViewBuilder;
use crate::views::student::StudentViewBuilder;
use crate::warehouse::{Relation, RelationRow, Source};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::trace::TraceReader;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use std::time::Duration;
use timely::communication::WorkerGuards;
use timely::progress::Antichain;
use timely::worker::Worker;

/// How many timestamps may be in flight before the engine waits for the oldest.
const IN_FLIGHT: usize = 32;
/// How many entries are sent to a worker at once.
const CHUNK: usize = 256;
/// How many commands may queue for a worker; a source that is faster than the workers waits, so records do not pile up in
/// memory.
const QUEUE: usize = 4096;
/// How long a worker sleeps at most if nobody wakes it.
const NAP: Duration = Duration::from_millis(20);

/// Errors of the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A day before the current one.
    #[error("cannot go back to {asked}: {reached} is already closed")]
    DayPassed {
        /// The day asked for.
        asked: Date,
        /// The day current.
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
}

enum Command {
    Entries(Vec<(Entry, Time, Diff)>),
    Advance(Time),
    Peek(Peek, Sender<Peeked>),
}

#[derive(Clone, Copy)]
enum Peek {
    Relation(&'static Relation, Date),
    Sums,
    Counted,
    /// The findings until a timestamp.
    Ahead(Time),
}

enum Peeked {
    Rows(Vec<RelationRow>),
    Sums(Sums),
    Counted(Vec<u64>),
    /// Findings that open and close, changes of staffing sums, and the current sums.
    Ahead(Vec<(Time, Finding, Diff)>, Vec<(Time, OrgScope, Measure, Diff)>, Sums),
}

enum Report {
    Started(usize, Thread),
    Part(Time, Vec<(Output, Diff)>),
    Reached(usize, Option<Time>),
    Stopped,
}

/// A running plan and its current rows.
pub struct Engine {
    /// The current rows and their texts.
    pub current: CurrentRows,
    plan: Plan,
    commands: Vec<Sender<Command>>,
    threads: Vec<Option<Thread>>,
    reports: Receiver<Report>,
    reached: Vec<Option<Time>>,
    pending: VecDeque<Time>,
    /// What workers have reported for timestamps that are not closed, each part consolidated.
    parts: BTreeMap<Time, Vec<Vec<(Output, Diff)>>>,
    ready: VecDeque<Delta>,
    day: Date,
    sequence: u32,
    next_worker: usize,
    abandoned: bool,
    /// Set when a worker panics; otherwise the other workers would wait forever.
    lost: Arc<AtomicBool>,
    guards: Option<WorkerGuards<()>>,
}

impl Engine {
    /// Starts a plan with this many workers on a day.
    pub fn start(plan: Plan, workers: usize, day: Date) -> Result<Engine, Error> {
        let workers = workers.max(1);
        let (commands, inboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| crossbeam_channel::unbounded()).unzip();
        let (report, reports) = crossbeam_channel::unbounded();
        let mut config = timely::Config::process(workers);
        let idle = differential_dataflow::Config::default().idle_merge_effort(None);
        differential_dataflow::configure(&mut config.worker, &idle);
        let begin = timestamp::at(day, 0);
        let lost = Arc::new(AtomicBool::new(false));
        let body = {
            let (lost, plan) = (lost.clone(), plan.clone());
            move |worker: &mut Worker| {
                let inbox = inboxes[worker.index()].clone();
                work(worker, &plan, begin, &inbox, &PanicReport { report: report.clone(), lost: lost.clone() });
            }
        };
        let guards = timely::execute(config, body).map_err(Error::Start)?;
        let mut engine = Engine {
            current: CurrentRows::default(),
            plan,
            commands,
            threads: vec![None; workers],
            reports,
            reached: vec![Some(0); workers],
            pending: VecDeque::new(),
            parts: BTreeMap::new(),
            ready: VecDeque::new(),
            day,
            sequence: 0,
            next_worker: 0,
            abandoned: false,
            lost,
            guards: Some(guards),
        };
        while engine.threads.iter().any(Option::is_none) {
            engine.listen()?;
        }
        Ok(engine)
    }

    /// The current day.
    pub fn day(&self) -> Date {
        self.day
    }

    /// The last timestamp that was begun.
    pub fn time(&self) -> Time {
        timestamp::at(self.day, self.sequence)
    }

    /// Closes days until this one, with one timestamp per day.
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
    pub fn restore(&mut self, time: Time, fill: impl FnOnce(&mut CurrentRows, &mut dyn FnMut(Entry))) -> Result<(), Error> {
        let mut current = std::mem::take(&mut self.current);
        let mut chunk: Vec<(Entry, Time, Diff)> = Vec::with_capacity(CHUNK);
        let mut worker = 0;
        fill(&mut current, &mut |entry| {
            chunk.push((entry, time, 1));
            if chunk.len() >= CHUNK {
                self.command(worker, Command::Entries(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK))));
                worker = (worker + 1) % self.commands.len();
            }
        });
        current.finish(&mut |entry, diff| chunk.push((entry, time, diff)));
        self.post(worker, Command::Entries(chunk));
        self.current = current;
        (self.day, self.sequence) = (timestamp::day(time), timestamp::sequence(time));
        self.close(time)
    }

    /// Applies a batch; all of its changes take effect together, at the returned timestamp.
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
        for worker in 0..self.commands.len() {
            self.command(worker, Command::Advance(time + 1));
        }
        while self.pending.len() > IN_FLIGHT {
            self.listen()?;
        }
        Ok(())
    }

    fn command(&mut self, worker: usize, command: Command) {
        self.post(worker, command);
        if let Some(thread) = &self.threads[worker] {
            thread.unpark();
        }
    }

    /// Sends a command without waking the worker; waking it twice for one batch would double its work.
    fn post(&mut self, worker: usize, command: Command) {
        // A bounded channel would do the same, but it frees its slots one by one, with two thread switches each, which cost an
        // eighth of the time of a load. Here the source sleeps until the worker has caught up by half.
        if self.commands[worker].len() >= QUEUE {
            while self.commands[worker].len() > QUEUE / 2 && !self.lost.load(Ordering::SeqCst) {
                self.threads[worker].iter().for_each(Thread::unpark);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        // A stopped worker is noticed by the next call that waits for it.
        let _ = self.commands[worker].send(command);
    }

    /// Receives one report, and moves the Deltas that it completes to `ready`.
    fn listen(&mut self) -> Result<(), Error> {
        if self.abandoned {
            return Err(Error::Abandoned);
        }
        match self.reports.recv_timeout(Duration::from_secs(3600)) {
            Ok(Report::Started(worker, thread)) => self.threads[worker] = Some(thread),
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

    /// The next Delta, in the order of timestamps; none if all have been returned.
    pub fn next_delta(&mut self) -> Result<Option<Delta>, Error> {
        while self.ready.is_empty() && !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Waits until every timestamp so far is closed and returns the remaining Deltas.
    pub fn settle(&mut self) -> Result<Vec<Delta>, Error> {
        while !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.drain(..).collect())
    }

    /// The current rows of a relation that the dataflow arranges, in no particular order; none for a relation that is computed
    /// from the current input rows.
    pub fn rows(&mut self, relation: &'static Relation) -> Result<Vec<RelationRow>, Error> {
        let mut rows = Vec::new();
        for peeked in self.peek(Peek::Relation(relation, self.day))? {
            if let Peeked::Rows(part) = peeked {
                rows.extend(part);
            }
        }
        Ok(rows)
    }

    /// Every tally with all roll-ups, in the order of published text.
    pub fn tallies(&mut self) -> Result<Tallies, Error> {
        let mut sums = Sums::default();
        for peeked in self.peek(Peek::Sums)? {
            if let Peeked::Sums(part) = peeked {
                sums.extend(part);
            }
        }
        let mut tallies = Tallies { scores: roll_up(sums.scores), staffing: sums.staffing };
        tallies.sort(&self.current.texts);
        Ok(tallies)
    }

    /// How many entries of each kind the dataflow has counted; see [`plan::kind`].
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
        let (reply, replies) = crossbeam_channel::unbounded();
        for worker in 0..self.commands.len() {
            self.command(worker, Command::Peek(peek, reply.clone()));
        }
        drop(reply);
        let peeked: Vec<Peeked> = replies.iter().collect();
        if peeked.len() == self.commands.len() { Ok(peeked) } else { Err(Error::WorkerLost) }
    }

    /// Stops the workers and discards pending future changes. Returns outputs that nobody asked for; there are none if every
    /// timestamp was closed.
    pub fn stop(mut self) -> Vec<(Time, Vec<(Output, Diff)>)> {
        self.shut_down();
        let parts = self.reports.try_iter().filter_map(|report| match report {
            Report::Part(time, updates) => Some((time, updates)),
            _ => None,
        });
        parts.collect()
    }

    fn shut_down(&mut self) {
        self.commands.clear();
        self.threads.iter().flatten().for_each(Thread::unpark);
        let Some(guards) = self.guards.take() else { return };
        if self.lost.load(Ordering::SeqCst) {
            // Threads that wait for the lost one cannot be joined; they end with the process.
            std::mem::forget(guards);
        } else {
            guards.join().into_iter().for_each(drop);
        }
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
            self.engine.next_worker = (worker + 1) % self.engine.commands.len();
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

/// Reports a panic of a worker to the engine and the other workers.
struct PanicReport {
    report: Sender<Report>,
    lost: Arc<AtomicBool>,
}

impl Drop for PanicReport {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.lost.store(true, Ordering::SeqCst);
            let _ = self.report.send(Report::Stopped);
        }
    }
}

/// The main loop of a worker.
fn work(worker: &mut Worker, plan: &Plan, begin: Time, inbox: &Receiver<Command>, panic_report: &PanicReport) {
    let PanicReport { report, lost } = panic_report;
    let index = worker.index();
    let _ = report.send(Report::Started(index, std::thread::current()));
    let parts = report.clone();
    let mut handles = worker.dataflow::<Time, _, _>(|scope| {
        plan::build(scope, plan, move |(time, updates)| {
            let _ = parts.send(Report::Part(time, updates));
        })
    });
    handles.input.advance_to(begin);
    let mut reached = None;
    let mut peeks: Vec<(Peek, Sender<Peeked>)> = Vec::new();
    let mut open = true;
    while open && !lost.load(Ordering::SeqCst) {
        // Take what is queued, up to a limit, then step the dataflow.
        for _ in 0..IN_FLIGHT {
            match inbox.try_recv() {
                Ok(Command::Entries(mut entries)) => handles.input.send_batch(&mut entries),
                Ok(Command::Advance(time)) => handles.input.advance_to(time),
                Ok(Command::Peek(peek, reply)) => peeks.push((peek, reply)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    open = false;
                    break;
                }
            }
        }
        let behind = handles.probe.less_than(handles.input.time());
        if behind || !inbox.is_empty() {
            worker.step_or_park(if inbox.is_empty() { Some(NAP) } else { Some(Duration::ZERO) });
        } else if peeks.is_empty() && open {
            worker.step_or_park(Some(NAP));
        }
        let now = handles.probe.with_frontier(|frontier| frontier.first().copied());
        if now != reached {
            reached = now;
            let _ = report.send(Report::Reached(index, now));
        }
        if !handles.probe.less_than(handles.input.time()) {
            compact(&mut handles);
            for (peek, reply) in peeks.drain(..) {
                let _ = reply.send(answer(peek, &mut handles));
            }
        }
    }
    drop(handles);
    // The engine is gone or stopping; finish the dataflow unless a worker is lost.
    while !lost.load(Ordering::SeqCst) && worker.step_or_park(Some(Duration::from_millis(1))) {}
}

/// Lets the traces that peeks read compact their past.
fn compact(handles: &mut Handles) {
    let now = Antichain::from_elem(*handles.input.time());
    handles.students.set_logical_compaction(now.borrow());
    handles.students.set_physical_compaction(now.borrow());
    handles.staff.set_logical_compaction(now.borrow());
    handles.staff.set_physical_compaction(now.borrow());
    handles.tallies.compact(&now);
}

fn answer(peek: Peek, handles: &mut Handles) -> Peeked {
    match peek {
        Peek::Counted => Peeked::Counted(handles.counted.borrow().clone()),
        Peek::Sums => Peeked::Sums(handles.tallies.sums()),
        Peek::Ahead(until) => {
            let (findings, members) = (handles.findings_ahead.borrow(), handles.members_ahead.borrow());
            let findings = findings.range(..=until).flat_map(|(time, of)| of.iter().map(|of| (*time, of.0, of.1)));
            let members = members.range(..=until).flat_map(|(time, of)| of.iter().map(|of| (*time, of.0.0, of.0.1, of.1)));
            let members: Vec<_> = members.collect();
            Peeked::Ahead(findings.collect(), members, handles.tallies.sums())
        }
        Peek::Relation(relation, day) => {
            let mut rows = Vec::new();
            match relation.source {
                Source::Student(of_view) => {
                    let mut builder = StudentViewBuilder::default();
                    walk_views(&mut handles.students, |id, view| {
                        of_view(&builder.view(*id, view), &mut |row, holds| {
                            if holds.contains(day) {
                                rows.push(row);
                            }
                        });
                    });
                }
                Source::Staff(of_view) => {
                    let mut builder = StaffViewBuilder::default();
                    walk_views(&mut handles.staff, |id, view| {
                        of_view(&builder.view(*id, view), &mut |row, holds| {
                            if holds.contains(day) {
                                rows.push(row);
                            }
                        });
                    });
                }
                Source::Organization(row) => walk_sums(&mut handles.tallies.staffing, |place, staffing| {
                    if let OrgScope::Organization(org) = place {
                        rows.extend(row(*org, &staffing));
                    }
                }),
                Source::CurrentRows(_) => {}
            }
            Peeked::Rows(rows)
        }
    }
}
