//! `rollcall replay`: accepts daily deliveries and prints the results in a table by month.

use super::feeding::{Feeding, Opening, SystemClock};
use super::summary::Summary;
use super::{Failure, outputs, terminal};
use crate::district::{District, Recovery, computed};
use crate::ingest::{self, Observer, Pacer};
use crate::publish::changes::{self, ClosedTimestamp, Line};
use crate::store::disk::Folder;
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Replay daily deliveries of a district: full extracts, changes, or both
///
/// FEED contains one folder per day, such as 2025-09-03. Each is accepted once, as one batch. Days without a folder are
/// closed too, because violations may open and close with time. The state is stored in OUT/state, so the command can be run
/// again when new days have arrived, or after a crash.
///
/// FEED may also be a stream of Debezium change events, one JSON object per line: a file, - for standard input, or tcp:PORT
/// to listen on this machine. The timestamps of the events determine their day. Senders are told how many of their lines
/// are durable.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    feeding: Feeding,
    /// Print a line of JSON for every day and batch
    #[arg(long)]
    json: bool,
}

/// The interval at which a feed is checked again.
const LOOK: Duration = Duration::from_secs(1);

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let (options, clock) = (arguments.feeding.options()?, SystemClock::start());
    let mut reporter = Reporter {
        out: options.out.clone(),
        pacer: Pacer::new(options.pace, &clock),
        is_json: arguments.json,
        begin: Instant::now(),
        bar: terminal::spinner("replaying"),
        opening: Opening::default(),
        reported: Reported::default(),
    };
    match ingest::take(&options, &clock, &mut reporter)? {
        Some(district) => reporter.end(district),
        None => Ok((String::new(), 0)),
    }
}

/// Reports what happens, during the run and at the end.
struct Reporter<'c> {
    out: PathBuf,
    pacer: Pacer<'c>,
    is_json: bool,
    begin: Instant,
    bar: ProgressBar,
    opening: Opening,
    reported: Reported,
}

impl Observer for Reporter<'_> {
    fn turn(&mut self, _: &mut District<Folder>) -> Result<bool, ingest::Error> {
        self.pacer.wait();
        Ok(true)
    }

    fn is_stepping(&self) -> bool {
        self.pacer.is_stepping()
    }

    fn published(&mut self, closed: ClosedTimestamp) -> Result<(), ingest::Error> {
        if self.is_json {
            // Written line by line, for readers that follow the output.
            let line = Line::TimestampClosed(closed.clone()).text();
            let written = std::io::stdout().lock().write_all(line.as_bytes());
            written.map_err(|error| Failure::work(format!("cannot print: {error}")))?;
        }
        self.reported.is_new = true;
        self.reported.add(&closed);
        Ok(())
    }

    fn settled(&mut self, _: &mut District<Folder>) -> Result<(), ingest::Error> {
        self.bar.set_message(self.reported.message(self.begin));
        self.bar.tick();
        Ok(())
    }

    fn idle(&mut self, district: Option<&mut District<Folder>>) -> Result<bool, ingest::Error> {
        if let Some(district) = district.filter(|_| self.reported.is_new) {
            self.reported.is_new = false;
            outputs::publish_district(district, &self.out)?;
        }
        Ok(true)
    }

    fn patience(&self) -> Duration {
        LOOK
    }

    fn progress(&mut self, done: usize, of: usize) {
        if done == 0 {
            self.bar = terminal::progress("replaying", of as u64);
        }
        self.bar.set_position(done as u64);
    }

    fn note(&mut self, note: String) {
        self.reported.notes.push(note);
    }

    fn reading_log(&mut self, done: u64, of: u64) {
        self.opening.progress(done, of);
    }

    fn opened(&mut self, recovery: &Recovery) {
        self.opening.opened(recovery);
    }

    fn listening(&mut self, address: &str) {
        terminal::note("listening", &format!("on {address}"));
    }

    fn on_hold(&mut self, why: String) {
        self.reported.held = Some(why);
    }
}

impl Reporter<'_> {
    /// Publishes the state and prints a summary.
    fn end(&mut self, mut district: District<Folder>) -> Result<(String, u8), Failure> {
        let took = self.begin.elapsed().as_secs_f64();
        self.bar.finish_and_clear();
        let written = outputs::publish_district(&mut district, &self.out)?;
        let plan = computed::plan(district.computed());
        district.close()?;
        let code = u8::from(self.reported.held.is_some()) * 4;
        if self.is_json {
            return Ok((String::new(), code));
        }
        let mut summary = Summary::of(&written, &plan.settings, self.begin.elapsed().as_secs_f64());
        summary.is_kept = true;
        Ok((self.reported.text(took) + &summary.text(), code))
    }
}

/// The events of the replay, by month.
#[derive(Default)]
struct Reported {
    months: BTreeMap<String, Month>,
    /// Notes for the user.
    notes: Vec<String>,
    /// The delivery on hold, and why.
    held: Option<String>,
    /// Whether anything was accepted since reports were written.
    is_new: bool,
    last: Option<ClosedTimestamp>,
}

#[derive(Default)]
struct Month {
    days: u64,
    deliveries: u64,
    changes: u64,
    opened: u64,
    closed: u64,
    open: u64,
}

impl Reported {
    fn add(&mut self, closed: &ClosedTimestamp) {
        let month = self.months.entry(closed.batch[..7].to_owned()).or_default();
        let is_day_close = closed.batch.ends_with("/0");
        month.days += u64::from(is_day_close);
        month.deliveries += u64::from(!is_day_close);
        month.changes += closed.changes;
        month.opened += closed.opened;
        month.closed += closed.closed;
        month.open = closed.open;
        self.last = Some(closed.clone());
    }

    fn changes(&self) -> u64 {
        self.months.values().map(|month| month.changes).sum()
    }

    /// The progress message.
    fn message(&self, begin: Instant) -> String {
        let Some(last) = &self.last else { return "replaying".to_owned() };
        let pace = self.changes() as f64 / begin.elapsed().as_secs_f64();
        let day = changes::day(&last.batch);
        format!("{day}  {} changes/s  +{} -{}", terminal::thousands(pace as u64), last.opened, last.closed)
    }

    fn text(&self, seconds: f64) -> String {
        let mut text = String::new();
        let (bold, dim, bad) = (terminal::BOLD, terminal::DIM, terminal::ERROR);
        let mut table = terminal::table(&["month", "days", "deliveries", "changes", "opened", "closed", "open"], 1);
        for (name, month) in &self.months {
            let numbers = [month.days, month.deliveries, month.changes, month.opened, month.closed, month.open];
            table.add_row(std::iter::once(name.clone()).chain(numbers.map(terminal::thousands)));
        }
        if self.months.is_empty() {
            let _ = writeln!(text, "The feed has nothing new.\n");
        } else {
            let _ = writeln!(text, "{table}");
            let pace = self.changes() as f64 / seconds;
            let (changes, pace) = (terminal::thousands(self.changes()), terminal::thousands(pace as u64));
            let _ = writeln!(text, "{dim}{changes} changes in {seconds:.1} s, {pace} per second{dim:#}\n");
        }
        for note in &self.notes {
            let _ = writeln!(text, "{bold}Note{bold:#}      {}", terminal::safe(note));
        }
        if let Some(held) = &self.held {
            let _ = writeln!(text, "{bad}On hold{bad:#}   {}", terminal::safe(held));
            let _ = writeln!(text, "          {dim}check it, then run rollcall approve; later days wait for it{dim:#}\n");
        }
        text
    }
}
