//! What a worker does: it takes commands, runs the dataflow, and reports. Where commands come from and where reports go is
//! passed in, so that a worker runs as well in another process as in a thread of the engine's.

use super::message::{Command, Peek, Peeked, Report};
use crate::dataflow::{Time, walk_sums, walk_views};
use crate::plan::{self, Handles, Plan};
use crate::tallies::staffing::OrgScope;
use crate::views::staff::StaffViewBuilder;
use crate::views::student::StudentViewBuilder;
use crate::warehouse::{RELATIONS, Source};
use differential_dataflow::trace::TraceReader;
use std::rc::Rc;
use std::time::Duration;
use timely::progress::Antichain;
use timely::worker::Worker;

/// How many commands are taken before the dataflow is stepped.
const COMMANDS: usize = 32;
/// How long a worker sleeps at most if nobody wakes it.
const NAP: Duration = Duration::from_millis(20);

/// What a worker finds when it looks for a command.
pub enum Next {
    /// One.
    Command(Command),
    /// None for now.
    Nothing,
    /// None any more.
    Closed,
}

/// Where a worker's commands come from.
pub trait Inbox {
    /// Takes the next command, without waiting.
    fn next(&mut self) -> Next;
    /// Whether there is none right now.
    fn is_empty(&self) -> bool;
    /// Whether another worker is lost: then this one must not wait for it.
    fn is_lost(&self) -> bool;
}

/// Runs a worker of a plan until its inbox is closed.
pub fn work(worker: &mut Worker, plan: &Plan, begin: Time, inbox: &mut dyn Inbox, report: &Rc<dyn Fn(Report)>) {
    let index = worker.index();
    report(Report::Started(index));
    let parts = report.clone();
    let mut handles = worker
        .dataflow::<Time, _, _>(|scope| plan::build(scope, plan, move |(time, updates)| parts(Report::Part(time, updates))));
    handles.input.advance_to(begin);
    let mut reached = None;
    let mut peeks: Vec<(u64, Peek)> = Vec::new();
    let mut open = true;
    while open && !inbox.is_lost() {
        // Take what is queued, up to a limit, then step the dataflow.
        for _ in 0..COMMANDS {
            match inbox.next() {
                Next::Command(Command::Entries(mut entries)) => handles.input.send_batch(&mut entries),
                Next::Command(Command::Advance(time)) => handles.input.advance_to(time),
                Next::Command(Command::Peek(number, peek)) => peeks.push((number, peek)),
                Next::Nothing => break,
                Next::Closed => {
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
            report(Report::Reached(index, now));
        }
        if !handles.probe.less_than(handles.input.time()) {
            compact(&mut handles);
            for (number, peek) in peeks.drain(..) {
                report(Report::Peeked(number, answer(peek, &mut handles)));
            }
        }
    }
    drop(handles);
    // The engine is gone or stopping; finish the dataflow unless a worker is lost.
    while !inbox.is_lost() && worker.step_or_park(Some(Duration::from_millis(1))) {}
}

/// Lets the traces that peeks read compact their past.
fn compact(handles: &mut Handles) {
    let now = Antichain::from_elem(*handles.input.time());
    handles.students.set_logical_compaction(now.borrow());
    handles.students.set_physical_compaction(now.borrow());
    handles.staff.set_logical_compaction(now.borrow());
    handles.staff.set_physical_compaction(now.borrow());
    handles.scores.set_logical_compaction(now.borrow());
    handles.scores.set_physical_compaction(now.borrow());
    handles.tallies.compact(&now);
}

fn answer(peek: Peek, handles: &mut Handles) -> Peeked {
    match peek {
        Peek::Counted => Peeked::Counted(handles.counted.borrow().clone()),
        Peek::Sums => {
            let mut scores = Vec::new();
            walk_sums(&mut handles.scores, |grain, sum| scores.push((*grain, sum)));
            Peeked::Sums(handles.tallies.sums(), scores)
        }
        Peek::Ahead(until) => {
            let (findings, addends) = (handles.findings_ahead.borrow(), handles.addends_ahead.borrow());
            let findings = findings.range(..=until).flat_map(|(time, of)| of.iter().map(|of| (*time, of.0, of.1)));
            let addends = addends.range(..=until).flat_map(|(time, of)| of.iter().map(|of| (*time, of.0, of.1)));
            Peeked::Ahead(findings.collect(), addends.collect(), handles.tallies.sums())
        }
        Peek::Relation(relation, day) => {
            let mut rows = Vec::new();
            let Some(relation) = RELATIONS.get(usize::from(relation)) else { return Peeked::Rows(rows) };
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
