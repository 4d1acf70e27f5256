//! Between the thread that takes the feed and the one that draws: what is asked for, what is shown, and how fast it goes.
//!
//! The thread that takes makes a view when somebody asks for another one, and else when what is shown is old; and then no
//! more than a twentieth of its time goes into views. It never waits for whoever draws.

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

/// How often a view is made at most.
pub const FRAME: Duration = Duration::from_millis(50);
/// A view may take one of so many parts of the time of the thread that takes the feed.
const SHARE: u32 = 20;
/// How many latencies and rates are kept.
const KEPT: usize = 120;
/// Over how long changes are counted for their rate.
const WINDOW: Duration = Duration::from_secs(2);

/// What the thread that takes is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// It opens the log.
    #[default]
    Opening,
    /// It takes days.
    Running,
    /// It waits for new days.
    Waiting,
    /// It writes reports.
    Writing,
    /// All of the feed is taken.
    Ended,
    /// A delivery is held.
    Held,
}

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulse {
    pub phase: Phase,
    pub paused: bool,
    /// Days a second; none for as fast as it goes.
    pub pace: Option<f64>,
    /// Changes a second, the latest last.
    pub rates: VecDeque<u64>,
    /// How long deliveries took from being read to what follows from them, in microseconds, the latest last.
    pub latencies: VecDeque<u64>,
    /// Deliveries looked at, and how many there are.
    pub progress: (usize, usize),
    /// Figures of KPIs that moved today.
    pub moved: u64,
    /// What is worth a word, the latest last.
    pub notes: Vec<String>,
}

/// How fast it may go, from slow to fast, in days a second; after the last as fast as it goes.
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

/// Rows and rejected lines, as a page shows them.
type Sought = (Vec<RowShown>, Vec<LineShown>);
/// Where they were found.
type Places = BTreeMap<(Table, RowName), Found>;

/// What both threads know.
#[derive(Default)]
struct Known {
    request: Request,
    /// Counts what was asked for.
    asked: u64,
    view: Arc<View>,
    pulse: Pulse,
    /// Counts what is worth a new picture.
    version: u64,
    /// Days to go one by one.
    steps: u32,
    quits: bool,
    writes: bool,
    /// Where rows were found that somebody looked at.
    found: Option<(Sought, Places)>,
    /// Rows that somebody looks for.
    sought: Option<Sought>,
}

/// What both threads share.
#[derive(Default)]
pub struct Shared {
    known: Mutex<Known>,
    told: Condvar,
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for something else.
    pub fn ask(&self, request: Request) {
        let mut known = self.known();
        (known.request, known.asked) = (request, known.asked + 1);
        self.told.notify_all();
    }

    /// The view, how it goes, and a number that changes with them.
    pub fn look(&self) -> (Arc<View>, Pulse, u64) {
        let known = self.known();
        (known.view.clone(), known.pulse.clone(), known.version)
    }

    /// Changes how fast it goes.
    pub fn pace(&self, change: impl FnOnce(&mut Pulse)) {
        let mut known = self.known();
        change(&mut known.pulse);
        known.version += 1;
        self.told.notify_all();
    }

    /// One day forward.
    pub fn step(&self) {
        let mut known = self.known();
        known.pulse.paused = true;
        known.steps += u32::from(known.pulse.phase == Phase::Running);
        known.version += 1;
        self.told.notify_all();
    }

    /// Nothing more is to be taken.
    pub fn quit(&self) {
        self.known().quits = true;
        self.told.notify_all();
    }

    /// Reports and warehouse are to be written.
    pub fn write(&self) {
        self.known().writes = true;
        self.told.notify_all();
    }
}

/// Looks on for the one who draws.
pub struct Desk {
    shared: Arc<Shared>,
    out: PathBuf,
    /// What was asked for when the last view was made.
    answered: u64,
    /// Whether something was taken since.
    is_old: bool,
    /// When the last view was ready, and how long it took.
    last: Option<(Instant, Duration)>,
    /// When the last day was taken.
    stepped: Instant,
    /// When how many changes became public.
    recent: VecDeque<(Instant, u64)>,
    /// The day of the figures that moved today.
    day: String,
    is_held: bool,
    opening: Opening,
    /// Whether it leaves at the end of the feed.
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
            // One day forward means one that is there.
            known.steps = 0;
        }
        if known.pulse.phase != phase {
            known.pulse.phase = phase;
            known.version += 1;
        }
    }

    /// Makes a view if one is due. With time to spare it is due whenever something changed.
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

    /// Says where the rows of a page stand, or has them looked up by a thread of its own: a long log takes its time. They are
    /// looked up again when rows say something else, and not for every day that passes.
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
            // What cannot be looked up now may be when something else is said.
            known.found = known.sought.take().map(|sought| (sought, found.unwrap_or_default()));
            known.asked += 1;
            shared.told.notify_all();
        });
    }

    /// Writes reports and warehouse as they stand.
    fn write(&mut self, district: &mut District<Folder>) -> Result<(), Failure> {
        let phase = self.shared.known().pulse.phase;
        self.phase(Phase::Writing);
        let written = outputs::publish_district(district, &self.out);
        let note = match written {
            Ok(_) => format!("reports and warehouse of {} are written", district.day()),
            Err(failure) => format!("reports could not be written: {}", failure.message),
        };
        self.note(note);
        self.phase(phase);
        Ok(())
    }

    /// Waits until somebody says something, or for some time.
    fn wait(&self, most: Duration) {
        let known = self.shared.known();
        if known.asked == self.answered && known.steps == 0 && !known.quits && !known.writes {
            drop(self.shared.told.wait_timeout(known, most));
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
                    // What was missed is not caught up with.
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

    fn published(&mut self, sealed: ClosedTimestamp) -> Result<(), ingest::Error> {
        let now = Instant::now();
        self.recent.push_back((now, sealed.changes));
        while self.recent.front().is_some_and(|(at, _)| now.duration_since(*at) > WINDOW) {
            self.recent.pop_front();
        }
        let day = changes::day(&sealed.batch);
        let is_new_day = day != self.day;
        day.clone_into(&mut self.day);
        let changes: u64 = self.recent.iter().map(|(_, changes)| changes).sum();
        let since = self.recent.front().map_or(Duration::ZERO, |(at, _)| now.duration_since(*at));
        let mut known = self.shared.known();
        let pulse = &mut known.pulse;
        pulse.moved = if is_new_day { sealed.moved } else { pulse.moved + sealed.moved };
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
        // What is held stands in the view, too.
        self.is_held = true;
    }

    fn note(&mut self, note: String) {
        let mut known = self.shared.known();
        known.pulse.notes.push(note);
        known.version += 1;
    }
}

impl Desk {
    /// Shows the end of the feed until somebody leaves, and closes the district.
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
        let goes_on = "goes on from there, and writes reports and warehouse";
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
