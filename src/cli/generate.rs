//! `rollcall generate`: a synthetic district, or a school year of its changes day by day.

use super::{Failure, terminal};
use crate::model::{Date, Table};
use rollcall_generate::{Extracts, FeedKey, FeedOptions, Options, Planted};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Generate a synthetic district, or a year of one
///
/// Without --days it writes one extract for `rollcall run`. With --days it writes a feed: a folder with a full extract for the
/// first day, a folder with changes for each weekday after it, and an answer key: which violations must be found, from which
/// day to which.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to write; must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Students in the extract, including those who have left
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(50..=2_000_000))]
    students: u32,
    /// Weekdays of changes after the first day
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=189))]
    days: Option<u32>,
    /// The random seed; each seed gives another district
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The day of the extract, from September 15 to May 31 [default: 2025-09-15 with --days, else 2026-03-16]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::day)]
    day: Option<Date>,
    /// What the folders after the first day contain
    #[arg(long = "as", value_name = "MODE", default_value = "delta", requires = "days")]
    extracts: As,
    /// Plant no faults, so no violations are found on any day
    #[arg(long)]
    no_faults: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum As {
    /// Only changes
    Delta,
    /// Every table in full
    Full,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let begin = Instant::now();
    let folder = arguments.folder.as_path();
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file() {
        let hint = "choose a new or empty folder".to_owned();
        return Err(Failure::input(format!("{} is not empty", folder.display()), hint));
    }
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidInput => Failure::input(error, None),
        _ => Failure::work(format!("cannot write {}: {error}", folder.display())),
    };
    let mut text = match arguments.days {
        Some(days) => feed(arguments, days, folder).map_err(failed)?,
        None => extract(arguments, folder).map_err(failed)?,
    };
    let _ = writeln!(text, "Took      {:.1} s", begin.elapsed().as_secs_f64());
    Ok((text, 0))
}

/// The day that was asked for, or the default.
fn first_day(arguments: &Arguments, year: i32, month: u32, day: u32) -> Date {
    arguments.day.unwrap_or(Date::ymd(year, month, day).expect("invariant: a day of the calendar"))
}

/// Writes one extract.
fn extract(arguments: &Arguments, folder: &Path) -> io::Result<String> {
    let day = first_day(arguments, 2026, 3, 16);
    let options = Options { students: arguments.students, seed: arguments.seed, day, faults: !arguments.no_faults };
    let bar = terminal::progress("generating a district", Table::ALL.len() as u64);
    let key = rollcall_generate::district(&options, |table| {
        bar.inc(1);
        create(&folder.join(format!("{table}.csv")))
    })?;
    bar.finish_and_clear();
    note(folder, "The records in this folder are")?;
    let rows: u64 = key.rows.iter().map(|(_, rows)| rows).sum();
    let mut text = format!("Made      {} of {day}\n", folder.display());
    let _ = writeln!(text, "Rows      {}, {} students", thousands(rows), thousands(u64::from(arguments.students)));
    let planted: Vec<&str> = key.faults.iter().map(|Planted { rule, .. }| *rule).collect();
    let _ = writeln!(text, "To find   {}", violations(&planted));
    Ok(text)
}

/// Writes a year.
fn feed(arguments: &Arguments, days: u32, folder: &Path) -> io::Result<String> {
    let options = FeedOptions {
        students: arguments.students,
        seed: arguments.seed,
        first_day: first_day(arguments, 2025, 9, 15),
        days,
        faults: !arguments.no_faults,
        extracts: match arguments.extracts {
            As::Delta => Extracts::Delta,
            As::Full => Extracts::Full,
        },
    };
    let bar = terminal::progress("generating a year", u64::from(days) + 1);
    let key = rollcall_generate::feed(&options, |day, file| {
        if file == "manifest.csv" {
            bar.inc(1);
        }
        create(&folder.join(day.to_string()).join(file))
    })?;
    bar.finish_and_clear();
    note(folder, "The records in the folders here are")?;
    key.write(create(&folder.join("answer_key.csv"))?)?;
    Ok(summary(&options, &key, folder))
}

/// A summary of the feed.
fn summary(options: &FeedOptions, key: &FeedKey, folder: &Path) -> String {
    let last = key.changes.last().map_or(options.first_day, |(day, _)| *day);
    let busiest = key.changes.iter().max_by_key(|(_, changes)| *changes);
    let share = |changes: u64| 100.0 * changes as f64 / key.rows.max(1) as f64;
    let mean = key.changed() / (key.changes.len() as u64).max(1);
    let mut text = format!("Made      {}, {} to {last}\n", folder.display(), options.first_day);
    let students = thousands(u64::from(options.students));
    let _ = writeln!(text, "Opening   {} rows, {students} students", thousands(key.rows));
    let _ = write!(text, "Changes   {} on {} days", thousands(key.changed()), key.changes.len());
    let _ = write!(text, "; {} a day ({:.2}% of the rows)", thousands(mean), share(mean));
    if let Some((day, changes)) = busiest {
        let _ = write!(text, "\nBusiest   {} on {day}", thousands(*changes));
    }
    let rules: Vec<&str> = key.violations.iter().map(|violation| violation.rule).collect();
    let stay = key.violations.iter().filter(|violation| violation.closed.is_none()).count();
    let _ = writeln!(text, "\nTo find   {}; {stay} stay open", violations(&rules));
    let _ = writeln!(text, "Key       {}", folder.join("answer_key.csv").display());
    text
}

/// The number of violations and rules.
fn violations(rules: &[&str]) -> String {
    let distinct: std::collections::BTreeSet<&str> = rules.iter().copied().collect();
    match rules.len() {
        0 => "nothing: no faults were planted".to_owned(),
        many => format!("{} violations of {} rules", thousands(many as u64), distinct.len()),
    }
}

fn thousands(number: u64) -> String {
    terminal::thousands(number)
}

/// Creates a file and its folder.
fn create(path: &Path) -> io::Result<BufWriter<File>> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    File::create(path).map(BufWriter::new)
}

/// Writes a note that the records are synthetic.
fn note(folder: &Path, what: &str) -> io::Result<()> {
    let note = format!(
        "# SYNTHETIC\n\n{what} synthetic, made by rollcall's generator. No person, school or district\nin them is real. Planted \
         faults are listed in an answer key or a summary, so results can be compared with them.\n"
    );
    fs::write(folder.join("SYNTHETIC.md"), note)
}
