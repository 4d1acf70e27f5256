//! Reads a delivery with a profile: which file is which, what each table is made from, row by row. Tables are read one
//! after the other, parents first, so a file that feeds several tables is read once for each.

mod files;
mod header;
mod lookups;
mod patterns;
mod rows;
mod survey;

pub(super) use patterns::best;
pub(crate) use survey::{FileSurvey, Survey, TableSurvey};

use super::cell::Found;
use super::profile::{FileMap, Profile};
use crate::model::{Change, Table, Text};
use crate::source::csv::{Records, decoded};
use crate::source::manifest::{self, Manifest};
use crate::source::{Delivery, FileError, Mode, RecordSink, flooded};
use files::File;
use hashbrown::HashMap;
use header::Header;
use patterns::fits;
use rows::Rows;
use std::collections::BTreeSet;
use survey::FileState;

/// A delivery being read.
pub(super) struct Reading<'p> {
    profile: &'p Profile,
    /// Whether to collect the errors of files instead of failing.
    lenient: bool,
    found: Found,
    survey: Survey,
}

impl<'p> Reading<'p> {
    pub(super) fn new(profile: &'p Profile, lenient: bool) -> Reading<'p> {
        let found = profile.lookups.iter().map(|_| HashMap::default()).collect();
        Reading { profile, lenient, found, survey: Survey::default() }
    }

    /// Collects an error, or fails with it.
    fn problem(&mut self, error: FileError) -> Result<(), FileError> {
        if self.lenient {
            if !self.survey.problems.contains(&error) {
                self.survey.problems.push(error);
            }
            return Ok(());
        }
        Err(error)
    }

    pub(super) fn read(mut self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Survey, FileError> {
        let manifest = match delivery.files.iter().find(|file| manifest::is(file)) {
            Some(file) => Manifest::read(&(delivery.read)(file)?)?,
            None => Manifest::default(),
        };
        let mut files = self.files(delivery, &manifest)?;
        if files.iter().all(|file| file.map.is_none()) {
            let stated = manifest.files().next().is_some();
            // On a day without changes, the manifest may be all there is.
            if !stated || files.iter().any(|file| file.lookups.is_empty()) {
                self.problem(FileError::NoMapped { profile: self.profile.name.clone(), found: delivery.files.clone() })?;
            }
        }
        self.lookups(delivery, &manifest, &mut files)?;
        for table in self.profile.tables() {
            let of = |file: &File<'_>| file.map.is_some_and(|map| map.makes.iter().any(|makes| makes.table == table));
            let is_always = self.profile.always.iter().any(|(of, _)| *of == table);
            let is_made = files.iter().any(of) || is_always && files.iter().any(|file| file.map.is_some());
            if !is_made {
                continue;
            }
            let mode = self.mode(table, &files);
            sink.begin(table, &mode);
            self.survey.modes.insert(table, mode.clone());
            for (_, texts) in self.profile.always.iter().filter(|(of, _)| *of == table) {
                let row = table.read(|column| texts[column].as_str(), sink.texts(), |_, _| {});
                row.into_iter().for_each(|row| sink.change(Change::Upsert(row)));
            }
            // Full extracts come first, so that changes are applied on top of them.
            for full in [true, false] {
                for file in files.iter_mut().filter(|file| of(file)) {
                    if (file.modes.get(&table) != Some(&Mode::Delta)) == full {
                        let bytes = (delivery.read)(&file.name)?;
                        if let Err(error) = self.take(table, mode == Mode::Delta, file, &bytes, sink) {
                            self.problem(error)?;
                        }
                    }
                }
            }
            sink.end(table);
        }
        self.close(delivery, files)
    }

    /// The mode of a table: a full extract if everything that feeds it is there in full.
    fn mode(&self, table: Table, files: &[File<'_>]) -> Mode {
        let makes = |map: &&FileMap| map.makes.iter().any(|makes| makes.table == table);
        let is_there = |map: &&FileMap| files.iter().any(|file| file.map.is_some_and(|of| std::ptr::eq(of, *map)));
        if !self.profile.files.iter().filter(makes).filter(|map| !map.optional).all(|map| is_there(&map)) {
            return Mode::Delta;
        }
        let mut modes = files.iter().filter_map(|file| file.modes.get(&table));
        let first = modes.next().cloned().unwrap_or(Mode::Delta);
        if modes.all(|mode| *mode == first) { first } else { Mode::Delta }
    }

    /// Reads the rows of a table from a file.
    fn take(
        &mut self,
        table: Table,
        is_delta: bool,
        file: &mut File<'p>,
        bytes: &[u8],
        sink: &mut dyn RecordSink,
    ) -> Result<(), FileError> {
        let Some(map) = file.map else { return Ok(()) };
        let (text, encoding) = decoded(bytes);
        let header = Header::read(&file.name, &text, &map.names)?;
        let state = file.state.get_or_insert_with(|| FileState::new(&file.name, map, &header, encoding, bytes));
        let lacking = |column: usize| {
            let feeds = format!("the rows of `{}`", table.spec().name);
            header.missing(feeds, std::slice::from_ref(&map.names[column]))
        };
        if let Some(column) = header.lacks(&map.filter) {
            return Err(lacking(column));
        }
        let mut makes = Vec::new();
        for of in map.makes.iter().filter(|makes| makes.table == table) {
            let made = state.bind(of, map, &header);
            if let Some((column, wanted)) = made.absent.iter().find(|(column, _)| is_required(table, column)) {
                let error = header.missing(format!("`{}.{column}`", table.spec().name), wanted);
                self.problem(error)?;
                state.survey(made);
                continue;
            }
            if let Some(column) = header.lacks(&of.filter) {
                self.problem(lacking(column))?;
                continue;
            }
            state.survey(made);
            makes.push(of);
        }
        let name: Text = sink.texts().id(&file.name);
        sink.at(name, 0);
        let mut rows = Rows { table, is_delta, map, makes: &makes, name, found: &self.found, state, number: 0, rejected: 0 };
        let mut records = Records::new(&text);
        drop(records.next());
        // Spreadsheets leave empty fields after the last.
        let width = header.width;
        let fit = |fields: &[&str]| fields.len() >= width && fields[width..].iter().all(|field| field.trim().is_empty());
        records.rows(width, fit, |line, fields| {
            rows.row(line, fields, &header, sink);
            flooded(&file.name, line, rows.number as u64, rows.rejected)
        })
    }

    /// Completes the survey.
    fn close(mut self, delivery: &mut Delivery<'_>, files: Vec<File<'p>>) -> Result<Survey, FileError> {
        for map in &self.profile.files {
            if !files.iter().any(|file| file.map.is_some_and(|of| std::ptr::eq(of, map))) {
                let tables: BTreeSet<Table> = map.makes.iter().map(|makes| makes.table).collect();
                self.survey.missing.push((map.patterns.join(" or "), map.optional, tables.into_iter().collect()));
            }
        }
        for lookup in &self.profile.lookups {
            let is_there = files.iter().any(|file| lookup.patterns.iter().any(|pattern| fits(pattern, &file.name)));
            let pattern = lookup.patterns.join(" or ");
            if !is_there && !self.survey.missing.iter().any(|(of, ..)| *of == pattern) {
                self.survey.missing.push((pattern, lookup.optional, Vec::new()));
            }
        }
        for file in files {
            let looked_up = !file.lookups.is_empty();
            let lookups = file.lookups.iter().map(|place| &self.profile.lookups[*place]);
            let names: Vec<String> = lookups.flat_map(|lookup| lookup.names.iter().cloned()).collect();
            let state = match file.state {
                Some(state) => state,
                None => {
                    let bytes = (delivery.read)(&file.name)?;
                    FileState::unread(&file.name, &bytes, looked_up)
                }
            };
            self.survey.files.push(state.close(looked_up, &names));
        }
        Ok(self.survey)
    }
}

fn is_required(table: Table, name: &str) -> bool {
    let spec = table.spec();
    spec.column(name).is_some_and(|column| spec.columns[column].required)
}
