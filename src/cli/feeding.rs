//! The arguments for reading a feed, and the notes that all commands reading one print.

use super::{Failure, map, settings, terminal};
use crate::district::{self, Recovery};
use crate::ingest::{self, Clock, Feed, FormatChoice, Options, Pace};
use crate::model::Date;
use crate::plan::Plan;
use crate::source::mapped::{self, Mapped};
use crate::source::{FORMATS, Mode, Scope};
use indicatif::ProgressBar;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// The feed, its format, and the folder of the district.
#[derive(Clone, clap::Args)]
pub struct Feeding {
    /// A directory with one folder per day, or a stream of change events
    #[arg(value_name = "FEED")]
    pub feed: Feed,
    /// The folder that contains state/, reports/ and warehouse/
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// What a file contains if no manifest and no column _op says so
    #[arg(long, value_name = "MODE")]
    mode: Option<ModeName>,
    /// What full extracts cover, with --mode full: all, or conditions such as school_id=101
    #[arg(long, value_name = "SCOPE", default_value = "all", value_parser = Scope::read)]
    scope: Scope,
    /// The format of the deliveries [default: detected from the file names]
    #[arg(long, value_name = "NAME", value_parser = format_named)]
    format: Option<Named>,
    /// The profile for --format mapped: a name from `rollcall map list`, or the path of a .toml file
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// The source system of the records [default: from a manifest, else sis]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The last day; days without a delivery are closed too
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::day)]
    until: Option<Date>,
    /// Keep waiting for new days; ends with --until, when a delivery is on hold, or when stopped
    #[arg(long)]
    follow: bool,
    /// Days per second, such as 2/s; realtime accepts no day before its date (UTC); max does not wait
    #[arg(long, value_name = "PACE")]
    pub pace: Option<Pace>,
    /// Worker threads of the dataflow
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Thresholds and switches [default: see `rollcall settings`]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Feeding {
    /// The options given by the arguments.
    pub fn options(&self) -> Result<Options, Failure> {
        if !matches!(self.feed, Feed::Directory(_)) {
            self.check_stream()?;
        }
        let mode = self.mode.map(|mode| match mode {
            ModeName::Full => Mode::Full(self.scope.clone()),
            ModeName::Delta => Mode::Delta,
        });
        Ok(Options {
            feed: self.feed.clone(),
            out: self.out.clone(),
            mode,
            format: self.format()?,
            source: self.source.clone(),
            until: self.until,
            follow: self.follow,
            pace: self.pace.unwrap_or(Pace::Max),
            workers: self.workers,
            plan: self.plan()?,
        })
    }

    /// Thresholds and switches.
    pub fn plan(&self) -> Result<Plan, Failure> {
        settings::plan(self.settings.as_deref())
    }

    /// Rejects arguments that do not apply to a stream of change events.
    fn check_stream(&self) -> Result<(), Failure> {
        let given = [
            ("--mode", self.mode.is_some()),
            ("--scope", self.scope != Scope::default()),
            ("--format", self.format.is_some()),
            ("--profile", self.profile.is_some()),
            ("--follow", self.follow),
            ("--pace with a number", matches!(self.pace, Some(Pace::PerSecond(_)))),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => {
                let hint = "it applies to directories with one folder per day; events state their own operation".to_owned();
                Err(Failure::input(format!("{name} does not apply to a stream of change events"), hint))
            }
            None => Ok(()),
        }
    }

    /// The chosen format.
    fn format(&self) -> Result<Option<FormatChoice>, Failure> {
        match (self.format, &self.profile) {
            (None, None) => Ok(None),
            (Some(Named::Known(format)), None) => Ok(Some(FormatChoice::Known(format))),
            (None | Some(Named::Mapped), Some(named)) => {
                Ok(Some(FormatChoice::Mapped(Arc::new(Mapped { profile: map::profile(named)? }))))
            }
            (Some(Named::Mapped), None) => {
                let hint = "name it with --profile; `rollcall map list` lists the built-in ones".to_owned();
                Err(Failure::input("--format mapped needs a profile", hint))
            }
            (Some(Named::Known(format)), Some(_)) => {
                let hint = "--profile needs --format mapped".to_owned();
                Err(Failure::input(format!("--format {} does not use a profile", format.name()), hint))
            }
        }
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ModeName {
    Full,
    Delta,
}

/// A format by name.
#[derive(Clone, Copy)]
enum Named {
    Known(&'static dyn crate::source::Format),
    /// The format of a profile.
    Mapped,
}

fn format_named(name: &str) -> Result<Named, String> {
    if name.eq_ignore_ascii_case(mapped::NAME) {
        return Ok(Named::Mapped);
    }
    let named = FORMATS.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name));
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).chain([mapped::NAME]).collect();
    named.map(Named::Known).ok_or_else(|| format!("the formats are {}", names.join(", ")))
}

