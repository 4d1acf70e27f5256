//! The summary at the end of a command: what was read, the violations, and the KPIs.

use super::terminal;
use crate::current::Origin;
use crate::kpi::headlines::Reported;
use crate::kpi::{KPIS, headlines, is_headline};
use crate::model::Settings;
use crate::publish::{Outcome, Written};
use crate::qa::Severity;
use crate::quality::report::{AHEAD, Report};
use crate::warehouse::RenderedTable;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

/// The content of the summary.
pub struct Summary<'a> {
    /// The folder in which a district was generated, if any.
    pub made: Option<&'a Path>,
    /// Whether the records are stored and files only change them.
    pub is_kept: bool,
    report: &'a Report,
    kpis: &'a [RenderedTable],
    rows: &'a [(&'static str, usize)],
    written: &'a [Written],
    seconds: f64,
    settings: &'a Settings,
}

impl<'a> Summary<'a> {
    /// The written files.
    pub fn of(outcome: &'a Outcome, settings: &'a Settings, seconds: f64) -> Summary<'a> {
        let Outcome { report, kpis, relations, written, .. } = outcome;
        Summary { made: None, is_kept: false, report, kpis, rows: relations, written, seconds, settings }
    }
}

impl Summary<'_> {
    /// As JSON.
    pub fn json(&self) -> String {
        let report = self.report;
        let rules = report.rules.iter().map(|rule| json!({"id": rule.id, "severity": rule.severity, "open": rule.open}));
        let kpis = self.kpis.iter().map(|rendered| {
            // Of daily KPIs, the last day.
            let is_today = |row: &&Vec<String>| ["", report.day.as_str()].contains(&field(rendered, row, "day"));
            let rows = rendered.rows.iter().filter(|row| is_of_district(rendered, row)).filter(is_today);
            let named = |row: &Vec<String>| -> serde_json::Map<String, serde_json::Value> {
                rendered.columns.iter().zip(row).map(|(column, field)| ((*column).to_owned(), json!(field))).collect()
            };
            json!({"name": rendered.name, "rows": rendered.rows.len(), "district": rows.map(named).collect::<Vec<_>>()})
        });
        let value = json!({
            "rollcall": report.rollcall,
            "day": report.day,
            "origin": report.origin,
            "files": report.files,
            "absent_tables": report.absent_tables,
            "ignored_files": report.ignored_files,
            "totals": report.totals,
            "rules": rules.collect::<Vec<_>>(),
            "kpis": kpis.collect::<Vec<_>>(),
            "relations": self.rows.iter().map(|(name, rows)| json!({"name": name, "rows": rows})).collect::<Vec<_>>(),
            "written": self.written.iter().map(|file| file.path.display().to_string()).collect::<Vec<_>>(),
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
        });
        format!("{value:#}\n")
    }

    /// As text.
    pub fn text(&self) -> String {
        let (bold, dim, bad, good) = (terminal::BOLD, terminal::DIM, terminal::ERROR, terminal::GOOD);
        let report = self.report;
        let mut text = String::new();
        if let Some(folder) = self.made {
            let _ = writeln!(text, "{dim}There was no extract; {} now contains a synthetic one.{dim:#}\n", folder.display());
        }
        let origin = if report.origin == Origin::Synthetic.name() { " · SYNTHETIC records, no real people" } else { "" };
        let _ = writeln!(text, "{bold}rollcall {} · as of {}{origin}{bold:#}\n", report.rollcall, report.day);
        let totals = &report.totals;
        let rejected = if self.is_kept {
            let _ = write!(text, "Contains  {} rows", terminal::thousands(totals.rows_held));
            totals.rejected_open
        } else {
            let rows = terminal::thousands(totals.rows);
            let _ = write!(text, "Read      {rows} rows from {} files", report.files.len());
            totals.rejected_rows
        };
        let _ = if rejected == 0 {
            writeln!(text, ", {good}none rejected{good:#}")
        } else {
            writeln!(text, ", {bad}{} rejected{bad:#}", terminal::thousands(rejected))
        };
        if !report.absent_tables.is_empty() {
            let _ = writeln!(text, "Missing   {}", report.absent_tables.join(", "));
        }
        for file in &report.ignored_files {
            if !file.starts_with("SYNTHETIC") {
                let _ = writeln!(text, "Note      {} is not named after a table; not read", terminal::safe(file));
            }
        }
        for file in &report.files {
            if file.encoding != "UTF-8" {
                let _ = writeln!(text, "Note      {} is not UTF-8; read as {}", file.file, file.encoding);
            }
            if !file.ignored_columns.is_empty() {
                let _ = writeln!(
                    text,
                    "Note      {}: columns not read: {}",
                    file.file,
                    terminal::safe(&file.ignored_columns.join(", "))
                );
            }
        }
        // One row of each file first, so that one bad file does not hide another.
        let is_first = |place: usize| place == 0 || report.rejected[place - 1].file != report.rejected[place].file;
        let (firsts, rest): (Vec<usize>, Vec<usize>) = (0..report.rejected.len()).partition(|&place| is_first(place));
        for rejected in firsts.into_iter().chain(rest).take(3).map(|place| &report.rejected[place]) {
            let place = rejected.position.map_or(String::new(), |position| format!(", field {position}"));
            let value = rejected.value.as_ref().map_or(String::new(), |value| format!(": {value:?}"));
            let _ = writeln!(text, "  {bad}✗{bad:#} {}:{}{place}: {}{value}", rejected.file, rejected.line, rejected.reason);
            let _ = writeln!(text, "    {dim}{}{dim:#}", rejected.hint);
        }
        if rejected > 3 {
            let _ = writeln!(text, "    {dim}… the report lists all{dim:#}");
        }
        if !report.did_not_run.is_empty() {
            let _ = writeln!(
                text,
                "Not run   {} of {} rules: tables are missing or rules are switched off",
                report.did_not_run.len(),
                report.did_not_run.len() + report.totals.rules_run
            );
        }
        let _ = writeln!(text, "\n{}", self.violations());
        let _ = writeln!(text, "\n{}", self.most_severe());
        let _ = writeln!(text, "\n{}", self.kpis());
        let upcoming = report.upcoming.len();
        if upcoming > 0 {
            let _ = writeln!(
                text,
                "{upcoming} violations will open in the next {AHEAD} days if no record changes; see the report."
            );
        }
        let minimum = self.settings.minimum_n;
        let _ = writeln!(
            text,
            "{dim}95% intervals; rates and gaps based on fewer than {minimum} students are not published.{dim:#}\n"
        );
        for Written { path, what } in self.written {
            let path = path.strip_prefix(".").unwrap_or(path).display().to_string();
            let _ = writeln!(text, "Wrote     {path:<33} {dim}{what}{dim:#}");
        }
        let _ = writeln!(text, "Took      {:.1} s", self.seconds);
        text
    }

    /// Violations by rule group and severity.
    fn violations(&self) -> comfy_table::Table {
        let names = Severity::ALL.map(Severity::name);
        let mut table = terminal::table(&[&["open violations"], &names[..], &["all", "without errors"]].concat(), 1);
        let clean = |family: &str| {
            let rendered = self.kpis.iter().find(|rendered| rendered.name == "kpi_23_record_cleanliness");
            let row = rendered.and_then(|rendered| {
                let of = |row: &&Vec<String>| {
                    field(rendered, row, "family") == family && field(rendered, row, "org_id").is_empty()
                };
                rendered.rows.iter().find(of).map(|row| field(rendered, row, "clean"))
            });
            row.filter(|clean| !clean.is_empty()).map_or(String::new(), |clean| format!("{clean}%"))
        };
        let of = |family: &str, severity: Severity| -> usize {
            let rules = self.report.rules.iter().filter(|rule| rule.family == family && rule.severity == severity);
            rules.map(|rule| rule.open).sum()
        };
        for (family, total) in &self.report.totals.by_family {
            let counts = Severity::ALL.map(|severity| terminal::count(of(family, severity), severity));
            let name = comfy_table::Cell::new(family.replace('_', " "));
            let all = comfy_table::Cell::new(terminal::thousands(*total as u64));
            table.add_row([name].into_iter().chain(counts).chain([all, clean(family).into()]));
        }
        let counts = self.report.totals.by_severity.iter().map(|(severity, count)| terminal::count(*count, *severity));
        let all = comfy_table::Cell::new(terminal::thousands(self.report.totals.violations as u64));
        table.add_row([comfy_table::Cell::new("all")].into_iter().chain(counts).chain([all]));
        table
    }

    /// The rules with the most violations, most severe first.
    fn most_severe(&self) -> comfy_table::Table {
        let mut rules: Vec<_> = self.report.rules.iter().filter(|rule| rule.open > 0).collect();
        rules.sort_by_key(|rule| (std::cmp::Reverse((rule.severity, rule.open)), rule.id));
        let mut table = terminal::table(&["most severe", "severity", "what is wrong", "open"], 3);
        for rule in rules.iter().take(8) {
            let open = terminal::count(rule.open, rule.severity);
            table.add_row([rule.id.into(), rule.severity.name().into(), rule.title.into(), open]);
        }
        table
    }

    /// KPIs of the district: for each subject, the latest year of its largest assessment.
    fn kpis(&self) -> comfy_table::Table {
        let mut table = terminal::table(&["district KPIs", "value", "95% interval", "n"], 1);
        for line in headlines(&reported(self.kpis)) {
            let whom = line.whom();
            let value = line.value.unwrap_or_else(|| "not published".to_owned());
            let interval = line.interval.map_or(String::new(), |(low, high)| format!("{low} to {high}"));
            let title = if line.kpi.id == "KPI-09" { "Program effect" } else { line.kpi.title };
            let what = if whom.is_empty() { title.to_owned() } else { format!("{title}, {whom}") };
            table.add_row([what, value, interval, line.n]);
        }
        table
    }
}

/// A field of a row, by column.
fn field<'a>(rendered: &'a RenderedTable, row: &'a [String], column: &str) -> &'a str {
    rendered.columns.iter().position(|name| *name == column).map_or("", |place| row[place].as_str())
}

/// The rows of the KPIs.
fn reported(sheets: &[RenderedTable]) -> Vec<Reported<'_>> {
    let mut rows = Vec::new();
    for (rendered, kpi) in
        sheets.iter().filter_map(|rendered| Some((rendered, KPIS.iter().find(|kpi| kpi.name == rendered.name)?)))
    {
        for row in &rendered.rows {
            let (keys, figures) = row.split_at(kpi.keys.len());
            rows.push(Reported { kpi, keys, figures: (field(rendered, row, "suppressed") != "true").then_some(figures) });
        }
    }
    rows
}

/// Rows of the whole district; see [`is_headline`].
fn is_of_district(rendered: &RenderedTable, row: &[String]) -> bool {
    let kpi = KPIS.iter().find(|kpi| kpi.name == rendered.name);
    kpi.is_some_and(|kpi| is_headline(kpi, &row[..kpi.keys.len()]))
}
