//! A feed: a directory with one folder per day, each what a system delivered on it.

use super::{Failure, run};
use crate::model::Date;
use crate::model::finding::digest;
use crate::source::{FORMATS, FileError, Format};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What was delivered on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// The name of its folder.
    pub label: String,
    path: PathBuf,
}

/// The days of a feed, in order. Other files and folders are left alone.
pub fn days(feed: &Path) -> Result<Vec<Day>, Failure> {
    let unreadable = |error| Failure::input(format!("cannot read {}: {error}", feed.display()), None);
    if !feed.is_dir() {
        let hint = "a feed is a directory with one folder per day, such as 2025-09-03".to_owned();
        return Err(Failure::input(format!("there is no directory {}", feed.display()), hint));
    }
    let mut days = Vec::new();
    for entry in fs::read_dir(feed).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if let Some(label) = name.to_str()
            && let Some(day) = Date::parse_iso(label.as_bytes())
            && entry.path().is_dir()
        {
            days.push(Day { day, label: label.to_owned(), path: entry.path() });
        }
    }
    days.sort();
    Ok(days)
}

/// The format that files of these names look like.
pub fn format(files: &[String]) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.sniff(files))
}

impl Day {
    /// The names of its files, sorted; hidden ones are nobody's delivery.
    pub fn files(&self) -> Result<Vec<String>, Failure> {
        let mut files = run::files(&self.path)?;
        files.retain(|file| !file.starts_with('.'));
        Ok(files)
    }

    /// MD5 of each file, by its name.
    pub fn digests(&self) -> Result<BTreeMap<String, String>, Failure> {
        let digest = |file: String| {
            let bytes = self.read(&file).map_err(|error| Failure::input(&error, error.hint()))?;
            Ok((file, digest(&bytes)))
        };
        self.files()?.into_iter().map(digest).collect()
    }

    /// Reads a file.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, FileError> {
        let name = format!("{}/{file}", self.label);
        fs::read(self.path.join(file)).map_err(|error| FileError::Unreadable { file: name, why: error.to_string() })
    }
}
