//! `rollcall replay`: daily deliveries in, one after the other, each logged before it takes effect.

use super::feed::{self, Day, Look};
use super::stream::{self, From};
use super::summary::Summary;
use super::{Failure, map, outputs, run, settings, terminal};
use crate::log::Computed;
use crate::log::disk::Folder;
use crate::model::{Date, Table};
use crate::plan::Plan;
use crate::roll::{self, Incoming, Outcome, Past, Recovery, Roll, Taken, computed};
use crate::sink::changes::{Line, Sealed};
use crate::sink::quality_report::Inputs;
use crate::source::mapped::{self, Mapped};
use crate::source::{Delivery, FORMATS, FileReport, Format, Mode, Scope, folder, manifest};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Replay daily deliveries of a district: full extracts, changes, or both
///
/// FEED holds one folder per day, such as 2025-09-03. Each is taken once, as one batch; every day that passes in between is
/// a day on which violations may open and close by themselves. What was taken is kept in OUT/state, so that the command can
/// be run again whenever new days have arrived, or after a crash.
///
/// FEED may also be a stream of Debezium's change events, one JSON object a line: a file, - for standard input, or tcp:PORT
/// to listen on this machine. Their own times say on which day they happened. Whoever sends to the port is told how many of
/// the lines are durable.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The directory with a folder per day, or a stream of change events
    #[arg(value_name = "FEED")]
    pub(super) feed: From,
    /// The folder that state/, reports/ and warehouse/ are kept in
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) out: PathBuf,
    /// What files are that no manifest and no column _op speaks of
    #[arg(long, value_name = "MODE")]
    mode: Option<ModeName>,
    /// What full extracts are complete for, with --mode full: all, or conditions such as school_id=101
    #[arg(long, value_name = "SCOPE", default_value = "all", value_parser = Scope::read)]
    scope: Scope,
    /// How the deliveries are written [default: as they look]
    #[arg(long, value_name = "NAME", value_parser = format_named)]
    format: Option<Named>,
    /// The profile of --format mapped: one that `rollcall map list` names, or the path of a .toml
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// The system that the records come from [default: as a manifest says, else sis]
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// The last day to go to; days without a delivery pass too
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = run::day)]
    pub(super) until: Option<Date>,
    /// Keep watching for new days; ends with --until, when a delivery is held, or when it is stopped
    #[arg(long)]
    follow: bool,
    /// Deliveries a second, such as 2/s; realtime takes no day before it has come (in UTC); max waits for nothing
    #[arg(long, value_name = "PACE", default_value = "max", value_parser = pace)]
    pace: Pace,
    /// Worker threads of the dataflow
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Thresholds and switches [default: rollcall.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Print a line of JSON for every day and batch
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Refuses what means nothing to a stream of change events.
    pub fn check_stream(&self) -> Result<(), Failure> {
        let given = [
            ("--mode", self.mode.is_some()),
            ("--scope", self.scope != Scope::default()),
            ("--format", self.format.is_some()),
            ("--profile", self.profile.is_some()),
            ("--follow", self.follow),
            ("--pace with a number", matches!(self.pace, Pace::PerSecond(_))),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => {
                let hint = "it is for directories with a folder per day; events say themselves what they are".to_owned();
                Err(Failure::input(format!("{name} means nothing to a stream of change events"), hint))
            }
            None => Ok(()),
        }
    }

    /// The system that the records come from, where nothing else says it.
    pub fn source(&self) -> &str {
        self.source.as_deref().unwrap_or("sis")
    }

    /// Whether days pass in their own time.
    pub fn is_realtime(&self) -> bool {
        self.pace == Pace::Realtime
    }

    /// Thresholds and switches.
    pub fn plan(&self) -> Result<Plan, Failure> {
        settings::plan(self.settings.as_deref())
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum ModeName {
    Full,
    Delta,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pace {
    Max,
    Realtime,
    PerSecond(f64),
}

fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "max" => Ok(Pace::Max),
        "realtime" => Ok(Pace::Realtime),
        _ => {
            let number = text.strip_suffix("/s").and_then(|number| number.parse::<f64>().ok());
            let number = number.filter(|number| number.is_finite() && *number > 0.0);
            number.map(Pace::PerSecond).ok_or_else(|| "write max, realtime, or a number like 2/s".to_owned())
        }
    }
}

/// A format, by its name.
#[derive(Clone, Copy)]
enum Named {
    Known(&'static dyn Format),
    /// What a profile says it is.
    Mapped,
}

fn format_named(name: &str) -> Result<Named, String> {
    if name.eq_ignore_ascii_case(mapped::NAME) {
        return Ok(Named::Mapped);
    }
    let named = FORMATS.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name));
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).chain([mapped::NAME]).collect();
    named.map(Named::Known).ok_or_else(|| format!("formats are {}", names.join(", ")))
}

