//! `reports/data_quality_report.json`; [`crate::quality::report`] makes its content.

use super::{Error, Header, Path, Publication, Sink, Written, replace};
use std::io::Write;
use std::path::PathBuf;

/// Writes the report.
pub(crate) struct QualityReport(PathBuf);

impl QualityReport {
    /// Begins.
    pub(crate) fn begin(out: &Path, _: &Header) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(QualityReport(out.join("reports/data_quality_report.json"))))
    }
}

impl Sink for QualityReport {
    fn finish(self: Box<Self>, publication: &Publication<'_>) -> Result<Vec<Written>, Error> {
        replace(&self.0, |file| {
            serde_json::to_writer_pretty(&mut *file, publication.report)?;
            file.write_all(b"\n")
        })?;
        Ok(vec![Written { path: self.0, what: "every violation, with evidence" }])
    }
}
