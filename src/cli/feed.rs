//! A feed: a directory with one folder or zip file per day, each what a system delivered on it.

use super::{Failure, run};
use crate::model::Date;
use crate::model::finding::digest;
use crate::source::zip::Zip;
use crate::source::{FORMATS, FileError, Format};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What was delivered on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// The name of its folder, or of its zip file without the ending.
    pub label: String,
    path: PathBuf,
    is_zip: bool,
}

/// The days of a feed, in order. Other files and folders are left alone.
pub fn days(feed: &Path) -> Result<Vec<Day>, Failure> {
    let unreadable = |error| Failure::input(format!("cannot read {}: {error}", feed.display()), None);
    if !feed.is_dir() {
        let hint = "a feed is a directory with one folder or zip file per day, such as 2025-09-03".to_owned();
        return Err(Failure::input(format!("there is no directory {}", feed.display()), hint));
    }
    let mut days = Vec::new();
    for entry in fs::read_dir(feed).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = entry.path();
        let (label, is_zip) = match name.rsplit_once('.') {
            Some((label, ending)) if ending.eq_ignore_ascii_case("zip") && path.is_file() => (label, true),
            _ if path.is_dir() => (name, false),
            _ => continue,
        };
        if let Some(day) = Date::parse_iso(label.as_bytes()) {
            days.push(Day { day, label: label.to_owned(), path, is_zip });
        }
    }
    days.sort();
    Ok(days)
}

/// The format that files of these names look like.
pub fn format(files: &[String]) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.sniff(files))
}

/// The files of a day as a look finds them, before they are read: names, sizes, and when they were changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look(Vec<(PathBuf, u64, Option<SystemTime>)>);

impl Day {
    /// Has a look at its files. What cannot be looked at is not there; reading it will say why.
    pub fn look(&self) -> Look {
        let mut seen = Vec::new();
        let mut waiting = vec![self.path.clone()];
        while let Some(path) = waiting.pop() {
            match fs::metadata(&path) {
                Ok(of) if of.is_dir() => {
                    waiting.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
                }
                Ok(of) => seen.push((path, of.len(), of.modified().ok())),
                Err(_) => {}
            }
        }
        seen.sort();
        Look(seen)
    }

    /// MD5 of each file, by its name; hidden files are nobody's delivery.
    pub fn digests(&self) -> Result<BTreeMap<String, String>, FileError> {
        let mut files = match self.zip()? {
            Some(zip) => zip.files(),
            None => run::files(&self.path).map_err(|failure| self.unreadable("", &failure.message))?,
        };
        files.retain(|file| !file.starts_with('.'));
        files.into_iter().map(|file| Ok((file.clone(), digest(&self.read(&file)?)))).collect()
    }

    /// Reads a file.
    pub fn read(&self, file: &str) -> Result<Vec<u8>, FileError> {
        match self.zip()? {
            Some(mut zip) => zip.read(file),
            None => fs::read(self.path.join(file)).map_err(|error| self.unreadable(file, &error.to_string())),
        }
    }

    fn zip(&self) -> Result<Option<Zip<fs::File>>, FileError> {
        if !self.is_zip {
            return Ok(None);
        }
        let file = fs::File::open(&self.path).map_err(|error| self.unreadable("", &error.to_string()))?;
        Zip::open(file).map(Some)
    }

    fn unreadable(&self, file: &str, why: &str) -> FileError {
        FileError::Unreadable { file: format!("{}/{file}", self.label), why: why.to_owned() }
    }
}
