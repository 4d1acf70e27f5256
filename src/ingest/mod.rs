//! Ingest: accepts the deliveries of a feed in order, each logged before it takes effect. A feed is a directory with a folder
//! per day, or a stream of change events.
//!
//! Nothing here prints, reads a clock or knows a command: a [`Clock`] is passed in, and an [`Observer`] receives events and sets
//! the pace. `rollcall replay` prints the events, `rollcall watch` shows them.

mod directory;
mod extract;
mod pace;
mod stream;

pub use directory::{files, format_of};
pub use extract::Extract;
pub use pace::{Pace, Pacer};

use crate::district::{self, Accepted, District, Incoming, Outcome, Recovery};
use crate::model::{Date, Table};
use crate::plan::Plan;
use crate::publish::changes::ClosedTimestamp;
use crate::quality::report::Inputs;
use crate::source::mapped::Mapped;
use crate::source::{Delivery, FileError, FileReport, Format, Mode, Scope, folder, manifest};
use crate::store::Computed;
use crate::store::disk::Folder;
use directory::{Day, Due};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// The feed, its format, and the folder of the district.
#[derive(Clone)]
pub struct Options {
    /// The directory or stream.
    pub feed: Feed,
    /// The folder of `state/` and `reports/changes/`.
    pub out: PathBuf,
    /// What a file contains if no manifest and no column `_op` says so.
    pub mode: Option<Mode>,
    /// The format of the deliveries; detected from the file names if absent.
    pub format: Option<FormatChoice>,
    /// The source system, unless a manifest names another.
    pub source: Option<String>,
    /// The last day.
    pub until: Option<Date>,
    /// Whether to wait for new days.
    pub follow: bool,
    /// The pace.
    pub pace: Pace,
    /// Worker threads of the dataflow.
    pub workers: u16,
    /// Thresholds and switches.
    pub plan: Plan,
}

/// A chosen format.
#[derive(Clone)]
pub enum FormatChoice {
    /// One of [`crate::source::FORMATS`].
    Known(&'static dyn Format),
    /// A profile.
    Mapped(Arc<Mapped>),
}

impl FormatChoice {
    fn format(&self) -> &dyn Format {
        match self {
            FormatChoice::Known(format) => *format,
            FormatChoice::Mapped(mapped) => &**mapped,
        }
    }
}

/// The default source of a feed.
const SOURCE: &str = "sis";

impl Options {
    fn source(&self) -> &str {
        self.source.as_deref().unwrap_or(SOURCE)
    }

    fn is_realtime(&self) -> bool {
        self.pace == Pace::Realtime
    }

    /// The last day that may be accepted now.
    fn last_day(&self, clock: &dyn Clock) -> Date {
        let last = self.until.unwrap_or(Date::MAX);
        if self.is_realtime() { last.min(clock.today()) } else { last }
    }
}

/// The kinds of feeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A directory with a folder or zip file per day.
    Directory(PathBuf),
    /// A file with one change event per line.
    File(PathBuf),
    /// Change events from standard input.
    Input,
    /// Change events from connections to this local port.
    Port(u16),
}

impl FromStr for Feed {
    type Err = String;

    fn from_str(text: &str) -> Result<Feed, String> {
        if text == "-" {
            return Ok(Feed::Input);
        }
        if let Some(port) = text.strip_prefix("tcp:") {
            let port = port.parse().map_err(|_| "a port is a number up to 65535, as in tcp:7432".to_owned())?;
            return Ok(Feed::Port(port));
        }
        let path = PathBuf::from(text);
        Ok(if path.is_file() { Feed::File(path) } else { Feed::Directory(path) })
    }
}