/// The format of a profile, where one is named.
fn mapped_by(arguments: &Arguments) -> Result<Option<Mapped>, Failure> {
    match (arguments.format, &arguments.profile) {
        (None, None) | (Some(Named::Known(_)), None) => Ok(None),
        (None | Some(Named::Mapped), Some(named)) => Ok(Some(Mapped { profile: map::profile(named)? })),
        (Some(Named::Mapped), None) => {
            let hint = "name it with --profile; `rollcall map list` lists those that come with rollcall".to_owned();
            Err(Failure::input("--format mapped needs a profile", hint))
        }
        (Some(Named::Known(format)), Some(_)) => {
            let hint = "profiles are of --format mapped".to_owned();
            Err(Failure::input(format!("--format {} has no profiles", format.name()), hint))
        }
    }
}

/// How many deliveries are taken before they are made durable together, when nobody waits for them.
const GROUP: usize = 16;

/// How often a feed is looked at for new days.
const LOOK: Duration = Duration::from_secs(1);

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let From::Directory(directory) = &arguments.feed else { return stream::run(arguments) };
    let begin = Instant::now();
    let mut watch = Watch::default();
    let mut days = watch.due(arguments, directory)?;
    while days.is_empty() && arguments.follow {
        std::thread::sleep(LOOK);
        days = watch.due(arguments, directory)?;
    }
    let Some(first) = days.first() else {
        let hint = "folders are named after days, such as 2025-09-03".to_owned();
        return Err(Failure::input(format!("{} has no day until then", directory.display()), hint));
    };
    let first = first.day;
    kept(arguments, first, begin, |replay| {
        replay.days(&days, begin)?;
        while arguments.follow && replay.told.held.is_none() && arguments.until.is_none_or(|until| replay.roll.day() < until)
        {
            if replay.told.is_new {
                replay.publish()?;
            }
            std::thread::sleep(LOOK);
            let days = watch.due(arguments, directory)?;
            if !days.is_empty() || arguments.pace == Pace::Realtime {
                replay.days(&days, begin)?;
            }
        }
        Ok(())
    })
}

/// Opens the roll, which begins on a day if it is new, does something with it, and leaves reports and warehouse behind.
pub fn kept(
    arguments: &Arguments,
    first: Date,
    begin: Instant,
    work: impl FnOnce(&mut Replay<'_>) -> Result<(), Failure>,
) -> Result<(String, u8), Failure> {
    let mapped = mapped_by(arguments)?;
    let plan = arguments.plan()?;
    let (mut roll, recovery) = open(&arguments.out, plan, arguments.workers, first)?;
    tell(&recovery);
    let mut told = Told::default();
    work(&mut Replay { arguments, mapped: mapped.as_ref(), roll: &mut roll, told: &mut told })?;
    let took = begin.elapsed().as_secs_f64();

    let inputs = inputs(roll.files(), roll.computed());
    let plan = computed::plan(roll.computed());
    let (violations, history) = (roll.violations().clone(), roll.history().clone());
    let mut engine = roll.close().map_err(failure)?;
    let written = outputs::write(&mut engine, violations, history, &plan, inputs, &arguments.out)?;
    let code = u8::from(told.held.is_some()) * 4;
    if arguments.json {
        return Ok((String::new(), code));
    }
    let mut summary = Summary::of(&written, &plan.settings, begin.elapsed().as_secs_f64());
    summary.is_kept = true;
    Ok((told.text(took) + &summary.text(), code))
}

/// What day it is, in UTC.
pub fn today() -> Date {
    #[allow(clippy::disallowed_methods, reason = "this is the command line, and nothing else tells the day")]
    let now = SystemTime::now();
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Date::of_unix).unwrap_or(Date::MIN)
}

