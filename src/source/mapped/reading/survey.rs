//! What reading a delivery found out about its files, for reports and for checking a profile.

use super::header::{Header, last};
use crate::model::Table;
use crate::model::finding::digest;
use crate::source::csv::decoded;
use crate::source::mapped::profile::{FileMap, Makes};
use crate::source::{FileError, FileReport, Mode, plain};
use std::collections::{BTreeMap, BTreeSet};

/// The result of reading a delivery.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Its files.
    pub files: Vec<FileSurvey>,
    /// Missing files, by their patterns in the profile; whether tables can be complete without them; and the tables that
    /// they feed.
    pub missing: Vec<(String, bool, Vec<Table>)>,
    /// The mode of each table that files feed.
    pub modes: BTreeMap<Table, Mode>,
    /// Errors that would stop a delivery.
    pub problems: Vec<FileError>,
}

/// The result of reading a file.
#[derive(Clone, Debug)]
pub(crate) struct FileSurvey {
    /// Rows, encoding, columns.
    pub report: FileReport,
    /// The tables that it feeds.
    pub tables: Vec<TableSurvey>,
    /// Whether lookups read it.
    pub looked_up: bool,
}

/// What a file provides for a table.
#[derive(Clone, Debug)]
pub(crate) struct TableSurvey {
    /// The table.
    pub table: Table,
    /// Columns that the file fills.
    pub columns: Vec<&'static str>,
    /// Mapped columns that the file cannot fill, with the headers that they need.
    pub absent: Vec<(&'static str, Vec<String>)>,
}

/// The state of a file that was read.
pub(super) struct FileState {
    report: FileReport,
    used: BTreeSet<usize>,
    headers: Vec<String>,
    tables: Vec<TableSurvey>,
    /// By row: whether it made anything, and whether it was rejected.
    pub(super) rows: Vec<u8>,
}

/// The row made something.
pub(super) const MADE: u8 = 1;
/// The row, or a part of it, was rejected.
pub(super) const REJECTED: u8 = 2;

impl FileState {
    pub(super) fn new(name: &str, map: &FileMap, header: &Header, encoding: &'static str, bytes: &[u8]) -> FileState {
        let table = map.makes.iter().map(|makes| makes.table).min().map_or("", |table| table.spec().name);
        let report = FileReport {
            file: name.to_owned(),
            table: table.into(),
            encoding: encoding.into(),
            digest: digest(bytes),
            ..FileReport::default()
        };
        let used = header.places.iter().flatten().copied().collect();
        FileState { report, used, headers: header.headers.clone(), tables: Vec::new(), rows: Vec::new() }
    }

    /// A file that feeds no table.
    pub(super) fn unread(name: &str, bytes: &[u8], looked_up: bool) -> FileState {
        let (text, encoding) = decoded(bytes);
        let rows = text.lines().filter(|line| !line.trim().is_empty()).count().saturating_sub(1) as u64;
        let headers = Header::read(name, &text, &[]).map_or(Vec::new(), |header| header.headers);
        let report = FileReport {
            file: name.to_owned(),
            rows,
            ignored: if looked_up { 0 } else { rows },
            encoding: encoding.into(),
            digest: digest(bytes),
            ..FileReport::default()
        };
        FileState { report, used: BTreeSet::new(), headers, tables: Vec::new(), rows: Vec::new() }
    }

    /// Which columns of a table the file fills.
    pub(super) fn bind(&self, makes: &Makes, map: &FileMap, header: &Header) -> TableSurvey {
        let mut made = TableSurvey { table: makes.table, columns: Vec::new(), absent: Vec::new() };
        for (column, source) in makes.table.spec().columns.iter().zip(&makes.columns) {
            match source {
                Some(source) if source.is_fed(&header.places) => made.columns.push(column.name),
                Some(source) => {
                    let wanted = source.columns().into_iter().filter(|column| header.places[*column].is_none());
                    made.absent.push((column.name, wanted.map(|column| map.names[column].clone()).collect()));
                }
                None => {}
            }
        }
        made
    }

    /// Adds what a file provides for a table; several `makes` of one table are merged.
    pub(super) fn survey(&mut self, made: TableSurvey) {
        match self.tables.iter_mut().find(|table| table.table == made.table) {
            Some(table) => {
                let new = made.columns.into_iter().filter(|column| !table.columns.contains(column)).collect::<Vec<_>>();
                table.columns.extend(new);
                table.absent.extend(made.absent);
            }
            None => self.tables.push(made),
        }
    }

    pub(super) fn close(mut self, looked_up: bool, names: &[String]) -> FileSurvey {
        let count = |flag: u8| self.rows.iter().filter(|row| **row & flag != 0).count() as u64;
        if !self.rows.is_empty() {
            self.report.rejected = count(REJECTED);
            self.report.ignored = self.rows.iter().filter(|row| **row == 0).count() as u64;
            self.report.rows = self.rows.len() as u64;
        }
        let looked = |header: &String| names.iter().any(|name| [plain(header), last(header)].contains(&plain(name)));
        let unused = self
            .headers
            .iter()
            .enumerate()
            .filter(|(place, header)| !self.used.contains(place) && !header.is_empty() && !looked(header));
        self.report.ignored_columns = unused.map(|(_, header)| header.clone()).collect();
        let absent: BTreeSet<&'static str> =
            self.tables.iter().flat_map(|table| table.absent.iter().map(|(column, _)| *column)).collect();
        self.report.absent_columns = absent.into_iter().map(Into::into).collect();
        FileSurvey { report: self.report, tables: self.tables, looked_up }
    }
}
