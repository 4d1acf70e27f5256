//! Publishing: renders the results of the engine and the KPIs into files. Sinks compute nothing. Files are replaced as a
//! whole and contain neither the time nor a path of the machine, so equal content gives equal bytes.
//!
//! A sink is one file here and one line in the list `sinks!`. [`crate::district`] writes `changes` timestamp by timestamp;
//! `catalogue` and `ddl` render the declarations for `reports/*.md` and `sql/`.

pub mod catalogue;
pub mod changes;
pub mod ddl;
pub mod relations;
mod typed;

use crate::current::{CurrentRows, Origin};
use crate::engine::{self, Engine};
use crate::kpi::{Published, ZScores, tables};
use crate::model::{Date, Settings};
use crate::plan::Plan;
use crate::quality::relations::DQ_RELATIONS;
use crate::quality::report::{self, Inputs, Report};
use crate::quality::{History, Quality, Violations};
use crate::warehouse::{RELATIONS, RenderedTable};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Errors of publishing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

/// What a sink knows before the first table.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// The day of the engine.
    pub day: Date,
    /// Where the records come from.
    pub origin: Origin,
    /// The least number of students that a published figure rests on.
    pub minimum_n: i64,
}

/// The part of the publication that a table belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Relations of the warehouse, including those of data quality.
    Warehouse,
    /// KPIs.
    Kpi,
}

impl Layer {
    /// The folder of its files.
    const fn folder(self) -> &'static str {
        match self {
            Layer::Warehouse => "warehouse/out",
            Layer::Kpi => "reports/analysis_tables",
        }
    }
}

/// What a sink may read after the last table.
pub struct Publication<'a> {
    /// The name of the district, if a record states it.
    pub district: Option<&'a str>,
    /// The data-quality report.
    pub report: &'a Report,
    /// The KPI tables.
    pub kpis: &'a [RenderedTable],
    /// The thresholds that figures and rules use.
    pub settings: &'a Settings,
}

/// A written file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its path.
    pub path: PathBuf,
    /// What it is, in a few words.
    pub what: &'static str,
}

/// A target of published tables. Tables come one after another, so only one relation is in memory at a time: first the
/// relations, then the KPIs.
pub trait Sink {
    /// Writes a table.
    fn table(&mut self, _layer: Layer, _table: &RenderedTable) -> Result<(), Error> {
        Ok(())
    }
    /// Completes its files and lists them.
    fn finish(self: Box<Self>, publication: &Publication<'_>) -> Result<Vec<Written>, Error>;
}

/// Begins a sink in the output folder.
type Begin = fn(&Path, &Header) -> Result<Box<dyn Sink>, Error>;

macro_rules! sinks {
    ($($(#[$meta:meta])* $module:ident::$sink:ident),+ $(,)?) => {
        $($(#[$meta])* mod $module;)+

        /// Every sink, in the order in which its files are listed.
        static SINKS: &[Begin] = &[$($(#[$meta])* $module::$sink::begin),+];
    };
}

// The list of sinks.
sinks! {
    quality_report::QualityReport,
    csv_files::CsvFiles,
    parquet_files::ParquetFiles,
    sqlite_file::SqliteFile,
    #[cfg(feature = "brief")]
    brief::Brief,
}

/// What was published.
pub struct Outcome {
    /// The data-quality report.
    pub report: Report,
    /// The published KPIs.
    pub kpis: Vec<RenderedTable>,
    /// Relations of the warehouse, with their numbers of rows.
    pub relations: Vec<(&'static str, usize)>,
    /// Files and folders.
    pub written: Vec<Written>,
    /// Where the records come from.
    pub origin: Origin,
}

/// The input of publishing, besides the engine.
pub struct Source<'a> {
    /// Open violations.
    pub violations: &'a Violations,
    /// When they were opened, if known.
    pub history: History,
    /// What was computed.
    pub plan: &'a Plan,
    /// The input files.
    pub inputs: Inputs,
}

/// Publishes everything into a folder. `progress` receives the number of relations written, and the total.
///
/// # Errors
///
/// A file that cannot be written, or an engine that has stopped. Files completed by then stay.
pub fn publish(
    engine: &mut Engine,
    source: Source<'_>,
    out: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Outcome, Error> {
    let Source { violations, history, plan, inputs } = source;
    let tallies = engine.tallies()?;
    let quality = Quality::at(engine.time(), violations, history, plan, &engine.current);
    let (kpis, z_scores) = {
        let published = Published::new(&tallies, &engine.current, &plan.settings, &quality.violated);
        (tables::all(&published), ZScores::new(&published))
    };
    let origin = Origin::of(&engine.current);
    let header = Header { day: engine.day(), origin, minimum_n: plan.settings.minimum_n };
    let mut sinks = SINKS.iter().map(|begin| begin(out, &header)).collect::<Result<Vec<_>, _>>()?;
    let mut relations = Vec::new();
    let mut put = |layer: Layer, table: &RenderedTable| {
        if layer == Layer::Warehouse {
            relations.push((table.name, table.rows.len()));
            progress(relations.len(), RELATIONS.len() + DQ_RELATIONS.len());
        }
        sinks.iter_mut().try_for_each(|sink| sink.table(layer, table))
    };
    for relation in RELATIONS {
        put(Layer::Warehouse, &relations::rendered(relation, engine, &z_scores)?)?;
    }
    for relation in DQ_RELATIONS {
        put(Layer::Warehouse, &relation.rendered(&quality, plan, &engine.current))?;
    }
    kpis.iter().try_for_each(|kpi| put(Layer::Kpi, kpi))?;
    let upcoming = report::upcoming(engine, violations)?;
    let current: &CurrentRows = &engine.current;
    let report = report::report(report::Basis { origin, inputs, plan, current, quality: &quality, upcoming });
    let publication = Publication { district: current.district(), report: &report, kpis: &kpis, settings: &plan.settings };
    let mut written = Vec::new();
    for sink in sinks {
        written.extend(sink.finish(&publication)?);
    }
    // Reports first, then data.
    written.sort_by_key(|written| !written.path.starts_with(out.join("reports")));
    Ok(Outcome { report, kpis, relations, written, origin })
}

/// Replaces a file as a whole: the new content is written to a file beside it, which is renamed once it is complete and
/// synced. Readers see the old file or the new one, never a part of one.
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

/// A file being written, beside the one that it will replace.
struct Part {
    path: PathBuf,
    part: PathBuf,
    kept: bool,
}

impl Part {
    /// Creates the folder and the file.
    fn beside(path: &Path) -> Result<Part, Error> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = Part { path: path.to_owned(), part: path.with_file_name(name), kept: false };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        // A leftover of an earlier run would be mistaken for new content.
        let gone = folder.and_then(|()| match fs::remove_file(&part.part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        gone.map_err(|source| part.error(source))?;
        Ok(part)
    }

    fn error(&self, source: io::Error) -> Error {
        Error::File { path: self.path.clone(), source }
    }

    /// Syncs the complete file and renames it.
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
            // The partial file is useless; the first error is the one to report.
            let _ = fs::remove_file(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