/// The clock of this machine.
pub struct SystemClock(Instant);

impl SystemClock {
    pub fn start() -> SystemClock {
        SystemClock(Instant::now())
    }
}

impl Clock for SystemClock {
    fn today(&self) -> Date {
        #[allow(clippy::disallowed_methods, reason = "only the command line reads the clock")]
        let now = SystemTime::now();
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).ok().and_then(Date::of_unix).unwrap_or(Date::MIN)
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Wraps an error of an observer on its way through ingest.
impl From<Failure> for ingest::Error {
    fn from(failure: Failure) -> ingest::Error {
        ingest::Error::Observer(Box::new(failure))
    }
}

impl From<ingest::Error> for Failure {
    fn from(error: ingest::Error) -> Failure {
        match error {
            ingest::Error::Input { message, hint } => Failure::input(message, hint),
            ingest::Error::District { day: None, source } => (*source).into(),
            ingest::Error::District { day: Some(day), source } => {
                let failure = Failure::from(*source);
                Failure { message: format!("{day}: {}", failure.message), ..failure }
            }
            ingest::Error::Observer(error) => match error.downcast::<Failure>() {
                Ok(failure) => *failure,
                Err(error) => Failure::work(error),
            },
            other => Failure::work(other),
        }
    }
}

impl From<district::Error> for Failure {
    fn from(error: district::Error) -> Failure {
        match &error {
            district::Error::Log(of_log) => Failure { hint: Some(of_log.hint().to_owned()), ..Failure::work(&error) },
            district::Error::Delivery(of_file) => Failure::input(of_file, of_file.hint()),
            _ => Failure::work(&error),
        }
    }
}

/// The progress bar for reading the log when a district is opened.
#[derive(Default)]
pub struct Opening(Option<ProgressBar>);

impl Opening {
    /// Sets the number of bytes read.
    pub fn progress(&mut self, done: u64, of: u64) {
        let bar = self.0.get_or_insert_with(|| terminal::progress("reading the log", of));
        bar.set_length(of);
        bar.set_position(done);
    }

    /// Prints notes about what the restart found.
    pub fn opened(&mut self, recovery: &Recovery) {
        if let Some(bar) = self.0.take() {
            bar.finish_and_clear();
        }
        let warn = |what: String| terminal::note("note", &what);
        let instead = if recovery.snapshot.is_some() { "an earlier snapshot is used" } else { "the whole log is read" };
        recovery.unused.iter().for_each(|why| warn(format!("{why}; {instead}")));
        if recovery.torn > 0 {
            warn(format!("the last {} bytes of the log were incomplete and have been removed", recovery.torn));
        }
        if recovery.unclosed > 0 {
            let bytes = recovery.unclosed;
            warn(format!("the last {bytes} bytes of reports/changes were not in the log and have been removed"));
        }
        if recovery.is_gone {
            warn("earlier lines of reports/changes are missing; new lines follow a gap".to_owned());
        }
        if !recovery.differences.is_empty() {
            warn(format!("version, thresholds or switches have changed: {}", recovery.differences.join("; ")));
        }
        if recovery.published > 0 {
            warn(format!("{} logged batches and days had not been published; they are now", recovery.published));
        }
    }
}
