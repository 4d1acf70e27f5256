//! Connects the ingesting thread with the drawing one: queries, views, and the pace.
//!
//! The ingesting thread makes a view when the query has changed, or when the current view is old, in which case views take
//! at most a twentieth of its time. It never waits for the drawing thread.

use super::view::{Request, View, view};
use crate::cli::feeding::Opening;
use crate::cli::{Failure, outputs, terminal};
use crate::district::page::{LineShown, RowShown};
use crate::district::provenance::{self, Found};
use crate::district::{District, Page, Recovery};
use crate::ingest::{self, Observer, Pace};
use crate::model::{RowName, Table};
use crate::publish::changes::{self, ClosedTimestamp};
use crate::store::disk::Folder;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The minimum time between views.
pub const FRAME: Duration = Duration::from_millis(50);
/// Views may take one part in this many of the ingesting thread's time.
const SHARE: u32 = 20;
/// The number of latencies and rates stored.
const KEPT: usize = 120;
/// The window over which the rate of changes is measured.
const WINDOW: Duration = Duration::from_secs(2);

/// The activity of the ingesting thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Reading the log.
    #[default]
    Opening,
    /// Replaying days.
    Running,
    /// Waiting for new days.
    Waiting,
    /// Writing reports.
    Writing,
    /// The feed has ended.
    Ended,
    /// A delivery is on hold.
    Held,
}

/// The progress of the feed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulse {
    pub phase: Phase,
    pub paused: bool,
    /// Days per second; none for maximum speed.
    pub pace: Option<f64>,
    /// Changes per second, latest last.
    pub rates: VecDeque<u64>,
    /// The time from reading a delivery to its results, in microseconds, latest last.
    pub latencies: VecDeque<u64>,
    /// Deliveries processed, and the total.
    pub progress: (usize, usize),
    /// KPI figures that changed today.
    pub moved: u64,
    /// Notes, latest last.
    pub notes: Vec<String>,
}

/// The paces from slow to fast, in days per second; maximum speed comes after the last.
pub const PACES: [f64; 9] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

impl Pulse {
    /// The next faster pace.
    pub fn faster(&mut self) {
        self.pace = self.pace.and_then(|pace| PACES.into_iter().find(|other| *other > pace));
    }

    /// The next slower pace.
    pub fn slower(&mut self) {
        let slower = PACES.into_iter().rev().find(|other| self.pace.is_none_or(|pace| *other < pace));
        self.pace = slower.or(self.pace);
    }
}

/// Rows and rejected lines of a page.
type Sought = (Vec<RowShown>, Vec<LineShown>);
/// Their provenance.
type Places = BTreeMap<(Table, RowName), Found>;

/// The shared state of both threads.
#[derive(Default)]
struct Known {
    request: Request,
    /// Counts changes of the query.
    asked: u64,
    view: Arc<View>,
    pulse: Pulse,
    /// Counts changes that need a new frame.
    version: u64,
    /// Days to step one by one.
    steps: u32,
    quits: bool,
    writes: bool,
    /// The provenance found so far.
    found: Option<(Sought, Places)>,
    /// Rows whose provenance is being looked up.
    sought: Option<Sought>,
}

/// What both threads share.
#[derive(Default)]
pub struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the query.
    pub fn ask(&self, request: Request) {
        let mut known = self.known();
        (known.request, known.asked) = (request, known.asked + 1);
        self.changed.notify_all();
    }

    /// The view, the progress, and a number that changes with them.
    pub fn look(&self) -> (Arc<View>, Pulse, u64) {
        let known = self.known();
        (known.view.clone(), known.pulse.clone(), known.version)
    }

    /// Changes the pace.
    pub fn pace(&self, change: impl FnOnce(&mut Pulse)) {
        let mut known = self.known();
        change(&mut known.pulse);
        known.version += 1;
        self.changed.notify_all();
    }

    /// Steps one day.
    pub fn step(&self) {
        let mut known = self.known();
        known.pulse.paused = true;
        known.steps += u32::from(known.pulse.phase == Phase::Running);
        known.version += 1;
        self.changed.notify_all();
    }

    /// Stops the feed.
    pub fn quit(&self) {
        self.known().quits = true;
        self.changed.notify_all();
    }

    /// Requests reports and warehouse.
    pub fn write(&self) {
        self.known().writes = true;
        self.changed.notify_all();
    }
}

