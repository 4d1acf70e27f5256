//! Workers as threads of this process: the usual way to run them.

use super::message::{Command, Report};
use super::worker::{Inbox, Next, work};
use super::{Error, Running, WorkerHandle};
use crate::dataflow::Time;
use crate::plan::Plan;
use crossbeam_channel::{Receiver, Sender, TryRecvError};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Thread;
use timely::communication::WorkerGuards;
use timely::worker::Worker;

/// Configures differential's traces as the plan needs them, for workers wherever they run.
pub(crate) fn configure(config: &mut timely::Config) {
    let idle = differential_dataflow::Config::default().idle_merge_effort(None);
    differential_dataflow::configure(&mut config.worker, &idle);
}

/// Starts threads.
pub(crate) fn start(plan: &Plan, workers: usize, begin: Time) -> Result<(Vec<Box<dyn WorkerHandle>>, Running), Error> {
    let (commands, inboxes): (Vec<_>, Vec<_>) = (0..workers).map(|_| crossbeam_channel::unbounded()).unzip();
    let (report, reports) = crossbeam_channel::unbounded();
    let (thread, threads) = crossbeam_channel::unbounded();
    let lost = Arc::new(AtomicBool::new(false));
    let mut config = timely::Config::process(workers);
    configure(&mut config);
    let body = {
        let (lost, plan) = (lost.clone(), plan.clone());
        move |worker: &mut Worker| {
            let index = worker.index();
            let _ = thread.send((index, std::thread::current()));
            let _panic = PanicReport { report: report.clone(), lost: lost.clone() };
            let report = report.clone();
            let report: Rc<dyn Fn(Report)> = Rc::new(move |of| drop(report.send(of)));
            let mut inbox = ThreadInbox { commands: inboxes[index].clone(), lost: lost.clone() };
            work(worker, &plan, begin, &mut inbox, &report);
        }
    };
    let guards = timely::execute(config, body).map_err(Error::Start)?;
    let mut named: Vec<Option<Thread>> = vec![None; workers];
    for (index, thread) in threads.iter().take(workers) {
        named[index] = Some(thread);
    }
    let handles = commands
        .into_iter()
        .zip(named)
        .map(|(commands, thread)| -> Box<dyn WorkerHandle> { Box::new(ThreadHandle { commands, thread }) });
    Ok((
        handles.collect(),
        Running { reports, lost: lost.clone(), stop: Some(Box::new(Guards { guards: Some(guards), lost })) },
    ))
}

/// A worker in a thread.
struct ThreadHandle {
    commands: Sender<Command>,
    thread: Option<Thread>,
}

impl WorkerHandle for ThreadHandle {
    fn send(&mut self, command: Command) {
        // A worker that is gone is noticed when the engine waits for it.
        let _ = self.commands.send(command);
    }

    fn queued(&self) -> usize {
        self.commands.len()
    }

    fn wake(&self) {
        self.thread.iter().for_each(Thread::unpark);
    }
}

impl Drop for ThreadHandle {
    fn drop(&mut self) {
        // It is to notice that no more comes.
        self.commands = crossbeam_channel::unbounded().0;
        self.wake();
    }
}

struct ThreadInbox {
    commands: Receiver<Command>,
    lost: Arc<AtomicBool>,
}

impl Inbox for ThreadInbox {
    fn next(&mut self) -> Next {
        match self.commands.try_recv() {
            Ok(command) => Next::Command(command),
            Err(TryRecvError::Empty) => Next::Nothing,
            Err(TryRecvError::Disconnected) => Next::Closed,
        }
    }

    fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
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

/// Joins the threads when it is dropped.
struct Guards {
    guards: Option<WorkerGuards<()>>,
    lost: Arc<AtomicBool>,
}

impl Drop for Guards {
    fn drop(&mut self) {
        let Some(guards) = self.guards.take() else { return };
        if self.lost.load(Ordering::SeqCst) {
            // Threads that wait for the lost one cannot be joined; they end with the process.
            std::mem::forget(guards);
        } else {
            guards.join().into_iter().for_each(drop);
        }
    }
}
