//! Watching without a terminal: one line per day, or lines of JSON.

use crate::cli::feeding::{Feeding, Opening, SystemClock};
use crate::cli::{Failure, terminal};
use crate::district::{District, Recovery};
use crate::ingest::{self, Observer, Pacer};
use crate::publish::changes::{self, ClosedTimestamp, Line};
use crate::store::disk::Folder;
use std::io::Write;
use std::time::Duration;

pub fn run(feeding: &Feeding, is_json: bool) -> Result<(String, u8), Failure> {
    let (options, clock) = (feeding.options()?, SystemClock::start());
    let pacer = Pacer::new(options.pace, &clock);
    let mut plain = Plain { pacer, opening: Opening::default(), is_json, today: None, is_on_hold: false };
    match ingest::take(&options, &clock, &mut plain)? {
        Some(district) => plain.end(district),
        None => Ok((String::new(), 0)),
    }
}

/// The totals of a day so far.
#[derive(Default)]
struct Day {
    name: String,
    batches: u64,
    changes: u64,
    opened: u64,
    closed: u64,
    moved: u64,
    open: u64,
}

/// Prints the output.
struct Plain<'c> {
    pacer: Pacer<'c>,
    opening: Opening,
    is_json: bool,
    today: Option<Day>,
    is_on_hold: bool,
}

impl Plain<'_> {
    fn print(&self, line: &str) -> Result<(), Failure> {
        match std::io::stdout().lock().write_all(line.as_bytes()) {
            // The reader may close the pipe early.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written.map_err(|error| Failure::work(format!("cannot print: {error}"))),
        }
    }

    /// Prints a finished day: its batches and changes, how many violations opened, closed and are open, and how many figures
    /// changed.
    fn over(&mut self) -> Result<(), Failure> {
        let Some(day) = self.today.take().filter(|_| !self.is_json) else { return Ok(()) };
        let Day { name, batches, changes, opened, closed, moved, open } = day;
        let thousands = terminal::thousands;
        let batches = if batches == 1 { "1 batch".to_owned() } else { format!("{batches} batches") };
        self.print(&format!(
            "{name} {batches:>9} {:>9} changes {:>6} {:>6} {:>7} open {:>4} figures\n",
            thousands(changes),
            format!("+{}", thousands(opened)),
            format!("-{}", thousands(closed)),
            thousands(open),
            thousands(moved),
        ))
    }
}

impl Observer for Plain<'_> {
    fn turn(&mut self, _: &mut District<Folder>) -> Result<bool, ingest::Error> {
        self.pacer.wait();
        Ok(true)
    }

    fn is_stepping(&self) -> bool {
        self.pacer.is_stepping()
    }

    fn published(&mut self, closed: ClosedTimestamp) -> Result<(), ingest::Error> {
        if self.is_json {
            return Ok(self.print(&Line::TimestampClosed(closed).text())?);
        }
        let name = changes::day(&closed.batch);
        if self.today.as_ref().is_none_or(|today| today.name != name) {
            self.over()?;
        }
        let day = self.today.get_or_insert_with(|| Day { name: name.to_owned(), ..Day::default() });
        day.batches += u64::from(!closed.batch.ends_with("/0"));
        day.changes += closed.changes;
        day.opened += closed.opened;
        day.closed += closed.closed;
        day.moved += closed.moved;
        day.open = closed.open;
        Ok(())
    }

    fn settled(&mut self, _: &mut District<Folder>) -> Result<(), ingest::Error> {
        Ok(())
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn idle(&mut self, _: Option<&mut District<Folder>>) -> Result<bool, ingest::Error> {
        // Nothing more comes for now, so print the day so far.
        self.over()?;
        Ok(true)
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
        self.is_on_hold = true;
        self.note(why);
    }

    fn note(&mut self, note: String) {
        terminal::note("note", &note);
    }
}

impl Plain<'_> {
    /// Prints the last day.
    fn end(&mut self, district: District<Folder>) -> Result<(String, u8), Failure> {
        self.over()?;
        district.close()?;
        Ok((String::new(), if self.is_on_hold { 4 } else { 0 }))
    }
}
