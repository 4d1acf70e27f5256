//! Sources: bytes in, changes and rejected rows out. This module does no I/O. No input can make it panic or use memory
//! out of proportion to its size: a bad row becomes data, a bad file becomes an error with a location and a hint.

pub mod csv;
pub mod manifest;
pub mod mapped;
mod stamp;
pub mod zip;

use crate::model::{Batch, Change, Record, Table, Text, Texts};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::num::NonZeroU32;

/// A format for the records of a delivery.
pub trait Format: Sync {
    /// Its name, as `--format` takes it.
    fn name(&self) -> &'static str;
    /// Whether files look like this format: by their names, and where names do not settle it, by how they begin. A format
    /// claims only what it can read, because no other is tried after it.
    fn sniff(&self, files: &[String], begin: &mut dyn FnMut(&str) -> Vec<u8>) -> bool;
    /// Whether its files are written for rollcall, so that a header that matches no column is a mistake.
    fn has_own_headers(&self) -> bool {
        true
    }
    /// Whether its changes are events in order, so that a row may change more than once in a delivery.
    fn is_ordered(&self) -> bool {
        false
    }
    /// Reads a delivery, file by file.
    fn read(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError>;
}

macro_rules! formats {
    ($($module:ident::$format:ident $(:: $instance:ident)?),+ $(,)?) => {
        $(pub mod $module;)+

        /// All formats, in the order in which they are tried.
        pub static FORMATS: &[&dyn Format] = &[$(&$module::$format $(::$instance)?),+];
    };
}

formats! {
    // Before the tables: `courses.csv` could belong to either format, and only the other file names settle it.
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
    /// The mode of files for which the delivery itself states none.
    pub unless_stated: Option<Mode>,
}

/// What a file implies about the rows that are not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Nothing: the file states changes.
    Delta,
    /// The file is a full extract of this scope: rows of the scope that are not in it have been deleted.
    Full(Scope),
}

/// What a full extract is complete for: the rows that have these values, given as column and text. An empty scope is the
/// whole table.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope(pub Vec<(String, String)>);

/// Receives the records of a delivery, row by row.
pub trait RecordSink {
    /// The interned texts.
    fn texts(&mut self) -> &mut Texts;
    /// Receives a change.
    fn change(&mut self, change: Change);
    /// Begins the rows of a table; `mode` says what they imply about other rows.
    fn begin(&mut self, _table: Table, _mode: &Mode) {}
    /// Something unreadable may be a row of the current table, so a row that seems to be missing from a full extract may
    /// not be. A rejected row without a key implies the same for its own table.
    fn doubt(&mut self, _table: Table) {}
    /// When the source made the changes that follow, in milliseconds since 1970, if known.
    fn stamp(&mut self, _milliseconds: Option<i64>) {}
    /// The file and line of the changes that follow; the first line is 1. Line 0 marks the beginning of a file and is
    /// the location of whatever a full extract implies without a row.
    fn at(&mut self, _file: Text, _line: u32) {}
    /// Ends the rows of the current table.
    fn end(&mut self, _table: Table) {}
    /// The row with this key as it was before this delivery.
    fn current(&self, _table: Table, _key: NonZeroU32) -> Option<Record> {
        None
    }
}

/// Collects the changes into a batch.
pub struct Collected<'a> {
    /// The interned texts.
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

/// The result of reading a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// The table it feeds; the first one if it feeds several; empty if none.
    pub table: Cow<'static, str>,
    /// Its rows, accepted or not.
    pub rows: u64,
    /// Rows that were rejected.
    pub rejected: u64,
    /// Rows that belong to no table and were skipped.
    pub ignored: u64,
    /// Its encoding.
    pub encoding: Cow<'static, str>,
    /// MD5 of its bytes.
    pub digest: String,
    /// Headers that match no column of the table.
    pub ignored_columns: Vec<String>,
    /// Columns of the table that are missing from it.
    pub absent_columns: Vec<Cow<'static, str>>,
}

