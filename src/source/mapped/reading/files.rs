//! The files of a delivery: what each is for, and whether it is a full extract or changes.

use super::Reading;
use super::header::Header;
use super::patterns::{best, fits};
use super::survey::FileState;
use crate::model::Table;
use crate::source::csv::decoded;
use crate::source::manifest::{self, Manifest, Stated};
use crate::source::mapped::profile::{FileMap, Lookup};
use crate::source::{Delivery, FileError, Mode};
use std::collections::{BTreeMap, BTreeSet};

/// A file of the delivery and its mapping.
pub(super) struct File<'p> {
    pub(super) name: String,
    pub(super) map: Option<&'p FileMap>,
    /// The lookups that read it.
    pub(super) lookups: Vec<usize>,
    pub(super) modes: BTreeMap<Table, Mode>,
    pub(super) state: Option<FileState>,
}

impl File<'_> {
    pub(super) fn is_delta(&self) -> bool {
        self.modes.values().any(|mode| *mode == Mode::Delta)
    }
}

impl<'p> Reading<'p> {
    /// Determines which file is which.
    pub(super) fn files(&mut self, delivery: &mut Delivery<'_>, manifest: &Manifest) -> Result<Vec<File<'p>>, FileError> {
        let profile = self.profile;
        let mut files = Vec::new();
        for name in &delivery.files.clone() {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
            let is_table = ["csv", "txt", "text", "tsv", "tab"].contains(&ending.as_str());
            if !is_table || manifest::is(name) {
                continue;
            }
            let map = best(profile.files.iter().map(|map| &map.patterns[..]), name).map(|place| &profile.files[place]);
            let reads = |(place, lookup): (usize, &Lookup)| {
                lookup.patterns.iter().any(|pattern| fits(pattern, name)).then_some(place)
            };
            let lookups = profile.lookups.iter().enumerate().filter_map(reads).collect();
            let mut modes = BTreeMap::new();
            let tables: BTreeSet<Table> = map.iter().flat_map(|map| &map.makes).map(|makes| makes.table).collect();
            for table in tables {
                let mode = match stated(manifest, name, table)? {
                    Some(mode) => mode,
                    None => match self.unstated(delivery, name, map)? {
                        Some(mode) => mode,
                        None => {
                            self.problem(FileError::NoMode { file: name.clone() })?;
                            Mode::Delta
                        }
                    },
                };
                modes.insert(table, mode);
            }
            files.push(File { name: name.clone(), map, lookups, modes, state: None });
        }
        Ok(files)
    }

    /// The mode of a file that the manifest does not list.
    fn unstated(&self, delivery: &mut Delivery<'_>, name: &str, map: Option<&FileMap>) -> Result<Option<Mode>, FileError> {
        if let Some((map, operation)) = map.and_then(|map| Some((map, map.operation.as_ref()?))) {
            let bytes = (delivery.read)(name)?;
            let column = &map.names[operation.column];
            let header = Header::read(name, &decoded(&bytes).0, std::slice::from_ref(column));
            if header.is_ok_and(|header| header.places.iter().any(Option::is_some)) {
                return Ok(Some(Mode::Delta));
            }
        }
        Ok(delivery.unless_stated.clone())
    }
}

/// What the manifest states about a file, in any case.
pub(super) fn stated_file(manifest: &Manifest, file: &str) -> Result<Option<Stated>, FileError> {
    match stem(manifest, file) {
        Some(stem) => manifest.file(&stem),
        None => Ok(None),
    }
}

fn stated(manifest: &Manifest, file: &str, table: Table) -> Result<Option<Mode>, FileError> {
    match stem(manifest, file) {
        Some(stem) => manifest.mode(&stem, table.spec().name),
        None => Ok(None),
    }
}

fn stem(manifest: &Manifest, file: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    manifest.files().find(|named| named.eq_ignore_ascii_case(stem)).map(str::to_owned)
}