/// Errors of ingest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The feed cannot be used.
    #[error("{message}")]
    Input {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Something could not be read or written.
    #[error("{0}")]
    Work(String),
    /// The district has failed; with the day of the feed.
    #[error("{}{source}", day.as_ref().map(|day| format!("{day}: ")).unwrap_or_default())]
    District {
        /// The label of the delivery.
        day: Option<String>,
        /// What went wrong.
        #[source]
        source: Box<district::Error>,
    },
    /// The observer failed.
    #[error(transparent)]
    Observer(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    fn input(message: impl ToString, hint: impl Into<Option<String>>) -> Error {
        Error::Input { message: message.to_string(), hint: hint.into() }
    }

    fn work(message: impl ToString) -> Error {
        Error::Work(message.to_string())
    }

    fn file(day: &str, error: &FileError) -> Error {
        Error::input(format!("{day}: {error}"), error.hint())
    }
}

impl From<district::Error> for Error {
    fn from(source: district::Error) -> Error {
        Error::District { day: None, source: Box::new(source) }
    }
}

/// The time, as needed by ingest. Only the command line has a real clock.
pub trait Clock: Sync {
    /// The current day in UTC.
    fn today(&self) -> Date;
    /// The time since some fixed point.
    fn elapsed(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
}

/// Receives events while a feed is read, and sets the pace.
pub trait Observer {
    /// Waits until the next day or delivery is due; false ends the feed.
    fn turn(&mut self, district: &mut District<Folder>) -> Result<bool, Error>;
    /// Whether days are accepted and published one by one; otherwise up to sixteen deliveries are made durable together.
    fn is_stepping(&self) -> bool;
    /// A delivery was computed in this time.
    fn computed(&mut self, _took: Duration) {}
    /// The changes of a timestamp are published.
    fn published(&mut self, closed: ClosedTimestamp) -> Result<(), Error>;
    /// Everything accepted so far is published.
    fn settled(&mut self, district: &mut District<Folder>) -> Result<(), Error>;
    /// How long to wait for more input before [`Observer::idle`] is called.
    fn patience(&self) -> Duration;
    /// There is nothing to do for now. There is no district if nothing has been accepted yet. False ends the feed.
    fn idle(&mut self, district: Option<&mut District<Folder>>) -> Result<bool, Error>;
    /// Deliveries checked so far, and the total.
    fn progress(&mut self, _done: usize, _of: usize) {}
    /// Bytes of the log read so far while the district is opened, and the total.
    fn reading_log(&mut self, _done: u64, _of: u64) {}
    /// The district is open; reports what the restart found.
    fn opened(&mut self, _recovery: &Recovery) {}
    /// Ingest listens on an address.
    fn listening(&mut self, address: &str);
    /// A delivery is on hold, and why; no later one is accepted.
    fn on_hold(&mut self, why: String);
    /// A note for the user.
    fn note(&mut self, note: String);
}

/// How often a feed is checked for new days. A folder that is unchanged between two checks is complete.
const LOOK: Duration = Duration::from_secs(1);

/// How many deliveries are made durable together, unless the observer wants each.
const GROUP: usize = 16;

/// Reads a feed and returns the district, still open; none if the feed ended before its first day.
///
/// # Errors
///
/// A feed or delivery that cannot be used, a log that cannot be read, or an error of the observer. Everything published
/// before the error stays.
pub fn take(options: &Options, clock: &dyn Clock, observer: &mut dyn Observer) -> Result<Option<District<Folder>>, Error> {
    let Feed::Directory(directory) = &options.feed else { return stream::take(options, clock, observer) };
    let mut due = Due::default();
    let last = || options.last_day(clock);
    let mut days = due.look(directory, last(), options.follow)?;
    while days.is_empty() && options.follow {
        if !rest(clock, observer, None)? {
            return Ok(None);
        }
        days = due.look(directory, last(), options.follow)?;
    }
    let Some(first) = days.first() else {
        let hint = "folders are named by day, such as 2025-09-03".to_owned();
        let until = options.until.map_or(String::new(), |until| format!(" up to {until}"));
        return Err(Error::input(format!("{} has no folder for a day{until}", directory.display()), hint));
    };
    let mut session = Session::open(options, clock, observer, first.day)?;
    let mut goes_on = session.days(&days)?;
    let is_before = |session: &Session<'_>| options.until.is_none_or(|until| session.district.day() < until);
    while goes_on && options.follow && !session.is_on_hold && is_before(&session) {
        goes_on = rest(clock, session.observer, Some(&mut session.district))?;
        let days = due.look(directory, last(), options.follow)?;
        if goes_on && (!days.is_empty() || options.is_realtime()) {
            goes_on = session.days(&days)?;
        }
    }
    Ok(Some(session.district))
}

/// Waits for the next check of the feed; false if the observer ends it.
fn rest(clock: &dyn Clock, observer: &mut dyn Observer, mut district: Option<&mut District<Folder>>) -> Result<bool, Error> {
    let begin = clock.elapsed();
    loop {
        if !observer.idle(district.as_deref_mut())? {
            return Ok(false);
        }
        let left = LOOK.saturating_sub(clock.elapsed().saturating_sub(begin));
        if left.is_zero() {
            return Ok(true);
        }
        clock.sleep(left.min(observer.patience()));
    }
}

/// Opens the district in a folder; `first` is the first day of a new one. `progress` receives the bytes of the log read, and
/// the total.
///
/// # Errors
///
/// A folder that cannot be used, or a log that cannot be read.
pub fn open(
    out: &Path,
    plan: Plan,
    workers: u16,
    first: Date,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(District<Folder>, Recovery), Error> {
    let cannot = |path: PathBuf| move |error: std::io::Error| Error::work(format!("cannot use {}: {error}", path.display()));
    let state = out.join("state");
    let state = Folder::locked(&state).map_err(cannot(state))?;
    let published = out.join("reports/changes");
    let published = Folder::shared(&published).map_err(cannot(published))?;
    Ok(District::open(state, published, plan, usize::from(workers), first, progress)?)
}

/// What is known about a delivery before it is read: its source, and the MD5 of each of its files.
type Announced = (String, BTreeMap<String, String>);

/// A feed being read.
struct Session<'a> {
    options: &'a Options,
    clock: &'a dyn Clock,
    district: District<Folder>,
    observer: &'a mut dyn Observer,
    /// Whether a delivery is on hold; later ones wait for it.
    is_on_hold: bool,
}

impl<'a> Session<'a> {
    fn open(
        options: &'a Options,
        clock: &'a dyn Clock,
        observer: &'a mut dyn Observer,
        first: Date,
    ) -> Result<Session<'a>, Error> {
        let mut progress = |done, all| observer.reading_log(done, all);
        let (district, recovery) = open(&options.out, options.plan.clone(), options.workers, first, &mut progress)?;
        observer.opened(&recovery);
        Ok(Session { options, clock, district, observer, is_on_hold: false })
    }

    /// Accepts the new deliveries of some days; false if the observer ends the feed.
    fn days(&mut self, days: &[Day]) -> Result<bool, Error> {
        let mut queued = 0;
        for (done, day) in days.iter().enumerate() {
            self.observer.progress(done, days.len());
            let Some(announced) = self.announced(day)? else { continue };
            if self.is_far(day, &announced)? {
                self.flush()?;
                break;
            }
            if !self.step_to(day.day)? || !self.observer.turn(&mut self.district)? {
                self.flush()?;
                return Ok(false);
            }
            queued += usize::from(self.day(day, announced)?);
            if queued >= GROUP || self.observer.is_stepping() {
                self.flush()?;
                queued = 0;
            }
            if self.is_on_hold {
                break;
            }
        }
        // Days without a delivery are closed too, until the given day or as they pass.
        let is_realtime = self.options.follow && self.options.is_realtime();
        let until = if is_realtime { Some(self.options.last_day(self.clock)) } else { self.options.until };
        let mut goes_on = true;
        if let (Some(until), false, true) = (until, self.is_on_hold, is_realtime || !self.options.follow) {
            goes_on = self.step_to(until.plus(1))?;
            if goes_on {
                self.district.pass_to(until)?;
            }
        }
        self.flush()?;
        Ok(goes_on)
    }

    /// Closes the days before this one, one by one if the observer wants each; false if it ends the feed.
    fn step_to(&mut self, day: Date) -> Result<bool, Error> {
        // A new district has no earlier days.
        while self.observer.is_stepping() && !self.district.is_new() && self.district.day().plus(1) < day {
            self.flush()?;
            if !self.observer.turn(&mut self.district)? {
                return Ok(false);
            }
            self.district.pass_to(self.district.day().plus(1))?;
            self.flush()?;
        }
        Ok(true)
    }

    /// The source and digests of a day's delivery; none if all of it was accepted before.
    fn announced(&self, day: &Day) -> Result<Option<Announced>, Error> {
        let digests = day.digests().map_err(|error| Error::file(&day.label, &error))?;
        let source = match &self.options.source {
            Some(source) => source.clone(),
            None => stated_source(day, &digests)?.unwrap_or_else(|| self.options.source().to_owned()),
        };
        let is_known = self.district.is_known(&source, &day.label, &digests);
        Ok((!is_known).then_some((source, digests)))
    }

    /// Whether a day is on hold because it is far from the one before, or in the future.
    fn is_far(&mut self, day: &Day, (source, digests): &Announced) -> Result<bool, Error> {
        let incoming = Incoming { source, label: &day.label, format: &folder::Tables, digests, piece: None };
        // Clocks differ by a day around the world.
        let (today, horizon) = (self.clock.today(), self.clock.today().plus(1));
        if self.district.is_new() && day.day > horizon {
            let hint = format!("today is {today}; check the name of the folder, and the clock");
            return Err(Error::input(format!("{} is in the future", day.label), hint));
        }
        let unless_stated = self.unless_stated();
        let held = self.district.hold_if_far(&incoming, unless_stated.as_ref(), day.day, horizon)?;
        if let Some(reason) = &held {
            self.is_on_hold = true;
            self.observer.on_hold(format!("{} is on hold: {reason}", day.label));
        }
        Ok(held.is_some())
    }

    /// What files mean that do not state it.
    fn unless_stated(&self) -> Option<Mode> {
        // A new district has no rows that a full extract could delete.
        self.options.mode.clone().or_else(|| self.district.is_new().then(|| Mode::Full(Scope::default())))
    }

    /// Accepts the delivery of a day; false if there is nothing to accept.
    fn day(&mut self, day: &Day, (source, digests): Announced) -> Result<bool, Error> {
        let format: &dyn Format = match &self.options.format {
            Some(chosen) => chosen.format(),
            None => {
                let files: Vec<String> = digests.keys().cloned().collect();
                // A day may be without changes: then its manifest is all there is.
                format_of(&files, &mut |file| day.read(file)).unwrap_or(&folder::Tables)
            }
        };
        let unless_stated = self.unless_stated();
        if day.day > self.district.day() {
            self.district.pass_to(day.day)?;
        }
        let mut read = |file: &str| day.read(file);
        let mut delivery = Delivery { files: digests.keys().cloned().collect(), read: &mut read, unless_stated };
        let incoming = Incoming { source: &source, label: &day.label, format, digests: &digests, piece: None };
        let begin = self.clock.elapsed();
        let taken = self.district.take(&incoming, &mut delivery);
        let in_day = |source| Error::District { day: Some(day.label.clone()), source: Box::new(source) };
        match taken.map_err(in_day)? {
            Outcome::Accepted { suspended, .. } => {
                self.observer.computed(self.clock.elapsed().saturating_sub(begin));
                if day.day < self.district.day() {
                    self.observer.note(format!("{} came late; it takes effect on {}", day.label, self.district.day()));
                }
                let tables: Vec<&str> = suspended.iter().map(|table| table.spec().name).collect();
                if !tables.is_empty() {
                    let tables = tables.join(", ");
                    let note = format!("{}: {tables}: a row has no readable key, so no rows were deleted", day.label);
                    self.observer.note(note);
                }
                Ok(true)
            }
            Outcome::Known => Ok(false),
            Outcome::OnHold(reason) => {
                self.is_on_hold = true;
                self.observer.on_hold(format!("{} is on hold: {reason}", day.label));
                Ok(true)
            }
        }
    }

    /// Makes everything accepted durable and publishes it; returns the last batch published.
    fn flush(&mut self) -> Result<Option<String>, Error> {
        let mut last = None;
        for (_, closed) in self.district.flush()? {
            last = Some(closed.batch.clone());
            self.observer.published(closed)?;
        }
        self.observer.settled(&mut self.district)?;
        Ok(last)
    }
}

/// The source named in a delivery's manifest.
fn stated_source(day: &Day, digests: &BTreeMap<String, String>) -> Result<Option<String>, Error> {
    let Some(file) = digests.keys().find(|file| manifest::is(file)) else { return Ok(None) };
    let manifest = day.read(file).and_then(|bytes| manifest::Manifest::read(&bytes));
    let manifest = manifest.map_err(|error| Error::file(&day.label, &error))?;
    Ok(manifest.source().map(str::to_owned))
}

/// The files read, for the quality report: the latest version of each.
pub fn inputs<'a>(files: impl Iterator<Item = (&'a (String, String), &'a Accepted)>, computed: &Computed) -> Inputs {
    // A manifest contains no records.
    let files = files.filter(|(_, taken)| !taken.file.encoding.is_empty()).map(|(_, taken)| {
        let file = format!("{}/{}", taken.label, taken.file.file);
        FileReport { file, ..taken.file.clone() }
    });
    let absent = computed.absent_tables.iter().filter_map(|name| Table::named(name));
    let absent_tables = absent.map(|table| table.spec().name).collect();
    Inputs { files: files.collect(), absent_tables, ignored_files: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_feed_says_where_it_comes_from() {
        assert_eq!("-".parse(), Ok(Feed::Input));
        assert_eq!("tcp:7432".parse(), Ok(Feed::Port(7432)));
        assert!("tcp:99999".parse::<Feed>().is_err());
        assert_eq!("Cargo.toml".parse(), Ok(Feed::File("Cargo.toml".into())));
        assert_eq!("src".parse(), Ok(Feed::Directory("src".into())));
    }
}
