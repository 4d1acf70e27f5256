//! Sinks: they render what the engine gives, and compute nothing. Files are replaced whole, carry no clock and no path of
//! a machine, and hold nothing that a spreadsheet would run as a formula.

pub mod analysis_tables;
#[cfg(feature = "brief")]
pub mod brief;
pub mod catalogue;
pub mod changes;
pub mod ddl;
pub mod parquet_file;
pub mod quality_report;
pub mod sqlite_file;
pub mod warehouse_files;

use crate::model::Date;
use crate::warehouse::Surrogate;
use crate::warehouse::columns::Kind;
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
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

/// A table of texts, as files and terminals show it. Files with types read them back from the texts, so that every file
/// of a table says the same.
#[derive(Clone, Debug)]
pub struct RenderedTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<&'static str>,
    /// What each of them holds.
    pub kinds: Vec<Kind>,
    /// The columns that no two rows share.
    pub key: &'static [&'static str],
    /// Its surrogate keys; they are its first columns.
    pub surrogates: &'static [Surrogate],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}

impl RenderedTable {
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

    /// The fields of a column of some rows, by its place.
    fn typed(&self, place: usize, rows: Range<usize>) -> impl Iterator<Item = io::Result<Typed<'_>>> {
        self.rows[rows].iter().map(move |row| self.field(place, &row[place]))
    }

    /// A field, with the type of its column.
    fn field<'a>(&self, place: usize, text: &'a str) -> io::Result<Typed<'a>> {
        let kind = self.kinds[place];
        Typed::read(kind, text).ok_or_else(|| {
            let (table, column) = (self.name, self.columns[place]);
            io::Error::new(io::ErrorKind::InvalidData, format!("{table}.{column} holds {kind:?}, not {text:?}"))
        })
    }
}

/// A field with its type.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Typed<'a> {
    /// Nothing stated.
    Null,
    Text(&'a str),
    Int(i64),
    /// A decimal times 10^places, and the places.
    Decimal(i64, u32),
    Real(f64),
    YesNo(bool),
    Date(Date),
}

impl<'a> Typed<'a> {
    /// Reads a published text back; none when it is not of its kind.
    fn read(kind: Kind, text: &'a str) -> Option<Typed<'a>> {
        if text.is_empty() {
            return Some(Typed::Null);
        }
        match kind {
            Kind::Text => Some(Typed::Text(text)),
            Kind::Int => text.parse().ok().map(Typed::Int),
            Kind::Decimal(places) => scaled(text, places).map(|scaled| Typed::Decimal(scaled, places)),
            Kind::Real => text.parse().ok().filter(|value: &f64| value.is_finite()).map(Typed::Real),
            Kind::YesNo => text.parse().ok().map(Typed::YesNo),
            Kind::Date => Date::parse_iso(text.as_bytes()).map(Typed::Date),
        }
    }
}

/// A decimal as published, times 10^places; none when it has more places or is no decimal.
fn scaled(text: &str, places: u32) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let missing = places.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let magnitude = whole.parse::<i64>().ok()?.checked_mul(10i64.pow(places))?;
    let magnitude = magnitude.checked_add(fraction * 10i64.pow(missing))?;
    Some(if negative { -magnitude } else { magnitude })
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
    let part = Part::beside(path)?;
    let written = File::create(&part.part).and_then(|file| {
        let mut file = io::BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|source| part.error(source))?;
    part.keep()
}

/// A file in the making, beside the one whose name it will take.
struct Part {
    path: PathBuf,
    part: PathBuf,
    kept: bool,
}

impl Part {
    /// Makes the folder, and room for the file.
    fn beside(path: &Path) -> Result<Part, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = Part { path: path.to_owned(), part: path.with_file_name(name), kept: false };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        // What an earlier run left behind would be taken for what this one wrote.
        let gone = folder.and_then(|()| match fs::remove_file(&part.part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        gone.map_err(|source| part.error(source))?;
        Ok(part)
    }

    fn error(&self, source: io::Error) -> Error {
        Error { path: self.path.clone(), source }
    }

    /// The file is complete: it is synced and takes its name.
    fn keep(mut self) -> Result<(), Error> {
        let synced = File::options().write(true).open(&self.part).and_then(|file| file.sync_all());
        synced.and_then(|()| fs::rename(&self.part, &self.path)).map_err(|source| self.error(source))?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            // What is left of it is no use to anybody; the error that matters was the first one.
            let _ = fs::remove_file(&self.part);
        }
    }
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
    fn published_texts_are_read_back_with_their_types() {
        use crate::model::fields::decimal_text;
        for (value, places) in [(0, 3), (-1, 4), (10_500, 4), (12_345_678, 3), (-90_000, 4), (7, 0), (i64::MAX / 10, 4)] {
            let text = decimal_text(value, places);
            assert_eq!(Typed::read(Kind::Decimal(places), &text), Some(Typed::Decimal(value, places)), "{text}");
        }
        for (kind, text) in [
            (Kind::Decimal(3), "0.1234"),
            (Kind::Decimal(3), "."),
            (Kind::Decimal(3), "1e3"),
            (Kind::Decimal(4), "9223372036854775807"),
            (Kind::Int, "1.0"),
            (Kind::Real, "NaN"),
            (Kind::YesNo, "yes"),
            (Kind::Date, "2026-02-30"),
        ] {
            assert_eq!(Typed::read(kind, text), None, "{kind:?} {text}");
        }
        for kind in [Kind::Text, Kind::Int, Kind::Decimal(3), Kind::Real, Kind::YesNo, Kind::Date] {
            assert_eq!(Typed::read(kind, ""), Some(Typed::Null));
        }
        assert_eq!(Typed::read(Kind::Text, "=1+1"), Some(Typed::Text("=1+1")));
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
