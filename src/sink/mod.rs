//! Sinks: they render what the engine gives, and compute nothing. Files are replaced whole, carry no clock and no path of
//! a machine, and hold nothing that a spreadsheet would run as a formula.

pub mod analysis_tables;
#[cfg(feature = "brief")]
pub mod brief;
pub mod catalogue;
pub mod ddl;
pub mod quality_report;
pub mod warehouse_files;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}", path = path.display())]
pub struct Error {
    path: PathBuf,
    source: io::Error,
}

/// Where published records come from; every file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made up by the generator.
    Synthetic,
    /// Given by a district.
    Extract,
}

impl Origin {
    /// The word that files carry.
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Synthetic => "SYNTHETIC",
            Origin::Extract => "extract",
        }
    }
}

/// A table of texts, as files and terminals show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Writes the sheet as CSV, with the origin of its records in the last column.
    pub fn write_csv(&self, folder: &Path, origin: Origin) -> Result<PathBuf, Error> {
        let path = folder.join(format!("{}.csv", self.name));
        replace(&path, |file| {
            let mut csv = csv::Writer::from_writer(file);
            csv.write_record(self.columns.iter().copied().chain(["origin"]))?;
            for row in &self.rows {
                csv.write_record(
                    row.iter().map(|field| harmless(field)).chain([origin.name().into()]).map(|f| f.into_owned()),
                )?;
            }
            csv.flush()
        })?;
        Ok(path)
    }
}

/// A text that no spreadsheet takes for a formula: one that begins like a formula and is no number gets a quote before it.
fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = text.strip_prefix('-').unwrap_or(text).parse::<f64>().is_ok() && !text.starts_with('+');
    if risky && !number { format!("'{text}").into() } else { text.into() }
}

/// Replaces a file whole: what is written goes into a file beside it, which takes its name once it is complete and
/// synced. Whoever reads sees the old file or the new one, never half of one.
pub fn replace(path: &Path, write: impl FnOnce(&mut io::BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
    let error = |source| Error { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(error)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = File::create(&part).and_then(|file| {
        let mut file = io::BufWriter::new(file);
        write(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&part, path)
    });
    written.map_err(|source| {
        // What is left of it is no use to anybody; the error that matters is the first one.
        let _ = fs::remove_file(&part);
        error(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_run_nothing() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("@home", "'@home"),
            ("-x", "'-x"),
            ("-1.5", "-1.5"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("rollcall-replace-{}", std::process::id()));
        let path = folder.join("deep/file.txt");
        replace(&path, |file| file.write_all(b"first")).unwrap();
        let failed = replace(&path, |file| {
            file.write_all(b"second")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.unwrap_err().to_string().ends_with("deep/file.txt: the disk is full"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
