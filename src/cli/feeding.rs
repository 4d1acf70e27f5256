//! Taking a feed: its deliveries in, one after the other, each logged before it takes effect. Whoever looks on says how fast,
//! and what becomes of what is told: `rollcall replay` prints it, `rollcall watch` shows it.

use super::feed::{self, Day, Look};
use super::stream::{self, From};
use super::{Failure, map, run, settings, terminal};
use crate::district::{self, Accepted, District, Incoming, Outcome, Recovery};
use crate::model::{Date, Table};
use crate::plan::Plan;
use crate::publish::changes::Sealed;
use crate::publish::quality_report::Inputs;
use crate::source::mapped::{self, Mapped};
use crate::source::{Delivery, FORMATS, FileReport, Format, Mode, Scope, folder, manifest};
use crate::store::Computed;
use crate::store::disk::Folder;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Where a feed is, how it is read, and where the district is kept.
#[derive(Clone, clap::Args)]
pub struct Feeding {
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
    pub(super) follow: bool,
    /// Days a second, such as 2/s; realtime takes no day before it has come (in UTC); max waits for nothing
    #[arg(long, value_name = "PACE", value_parser = pace)]
    pub(super) pace: Option<Pace>,
    /// Worker threads of the dataflow
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) workers: u16,
    /// Thresholds and switches [default: rollcall.toml, where there is one]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Feeding {
    /// Refuses what means nothing to a stream of change events.
    pub fn check_stream(&self) -> Result<(), Failure> {
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

    /// How fast, where nobody says otherwise as fast as it goes.
    pub fn pace(&self) -> Pace {
        self.pace.unwrap_or(Pace::Max)
    }

    /// Whether days pass in their own time.
    pub fn is_realtime(&self) -> bool {
        self.pace() == Pace::Realtime
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

/// How fast a feed is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    Max,
    /// No day before it has come.
    Realtime,
    /// So many a second.
    PerSecond(f64),
}

/// The slowest pace, in days a second: one in a quarter of an hour.
const LEAST_PACE: f64 = 0.001;

/// Waits from turn to turn.
pub struct Pacer {
    pace: Pace,
    due: Instant,
}

impl Pacer {
    pub fn new(pace: Pace) -> Pacer {
        Pacer { pace, due: Instant::now() }
    }

    /// Waits until it is time.
    pub fn wait(&mut self) {
        if let Pace::PerSecond(pace) = self.pace {
            std::thread::sleep(self.due.saturating_duration_since(Instant::now()));
            self.due += Duration::from_secs_f64(1.0 / pace);
        }
    }

    /// Whether turns are waited for.
    pub fn is_stepping(&self) -> bool {
        self.pace != Pace::Max
    }
}

fn pace(text: &str) -> Result<Pace, String> {
    match text {
        "max" => Ok(Pace::Max),
        "realtime" => Ok(Pace::Realtime),
        _ => {
            let number = text.strip_suffix("/s").and_then(|number| number.parse::<f64>().ok());
            let number = number.filter(|number| number.is_finite() && *number >= LEAST_PACE);
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
fn mapped_by(feeding: &Feeding) -> Result<Option<Mapped>, Failure> {
    match (feeding.format, &feeding.profile) {
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

/// Whoever looks on while a feed is taken.
pub trait Observer {
    /// Waits until the next day or delivery may be taken; false when no more is wanted.
    fn turn(&mut self, district: &mut District<Folder>) -> Result<bool, Failure>;
    /// Whether days are taken one by one, each made public before the next; else those that nobody waits for go together.
    fn is_stepping(&self) -> bool;
    /// A delivery was computed in so much time.
    fn computed(&mut self, _took: Duration) {}
    /// What a moment changed is public.
    fn told(&mut self, sealed: Sealed) -> Result<(), Failure>;
    /// All that was taken so far is public.
    fn settled(&mut self, district: &mut District<Folder>) -> Result<(), Failure>;
    /// How long to wait for what comes next before being idle.
    fn patience(&self) -> Duration;
    /// There is nothing to take for now, and no roll yet if nothing was ever taken. False when no more is wanted.
    fn idle(&mut self, district: Option<&mut District<Folder>>) -> Result<bool, Failure>;
    /// So many deliveries of so many have been looked at.
    fn progress(&mut self, _done: usize, _of: usize) {}
    /// It is waited for something that is no day: who may connect, say.
    fn waits(&mut self, what: &str, on: &str) {
        terminal::note(what, on);
    }
    /// A delivery is held, and why; nothing behind it is taken.
    fn held(&mut self, why: String);
    /// Something of the feed is worth a word.
    fn note(&mut self, note: String);
    /// Nothing more is taken.
    fn end(&mut self, district: District<Folder>) -> Result<(String, u8), Failure>;
}

/// How often a feed is looked at for new days. What has not changed between two looks is taken for complete.
const LOOK: Duration = Duration::from_secs(1);

/// How many deliveries are taken before they are made durable together, when nobody waits for them.
const GROUP: usize = 16;

/// Takes a feed.
pub fn take(feeding: &Feeding, onlooker: &mut dyn Observer) -> Result<(String, u8), Failure> {
    let From::Directory(directory) = &feeding.feed else { return stream::run(feeding, onlooker) };
    let mut due = Due::default();
    let mut days = due.look(feeding, directory)?;
    while days.is_empty() && feeding.follow {
        if !rest(onlooker, None)? {
            return Ok((String::new(), 0));
        }
        days = due.look(feeding, directory)?;
    }
    let Some(first) = days.first() else {
        let hint = "folders are named after days, such as 2025-09-03".to_owned();
        return Err(Failure::input(format!("{} has no day until then", directory.display()), hint));
    };
    let first = first.day;
    kept(feeding, first, onlooker, |replay| {
        let mut goes_on = replay.days(&days)?;
        let is_before = |replay: &Replay<'_>| feeding.until.is_none_or(|until| replay.district.day() < until);
        while goes_on && feeding.follow && !replay.is_held && is_before(replay) {
            goes_on = rest(replay.onlooker, Some(replay.district))?;
            let days = due.look(feeding, directory)?;
            if goes_on && (!days.is_empty() || feeding.is_realtime()) {
                goes_on = replay.days(&days)?;
            }
        }
        Ok(())
    })
}

/// Waits until the feed is looked at again; false when no more is wanted.
fn rest(onlooker: &mut dyn Observer, mut district: Option<&mut District<Folder>>) -> Result<bool, Failure> {
    let begin = Instant::now();
    loop {
        if !onlooker.idle(district.as_deref_mut())? {
            return Ok(false);
        }
        let left = LOOK.saturating_sub(begin.elapsed());
        if left.is_zero() {
            return Ok(true);
        }
        std::thread::sleep(left.min(onlooker.patience()));
    }
}

/// Opens the roll, which begins on a day if it is new, does something with it, and leaves it to whoever looks on.
pub fn kept(
    feeding: &Feeding,
    first: Date,
    onlooker: &mut dyn Observer,
    work: impl FnOnce(&mut Replay<'_>) -> Result<(), Failure>,
) -> Result<(String, u8), Failure> {
    let mapped = mapped_by(feeding)?;
    let plan = feeding.plan()?;
    let (mut district, recovery) = open(&feeding.out, plan, feeding.workers, first)?;
    tell(&recovery);
    work(&mut Replay {
        feeding,
        mapped: mapped.as_ref(),
        district: &mut district,
        onlooker: &mut *onlooker,
        is_held: false,
    })?;
    onlooker.end(district)
}

/// What day it is, in UTC.
pub fn today() -> Date {
    #[allow(clippy::disallowed_methods, reason = "this is the command line, and nothing else tells the day")]
    let now = SystemTime::now();
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).ok().and_then(Date::of_unix).unwrap_or(Date::MIN)
}

/// The last day that may be taken now.
fn last(feeding: &Feeding) -> Date {
    let last = feeding.until.unwrap_or(Date::MAX);
    if feeding.is_realtime() { last.min(today()) } else { last }
}

/// Which days of a feed are worth a look.
#[derive(Default)]
struct Due {
    /// As they were when they were last taken.
    taken: BTreeMap<Day, Look>,
    /// As they were a look ago.
    before: BTreeMap<Day, Look>,
}

impl Due {
    /// The days that may be taken now, and were not taken as they are. Whoever follows a feed sees files while they are
    /// being copied: a day is taken when nothing of it has changed between two looks, and no later one before it.
    fn look(&mut self, feeding: &Feeding, directory: &Path) -> Result<Vec<Day>, Failure> {
        let last = last(feeding);
        let days: Vec<Day> = feed::days(directory)?.into_iter().filter(|day| day.day <= last).collect();
        if !feeding.follow {
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
pub fn open(out: &Path, plan: Plan, workers: u16, first: Date) -> Result<(District<Folder>, Recovery), Failure> {
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
    let opened = District::open(state, published, plan, usize::from(workers), first, &mut progress);
    bar.finish_and_clear();
    opened.map_err(failure)
}

/// What the command ends with when the roll cannot go on.
pub fn failure(error: district::Error) -> Failure {
    match &error {
        district::Error::Log(of_log) => Failure { hint: Some(of_log.hint().to_owned()), ..Failure::work(&error) },
        district::Error::Delivery(of_file) => Failure::input(of_file, of_file.hint()),
        district::Error::Engine(_) | district::Error::Inconsistent(_) => Failure::work(&error),
    }
}

/// Says what a restart found, when it is worth a word.
fn tell(recovery: &Recovery) {
    let warn = |what: String| terminal::note("note", &what);
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

/// What is known of a delivery before it is taken: its source, and MD5 of each of its files.
type Looked = (String, BTreeMap<String, String>);

/// A feed being taken.
pub struct Replay<'a> {
    feeding: &'a Feeding,
    mapped: Option<&'a Mapped>,
    /// The district.
    pub district: &'a mut District<Folder>,
    /// Who looks on.
    pub onlooker: &'a mut dyn Observer,
    /// Whether a delivery is held: later ones wait behind it.
    pub is_held: bool,
}

impl Replay<'_> {
    /// Takes what is new of some days; false when no more is wanted.
    fn days(&mut self, days: &[Day]) -> Result<bool, Failure> {
        let mut queued = 0;
        for (done, day) in days.iter().enumerate() {
            self.onlooker.progress(done, days.len());
            let Some(ready) = self.look(day)? else { continue };
            if !self.step_to(day.day)? || !self.onlooker.turn(self.district)? {
                self.flush()?;
                return Ok(false);
            }
            queued += usize::from(self.day(day, ready)?);
            if queued >= GROUP || self.onlooker.is_stepping() {
                self.flush()?;
                queued = 0;
            }
            if self.is_held {
                break;
            }
        }
        // Days without a delivery pass too: to the one that was asked for, or in their own time.
        let is_realtime = self.feeding.follow && self.feeding.is_realtime();
        let until = if is_realtime { Some(last(self.feeding)) } else { self.feeding.until };
        let mut goes_on = true;
        if let (Some(until), false, true) = (until, self.is_held, is_realtime || !self.feeding.follow) {
            goes_on = self.step_to(until.plus(1))?;
            if goes_on {
                self.pass_to(until)?;
            }
        }
        self.flush()?;
        Ok(goes_on)
    }

    /// Lets the days before one pass, one by one if somebody looks at each; false when no more is wanted.
    fn step_to(&mut self, day: Date) -> Result<bool, Failure> {
        // A district that begins has no day behind it.
        while self.onlooker.is_stepping() && !self.district.is_new() && self.district.day().plus(1) < day {
            self.flush()?;
            if !self.onlooker.turn(self.district)? {
                return Ok(false);
            }
            self.pass_to(self.district.day().plus(1))?;
            self.flush()?;
        }
        Ok(true)
    }

    /// Lets days pass.
    pub fn pass_to(&mut self, day: Date) -> Result<(), Failure> {
        self.district.pass_to(day).map_err(failure)
    }

    /// Looks at what was delivered on a day: its source, and the digests of its files; none when all of it was taken before.
    fn look(&self, day: &Day) -> Result<Option<Looked>, Failure> {
        let digests = day.digests().map_err(|error| in_day(day, Failure::input(&error, error.hint())))?;
        let source = match &self.feeding.source {
            Some(source) => source.clone(),
            None => stated_source(day, &digests)?.unwrap_or_else(|| self.feeding.source().to_owned()),
        };
        let is_known = self.district.is_known(&source, &day.label, &digests);
        Ok((!is_known).then_some((source, digests)))
    }

    /// Takes what was delivered on a day; says whether anything was.
    fn day(&mut self, day: &Day, (source, digests): Looked) -> Result<bool, Failure> {
        let format: &dyn Format = match (self.mapped, self.feeding.format) {
            (Some(mapped), _) => mapped,
            (None, Some(Named::Known(format))) => format,
            (None, _) => {
                let files: Vec<String> = digests.keys().cloned().collect();
                // A day may be without a change: then its manifest is all there is.
                feed::format(&files).unwrap_or(&folder::Tables)
            }
        };
        let is_first = self.district.is_new();
        if day.day > self.district.day() {
            self.pass_to(day.day)?;
        }
        let unless_stated = match self.feeding.mode {
            Some(ModeName::Full) => Some(Mode::Full(self.feeding.scope.clone())),
            Some(ModeName::Delta) => Some(Mode::Delta),
            // Nothing is there yet that an extract could delete.
            None => is_first.then(|| Mode::Full(Scope::default())),
        };
        let mut read = |file: &str| day.read(file);
        let mut delivery = Delivery { files: digests.keys().cloned().collect(), read: &mut read, unless_stated };
        let incoming = Incoming { source: &source, label: &day.label, format, digests: &digests, piece: None };
        let begin = Instant::now();
        let taken = self.district.take(&incoming, &mut delivery);
        match taken.map_err(|error| in_day(day, failure(error)))? {
            Outcome::Accepted { suspended, .. } => {
                self.onlooker.computed(begin.elapsed());
                if day.day < self.district.day() {
                    self.onlooker.note(format!("{} came late, and counts from {} on", day.label, self.district.day()));
                }
                let tables: Vec<&str> = suspended.iter().map(|table| table.spec().name).collect();
                if !tables.is_empty() {
                    let tables = tables.join(", ");
                    let note = format!("{}: {tables}: a row without a readable key, so nothing was deleted", day.label);
                    self.onlooker.note(note);
                }
                Ok(true)
            }
            Outcome::Known => Ok(false),
            Outcome::OnHold(reason) => {
                self.is_held = true;
                self.onlooker.held(format!("{} is held: {reason}", day.label));
                Ok(true)
            }
        }
    }

    /// Makes durable and public what was taken; gives the last batch that was not before.
    pub fn flush(&mut self) -> Result<Option<String>, Failure> {
        let mut last = None;
        for (_, sealed) in self.district.flush().map_err(failure)? {
            last = Some(sealed.batch.clone());
            self.onlooker.told(sealed)?;
        }
        self.onlooker.settled(self.district)?;
        Ok(last)
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
pub fn inputs<'a>(files: impl Iterator<Item = (&'a (String, String), &'a Accepted)>, computed: &Computed) -> Inputs {
    // A manifest is no file of records.
    let files = files.filter(|(_, taken)| !taken.file.encoding.is_empty()).map(|(_, taken)| {
        let file = format!("{}/{}", taken.label, taken.file.file);
        FileReport { file, ..taken.file.clone() }
    });
    let absent = computed.absent_tables.iter().filter_map(|name| Table::named(name));
    let absent_tables = absent.map(|table| table.spec().name).collect();
    Inputs { files: files.collect(), absent_tables, ignored_files: Vec::new() }
}
