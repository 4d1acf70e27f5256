//! Publishing with a progress bar.

use super::{Failure, terminal};
use crate::district::{District, computed};
use crate::engine::Engine;
use crate::ingest;
use crate::publish::{self, Outcome, Source};
use crate::store::disk::Folder;
use std::path::Path;

/// Publishes everything into a folder.
pub fn publish(engine: &mut Engine, source: Source<'_>, out: &Path) -> Result<Outcome, Failure> {
    let bar = terminal::progress("writing the warehouse", 0);
    let published = publish::publish(engine, source, out, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    published.map_err(Failure::work)
}

/// Publishes the current state of a stored district.
pub fn publish_district(district: &mut District<Folder>, out: &Path) -> Result<Outcome, Failure> {
    let inputs = ingest::inputs(district.files(), district.computed());
    let plan = computed::plan(district.computed());
    let (violations, history) = (district.violations().clone(), district.history().clone());
    publish(district.engine(), Source { violations: &violations, history, plan: &plan, inputs }, out)
}
