//! The manifest of a delivery: `manifest.csv` with the columns `propertyName` and `value`, as in OneRoster. For each
//! file it says whether the file is a full extract (`bulk`), changes (`delta`) or not there (`absent`). For rollcall's
//! own tables it also says what a full extract is complete for: `scope,all`, or `scope.section,school_id=101` for one
//! table.

use super::{FileError, Mode, Scope, plain};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the file.
pub(crate) const FILE: &str = "manifest.csv";

/// The longest manifest, in bytes. A manifest has a line or two per file and is read whole, so anything longer is not
/// one.
const LONGEST: usize = 1 << 20;

/// Whether a file is the manifest, in any case.
pub(crate) fn is(file: &str) -> bool {
    file.eq_ignore_ascii_case(FILE)
}

/// What a delivery states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Properties as stated, by name.
    pub properties: BTreeMap<String, String>,
    /// The line of each property.
    lines: BTreeMap<String, u32>,
}

/// What a manifest states about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stated {
    /// It is not there.
    Absent,
    /// It is a full extract.
    Bulk,
    /// It states changes.
    Delta,
}

impl Manifest {
    /// Reads a manifest.
    pub fn read(bytes: &[u8]) -> Result<Manifest, FileError> {
        if bytes.len() > LONGEST {
            let line = 1 + memchr::memchr_iter(b'\n', &bytes[..LONGEST]).count() as u32;
            return Err(FileError::Manifest { line, why: "it is longer than 1 MiB".to_owned() });
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(true).from_reader(bytes);
        let mut manifest = Manifest::default();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(1, |position| position.line() as u32);
                FileError::Manifest { line, why: "it is not CSV in UTF-8".to_owned() }
            })?;
            let line = record.position().map_or(1, |position| position.line() as u32);
            let (Some(name), Some(value)) = (record.get(0), record.get(1)) else {
                return Err(FileError::Manifest { line, why: "the value is missing".to_owned() });
            };
            let name = name.trim().to_owned();
            if manifest.properties.insert(name.clone(), value.trim().to_owned()).is_some() {
                return Err(FileError::Manifest { line, why: format!("{name} is stated twice") });
            }
            manifest.lines.insert(name, line);
        }
        Ok(manifest)
    }

    /// The source system, if named.
    pub fn source(&self) -> Option<&str> {
        let named = ["source.systemCode", "source.systemName"].into_iter().find_map(|name| self.properties.get(name));
        named.map(String::as_str).filter(|name| !name.is_empty())
    }

    /// What the manifest states about a file, given without its extension.
    pub(crate) fn file(&self, stem: &str) -> Result<Option<Stated>, FileError> {
        let name = format!("file.{stem}");
        let Some(value) = self.properties.get(&name) else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "absent" => Ok(Some(Stated::Absent)),
            "bulk" => Ok(Some(Stated::Bulk)),
            "delta" => Ok(Some(Stated::Delta)),
            _ => Err(self.wrong(&name, format!("{value:?} is not bulk, delta or absent"))),
        }
    }

    /// The name under which the manifest lists a file (both without extension): in any case, in the singular or plural.
    fn name_of(&self, stem: &str) -> Option<&str> {
        let stem = plain(stem);
        let is = |name: &&str| {
            let name = plain(name);
            stem == name || stem.strip_suffix('s') == Some(&name) || name.strip_suffix('s') == Some(&stem)
        };
        self.files().find(is)
    }

    /// The files that it lists, without extension.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().filter_map(|name| name.strip_prefix("file."))
    }

    /// How the actual files differ from the listed ones: listed names that are missing, and files that are listed as
    /// absent. Files are matched without extension, in the singular or plural.
    pub(crate) fn differences<'a>(
        &self,
        files: impl Iterator<Item = &'a String>,
    ) -> Result<(Vec<String>, Vec<String>), FileError> {
        let (mut missing, mut unexpected): (BTreeSet<&str>, _) = (self.files().collect(), Vec::new());
        for file in files {
            let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
            if let Some(name) = self.name_of(stem) {
                missing.remove(name);
                if self.file(name)? == Some(Stated::Absent) {
                    unexpected.push(file.clone());
                }
            }
        }
        let mut announced = Vec::new();
        for name in missing {
            if self.file(name)? != Some(Stated::Absent) {
                announced.push(name.to_owned());
            }
        }
        let missing = announced;
        Ok((missing, unexpected))
    }

    /// The scope of full extracts of a table, if stated.
    pub fn scope(&self, table: &str) -> Result<Option<Scope>, FileError> {
        let own = format!("scope.{table}");
        let Some((name, value)) = self.properties.get_key_value(&own).or_else(|| self.properties.get_key_value("scope"))
        else {
            return Ok(None);
        };
        Scope::read(value).map(Some).map_err(|why| self.wrong(name, why))
    }

    /// The mode of a file of rollcall's own tables, if stated.
    pub fn mode(&self, stem: &str, table: &str) -> Result<Option<Mode>, FileError> {
        let name = self.name_of(stem).unwrap_or(stem);
        match self.file(name)? {
            Some(Stated::Delta) => Ok(Some(Mode::Delta)),
            Some(Stated::Bulk) => match self.scope(table)? {
                Some(scope) => Ok(Some(Mode::Full(scope))),
                // A scope is always explicit: an extract of one school must not delete the others.
                None => Err(self.wrong(&format!("file.{name}"), "it is bulk but no scope is stated".to_owned())),
            },
            Some(Stated::Absent) | None => Ok(None),
        }
    }

    /// A property, if stated.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn wrong(&self, name: &str, why: String) -> FileError {
        FileError::Manifest { line: self.lines.get(name).copied().unwrap_or(1), why }
    }
}

