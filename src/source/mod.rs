//! Sources: bytes in, changes and rejected rows out. No input or output happens here, and no bytes can make it panic or
//! take memory out of proportion to them: a bad row is data, a bad file is an error with a place and a hint.

pub mod csv;
pub mod debezium;
pub mod folder;
pub mod manifest;
pub mod mapped;
pub mod oneroster;
mod stamp;
pub mod zip;

use crate::model::{Batch, Change, Record, Table, Text, Texts};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::num::NonZeroU32;

/// A way to write the records of a delivery down.
pub trait Format: Sync {
    /// Its name, as `--format` takes it.
    fn name(&self) -> &'static str;
    /// Whether files of these names look like it.
    fn sniff(&self, files: &[String]) -> bool;
    /// Whether its files are written for it, so that a header that is no column is a mistake.
    fn has_own_headers(&self) -> bool {
        true
    }
    /// Whether its changes are events in the order in which they happened: then a row may change more than once.
    fn is_ordered(&self) -> bool {
        false
    }
    /// Reads a delivery, file by file.
    fn read(&self, delivery: &mut Delivery<'_>, taker: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError>;
}

macro_rules! formats {
    ($($format:path),+ $(,)?) => {
        /// The one list of formats, in the order in which they are looked for.
        pub static FORMATS: &[&dyn Format] = &[$(&$format),+];
    };
}

formats! {
    // Before the tables: a file `courses.csv` could be of either, and the names beside it tell.
    oneroster::OneRoster::DEFAULT,
    folder::Tables,
    debezium::Debezium,
}

/// The files that are delivered together.
pub struct Delivery<'a> {
    /// Their names, sorted.
    pub files: Vec<String>,
    /// Reads one of them.
    pub read: &'a mut dyn FnMut(&str) -> Result<Vec<u8>, FileError>,
    /// What the files are of which the delivery itself does not say it.
    pub unless_stated: Option<Mode>,
}

/// What a file says about the rows that are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Nothing: it states changes.
    Delta,
    /// It is a full extract of this scope: rows of it that are not stated are gone.
    Full(Scope),
}

/// What a full extract is complete for: rows that have these values, each a column and its text. Without any it is
/// complete for the table.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope(pub Vec<(String, String)>);

/// Takes what is read, row by row.
pub trait RecordSink {
    /// The texts to intern in.
    fn texts(&mut self) -> &mut Texts;
    /// Takes a change.
    fn change(&mut self, change: Change);
    /// The rows of a table begin; what they say about others.
    fn begin(&mut self, _table: Table, _mode: &Mode) {}
    /// Something that could not be read may be a row of the table that was begun: what seems to be missing in a full
    /// extract may be there. A rejected row without a key says the same of its own table.
    fn doubt(&mut self, _table: Table) {}
    /// When the source made the changes that come next, in milliseconds since 1970, as far as it tells.
    fn stamp(&mut self, _milliseconds: Option<i64>) {}
    /// Where the changes that come next stand: in this file, and on this line of it, the first being 1. Line 0 is said when
    /// a file is begun: what a full extract says without a row, it says there.
    fn at(&mut self, _file: Text, _line: u32) {}
    /// The rows of the table that was begun are over.
    fn end(&mut self, _table: Table) {}
    /// The row that a key has, as it was last stated before this delivery.
    fn current(&self, _table: Table, _key: NonZeroU32) -> Option<Record> {
        None
    }
}

/// Collects what is read into a batch.
pub struct Collected<'a> {
    /// The texts to intern in.
    pub texts: &'a mut Texts,
    /// What was read.
    pub batch: Batch,
}

