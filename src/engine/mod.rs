//! The engine: takes batches, drives the workers, and gives back one Delta per moment, in order.
//!
//! One thread ingests (it owns the register); the workers compute. Every batch and every elapsed day is a moment of its
//! own with its own Delta, but workers take what is queued, so several moments are on their way at once.

mod ahead;

use crate::current::CurrentRows;
use crate::dataflow::{Diff, Time, walk_sums, walk_views};
use crate::kpi::Tallies;
use crate::model::{Batch, Change, Date, Entry, Finding, Table, Texts, moment};
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

/// How many moments may be on their way before the oldest is waited for.
const IN_FLIGHT: usize = 32;
/// How many entries are handed to a worker at once.
const CHUNK: usize = 256;
/// How many commands may wait for a worker; a source that is faster than the workers waits for them, and does not pile
/// its records up.
const QUEUE: usize = 4096;
/// How long a worker sleeps at most when nobody wakes it.
const NAP: Duration = Duration::from_millis(20);

/// What went wrong in the engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A day before the one that was already reached.
    #[error("cannot go back to {asked}: {reached} is already reached")]
    DayPassed {
        /// The day asked for.
        asked: Date,
        /// The day reached.
        reached: Date,
    },
    /// The workers could not be started.
    #[error("cannot start the workers: {0}")]
    Start(String),
    /// A worker is gone; what it held is lost with it.
    #[error("a worker of the dataflow stopped; its message stands above")]
    WorkerLost,
    /// A batch was begun and never finished. Part of it has flowed, so nothing that the engine says can be trusted.
    #[error("a batch was begun and not finished; start the engine anew")]
    Abandoned,
}

/// What changed at one moment: outputs with how often each came (positive) or went (negative), added up and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The moment.
    pub time: Time,
    /// The changes.
    pub updates: Vec<(Output, Diff)>,
}

