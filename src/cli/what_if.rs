//! `rollcall what-if`: shows what a delivery would change, without accepting it.

use super::{Failure, diff, kept, terminal};
use crate::district::Incoming;
use crate::ingest;
use crate::model::Date;
use crate::model::finding::digest;
use crate::publish::changes::Line;
use crate::source::manifest::{self, Manifest};
use crate::source::{Delivery, FileError, Mode, Scope, folder};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Show what a delivery would change, without accepting it
///
/// The files are applied in memory to the state that `rollcall replay` has stored in OUT/state. Shows violations that would
/// open and close, and KPI figures that would change. Nothing is written; OUT/state does not change.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// A folder with the files of a delivery, or one file named after a table
    #[arg(value_name = "FOLDER|FILE")]
    delivery: PathBuf,
    /// The folder that contains state/
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The day of the delivery [default: the current day]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::day)]
    day: Option<Date>,
    /// Read the files as full extracts of this scope: all, or conditions such as school_id=101 [default: changes]
    #[arg(long, value_name = "SCOPE", value_parser = Scope::read)]
    full: Option<Scope>,
    /// Print lines of JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let files = files(&arguments.delivery)?;
    let mut past = kept::now(&arguments.out)?;
    let day = arguments.day.unwrap_or(past.engine().day());
    if day < past.engine().day() {
        let reached = past.engine().day();
        return Err(Failure::input(format!("{day} is in the past; the current day is {reached}"), None));
    }
    let from = past.engine().day();
    let names: Vec<String> = files.keys().cloned().collect();
    let mut read = |file: &str| {
        fs::read(&files[file]).map_err(|error| FileError::Unreadable { file: file.to_owned(), why: error.to_string() })
    };
    let format = ingest::format_of(&names, &mut read).unwrap_or(&folder::Tables);
    let digests = names.iter().map(|name| Ok((name.clone(), digest(&read(name)?)))).collect::<Result<BTreeMap<_, _>, _>>();
    let digests = digests.map_err(|error: FileError| Failure::input(&error, error.hint()))?;
    let manifest = match names.iter().find(|name| manifest::is(name)) {
        Some(name) => read(name).and_then(|bytes| Manifest::read(&bytes)),
        None => Ok(Manifest::default()),
    };
    let manifest = manifest.map_err(|error| Failure::input(&error, error.hint()))?;
    let source = manifest.source().unwrap_or("sis").to_owned();
    let unless_stated = Some(arguments.full.clone().map_or(Mode::Delta, Mode::Full));
    let mut delivery = Delivery { files: names, read: &mut read, unless_stated };
    let incoming = Incoming { source: &source, label: "what if", format, digests: &digests, piece: None };
    let (lines, held) = past.what_if(day, &incoming, &mut delivery)?;
    if arguments.json {
        let held = held.map(|reason| format!("{}\n", json!({"event": "held", "held_because": reason.to_string()})));
        return Ok((held.into_iter().chain(lines.iter().map(Line::text)).collect(), 0));
    }
    let (bad, dim) = (terminal::ERROR, terminal::DIM);
    let held = held.map(|reason| {
        let reason = terminal::safe(&reason.to_string()).into_owned();
        format!("{bad}It would go on hold{bad:#}: {reason}. {dim}Once approved, it would do this:{dim:#}\n\n")
    });
    Ok((held.unwrap_or_default() + &diff::what_if(from, day, &lines), 0))
}

/// The files of a delivery, by name.
fn files(path: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    if path.is_dir() {
        let names = ingest::files(path)?.into_iter().filter(|name| !name.starts_with('.'));
        return Ok(names.map(|name| (name.clone(), path.join(name))).collect());
    }
    match path.file_name().and_then(|name| name.to_str()).filter(|_| path.is_file()) {
        Some(name) => Ok([(name.to_owned(), path.to_owned())].into()),
        None => Err(Failure::input(
            format!("there is no {}", path.display()),
            "give a folder with files, or a file such as school_enrollment.csv".to_owned(),
        )),
    }
}
