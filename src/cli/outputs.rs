//! What a command leaves behind: report, analysis tables, warehouse and brief, as the district stands.

use super::{Failure, feeding, terminal};
use crate::current::CurrentRows;
use crate::district::{District, computed};
use crate::engine::Engine;
use crate::kpi::{Published, ZScores};
use crate::model::{Organization, Settings};
use crate::plan::Plan;
use crate::publish::quality_report::{Inputs, Made, Report, Upcoming, report};
use crate::publish::{Origin, RenderedTable, analysis_tables, warehouse_files};
use crate::qa;
use crate::quality::{History, Quality, Violations};
use crate::store::disk::Folder;
use std::path::{Path, PathBuf};

/// What was written.
pub struct Written {
    /// The quality report.
    pub report: Report,
    /// The KPIs as published.
    pub sheets: Vec<RenderedTable>,
    /// Relations of the warehouse, with their numbers of rows.
    pub relations: Vec<(&'static str, usize)>,
    /// Files and folders, each with what it is.
    pub paths: Vec<(PathBuf, &'static str)>,
}

/// Writes everything below a folder, with the history of violations as far as there is one.
pub fn write(
    engine: &mut Engine,
    violations: Violations,
    history: History,
    plan: &Plan,
    inputs: Inputs,
    out: &Path,
) -> Result<Written, Failure> {
    let origin = origin(&engine.current);
    let tallies = engine.tallies().map_err(Failure::work)?;
    let quality = Quality::at(engine.time(), &violations, history, plan, &engine.current);
    let (sheets, z_scores) = {
        let published = Published::new(&tallies, &engine.current, &plan.settings, &quality.violated);
        (analysis_tables::sheets(&published), ZScores::new(&published))
    };
    let tables_path = out.join("reports/analysis_tables");
    analysis_tables::write(&sheets, &tables_path, origin).map_err(Failure::work)?;
    let warehouse_path = out.join("warehouse/out");
    let bar = terminal::progress("writing the warehouse", crate::warehouse::RELATIONS.len() as u64);
    let besides = warehouse_files::Besides { quality: &quality, plan, kpis: &sheets, z_scores: &z_scores };
    let relations =
        warehouse_files::write(engine, &besides, &warehouse_path, origin, |_| bar.inc(1)).map_err(Failure::work)?;
    bar.finish_and_clear();
    let upcoming = upcoming(engine, &violations)?;
    let current = &engine.current;
    let made = Made { origin, inputs, plan, current, quality: &quality, upcoming };
    let report = report(made);
    let report_path = out.join("reports/data_quality_report.json");
    report.write(&report_path).map_err(Failure::work)?;
    let brief_path = brief(out, engine, &report, &sheets, &plan.settings)?;
    let mut paths = vec![(report_path, "every violation, with evidence"), (tables_path, "KPIs for dashboards")];
    paths.extend(brief_path.map(|path| (path, "two or three pages for leaders")));
    let database_path = warehouse_path.join(warehouse_files::DATABASE);
    paths.push((warehouse_path, "facts and dimensions, as CSV and Parquet"));
    paths.push((database_path, "all of it, for SQL"));
    Ok(Written { report, sheets, relations, paths })
}

/// The same of a district that is kept, as it stands.
pub fn publish(district: &mut District<Folder>, out: &Path) -> Result<Written, Failure> {
    let inputs = feeding::inputs(district.files(), district.computed());
    let plan = computed::plan(district.computed());
    let (violations, history) = (district.violations().clone(), district.history().clone());
    write(district.engine(), violations, history, &plan, inputs, out)
}

/// Writes the policy brief, and says where.
#[cfg(feature = "brief")]
fn brief(
    out: &Path,
    engine: &Engine,
    report: &Report,
    sheets: &[RenderedTable],
    settings: &Settings,
) -> Result<Option<PathBuf>, Failure> {
    let district = engine.current.district().unwrap_or("The district");
    let path = out.join("reports/policy_brief.pdf");
    let input = crate::publish::brief::Input { district, report, sheets, settings };
    crate::publish::brief::write(&input, &path).map_err(Failure::work)?;
    Ok(Some(path))
}

/// Typst is left out of this build, and with it the policy brief.
#[cfg(not(feature = "brief"))]
fn brief(_: &Path, _: &Engine, _: &Report, _: &[RenderedTable], _: &Settings) -> Result<Option<PathBuf>, Failure> {
    Ok(None)
}

/// How many days ahead a run looks.
pub const AHEAD: i64 = 30;

/// What will open if no record changes.
fn upcoming(engine: &mut Engine, violations: &Violations) -> Result<Vec<Upcoming>, Failure> {
    let ahead = engine.ahead(engine.day().plus(AHEAD)).map_err(Failure::work)?;
    let texts = &engine.current.texts;
    let opens = violations.foresee(&ahead).into_iter().map(|(day, (rule, subject))| Upcoming {
        day: day.to_string(),
        rule: qa::numbered(rule).id,
        about: subject.kind(),
        subject: subject.key(texts),
    });
    let mut upcoming: Vec<Upcoming> = opens.collect();
    upcoming.sort();
    Ok(upcoming)
}

/// Generated organizations are named SYNTHETIC, so that their records tell wherever they are carried.
pub fn origin(current: &CurrentRows) -> Origin {
    let is_marked = |row: &Organization| current.texts.text(row.name).starts_with("SYNTHETIC");
    if current.rows().organization.iter().flatten().any(is_marked) { Origin::Synthetic } else { Origin::Extract }
}