/// The last day that may be taken now.
fn last(arguments: &Arguments) -> Date {
    let last = arguments.until.unwrap_or(Date::MAX);
    if arguments.pace == Pace::Realtime { last.min(today()) } else { last }
}

/// Which days of a feed are worth a look.
#[derive(Default)]
struct Watch {
    /// As they were when they were last taken.
    taken: BTreeMap<Day, Look>,
    /// As they were a look ago.
    before: BTreeMap<Day, Look>,
}

impl Watch {
    /// The days that may be taken now, and were not taken as they are. Whoever follows a feed sees files while they are
    /// being copied: a day is taken when nothing of it has changed between two looks, and no later one before it.
    fn due(&mut self, arguments: &Arguments, directory: &Path) -> Result<Vec<Day>, Failure> {
        let last = last(arguments);
        let days: Vec<Day> = feed::days(directory)?.into_iter().filter(|day| day.day <= last).collect();
        if !arguments.follow {
            return Ok(days);
        }
        let mut due = Vec::new();
        let mut now = BTreeMap::new();
        let mut is_settled = true;
        for day in days {
            let look = day.look();
            is_settled &= self.before.get(&day) == Some(&look);
            if is_settled && self.taken.get(&day) != Some(&look) {
                self.taken.insert(day.clone(), look.clone());
                due.push(day.clone());
            }
            now.insert(day, look);
        }
        self.before = now;
        Ok(due)
    }
}

/// Opens the roll that is kept in a folder.
fn open(out: &Path, plan: Plan, workers: u16, first: Date) -> Result<(Roll<Folder>, Recovery), Failure> {
    let cannot =
        |path: PathBuf| move |error: std::io::Error| Failure::work(format!("cannot use {}: {error}", path.display()));
    let state = out.join("state");
    let state = Folder::locked(&state).map_err(cannot(state))?;
    let published = out.join("reports/changes");
    let published = Folder::shared(&published).map_err(cannot(published))?;
    let bar = terminal::progress("reading the log", 0);
    let mut progress = |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    };
    let opened = Roll::open(state, published, plan, usize::from(workers), first, &mut progress);
    bar.finish_and_clear();
    opened.map_err(failure)
}

/// What the command ends with when the roll cannot go on.
pub fn failure(error: roll::Error) -> Failure {
    match &error {
        roll::Error::Log(of_log) => Failure { hint: Some(of_log.hint().to_owned()), ..Failure::work(&error) },
        roll::Error::Delivery(of_file) => Failure::input(of_file, of_file.hint()),
        roll::Error::Engine(_) | roll::Error::Inconsistent(_) => Failure::work(&error),
    }
}

/// Says what a restart found, when it is worth a word.
fn tell(recovery: &Recovery) {
    let warn = |what: String| anstream::eprintln!("{}note{:#}: {what}", terminal::BOLD, terminal::BOLD);
    recovery.damaged.iter().for_each(|why| warn(format!("{why}; an earlier snapshot is used")));
    if recovery.torn > 0 {
        warn(format!("the last {} bytes of the log were written halfway and are cut off", recovery.torn));
    }
    if recovery.unsealed > 0 {
        warn(format!(
            "the last {} bytes of reports/changes say what the log does not know; they are cut off",
            recovery.unsealed
        ));
    }
    if recovery.is_gone {
        warn(
            "lines of reports/changes are gone that were published before; what is published now stands behind a gap"
                .to_owned(),
        );
    }
    if !recovery.differences.is_empty() {
        warn(format!("what is computed with has changed: {}", recovery.differences.join("; ")));
    }
    if recovery.published > 0 {
        warn(format!("{} batches and days were logged and are published now", recovery.published));
    }
}

/// A replay at work.
pub struct Replay<'a> {
    arguments: &'a Arguments,
    mapped: Option<&'a Mapped>,
    /// The district.
    pub roll: &'a mut Roll<Folder>,
    /// What has happened.
    pub told: &'a mut Told,
}