impl Delta {
    /// The day of its moment.
    pub fn day(&self) -> Date {
        moment::day(self.time)
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
    Seen,
    /// What comes until a moment.
    Ahead(Time),
}

enum Peeked {
    Rows(Vec<RelationRow>),
    Sums(Sums),
    Seen(Vec<u64>),
    /// Findings that open and close, what is added to places, and the sums now.
    Ahead(Vec<(Time, Finding, Diff)>, Vec<(Time, OrgScope, Measure, Diff)>, Sums),
}

enum Report {
    Started(usize, Thread),
    Part(Time, Vec<(Output, Diff)>),
    Reached(usize, Option<Time>),
    Stopped,
}

/// A running plan and its register.
pub struct Engine {
    /// The current rows and their texts.
    pub current: CurrentRows,
    plan: Plan,
    commands: Vec<Sender<Command>>,
    threads: Vec<Option<Thread>>,
    reports: Receiver<Report>,
    reached: Vec<Option<Time>>,
    pending: VecDeque<Time>,
    /// What workers have said of moments that are not closed, each part added up and sorted.
    parts: BTreeMap<Time, Vec<Vec<(Output, Diff)>>>,
    ready: VecDeque<Delta>,
    day: Date,
    sequence: u32,
    next_worker: usize,
    abandoned: bool,
    /// Set when a worker panics: the others would wait for it for ever.
    lost: Arc<AtomicBool>,
    guards: Option<WorkerGuards<()>>,
}

impl Engine {
    /// Starts a plan on so many workers, on a day.
    pub fn start(plan: Plan, workers: usize, day: Date) -> Result<Engine, Error> {
        let workers = workers.max(1);
        let (commands, inboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| crossbeam_channel::unbounded()).unzip();
        let (report, reports) = crossbeam_channel::unbounded();
        let mut config = timely::Config::process(workers);
        let idle = differential_dataflow::Config::default().idle_merge_effort(None);
        differential_dataflow::configure(&mut config.worker, &idle);
        let begin = moment::at(day, 0);
        let lost = Arc::new(AtomicBool::new(false));
        let body = {
            let (lost, plan) = (lost.clone(), plan.clone());
            move |worker: &mut Worker| {
                let inbox = inboxes[worker.index()].clone();
                work(worker, &plan, begin, &inbox, &Farewell { report: report.clone(), lost: lost.clone() });
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

    /// The day reached.
    pub fn day(&self) -> Date {
        self.day
    }

    /// The last moment that was begun.
    pub fn time(&self) -> Time {
        moment::at(self.day, self.sequence)
    }

    /// Lets days pass, one tick each.
    pub fn advance_to(&mut self, day: Date) -> Result<(), Error> {
        if day < self.day {
            return Err(Error::DayPassed { asked: day, reached: self.day });
        }
        while self.day < day {
            self.day = self.day.plus(1);
            self.sequence = 0;
            self.close(moment::at(self.day, 0))?;
        }
        Ok(())
    }

    /// The moment of the next batch, if no day passes before it.
    pub fn next_time(&self) -> Time {
        moment::at(self.day, self.sequence + 1)
    }

    /// Goes on from a moment that another engine had reached on the same records: `fill` gives the register all that is
    /// there, as one batch at that moment.
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
        (self.day, self.sequence) = (moment::day(time), moment::sequence(time));
        self.close(time)
    }

    /// Takes a batch; its changes take effect together, at the moment that is returned.
    pub fn commit(&mut self, batch: &Batch) -> Result<Time, Error> {
        let mut commit = self.begin();
        commit.deliver(&batch.delivered);
        batch.changes.iter().for_each(|&change| commit.change(change));
        commit.finish()
    }

    /// Begins a batch that is too large to be held: its changes flow while they are stated, and take effect together
    /// when it is finished.
    pub fn begin(&mut self) -> Commit<'_> {
        self.sequence += 1;
        let time = moment::at(self.day, self.sequence);
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

    /// Gives a command that has time until the next one; a worker that is woken twice for a batch works twice.
    fn post(&mut self, worker: usize, command: Command) {
        // A bounded channel would do the same, but hands its places out one by one, with two switches of threads each:
        // that cost an eighth of a load. Here the source rests until the worker is well ahead.
        if self.commands[worker].len() >= QUEUE {
            while self.commands[worker].len() > QUEUE / 2 && !self.lost.load(Ordering::SeqCst) {
                self.threads[worker].iter().for_each(Thread::unpark);
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        // A worker that is gone is noticed by whoever waits for it.
        let _ = self.commands[worker].send(command);
    }

    /// Hears one report, and moves the Deltas that it completes to those that are ready.
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

    /// The next Delta, in the order of moments; none when every moment so far was given.
    pub fn next_delta(&mut self) -> Result<Option<Delta>, Error> {
        while self.ready.is_empty() && !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.pop_front())
    }

    /// Waits until every moment so far is closed and gives the Deltas that were not yet taken.
    pub fn settle(&mut self) -> Result<Vec<Delta>, Error> {
        while !self.pending.is_empty() {
            self.listen()?;
        }
        Ok(self.ready.drain(..).collect())
    }

    /// The rows of a relation that is kept in the dataflow, as they stand today and in no particular order; nothing for
    /// one that is read off the register.
    pub fn rows(&mut self, relation: &'static Relation) -> Result<Vec<RelationRow>, Error> {
        let mut rows = Vec::new();
        for peeked in self.peek(Peek::Relation(relation, self.day))? {
            if let Peeked::Rows(part) = peeked {
                rows.extend(part);
            }
        }
        Ok(rows)
    }

    /// Every tally, as it stands today, with all roll-ups, in the order of published text.
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

    /// How many entries of each kind the dataflow has seen; see [`plan::kind`].
    pub fn counted(&mut self) -> Result<Vec<u64>, Error> {
        let mut counted = vec![0; plan::KINDS];
        for peeked in self.peek(Peek::Seen)? {
            if let Peeked::Seen(part) = peeked {
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

    /// Stops the workers. What lies in the future is discarded. Gives what came out that nobody had asked for, which
    /// is nothing as long as every moment was closed.
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

/// A batch in the making. Dropped before it is finished it leaves the engine useless, because part of it has flowed.
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

    /// Says that its changes are events in their order: that a row changes twice is no fault.
    pub fn order(&mut self) {
        self.engine.current.order();
    }

    /// Makes the batch take effect.
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

/// Tells the engine and the other workers when a worker panics.
struct Farewell {
    report: Sender<Report>,
    lost: Arc<AtomicBool>,
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.lost.store(true, Ordering::SeqCst);
            let _ = self.report.send(Report::Stopped);
        }
    }
}

/// What a worker does.
fn work(worker: &mut Worker, plan: &Plan, begin: Time, inbox: &Receiver<Command>, farewell: &Farewell) {
    let Farewell { report, lost } = farewell;
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
        // Take what is queued, up to a quantum, then let the dataflow have a turn.
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
    // The engine is gone or stopping; let the dataflow run out, unless it cannot.
    while !lost.load(Ordering::SeqCst) && worker.step_or_park(Some(Duration::from_millis(1))) {}
}

/// Lets the traces that are held for peeks forget what lies behind.
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
        Peek::Seen => Peeked::Seen(handles.counted.borrow().clone()),
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
