//! Watching without a terminal: a line a day, or lines of JSON.

use crate::cli::feeding::{self, Feeding, Observer, Pacer};
use crate::cli::{Failure, terminal};
use crate::district::District;
use crate::publish::changes::{self, Line, Sealed};
use crate::store::disk::Folder;
use std::io::Write;
use std::time::Duration;

pub fn run(feeding: &Feeding, is_json: bool) -> Result<(String, u8), Failure> {
    let pacer = Pacer::new(feeding.pace());
    feeding::take(feeding, &mut Plain { pacer, is_json, today: None, is_held: false })
}

/// A day, as far as it is known.
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

/// Prints.
struct Plain {
    pacer: Pacer,
    is_json: bool,
    today: Option<Day>,
    is_held: bool,
}

impl Plain {
    fn print(&self, line: &str) -> Result<(), Failure> {
        match std::io::stdout().lock().write_all(line.as_bytes()) {
            // Whoever reads may have seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written.map_err(|error| Failure::work(format!("cannot print: {error}"))),
        }
    }

    /// Prints the day that is over.
    fn over(&mut self) -> Result<(), Failure> {
        let Some(day) = self.today.take().filter(|_| !self.is_json) else { return Ok(()) };
        let Day { name, batches, changes, opened, closed, moved, open } = day;
        let thousands = terminal::thousands;
        let batches = if batches == 1 { "1 batch".to_owned() } else { format!("{batches} batches") };
        self.print(&format!(
            "{name}  {batches:>9}  {:>9} changes  {:>7} opened  {:>7} closed  {:>8} open  {:>6} figures moved\n",
            thousands(changes),
            format!("+{}", thousands(opened)),
            format!("-{}", thousands(closed)),
            thousands(open),
            thousands(moved),
        ))
    }
}

impl Observer for Plain {
    fn turn(&mut self, _: &mut District<Folder>) -> Result<bool, Failure> {
        self.pacer.wait();
        Ok(true)
    }

    fn is_stepping(&self) -> bool {
        self.pacer.is_stepping()
    }

    fn told(&mut self, sealed: Sealed) -> Result<(), Failure> {
        if self.is_json {
            return self.print(&Line::Sealed(sealed).text());
        }
        let name = changes::day(&sealed.batch);
        if self.today.as_ref().is_none_or(|today| today.name != name) {
            self.over()?;
        }
        let day = self.today.get_or_insert_with(|| Day { name: name.to_owned(), ..Day::default() });
        day.batches += u64::from(!sealed.batch.ends_with("/0"));
        day.changes += sealed.changes;
        day.opened += sealed.opened;
        day.closed += sealed.closed;
        day.moved += sealed.moved;
        day.open = sealed.open;
        Ok(())
    }

    fn settled(&mut self, _: &mut District<Folder>) -> Result<(), Failure> {
        Ok(())
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn idle(&mut self, _: Option<&mut District<Folder>>) -> Result<bool, Failure> {
        // Nothing more is known of the day until something comes; whoever waits wants to see it.
        self.over()?;
        Ok(true)
    }

    fn held(&mut self, why: String) {
        self.is_held = true;
        self.note(why);
    }

    fn note(&mut self, note: String) {
        terminal::note("note", &note);
    }

    fn end(&mut self, district: District<Folder>) -> Result<(String, u8), Failure> {
        self.over()?;
        district.close().map_err(feeding::failure)?;
        Ok((String::new(), if self.is_held { 4 } else { 0 }))
    }
}