impl Replay<'_> {
    /// Takes what is new of some days.
    fn days(&mut self, days: &[Day], begin: Instant) -> Result<(), Failure> {
        let bar = terminal::progress("replaying", days.len() as u64);
        let mut queued = 0;
        for day in days {
            self.wait(begin);
            queued += usize::from(self.day(day)?);
            if queued >= GROUP || self.arguments.pace != Pace::Max {
                self.flush()?;
                queued = 0;
            }
            bar.set_message(self.told.message(begin));
            bar.inc(1);
            if self.told.held.is_some() {
                break;
            }
        }
        // Days without a delivery pass too: to the one that was asked for, or in their own time.
        let is_realtime = self.arguments.follow && self.arguments.pace == Pace::Realtime;
        let until = if is_realtime { Some(last(self.arguments)) } else { self.arguments.until };
        if let (Some(until), None, true) = (until, &self.told.held, is_realtime || !self.arguments.follow) {
            self.pass_to(until)?;
        }
        self.flush()?;
        bar.finish_and_clear();
        Ok(())
    }

    /// Lets days pass.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Failure> {
        self.roll.pass_to(day).map_err(failure)
    }

    /// Writes reports and warehouse as they stand, and goes on. Writing them lets days pass, so it is done on a copy.
    pub fn publish(&mut self) -> Result<(), Failure> {
        self.told.is_new = false;
        let state = self.arguments.out.join("state");
        let disk =
            Folder::shared(&state).map_err(|error| Failure::work(format!("cannot use {}: {error}", state.display())))?;
        let Some(past) = Past::now(disk, usize::from(self.arguments.workers)).map_err(failure)? else { return Ok(()) };
        let inputs = inputs(past.files(), past.computed());
        let plan = computed::plan(past.computed());
        let (violations, history) = (past.violations().clone(), past.history().clone());
        outputs::write(&mut past.into_engine(), violations, history, &plan, inputs, &self.arguments.out)?;
        Ok(())
    }

    /// Waits for the time of the next delivery.
    fn wait(&self, begin: Instant) {
        if let Pace::PerSecond(pace) = self.arguments.pace {
            let due = Duration::from_secs_f64(self.told.taken as f64 / pace);
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
        }
    }

    /// Takes what was delivered on a day; says whether anything was.
    fn day(&mut self, day: &Day) -> Result<bool, Failure> {
        let digests = day.digests().map_err(|error| in_day(day, Failure::input(&error, error.hint())))?;
        let format: &dyn Format = match (self.mapped, self.arguments.format) {
            (Some(mapped), _) => mapped,
            (None, Some(Named::Known(format))) => format,
            (None, _) => {
                let files: Vec<String> = digests.keys().cloned().collect();
                // A day may be without a change: then its manifest is all there is.
                feed::format(&files).unwrap_or(&folder::Tables)
            }
        };
        let source = match &self.arguments.source {
            Some(source) => source.clone(),
            None => stated_source(day, &digests)?.unwrap_or_else(|| self.arguments.source().to_owned()),
        };
        let is_first = self.roll.is_new();
        if day.day > self.roll.day() {
            self.pass_to(day.day)?;
        }
        let unless_stated = match self.arguments.mode {
            Some(ModeName::Full) => Some(Mode::Full(self.arguments.scope.clone())),
            Some(ModeName::Delta) => Some(Mode::Delta),
            // Nothing is there yet that an extract could delete.
            None => is_first.then(|| Mode::Full(Scope::default())),
        };
        let mut read = |file: &str| day.read(file);
        let mut delivery = Delivery { files: digests.keys().cloned().collect(), read: &mut read, unless_stated };
        let incoming = Incoming { source: &source, label: &day.label, format, digests: &digests, piece: None };
        let taken = self.roll.take(&incoming, &mut delivery);
        match taken.map_err(|error| in_day(day, failure(error)))? {
            Outcome::Taken { suspended, .. } => {
                self.told.taken += 1;
                if day.day < self.roll.day() {
                    self.told.notes.push(format!("{} came late, and counts from {} on", day.label, self.roll.day()));
                }
                let tables: Vec<&str> = suspended.iter().map(|table| table.spec().name).collect();
                if !tables.is_empty() {
                    let tables = tables.join(", ");
                    let note = format!("{}: {tables}: a row without a readable key, so nothing was deleted", day.label);
                    self.told.notes.push(note);
                }
                Ok(true)
            }
            Outcome::Known => Ok(false),
            Outcome::Held(guard) => {
                self.told.held = Some(format!("{} is held: {guard}", day.label));
                Ok(true)
            }
        }
    }

    /// Makes durable and public what was taken.
    pub fn flush(&mut self) -> Result<(), Failure> {
        for (_, sealed) in self.roll.flush().map_err(failure)? {
            if self.arguments.json {
                // Line by line: whoever follows wants to see it now.
                let line = Line::Sealed(sealed.clone()).text();
                let written = std::io::stdout().lock().write_all(line.as_bytes());
                written.map_err(|error| Failure::work(format!("cannot print: {error}")))?;
            }
            self.told.is_new = true;
            self.told.add(&sealed);
        }
        Ok(())
    }
}