/// The observer of the ingesting thread.
pub struct Desk {
    shared: Arc<Shared>,
    out: PathBuf,
    /// The query of the last view.
    answered: u64,
    /// Whether anything was accepted since.
    is_old: bool,
    /// When the last view was finished, and how long it took.
    last: Option<(Instant, Duration)>,
    /// When the last day was processed.
    stepped: Instant,
    /// When and how many changes were published.
    recent: VecDeque<(Instant, u64)>,
    /// The day of the figures that changed today.
    day: String,
    is_held: bool,
    opening: Opening,
    /// Whether to exit at the end of the feed.
    leaves: bool,
}

impl Desk {
    pub fn new(shared: Arc<Shared>, out: PathBuf, pace: Pace, leaves: bool) -> Desk {
        shared.pace(|pulse| {
            pulse.pace = match pace {
                Pace::PerSecond(pace) => Some(pace),
                Pace::Max | Pace::Realtime => None,
            }
        });
        Desk {
            shared,
            out,
            answered: 0,
            is_old: true,
            last: None,
            stepped: Instant::now(),
            recent: VecDeque::new(),
            day: String::new(),
            is_held: false,
            opening: Opening::default(),
            leaves,
        }
    }

    fn phase(&self, phase: Phase) {
        let mut known = self.shared.known();
        if phase != Phase::Running {
            // Stepping a day means an existing day.
            known.steps = 0;
        }
        if known.pulse.phase != phase {
            known.pulse.phase = phase;
            known.version += 1;
        }
    }

    /// Makes a view if one is due. With time to spare, every change makes one due.
    fn serve(&mut self, district: &mut District<Folder>, spare: Duration) -> Result<(), Failure> {
        let (request, asked, writes) = {
            let mut known = self.shared.known();
            (known.request.clone(), known.asked, std::mem::take(&mut known.writes))
        };
        if writes {
            self.write(district)?;
        }
        let is_due = match self.last {
            None => true,
            Some(_) if asked != self.answered => true,
            Some((at, took)) => {
                let wait = if spare > took { FRAME } else { FRAME.max(took * (SHARE - 1)) };
                self.is_old && at.elapsed() >= wait
            }
        };
        if !is_due {
            return Ok(());
        }
        let begin = Instant::now();
        let mut view = view(district, &request)?;
        if let Some(page) = &mut view.page {
            self.place(page);
        }
        self.answered = asked;
        self.is_old = false;
        self.last = Some((Instant::now(), begin.elapsed()));
        let mut known = self.shared.known();
        known.view = Arc::new(view);
        known.version += 1;
        Ok(())
    }

    /// Sets the provenance of the rows of a page, or starts a thread to look it up, since a long log takes time. It is looked up
    /// again when the rows change, but not for every day.
    fn place(&self, page: &mut Page) {
        let sought = (page.rows.clone(), page.rejected.clone());
        let mut known = self.shared.known();
        match &known.found {
            Some((of, found)) if *of == sought => return page.place(found),
            _ if known.sought.is_some() => return,
            _ => known.sought = Some(sought),
        }
        let (wanted, shared, state) = (page.sought(), self.shared.clone(), self.out.join("state"));
        std::thread::spawn(move || {
            let found = Folder::shared(&state).ok().and_then(|disk| provenance::find(disk, &wanted).ok());
            let mut known = shared.known();
            // A failed lookup is tried again when the rows change.
            known.found = known.sought.take().map(|sought| (sought, found.unwrap_or_default()));
            known.asked += 1;
            shared.changed.notify_all();
        });
    }

    /// Writes reports and warehouse of the current state.
    fn write(&mut self, district: &mut District<Folder>) -> Result<(), Failure> {
        let phase = self.shared.known().pulse.phase;
        self.phase(Phase::Writing);
        let written = outputs::publish_district(district, &self.out);
        let note = match written {
            Ok(_) => format!("reports and warehouse of {} have been written", district.day()),
            Err(failure) => format!("cannot write reports: {}", failure.message),
        };
        self.note(note);
        self.phase(phase);
        Ok(())
    }

    /// Waits for input, or for some time.
    fn wait(&self, most: Duration) {
        let known = self.shared.known();
        if known.asked == self.answered && known.steps == 0 && !known.quits && !known.writes {
            drop(self.shared.changed.wait_timeout(known, most));
        }
    }
}

