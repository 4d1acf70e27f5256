//! A single extract: a folder with one CSV file per table, as read by `rollcall run`.

use super::{Error, files};
use crate::district::{District, Incoming, Outcome};
use crate::engine::Engine;
use crate::model::finding::digest;
use crate::model::{Batch, Change, Date, Record, Table, Texts};
use crate::quality::report::Inputs;
use crate::source::folder::{self, Tables};
use crate::source::{Collected, Delivery, FileError, Mode, Scope, csv::Csv};
use crate::store::disk::Folder;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of an extract, assigned to tables.
pub struct Extract {
    folder: PathBuf,
    tables: Vec<(Table, String)>,
    ignored_files: Vec<String>,
}

impl Extract {
    /// Assigns the files of a folder to tables.
    ///
    /// # Errors
    ///
    /// A folder that cannot be read, or two files for the same table.
    pub fn open(folder: &Path) -> Result<Extract, Error> {
        let assigned = folder::assign(&files(folder)?).map_err(|error| Error::input(&error, error.hint()))?;
        Ok(Extract { folder: folder.to_owned(), tables: assigned.tables, ignored_files: assigned.unknown })
    }

    /// Tables without a file.
    pub fn absent_tables(&self) -> impl Iterator<Item = Table> {
        Table::ALL.iter().copied().filter(|table| !self.tables.iter().any(|(of, _)| of == table))
    }

    fn bytes(&self, file: &str) -> Result<Vec<u8>, Error> {
        let path = self.folder.join(file);
        fs::read(&path).map_err(|error| Error::input(format!("cannot read {}: {error}", path.display()), None))
    }

    /// The as-of date from the clock table.
    ///
    /// # Errors
    ///
    /// An extract without a clock table, or without the row `as_of`.
    pub fn as_of(&self) -> Result<Date, Error> {
        let hint = "set the day with --day, or in clock.csv as the date of clock_id `as_of`".to_owned();
        let Some((_, file)) = self.tables.iter().find(|(table, _)| *table == Table::Clock) else {
            return Err(Error::input("the as-of date is unknown: the extract has no clock.csv", hint));
        };
        let mut texts = Texts::default();
        let mut collected = Collected { texts: &mut texts, batch: Batch::default() };
        Csv.decode(Table::Clock, file, &self.bytes(file)?, &mut collected)
            .map_err(|error| Error::input(&error, error.hint()))?;
        let batch = collected.batch;
        let mut days = batch.changes.iter().rev().filter_map(|change| match change {
            Change::Upsert(Record::Clock(row)) if texts.text(row.clock_id) == "as_of" => Some(row.date),
            _ => None,
        });
        days.next().ok_or_else(|| Error::input(format!("the as-of date is unknown: {file} has no row `as_of`"), hint))
    }

    /// Commits every file as one batch. `progress` receives the bytes read, and the total.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or an engine that has stopped.
    pub fn load(&self, engine: &mut Engine, progress: &mut dyn FnMut(u64, u64)) -> Result<Inputs, Error> {
        let size = |file: &str| fs::metadata(self.folder.join(file)).map_or(0, |metadata| metadata.len());
        let all: u64 = self.tables.iter().map(|(_, file)| size(file)).sum();
        let absent_tables = self.absent_tables().map(|table| table.spec().name).collect();
        let mut inputs = Inputs { files: Vec::new(), absent_tables, ignored_files: self.ignored_files.clone() };
        let mut done = 0;
        let mut commit = engine.begin();
        commit.deliver(&self.tables.iter().map(|(table, _)| *table).collect::<Vec<_>>());
        for (table, file) in &self.tables {
            let bytes = self.bytes(file)?;
            let report =
                Csv.decode(*table, file, &bytes, &mut commit).map_err(|error| Error::input(&error, error.hint()))?;
            inputs.files.push(report);
            done += bytes.len() as u64;
            progress(done, all);
        }
        commit.finish().map_err(Error::work)?;
        Ok(inputs)
    }

    /// Accepts the extract as a delivery of a district.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, a delivery that goes on hold, or an error of the district.
    pub fn deliver(&self, district: &mut District<Folder>) -> Result<(), Error> {
        let files = files(&self.folder)?;
        let digests = files.iter().map(|file| Ok((file.clone(), digest(&self.bytes(file)?))));
        let digests: BTreeMap<String, String> = digests.collect::<Result<_, Error>>()?;
        let mut read = |file: &str| {
            self.bytes(file).map_err(|error| FileError::Unreadable { file: file.to_owned(), why: error.to_string() })
        };
        let mut delivery = Delivery { files, read: &mut read, unless_stated: Some(Mode::Full(Scope::default())) };
        let label = self.folder.display().to_string();
        let incoming = Incoming { source: super::SOURCE, label: &label, format: &Tables, digests: &digests, piece: None };
        match district.take(&incoming, &mut delivery)? {
            Outcome::OnHold(reason) => return Err(Error::input(format!("{label} cannot be accepted: {reason}"), None)),
            Outcome::Accepted { .. } | Outcome::Known => {}
        }
        district.flush()?;
        Ok(())
    }
}
