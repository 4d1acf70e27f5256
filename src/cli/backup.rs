//! `rollcall backup`: copies a district's state while it may be in use.

use super::kept::{self, cannot};
use super::{Failure, terminal};
use crate::model::timestamp;
use crate::store::backup;
use crate::store::disk::Folder;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Copy the state of a district to a new folder, also while rollcall writes to it
///
/// The copy has state/ and reports/changes/, which belong together, up to the last delivery or day that is complete; it
/// is read from beginning to end before it gets its name. To restore it, use a copy of the folder as --out.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    /// The new folder
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// The folder that contains state/
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let to = &arguments.to;
    if to.symlink_metadata().is_ok() {
        return Err(Failure::input(format!("{} exists already", to.display()), "name a new folder".to_owned()));
    }
    let state = kept::shared(&arguments.out)?;
    let changes = arguments.out.join("reports/changes");
    let published = Folder::shared(&changes).map_err(cannot(&changes))?;
    // Under another name until it is complete.
    let mut part = to.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    match fs::remove_dir_all(&part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(cannot(&part)(error)),
        _ => {}
    }
    let new = |name: &str| Folder::private(&part.join(name)).map_err(cannot(&part));
    let copied = backup::copy(state, &published, new("state")?, &mut new("reports/changes")?);
    let copied = copied.map_err(|error| Failure::from(crate::district::Error::from(error)))?;
    fs::rename(&part, to).map_err(cannot(to))?;
    let (files, bytes) = (copied.files, copied.bytes);
    let until = copied.time.map(timestamp::text);
    Ok(if arguments.json {
        (format!("{:#}\n", serde_json::json!({"files": files, "bytes": bytes, "until": until})), 0)
    } else {
        let until = until.map_or_else(|| "nothing yet".to_owned(), |until| format!("everything up to {until}"));
        (format!("{} has {until}: {files} files, {} bytes\n", to.display(), terminal::thousands(bytes)), 0)
    })
}