impl RecordSink for Collected<'_> {
    fn texts(&mut self) -> &mut Texts {
        self.texts
    }
    fn change(&mut self, change: Change) {
        self.batch.changes.push(change);
    }
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// The table it holds; of a file that holds rows of several, the first; of one that holds none, nothing.
    pub table: Cow<'static, str>,
    /// Rows in it, taken or not.
    pub rows: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// Rows that are of no table, and were read over.
    pub ignored: u64,
    /// The encoding it was read in.
    pub encoding: Cow<'static, str>,
    /// MD5 of its bytes.
    pub digest: String,
    /// Headers that are no column of the table.
    pub ignored_columns: Vec<String>,
    /// Columns of the table that it lacks.
    pub absent_columns: Vec<Cow<'static, str>>,
}

/// Why a file or a folder cannot be read at all.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// Nothing in it.
    #[error("{file} is empty: it lacks even the line of headers")]
    Empty {
        /// The file.
        file: String,
    },
    /// A required column is not among the headers.
    #[error("{file}, line 1: required column `{column}` is missing")]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
        /// The headers that are no column of the table.
        unknown: Vec<String>,
        /// The one of them that looks most like it.
        alike: Option<String>,
    },
    /// Two headers mean the same column.
    #[error("{file}, line 1: `{first}` and `{second}` both are column `{column}`")]
    TwiceColumn {
        /// The file.
        file: String,
        /// The column.
        column: &'static str,
        /// One header.
        first: String,
        /// The other.
        second: String,
    },
    /// The first line is no line of headers.
    #[error("{file}, line 1: this is no line of headers: {why}")]
    NoHeader {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// Too many rows of it cannot be read.
    #[error("{file}, line {line}: {rejected} rows so far cannot be read, which is too many to go on")]
    Flooded {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// How many rows are rejected.
        rejected: u64,
    },
    /// One record has more rows than any has.
    #[error("{file}, line {line}: {id:?} has more than {most} rows")]
    TooManyAlike {
        /// The file.
        file: String,
        /// The line of the last of them.
        line: u32,
        /// The id of the record.
        id: String,
        /// How many it may have.
        most: usize,
    },
    /// A folder without any file of a table.
    #[error("no extract: none of the files is named after a table")]
    NoTables {
        /// The files.
        found: Vec<String>,
    },
    /// A table that must be there.
    #[error("the extract lacks {table}.csv, which is required")]
    MissingTable {
        /// The table.
        table: &'static str,
        /// The files that are no table.
        unknown: Vec<String>,
    },
    /// It cannot be read.
    #[error("cannot read {file}: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// Nothing says whether a file is a full extract or changes.
    #[error("nothing says whether {file} is a full extract or changes since the last one")]
    NoMode {
        /// The file.
        file: String,
    },
    /// A manifest that cannot be followed.
    #[error("manifest.csv, line {line}: {why}")]
    Manifest {
        /// The line.
        line: u32,
        /// Why.
        why: String,
    },
    /// A zip file that cannot be read.
    #[error("cannot read the zip file: {why}")]
    Zip {
        /// Why.
        why: String,
    },
    /// None of the files is one that the profile knows.
    #[error("none of the files is one that profile {profile} maps")]
    NoMapped {
        /// The profile.
        profile: String,
        /// The files.
        found: Vec<String>,
    },
    /// A mapped column, which must be there, is not.
    #[error("{file}, line 1: column {column} is missing, which makes {feeds}")]
    MissingSource {
        /// The file.
        file: String,
        /// The headers that were looked for.
        column: String,
        /// What is made of it.
        feeds: String,
        /// The headers that are not mapped.
        unknown: Vec<String>,
        /// The one of them that looks most like it.
        alike: Option<String>,
    },
    /// Two headers are found by the same name.
    #[error("{file}, line 1: `{first}` and `{second}` both could be column {column}")]
    TwiceSource {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// One header.
        first: String,
        /// The other.
        second: String,
    },
    /// A file that others are looked up in is not there in full.
    #[error("{asking} needs {files} in full, for [lookup.{lookup}]")]
    MissingLookup {
        /// The file that asks.
        asking: String,
        /// The lookup.
        lookup: String,
        /// The files that it reads.
        files: String,
    },
    /// Two files of one table.
    #[error("{first} and {second} both hold table `{table}`")]
    TwiceTable {
        /// The table.
        table: &'static str,
        /// One file.
        first: String,
        /// The other.
        second: String,
    },
}

