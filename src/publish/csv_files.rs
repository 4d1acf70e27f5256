//! CSV files: one per relation in `warehouse/out/`, one per KPI in `reports/analysis_tables/`. No field starts like a formula
//! that a spreadsheet would run.

use super::{Error, Header, Layer, Path, Publication, Sink, Written, replace};
use crate::current::Origin;
use crate::warehouse::RenderedTable;
use std::borrow::Cow;
use std::path::PathBuf;

/// Writes each table as a file, with the origin of its records in the last column.
pub(crate) struct CsvFiles {
    folders: [PathBuf; 2],
    origin: Origin,
}

impl CsvFiles {
    /// Begins.
    pub(crate) fn begin(out: &Path, header: &Header) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(CsvFiles {
            folders: [Layer::Warehouse, Layer::Kpi].map(|layer| out.join(layer.folder())),
            origin: header.origin,
        }))
    }
}

impl Sink for CsvFiles {
    fn table(&mut self, layer: Layer, table: &RenderedTable) -> Result<(), Error> {
        write(table, &self.folders[layer as usize], self.origin)
    }

    fn finish(self: Box<Self>, _: &Publication<'_>) -> Result<Vec<Written>, Error> {
        let [warehouse, kpis] = self.folders;
        Ok(vec![
            Written { path: kpis, what: "KPIs for dashboards" },
            Written { path: warehouse, what: "facts and dimensions (CSV, Parquet)" },
        ])
    }
}

fn write(table: &RenderedTable, folder: &Path, origin: Origin) -> Result<(), Error> {
    replace(&folder.join(format!("{}.csv", table.name)), |file| {
        let mut csv = csv::Writer::from_writer(file);
        csv.write_record(table.columns.iter().copied().chain(["origin"]))?;
        for row in &table.rows {
            for field in row {
                csv.write_field(harmless(field).as_bytes())?;
            }
            csv.write_field(origin.name())?;
            csv.write_record(None::<&[u8]>)?;
        }
        csv.flush()
    })
}

/// Protects a text from being read as a formula: if it begins like one and is not a number, it gets a leading quote.
fn harmless(text: &str) -> Cow<'_, str> {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let number = text.strip_prefix('-').unwrap_or(text).parse::<f64>().is_ok() && !text.starts_with('+');
    if risky && !number { format!("'{text}").into() } else { text.into() }
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
            ("+1.5", "'+1.5"),
            ("\t=1+1", "'\t=1+1"),
            ("\r=1+1", "'\r=1+1"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