impl Observer for Desk {
    fn turn(&mut self, district: &mut District<Folder>) -> Result<bool, ingest::Error> {
        self.phase(Phase::Running);
        loop {
            let spare = {
                let mut known = self.shared.known();
                let (is_due, spare) = match known.pulse.pace {
                    _ if known.pulse.paused => (false, Duration::MAX),
                    None => (true, Duration::ZERO),
                    Some(pace) => {
                        let spare = Duration::from_secs_f64(1.0 / pace).saturating_sub(self.stepped.elapsed());
                        (spare.is_zero(), spare)
                    }
                };
                if known.quits {
                    return Ok(false);
                }
                let is_step = known.steps > 0;
                if is_step || is_due {
                    known.steps = known.steps.saturating_sub(1);
                    // Missed days are not caught up.
                    self.stepped = Instant::now();
                    return Ok(true);
                }
                spare
            };
            self.serve(district, spare)?;
            self.wait(spare.min(FRAME));
        }
    }

    fn is_stepping(&self) -> bool {
        let known = self.shared.known();
        known.pulse.pace.is_some() || known.pulse.paused || known.steps > 0 || known.asked != self.answered
    }

    fn computed(&mut self, took: Duration) {
        let mut known = self.shared.known();
        push(&mut known.pulse.latencies, took.as_micros() as u64);
    }

    fn published(&mut self, closed: ClosedTimestamp) -> Result<(), ingest::Error> {
        let now = Instant::now();
        self.recent.push_back((now, closed.changes));
        while self.recent.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW) {
            self.recent.pop_front();
        }
        let day = changes::day(&closed.batch);
        let is_new_day = day != self.day;
        day.clone_into(&mut self.day);
        let changes: u64 = self.recent.iter().map(|(_, changes)| changes).sum();
        let since = self.recent.front().map_or(Duration::ZERO, |(at, _)| now.duration_since(*at));
        let mut known = self.shared.known();
        let pulse = &mut known.pulse;
        pulse.moved = if is_new_day { closed.moved } else { pulse.moved + closed.moved };
        push(&mut pulse.rates, (changes as f64 / since.as_secs_f64().max(1.0)) as u64);
        known.version += 1;
        self.is_old = true;
        Ok(())
    }

    fn settled(&mut self, district: &mut District<Folder>) -> Result<(), ingest::Error> {
        Ok(self.serve(district, Duration::ZERO)?)
    }

    fn patience(&self) -> Duration {
        FRAME
    }

    fn idle(&mut self, district: Option<&mut District<Folder>>) -> Result<bool, ingest::Error> {
        self.phase(Phase::Waiting);
        if let Some(district) = district {
            self.serve(district, Duration::MAX)?;
        }
        Ok(!self.shared.known().quits)
    }

    fn progress(&mut self, done: usize, of: usize) {
        self.shared.known().pulse.progress = (done, of);
    }

    fn opened(&mut self, recovery: &Recovery) {
        self.opening.opened(recovery);
    }

    fn listening(&mut self, address: &str) {
        self.note(format!("listening on {address}"));
    }

    fn on_hold(&mut self, _: String) {
        // The view also shows the delivery on hold.
        self.is_held = true;
    }

    fn note(&mut self, note: String) {
        let mut known = self.shared.known();
        known.pulse.notes.push(note);
        known.version += 1;
    }
}

impl Desk {
    /// Shows the end of the feed until the user quits, and closes the district.
    pub fn end(&mut self, mut district: District<Folder>) -> Result<(String, u8), Failure> {
        self.phase(if self.is_held { Phase::Held } else { Phase::Ended });
        if !self.is_held {
            let mut known = self.shared.known();
            known.pulse.progress.0 = known.pulse.progress.1;
        }
        while !self.leaves && !self.shared.known().quits {
            self.serve(&mut district, Duration::MAX)?;
            self.wait(FRAME);
        }
        let day = district.day();
        let is_written = std::mem::take(&mut self.shared.known().pulse.notes);
        is_written.iter().for_each(|note| terminal::note("note", note));
        district.close()?;
        let (dim, out) = (terminal::DIM, self.out.display());
        let goes_on = "continues from there and writes reports and warehouse";
        let text = format!("Seen up to {day}.\n{dim}rollcall replay with --out {out} {goes_on}.{dim:#}\n");
        Ok((text, if self.is_held { 4 } else { 0 }))
    }
}

fn push(values: &mut VecDeque<u64>, value: u64) {
    values.push_back(value);
    if values.len() > KEPT {
        values.pop_front();
    }
}
