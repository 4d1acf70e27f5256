//! `rollcall run`: reads an extract; writes the quality report, analysis tables and warehouse.

use super::summary::Summary;
use super::{Failure, outputs, settings, terminal};
use crate::district::{Past, computed};
use crate::engine::Engine;
use crate::ingest::{self, Extract};
use crate::model::{Date, Table};
use crate::plan::Plan;
use crate::publish::Source;
use crate::qa::Severity;
use crate::quality::report::Inputs;
use crate::quality::{History, Violations};
use crate::store::disk::Folder;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Read an extract, check it, and write report, analysis tables and warehouse
///
/// An extract is a folder with one CSV file per table; reports/tables.md lists tables and columns. The default is data/raw;
/// if it is missing or empty, a small synthetic district is generated there first.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The folder of the extract [default: data/raw]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder to write reports/ and warehouse/ in
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The as-of date of the rules [default: `as_of` of the clock table]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::day)]
    day: Option<Date>,
    /// Worker threads of the dataflow
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Exit with code 3 if there are violations of at least this severity
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Thresholds and switches [default: see `rollcall settings`]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Rebuild the state at the end of this day from the log of `rollcall replay`, instead of reading an extract
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::day, conflicts_with_all = ["data", "day", "settings"])]
    known_at: Option<Date>,
    /// The folder of that log
    #[arg(long, value_name = "DIR", default_value = "state", requires = "known_at")]
    state: PathBuf,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FailOn {
    Error,
    Critical,
}

/// The default folder of an extract.
const DATA: &str = "data/raw";
/// The number of students of a generated district.
const STUDENTS: u32 = 10_000;

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let begin = Instant::now();
    let Computing { mut engine, violations, history, plan, inputs, made } = match arguments.known_at {
        Some(day) => known_at(arguments, day)?,
        None => extracted(arguments)?,
    };
    let written =
        outputs::publish(&mut engine, Source { violations: &violations, history, plan: &plan, inputs }, &arguments.out)?;

    let severe = match arguments.fail_on {
        Some(FailOn::Error) => written.report.at_least(Severity::Error),
        Some(FailOn::Critical) => written.report.at_least(Severity::Critical),
        None => 0,
    };
    let mut summary = Summary::of(&written, &plan.settings, begin.elapsed().as_secs_f64());
    summary.made = made.as_deref();
    let text = if arguments.json { summary.json() } else { summary.text() };
    Ok((text, if severe > 0 { 3 } else { 0 }))
}

/// A computed district.
struct Computing {
    engine: Engine,
    violations: Violations,
    /// When they opened, if known.
    history: History,
    plan: Plan,
    inputs: Inputs,
    /// The folder in which a district was just generated.
    made: Option<PathBuf>,
}

/// The district at the end of a day, from the log.
fn known_at(arguments: &Arguments, day: Date) -> Result<Computing, Failure> {
    let path = &arguments.state;
    if !path.is_dir() {
        let hint = "rollcall replay writes one in OUT/state; --state names it".to_owned();
        return Err(Failure::input(format!("there is no log in {}", path.display()), hint));
    }
    let disk = Folder::shared(path).map_err(|error| Failure::work(format!("cannot use {}: {error}", path.display())))?;
    let past = Past::known_at(disk, day, usize::from(arguments.workers))?;
    let Some(past) = past else {
        let hint = "`rollcall log` lists the days in it".to_owned();
        return Err(Failure::input(format!("the log in {} does not cover {day}", path.display()), hint));
    };
    let now = env!("CARGO_PKG_VERSION");
    if past.computed().rollcall != now {
        let (bold, then) = (terminal::BOLD, &past.computed().rollcall);
        anstream::eprintln!("{bold}note{bold:#}: written by rollcall {then}, rebuilt by {now}: rules may differ");
    }
    let inputs = ingest::inputs(past.files(), past.computed());
    let plan = computed::plan(past.computed());
    let (violations, history) = (past.violations().clone(), past.history().clone());
    Ok(Computing { engine: past.into_engine(), violations, history, plan, inputs, made: None })
}

/// The district of an extract.
fn extracted(arguments: &Arguments) -> Result<Computing, Failure> {
    let (folder, made) = extract(arguments)?;
    let extract = Extract::open(&folder)?;
    let day = arguments.day.map_or_else(|| extract.as_of(), Ok)?;
    let mut plan = settings::plan(arguments.settings.as_deref())?;
    plan.settings.absent_tables = extract.absent_tables().collect();
    let mut engine = Engine::start(plan.clone(), usize::from(arguments.workers), day).map_err(Failure::work)?;
    let bar = terminal::progress("reading the extract", 0);
    let inputs = extract.load(&mut engine, &mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
        if done == of {
            bar.set_message("computing");
        }
    })?;
    bar.finish_and_clear();
    let mut violations = Violations::default();
    while let Some(delta) = engine.next_delta().map_err(Failure::work)? {
        violations.apply(&delta);
    }
    Ok(Computing { engine, violations, history: History::default(), plan, inputs, made: made.then_some(folder) })
}

/// The folder of the extract, and whether it was just generated.
fn extract(arguments: &Arguments) -> Result<(PathBuf, bool), Failure> {
    if let Some(folder) = &arguments.data {
        return match folder.is_dir() {
            true => Ok((folder.clone(), false)),
            false => Err(Failure::input(
                format!("there is no folder {}", folder.display()),
                "--data is a folder with one CSV file per table".to_owned(),
            )),
        };
    }
    let folder = PathBuf::from(DATA);
    // Hidden files, such as .gitkeep, do not count.
    let hidden = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with('.');
    let empty = !folder.exists() || fs::read_dir(&folder).is_ok_and(|entries| entries.flatten().all(|entry| hidden(&entry)));
    if empty {
        make(&folder).map_err(|error| Failure::work(format!("cannot write {}: {error}", folder.display())))?;
    }
    Ok((folder, empty))
}

/// Generates a synthetic district.
fn make(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let day = Date::ymd(2026, 3, 16).expect("invariant: a day of the calendar");
    let options = rollcall_generate::Options { students: STUDENTS, seed: 1, day, faults: true };
    let bar = terminal::progress("generating a district", Table::ALL.len() as u64);
    rollcall_generate::district(&options, |table| {
        bar.inc(1);
        fs::File::create(folder.join(format!("{table}.csv"))).map(std::io::BufWriter::new)
    })?;
    bar.finish_and_clear();
    let note = "# SYNTHETIC\n\nThe records in this folder are synthetic, made by rollcall's generator with planted faults. \
                No person, school\nor district in them is real. Put the files of an extract here instead to check that, \
                or name its folder with\n`rollcall run --data DIR`.\n";
    fs::write(folder.join("SYNTHETIC.md"), note)
}