/// Rejected rows of a file that are too many where they are more than a tenth of its rows.
const MANY_REJECTED: u64 = 100_000;

/// Says of a file, after a row of it, whether so much of it cannot be read that it is not what it is taken for. What is
/// said of a rejected row takes a thousand times the memory of the row, which may be a byte and a line end.
fn flooded(file: &str, line: u32, rows: u64, rejected: u64) -> Result<(), FileError> {
    if rejected > MANY_REJECTED && rejected > rows / 10 {
        return Err(FileError::Flooded { file: file.to_owned(), line, rejected });
    }
    Ok(())
}

impl FileError {
    /// The file whose headers are not those that it should have, if that is what is wrong.
    pub fn of_headers(&self) -> Option<&str> {
        match self {
            FileError::Empty { file }
            | FileError::MissingColumn { file, .. }
            | FileError::TwiceColumn { file, .. }
            | FileError::NoHeader { file, .. }
            | FileError::MissingSource { file, .. }
            | FileError::TwiceSource { file, .. } => Some(file),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        let list = |names: &[String]| match names.len() {
            0 => "none".to_owned(),
            count @ 0..=20 => names[..count].join(", "),
            count => format!("{} and {} more", names[..20].join(", "), count - 20),
        };
        match self {
            FileError::Empty { .. } => "export the file again, with its headers even if it has no rows".to_owned(),
            FileError::MissingColumn { alike: Some(alike), .. } => format!("is `{alike}` meant? rename the header"),
            FileError::MissingColumn { unknown, .. } => {
                format!("headers that were not understood: {}; reports/tables.md lists the columns", list(unknown))
            }
            FileError::TwiceColumn { .. } => "remove or rename one of the two".to_owned(),
            FileError::NoHeader { .. } => "the first line must name the columns, parted by commas".to_owned(),
            FileError::Flooded { .. } => {
                "is it the file that its name says, and are its headers those of its rows?".to_owned()
            }
            FileError::TooManyAlike { .. } => "ids must tell one record from another".to_owned(),
            FileError::NoTables { found } => {
                format!("files are named like student.csv; found here: {}", list(&found[..found.len().min(8)]))
            }
            FileError::MissingTable { unknown, .. } => format!("files that were not understood: {}", list(unknown)),
            FileError::TwiceTable { .. } => "keep one of the two".to_owned(),
            FileError::Unreadable { .. } => "is it still being written, or kept from being read?".to_owned(),
            FileError::Zip { .. } => {
                "zip the files themselves, or the one folder that they are in, deflated and without a password".to_owned()
            }
            FileError::NoMapped { found, .. } => {
                format!("its patterns are in the profile; found here: {}", list(&found[..found.len().min(8)]))
            }
            FileError::MissingSource { alike: Some(alike), .. } => format!("is `{alike}` meant? say so in the profile"),
            FileError::MissingSource { unknown, .. } => {
                format!("headers that are not mapped: {}; add the one that is meant to the profile", list(unknown))
            }
            FileError::TwiceSource { .. } => {
                "write the header in full in the profile, with what stands before its point".to_owned()
            }
            FileError::MissingLookup { .. } => {
                "deliver it whole with the changes, and say so in manifest.csv: file.NAME,bulk and scope,all".to_owned()
            }
            FileError::NoMode { .. } => "say --mode full or --mode delta, add a manifest.csv, or a column _op".to_owned(),
            FileError::Manifest { .. } => {
                "its lines are like `file.student,bulk` (or delta, absent) and `scope,all` (or school_id=101)".to_owned()
            }
        }
    }
}

/// A name as names are compared: letters and digits in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name that looks most like the wanted one, if any looks like it at all.
fn most_alike(wanted: &str, names: &[String]) -> Option<String> {
    let likeness = |name: &String| strsim::jaro_winkler(&plain(wanted), &plain(name));
    let best = names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.8).then(|| best.clone())
}