impl Scope {
    /// Reads `all`, or conditions separated by `;` like `school_id=101;school_year=2026`.
    pub fn read(text: &str) -> Result<Scope, String> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Scope::default());
        }
        let condition = |part: &str| {
            let (column, value) = part.split_once('=')?;
            let (column, value) = (column.trim(), value.trim());
            (!column.is_empty() && !value.is_empty()).then(|| (column.to_owned(), value.to_owned()))
        };
        let conditions: Option<Vec<_>> = text.split(';').filter(|part| !part.trim().is_empty()).map(condition).collect();
        let is_column = |column: &str| crate::model::Table::ALL.iter().any(|table| table.spec().column(column).is_some());
        match conditions.filter(|conditions| !conditions.is_empty()) {
            Some(conditions) => match conditions.iter().find(|(column, _)| !is_column(column)) {
                Some((column, _)) => Err(format!("no table has a column {column}")),
                None => Ok(Scope(conditions)),
            },
            None => Err(format!("{text:?} is not a scope: use all, or conditions like school_id=101")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_says_what_its_files_are() {
        let text = "propertyName,value\nrollcall.version,1\nsource.systemName,SIS\nfile.student,bulk\nfile.staff,delta\n\
                    file.course,absent\nscope,school_id=101; school_year=2026\nscope.student,all\n";
        let manifest = Manifest::read(text.as_bytes()).unwrap();
        assert_eq!(manifest.source(), Some("SIS"));
        assert_eq!(manifest.mode("student", "student"), Ok(Some(Mode::Full(Scope::default()))));
        assert_eq!(manifest.mode("staff", "staff"), Ok(Some(Mode::Delta)));
        assert_eq!(manifest.file("course"), Ok(Some(Stated::Absent)));
        let scope = [("school_id", "101"), ("school_year", "2026")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(manifest.scope("section"), Ok(Some(Scope(scope.to_vec()))));
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let error = |text: &str| {
            let manifest = Manifest::read(text.as_bytes());
            manifest.and_then(|manifest| manifest.mode("student", "student")).unwrap_err().to_string()
        };
        assert_eq!(
            error("propertyName,value\nfile.student,bulk\n"),
            "manifest.csv, line 2: it is bulk but no scope is stated"
        );
        assert_eq!(
            error("propertyName,value\nscope,\nfile.student,full\n"),
            "manifest.csv, line 3: \"full\" is not bulk, delta or absent"
        );
        assert!(
            error("propertyName,value\nscope,school\nfile.student,bulk\n").contains("line 2: \"school\" is not a scope")
        );
        assert_eq!(error("propertyName,value\nscope\n"), "manifest.csv, line 2: the value is missing");
        let long: String = (0..100_000).map(|number| format!("file.{number},bulk\n")).collect();
        assert_eq!(error(&long), "manifest.csv, line 66231: it is longer than 1 MiB");
        assert!(error(&",".repeat(LONGEST + 1)).contains("line 1: it is longer"));
    }
}
