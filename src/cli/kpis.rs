//! `rollcall kpis`: lists the KPIs, or shows one.

use super::{Failure, terminal};
use crate::kpi::{self, KPIS, Kpi};
use serde_json::{Value, json};
use std::fmt::Write;

/// List the KPIs, or explain one: its definition, grain, unit and columns
#[derive(clap::Args)]
pub struct Arguments {
    /// The id of a KPI, such as KPI-02
    id: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let Some(id) = &arguments.id else {
        let all = || KPIS.iter().map(|kpi| value(kpi)).collect::<Vec<_>>();
        return Ok((if arguments.json { lines(&json!(all())) } else { list() }, 0));
    };
    let kpi = kpi(id)?;
    Ok((if arguments.json { lines(&value(kpi)) } else { explain(kpi) }, 0))
}

/// The KPI with an id.
pub(super) fn kpi(id: &str) -> Result<&'static Kpi, Failure> {
    kpi::find(id).ok_or_else(|| {
        let hint = super::closest(id, KPIS.iter().map(|kpi| kpi.id));
        Failure::input(
            format!("there is no KPI {id}"),
            hint.map(|id| format!("did you mean {id}? `rollcall kpis` lists all")),
        )
    })
}

fn lines(value: &Value) -> String {
    format!("{value:#}\n")
}

fn value(kpi: &Kpi) -> Value {
    json!({
        "id": kpi.id,
        "name": kpi.name,
        "title": kpi.title,
        "grain": kpi.grain,
        "unit": kpi.unit,
        "keys": kpi.keys,
        "columns": columns(kpi),
        "doc": kpi.doc,
    })
}

fn columns(kpi: &Kpi) -> Vec<&'static str> {
    kpi.columns.iter().map(|(name, _)| *name).collect()
}

fn list() -> String {
    let mut table = terminal::table(&["KPI", "definition", "unit"], 3);
    for kpi in KPIS {
        table.add_row([kpi.id, kpi.title, kpi.unit]);
    }
    format!("{table}\n\n`rollcall kpis ID` explains one; `rollcall run` writes reports/analysis_tables/.\n")
}

fn explain(kpi: &Kpi) -> String {
    let (bold, dim) = (terminal::BOLD, terminal::DIM);
    let mut text = format!("{bold}{}: {}{bold:#}\n", kpi.id, kpi.title);
    let _ = writeln!(text, "{dim}{}{dim:#}\n", terminal::wrapped(&format!("{}; in {}", kpi.grain, kpi.unit)));
    let _ = writeln!(text, "{}\n", terminal::wrapped(kpi.doc));
    let names = [kpi.keys, &columns(kpi)].concat().join(", ");
    let _ = writeln!(text, "{dim}{}{dim:#}", terminal::wrapped(&format!("Columns: {names}")));
    let _ = writeln!(text, "{dim}File: reports/analysis_tables/{}.csv{dim:#}", kpi.name);
    text
}
