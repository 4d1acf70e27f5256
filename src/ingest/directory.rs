//! A feed as a directory: one folder or zip file per day with that day's delivery.

use super::Error;
use crate::model::Date;
use crate::model::finding::digest;
use crate::source::zip::Zip;
use crate::source::{FORMATS, FileError, Format};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The delivery of a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// The name of its folder, or of its zip file without the extension.
    pub label: String,
    path: PathBuf,
    is_zip: bool,
}

/// The days of a feed, in order. Other files and folders are skipped.
fn days(feed: &Path) -> Result<Vec<Day>, Error> {
    let unreadable = |error| Error::input(format!("cannot read {}: {error}", feed.display()), None);
    if !feed.is_dir() {
        let hint = "a feed is a directory with one folder or zip file per day, such as 2025-09-03".to_owned();
        return Err(Error::input(format!("there is no directory {}", feed.display()), hint));
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

/// The format that files look like; `read` gives one of them.
pub fn format_of(files: &[String], read: &mut dyn FnMut(&str) -> Result<Vec<u8>, FileError>) -> Option<&'static dyn Format> {
    // What cannot be read looks like nothing here; the format that is chosen reports it.
    let mut begin = |file: &str| read(file).unwrap_or_default();
    FORMATS.iter().copied().find(|format| format.sniff(files, &mut begin))
}

/// The files of a day before they are read: names, sizes, and modification times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look(Vec<(PathBuf, u64, Option<SystemTime>)>);

/// Decides which days of a feed may be accepted.
#[derive(Default)]
pub struct Due {
    /// The files of each day when last accepted.
    taken: BTreeMap<Day, Look>,
    /// The files of each day at the previous check.
    before: BTreeMap<Day, Look>,
}

impl Due {
    /// The days up to `last` that are new or changed. With `follow`, a day is accepted only once its files are unchanged
    /// between two checks, because they may still be copied, and no later day is accepted before
    /// it.
    pub fn look(&mut self, directory: &Path, last: Date, follow: bool) -> Result<Vec<Day>, Error> {
        let days: Vec<Day> = days(directory)?.into_iter().filter(|day| day.day <= last).collect();
        if !follow {
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

/// The names of the files in a folder, sorted.
///
/// # Errors
///
/// A folder that cannot be read.
pub fn files(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |error| Error::input(format!("cannot read {}: {error}", folder.display()), None);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_file = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file());
        if let (true, Some(name)) = (is_file, entry.file_name().to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

impl Day {
    /// Lists its files. A file that cannot be listed is omitted; reading the folder reports why.
    pub fn look(&self) -> Look {
        let mut files = Vec::new();
        let mut waiting = vec![self.path.clone()];
        while let Some(path) = waiting.pop() {
            match fs::metadata(&path) {
                Ok(of) if of.is_dir() => {
                    waiting.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
                }
                Ok(of) => files.push((path, of.len(), of.modified().ok())),
                Err(_) => {}
            }
        }
        files.sort();
        Look(files)
    }

    /// The MD5 of each file, by name. Hidden files are not part of a delivery.
    pub fn digests(&self) -> Result<BTreeMap<String, String>, FileError> {
        let mut files = match self.zip()? {
            Some(zip) => zip.files(),
            None => files(&self.path).map_err(|error| self.unreadable("", &error.to_string()))?,
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