/// Why a file or a folder cannot be read at all.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The file is empty.
    #[error("{file} is empty: even its header line is missing")]
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
        /// The headers that match no column of the table.
        unknown: Vec<String>,
        /// The one most similar to the column.
        alike: Option<String>,
    },
    /// Two headers match the same column.
    #[error("{file}, line 1: `{first}` and `{second}` both match column `{column}`")]
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
    /// The first line is not a header line.
    #[error("{file}, line 1: this is not a header line: {why}")]
    NoHeader {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// Too many of its rows cannot be read.
    #[error("{file}, line {line}: {rejected} rows rejected so far, too many to continue")]
    Flooded {
        /// The file.
        file: String,
        /// The line.
        line: u32,
        /// How many rows were rejected.
        rejected: u64,
    },
    /// The delivery cannot be logged.
    #[error("{what}")]
    TooLarge {
        /// What there is too much of.
        what: String,
    },
    /// One record has more rows than is plausible.
    #[error("{file}, line {line}: {id:?} has more than {most} rows")]
    TooManyAlike {
        /// The file.
        file: String,
        /// The line of the last of them.
        line: u32,
        /// The id of the record.
        id: String,
        /// The most it may have.
        most: usize,
    },
    /// No file in the folder belongs to a table.
    #[error("not an extract: no file is named after a table")]
    NoTables {
        /// The files.
        found: Vec<String>,
    },
    /// A required table is missing.
    #[error("{table}.csv is required and missing")]
    MissingTable {
        /// The table.
        table: &'static str,
        /// The files that match no table.
        unknown: Vec<String>,
    },
    /// The file cannot be read.
    #[error("cannot read {file}: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        why: String,
    },
    /// The mode of a file is not stated anywhere.
    #[error("{file} may be a full extract or changes: its mode is not stated")]
    NoMode {
        /// The file.
        file: String,
    },
    /// The manifest is invalid.
    #[error("manifest.csv, line {line}: {why}")]
    Manifest {
        /// The line.
        line: u32,
        /// Why.
        why: String,
    },
    /// The zip file cannot be read.
    #[error("cannot read the zip file: {why}")]
    Zip {
        /// Why.
        why: String,
    },
    /// The profile matches none of the files.
    #[error("profile {profile} maps none of the files")]
    NoMapped {
        /// The profile.
        profile: String,
        /// The files.
        found: Vec<String>,
    },
    /// A required mapped column is missing.
    #[error("{file}, line 1: column {column}, the source of {feeds}, is missing")]
    MissingSource {
        /// The file.
        file: String,
        /// The headers that would match.
        column: String,
        /// What is made from it.
        feeds: String,
        /// The headers that are not mapped.
        unknown: Vec<String>,
        /// The one most similar to the column.
        alike: Option<String>,
    },
    /// Two headers match the same mapped column.
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
    /// A lookup file is not in the delivery in full.
    #[error("{asking} needs {files} in full for [lookup.{lookup}]")]
    MissingLookup {
        /// The file that uses the lookup.
        asking: String,
        /// The lookup.
        lookup: String,
        /// The files that the lookup reads.
        files: String,
    },
    /// Two files hold the same table.
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

/// More rejected rows than this are too many if they are also more than a tenth of the file's rows.
const MANY_REJECTED: u64 = 100_000;

/// Called after each row; fails once so many rows are rejected that the file cannot be what it is taken for. This bounds
/// memory: a rejection takes up to a thousand times the memory of the row, which may be one byte and a line end.
fn flooded(file: &str, line: u32, rows: u64, rejected: u64) -> Result<(), FileError> {
    if rejected > MANY_REJECTED && rejected > rows / 10 {
        return Err(FileError::Flooded { file: file.to_owned(), line, rejected });
    }
    Ok(())
}

impl FileError {
    /// The file whose headers are wrong, if that is the error.
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
            FileError::Empty { .. } => "export the file again; it needs its headers even if it has no rows".to_owned(),
            FileError::MissingColumn { alike: Some(alike), .. } => format!("did you mean `{alike}`? rename the header"),
            FileError::MissingColumn { unknown, .. } => {
                format!("unrecognized headers: {}; reports/tables.md lists the columns", list(unknown))
            }
            FileError::TwiceColumn { .. } => "remove or rename one of them".to_owned(),
            FileError::NoHeader { .. } => "the first line must name the columns, separated by commas".to_owned(),
            FileError::Flooded { .. } => {
                "check that the file is what its name says and that its headers match its rows".to_owned()
            }
            FileError::TooManyAlike { .. } => "ids must be unique".to_owned(),
            FileError::TooLarge { .. } => {
                "check that these are the files that you meant; deliver them in several folders".to_owned()
            }
            FileError::NoTables { found } => {
                format!("name files after tables, like student.csv; found: {}", list(&found[..found.len().min(8)]))
            }
            FileError::MissingTable { unknown, .. } => format!("unrecognized files: {}", list(unknown)),
            FileError::TwiceTable { .. } => "keep one of them".to_owned(),
            FileError::Unreadable { .. } => "check its permissions and that it is not still being written".to_owned(),
            FileError::Zip { .. } => {
                "zip the files themselves, or the one folder they are in, with deflate and without a password".to_owned()
            }
            FileError::NoMapped { found, .. } => {
                format!("the profile lists the file names it expects; found: {}", list(&found[..found.len().min(8)]))
            }
            FileError::MissingSource { alike: Some(alike), .. } => {
                format!("did you mean `{alike}`? change it in the profile")
            }
            FileError::MissingSource { unknown, .. } => {
                format!("headers that are not mapped: {}; add the right one to the profile", list(unknown))
            }
            FileError::TwiceSource { .. } => {
                "write the full header in the profile, including the part before the dot".to_owned()
            }
            FileError::MissingLookup { .. } => {
                "deliver the whole file with the changes and declare it in manifest.csv: file.NAME,bulk and scope,all"
                    .to_owned()
            }
            FileError::NoMode { .. } => "use --mode full or --mode delta, or add a manifest.csv or an _op column".to_owned(),
            FileError::Manifest { .. } => {
                "write lines like `file.student,bulk` (or delta, absent) and `scope,all` (or school_id=101)".to_owned()
            }
        }
    }
}

/// Normalizes a name for comparison: letters and digits in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The name most similar to the wanted one, if any is similar enough.
fn most_alike(wanted: &str, names: &[String]) -> Option<String> {
    let likeness = |name: &String| strsim::jaro_winkler(&plain(wanted), &plain(name));
    let best = names.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(best) > 0.8).then(|| best.clone())
}
