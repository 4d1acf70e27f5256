//! `reports/analysis_tables/`: one table per KPI, with what must not be published left out.

use super::{Error, Origin, Sheet};
use crate::kpi::{Figure, KPIS, Published};
use std::path::{Path, PathBuf};

/// Every KPI as a table. An empty school or grade is the district or all grades; `suppressed` tells rows whose figures
/// are left out.
pub fn sheets(published: &Published<'_>) -> Vec<Sheet> {
    let sheet = |kpi: &&'static crate::kpi::Kpi| {
        let columns = [kpi.keys, kpi.columns, &["suppressed"]].concat();
        let rows = (kpi.rows)(published).into_iter().map(|row| {
            let suppressed = row.figures.is_none();
            let figures = match row.figures {
                Some(figures) => figures.into_iter().map(Figure::text).collect(),
                None => vec![String::new(); kpi.columns.len()],
            };
            [row.keys, figures, vec![suppressed.to_string()]].concat()
        });
        let mut rows: Vec<Vec<String>> = rows.collect();
        rows.sort();
        Sheet { name: kpi.name, columns, rows }
    };
    KPIS.iter().map(sheet).collect()
}

/// Writes the tables.
pub fn write(sheets: &[Sheet], folder: &Path, origin: Origin) -> Result<Vec<PathBuf>, Error> {
    sheets.iter().map(|sheet| sheet.write_csv(folder, origin)).collect()
}
