//! The district that `rollcall replay` keeps below a folder, for commands that look at it.

use super::Failure;
use crate::district::Past;
use crate::store::disk::Folder;
use std::path::{Path, PathBuf};

/// Which violations are asked for, and how they are told.
#[derive(clap::Args)]
pub struct Asked {
    /// The rule, such as ENR-001
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// Whom it is about, as reports and the board state it
    #[arg(value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// The folder that state/ and reports/ are kept in
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

/// Where its log is.
fn path(out: &Path) -> Result<PathBuf, Failure> {
    let path = out.join("state");
    if path.is_dir() {
        return Ok(path);
    }
    let hint = "rollcall replay keeps one there; --out names the folder above it".to_owned();
    Err(Failure::input(format!("there is no log in {}", path.display()), hint))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::work(format!("cannot use {}: {error}", path.display()))
}

/// Its log, for whoever writes in it.
pub fn locked(out: &Path) -> Result<Folder, Failure> {
    let path = path(out)?;
    Folder::locked(&path).map_err(|error| cannot(&path, &error))
}

/// Its log, for whoever reads in it while others may write.
pub fn shared(out: &Path) -> Result<Folder, Failure> {
    let path = path(out)?;
    Folder::shared(&path).map_err(|error| cannot(&path, &error))
}

/// What is known of it now.
pub fn now(out: &Path) -> Result<Past, Failure> {
    let past = Past::now(shared(out)?, 1)?;
    past.ok_or_else(|| Failure::input(format!("nothing was taken yet in {}", out.join("state").display()), None))
}
