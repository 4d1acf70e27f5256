//! Opens the district that `rollcall replay` stores in a folder, for commands that read it.

use super::Failure;
use crate::district::Past;
use crate::store::disk::Folder;
use std::path::{Path, PathBuf};

/// Which violations to show, and how.
#[derive(clap::Args)]
pub struct Asked {
    /// The rule, such as ENR-001
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// The subject, as shown in reports and on the board
    #[arg(value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// The folder that contains state/ and reports/
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The folder of its log.
fn path(out: &Path) -> Result<PathBuf, Failure> {
    let path = out.join("state");
    if path.is_dir() {
        return Ok(path);
    }
    let hint = "rollcall replay creates one; --out is the folder that contains state/".to_owned();
    Err(Failure::input(format!("there is no log in {}", path.display()), hint))
}

/// A folder or file that cannot be used.
pub fn cannot(path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.display().to_string();
    move |error| Failure::work(format!("cannot use {path}: {error}"))
}

/// Its log, locked for writing.
pub fn locked(out: &Path) -> Result<Folder, Failure> {
    let path = path(out)?;
    Folder::locked(&path).map_err(cannot(&path))
}

/// Its log, for reading while others may write.
pub fn shared(out: &Path) -> Result<Folder, Failure> {
    let path = path(out)?;
    Folder::shared(&path).map_err(cannot(&path))
}

/// Its current state.
pub fn now(out: &Path) -> Result<Past, Failure> {
    let past = Past::now(shared(out)?, 1)?;
    past.ok_or_else(|| Failure::input(format!("nothing has been accepted yet in {}", out.join("state").display()), None))
}