/// A failure with the day that it happened on.
fn in_day(day: &Day, failure: Failure) -> Failure {
    Failure { message: format!("{}: {}", day.label, failure.message), ..failure }
}

/// The source that the manifest of a delivery names.
fn stated_source(day: &Day, digests: &BTreeMap<String, String>) -> Result<Option<String>, Failure> {
    let Some(file) = digests.keys().find(|file| manifest::is(file)) else { return Ok(None) };
    let manifest = day.read(file).and_then(|bytes| manifest::Manifest::read(&bytes));
    let manifest = manifest.map_err(|error| in_day(day, Failure::input(&error, error.hint())))?;
    Ok(manifest.source().map(str::to_owned))
}

/// What was read, as the report says it: the latest of each file.
pub fn inputs<'a>(files: impl Iterator<Item = (&'a (String, String), &'a Taken)>, computed: &Computed) -> Inputs {
    // A manifest is no file of records.
    let files = files.filter(|(_, taken)| !taken.file.encoding.is_empty()).map(|(_, taken)| {
        let file = format!("{}/{}", taken.label, taken.file.file);
        FileReport { file, ..taken.file.clone() }
    });
    let absent = computed.absent_tables.iter().filter_map(|name| Table::named(name));
    let absent_tables = absent.map(|table| table.spec().name).collect();
    Inputs { files: files.collect(), absent_tables, ignored_files: Vec::new() }
}

/// What happened in the replay, by month.
#[derive(Default)]
pub struct Told {
    /// Deliveries taken.
    pub taken: u64,
    months: BTreeMap<String, Month>,
    /// What is worth a word.
    pub notes: Vec<String>,
    /// What is held, and why.
    pub held: Option<String>,
    /// Whether something was taken since reports were written.
    pub is_new: bool,
    last: Option<Sealed>,
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

impl Told {
    fn add(&mut self, sealed: &Sealed) {
        let month = self.months.entry(sealed.batch[..7].to_owned()).or_default();
        let is_tick = sealed.batch.ends_with("/0");
        month.days += u64::from(is_tick);
        month.deliveries += u64::from(!is_tick);
        month.changes += sealed.changes;
        month.opened += sealed.opened;
        month.closed += sealed.closed;
        month.open = sealed.open;
        self.last = Some(sealed.clone());
    }

    fn changes(&self) -> u64 {
        self.months.values().map(|month| month.changes).sum()
    }

    /// The last moment that was published.
    pub fn last_batch(&self) -> Option<&str> {
        self.last.as_ref().map(|sealed| sealed.batch.as_str())
    }

    /// How far it is.
    pub fn message(&self, begin: Instant) -> String {
        let Some(last) = &self.last else { return "replaying".to_owned() };
        let pace = self.changes() as f64 / begin.elapsed().as_secs_f64();
        let day = last.batch.split('/').next().unwrap_or("");
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
            let _ = writeln!(text, "Nothing is new in the feed.\n");
        } else {
            let _ = writeln!(text, "{table}");
            let pace = self.changes() as f64 / seconds;
            let (changes, pace) = (terminal::thousands(self.changes()), terminal::thousands(pace as u64));
            let _ = writeln!(text, "{dim}{changes} changes in {seconds:.1} s, {pace} a second{dim:#}\n");
        }
        for note in &self.notes {
            let _ = writeln!(text, "{bold}Note{bold:#}      {}", terminal::safe(note));
        }
        if let Some(held) = &self.held {
            let _ = writeln!(text, "{bad}Held{bad:#}      {}", terminal::safe(held));
            let _ = writeln!(
                text,
                "          {dim}look at it, then let it in with rollcall release; later days wait behind it{dim:#}\n"
            );
        }
        text
    }
}
