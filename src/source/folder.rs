//! A folder with one file per table: which file is which table, and rollcall's own tables as a delivery format.

use super::csv::Csv;
use super::manifest::{self, Manifest};
use super::{Delivery, FileError, FileReport, Format, Mode, RecordSink, most_alike, plain};
use crate::model::Table;

/// Deliveries of CSV files named after tables.
pub struct Tables;

impl Format for Tables {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn sniff(&self, files: &[String], _: &mut dyn FnMut(&str) -> Vec<u8>) -> bool {
        named(files).is_ok_and(|assigned| !assigned.tables.is_empty())
    }

    fn read(&self, delivery: &mut Delivery<'_>, sink: &mut dyn RecordSink) -> Result<Vec<FileReport>, FileError> {
        let Assigned { tables, .. } = named(&delivery.files)?;
        let manifest = match delivery.files.iter().find(|file| manifest::is(file)) {
            Some(file) => Some(Manifest::read(&(delivery.read)(file)?)?),
            None => None,
        };
        let mut reports = Vec::new();
        // Full extracts come first, so that changes are applied on top of them.
        let mut later = Vec::new();
        for (table, file) in tables {
            let bytes = (delivery.read)(&file)?;
            let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
            let stated = match &manifest {
                Some(manifest) => manifest.mode(stem, table.spec().name)?,
                None => None,
            };
            let mode = match stated.or_else(|| Csv::states_changes(&bytes).then_some(Mode::Delta)) {
                Some(mode) => mode,
                None => delivery.unless_stated.clone().ok_or_else(|| FileError::NoMode { file: file.clone() })?,
            };
            if mode == Mode::Delta {
                later.push((table, file));
                continue;
            }
            reports.push(take(table, &file, &bytes, &mode, sink)?);
        }
        for (table, file) in later {
            let bytes = (delivery.read)(&file)?;
            reports.push(take(table, &file, &bytes, &Mode::Delta, sink)?);
        }
        Ok(reports)
    }
}

fn take(table: Table, file: &str, bytes: &[u8], mode: &Mode, sink: &mut dyn RecordSink) -> Result<FileReport, FileError> {
    sink.begin(table, mode);
    let report = Csv.decode(table, file, bytes, sink)?;
    sink.end(table);
    Ok(report)
}

/// Tables that every extract must have.
pub(crate) const REQUIRED: [Table; 3] = [Table::Organization, Table::Student, Table::SchoolEnrollment];

/// How files map to tables.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    /// The file of each table, in the order of tables.
    pub tables: Vec<(Table, String)>,
    /// The files that match no table.
    pub unknown: Vec<String>,
}

/// Says which file is which table, of an extract that must have the required ones.
pub(crate) fn assign(files: &[String]) -> Result<Assigned, FileError> {
    let Assigned { tables, unknown } = named(files)?;
    if tables.is_empty() {
        return Err(FileError::NoTables { found: files.to_vec() });
    }
    for table in REQUIRED {
        if !tables.iter().any(|(of, _)| *of == table) {
            let name = table.spec().name;
            let unknown = most_alike(name, &unknown).map_or(unknown, |alike| vec![alike]);
            return Err(FileError::MissingTable { table: name, unknown });
        }
    }
    Ok(Assigned { tables, unknown })
}

/// Says which file is which table. A file is named after its table, in any case, in the singular or plural.
pub(crate) fn named(files: &[String]) -> Result<Assigned, FileError> {
    let mut tables: Vec<(Table, String)> = Vec::new();
    let mut unknown = Vec::new();
    for file in files {
        let stem = match file.rsplit_once('.') {
            Some((stem, extension)) if extension.eq_ignore_ascii_case("csv") => plain(stem),
            _ => {
                unknown.push(file.clone());
                continue;
            }
        };
        let named = |table: &&Table| {
            let name = plain(table.spec().name);
            stem == name || stem == format!("{name}s")
        };
        let Some(&table) = Table::ALL.iter().find(named) else {
            unknown.push(file.clone());
            continue;
        };
        if let Some((_, first)) = tables.iter().find(|(of, _)| *of == table) {
            let (first, second) = (first.clone(), file.clone());
            return Err(FileError::TwiceTable { table: table.spec().name, first, second });
        }
        tables.push((table, file.clone()));
    }
    tables.sort_unstable();
    Ok(Assigned { tables, unknown })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str]) -> Vec<String> {
        files.iter().map(|&file| file.to_owned()).collect()
    }

    #[test]
    fn files_are_named_after_tables() {
        let files = names(&["Students.CSV", "organization.csv", "School-Enrollment.csv", "notes.txt", "SYNTHETIC.md"]);
        let Assigned { tables, unknown } = assign(&files).unwrap();
        let tables: Vec<_> = tables.iter().map(|(table, file)| (table.spec().name, file.as_str())).collect();
        let expected = [
            ("organization", "organization.csv"),
            ("student", "Students.CSV"),
            ("school_enrollment", "School-Enrollment.csv"),
        ];
        assert_eq!(tables, expected);
        assert_eq!(unknown, ["notes.txt", "SYNTHETIC.md"]);
    }

    #[test]
    fn a_folder_of_something_else_is_an_error_with_a_hint() {
        let error = assign(&names(&["holiday.jpg"])).unwrap_err();
        assert!(matches!(error, FileError::NoTables { .. }) && error.hint().contains("holiday.jpg"));
        let error = assign(&names(&["organization.csv", "student.csv", "school_enrolment.csv"])).unwrap_err();
        assert_eq!(error.to_string(), "school_enrollment.csv is required and missing");
        assert_eq!(error.hint(), "unrecognized files: school_enrolment.csv");
        let error = assign(&names(&["student.csv", "Students.csv"])).unwrap_err();
        assert!(matches!(error, FileError::TwiceTable { .. }));
    }
}
