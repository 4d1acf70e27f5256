//! The data-quality report: what was read, which rows were rejected, and every rule with its violations. The publisher
//! `quality_report` writes it as `reports/data_quality_report.json`.

use super::cases::by_org;
use super::relations::population;
use super::{Case, Quality, Violations};
use crate::current::{CurrentRows, Origin};
use crate::engine::{self, Engine};
use crate::model::finding::surrogate_key;
use crate::model::{Fault, Reason, Rejected, Table, Texts, Unreadable};
use crate::plan::Plan;
use crate::qa::{self, Rule, Severity};
use crate::source::FileReport;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of listed violations per rule, and of listed rejections; all are counted.
pub const LISTED: usize = 1000;

/// The report.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of this layout; `reports/data_quality_report.schema.json` describes it.
    pub format: u32,
    /// Version of rollcall.
    pub rollcall: &'static str,
    /// The as-of date.
    pub day: String,
    /// The origin of the records.
    pub origin: &'static str,
    /// MD5 of the thresholds and disabled rules.
    pub settings_digest: String,
    /// The files read.
    pub files: Vec<FileReport>,
    /// Tables that are missing from the extract.
    pub absent_tables: Vec<&'static str>,
    /// Files of the extract that match no table.
    pub ignored_files: Vec<String>,
    /// Totals.
    pub totals: Totals,
    /// Every rule that ran.
    pub rules: Vec<RuleReport>,
    /// Rules that did not run.
    pub did_not_run: Vec<NotRun>,
    /// Violations that will open within the next 30 days if no record changes, by day; without those that are open
    /// already.
    pub upcoming: Vec<Upcoming>,
    /// Rejected fields and rows, up to [`LISTED`].
    pub rejected: Vec<RejectedReport>,
    /// Keys that were stated more than once, up to [`LISTED`]; the last row of each was accepted.
    pub superseded: Vec<SupersededReport>,
}

/// Totals of a report.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
    /// Rows read.
    pub rows: u64,
    /// Rows in all tables.
    pub rows_held: u64,
    /// Rejected rows.
    pub rejected_rows: u64,
    /// Rejected rows of this and earlier deliveries that are not resolved.
    pub rejected_open: u64,
    /// Rows superseded by a later row with the same key.
    pub superseded_rows: u64,
    /// Open violations, without waived ones.
    pub violations: usize,
    /// Waived violations.
    pub waived: usize,
    /// Rules that ran, and those of them without violations.
    pub rules_run: usize,
    /// See `rules_run`.
    pub rules_passed: usize,
    /// By severity, most severe first.
    #[serde(serialize_with = "as_map")]
    pub by_severity: Vec<(Severity, usize)>,
    /// By rule group.
    #[serde(serialize_with = "as_map")]
    pub by_family: Vec<(&'static str, usize)>,
}

/// Pairs as an object, in order.
fn as_map<K: Serialize, S: serde::Serializer>(pairs: &[(K, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, count)| (key, count)))
}

/// A rule and its violations.
#[derive(Debug, Serialize)]
pub struct RuleReport {
    /// Its id.
    pub id: &'static str,
    /// Its rule group.
    pub family: &'static str,
    /// Its severity, as configured for all organizations.
    pub severity: Severity,
    /// What is wrong.
    pub title: &'static str,
    /// What it checks, why it matters, how to fix it.
    pub text: RuleText,
    /// Whether it has no violations except waived ones.
    pub passes: bool,
    /// The number of rows that the rate refers to.
    pub population: usize,
    /// Open violations, without waived ones.
    pub open: usize,
    /// Waived violations.
    pub waived: usize,
    /// Open violations per row of the population, to six decimals; `None` if there are no rows.
    pub rate: Option<f64>,
    /// Open violations by the organization that they concern.
    pub by_school: BTreeMap<String, usize>,
    /// The violations, including waived ones, sorted by key, up to [`LISTED`].
    pub violations: Vec<ViolationReport>,
}

/// The text of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleText {
    /// What it checks.
    pub checks: String,
    /// Why it matters.
    pub matters: String,
    /// How to fix it.
    pub fix: String,
}

/// A violation.
#[derive(Debug, Serialize)]
pub struct ViolationReport {
    /// The kind of its subject.
    pub about: &'static str,
    /// The key of its subject.
    pub subject: String,
    /// The evidence, one entry per finding.
    pub evidence: Vec<BTreeMap<&'static str, String>>,
    /// Whether it is waived.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

/// A rule that did not run.
#[derive(Debug, Serialize)]
pub struct NotRun {
    /// Its id.
    pub id: &'static str,
    /// What it would find.
    pub title: &'static str,
    /// Tables that it needs and that are missing; empty if it is disabled.
    pub absent_tables: Vec<&'static str>,
}

/// A violation that will open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Upcoming {
    /// The day.
    pub day: String,
    /// The rule.
    pub rule: &'static str,
    /// The kind of its subject.
    pub about: &'static str,
    /// The key of its subject.
    pub subject: String,
}

/// A key that was stated more than once.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SupersededReport {
    /// The table.
    pub table: &'static str,
    /// The key.
    pub key: String,
    /// Superseded rows that differ from the accepted one.
    pub displaced: u32,
}

/// A rejected field or row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RejectedReport {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// Position of the field in the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// The text of the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What would be accepted.
    pub hint: &'static str,
}

/// What was read, apart from the rows.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files read.
    pub files: Vec<FileReport>,
    /// Tables that are missing from the extract.
    pub absent_tables: Vec<&'static str>,
    /// Files that match no table.
    pub ignored_files: Vec<String>,
}

/// The input of a report.
pub(crate) struct Basis<'a> {
    /// The origin of the records.
    pub origin: Origin,
    /// What was read.
    pub inputs: Inputs,
    /// What was computed.
    pub plan: &'a Plan,
    /// Rows and texts.
    pub current: &'a CurrentRows,
    /// The violations.
    pub quality: &'a Quality,
    /// Violations that will open.
    pub upcoming: Vec<Upcoming>,
}

/// Makes the report.
pub(crate) fn report(basis: Basis<'_>) -> Report {
    let Basis { origin, inputs, plan, current, quality, upcoming } = basis;
    let Quality { day, open, rule_status, .. } = quality;
    let texts = &current.texts;
    let rules: Vec<RuleReport> = qa::rules()
        .filter(|rule| plan.runs(rule))
        .map(|rule| {
            let of_rule = || open.iter().filter(|of| of.rule.id == rule.id);
            let count = of_rule().filter(|of| !of.waived).count();
            let waived = of_rule().count() - count;
            let population = population(rule, current);
            let rate = (population > 0).then(|| (1e6 * count as f64 / population as f64).round() / 1e6);
            let violation = |of: &Case| ViolationReport {
                about: of.about,
                subject: of.subject.clone(),
                evidence: of.evidence.clone(),
                waived: of.waived,
            };
            let mut paragraphs = rule.paragraphs();
            let mut paragraph = || if paragraphs.is_empty() { String::new() } else { paragraphs.remove(0) };
            RuleReport {
                id: rule.id,
                family: qa::group(rule),
                severity: rule_status.severity(rule, None),
                title: rule.title,
                text: RuleText { checks: paragraph(), matters: paragraph(), fix: paragraph() },
                passes: count == 0,
                population,
                open: count,
                waived,
                rate,
                by_school: by_org(of_rule().filter(|of| !of.waived), texts),
                violations: of_rule().take(LISTED).map(violation).collect(),
            }
        })
        .collect();
    let not_run = |rule: &'static Rule| {
        let absent = rule.needs.iter().filter(|table| plan.settings.absent_tables.contains(table));
        NotRun { id: rule.id, title: rule.title, absent_tables: absent.map(|table| table.spec().name).collect() }
    };
    let counted = || open.iter().filter(|of| !of.waived);
    let superseded_rows = current.superseded().map(|superseded| u64::from(superseded.displaced)).sum();
    let totals = Totals {
        rows: inputs.files.iter().map(|file| file.rows).sum(),
        rows_held: Table::ALL.iter().map(|table| current.rows().of(*table).count() as u64).sum(),
        rejected_rows: inputs.files.iter().map(|file| file.rejected).sum(),
        rejected_open: current.rejected().map(|of| (of.table, of.row)).collect::<BTreeSet<_>>().len() as u64,
        superseded_rows,
        violations: counted().count(),
        waived: open.iter().filter(|of| of.waived).count(),
        rules_run: rules.len(),
        rules_passed: rules.iter().filter(|rule| rule.passes).count(),
        by_severity: Severity::ALL
            .map(|severity| (severity, counted().filter(|of| of.severity == severity).count()))
            .to_vec(),
        by_family: qa::RULE_GROUPS
            .iter()
            .map(|group| {
                let of_family = rules.iter().filter(|rule| rule.family == group.name);
                (group.name, of_family.map(|rule| rule.open).sum())
            })
            .collect(),
    };
    let mut rejected: Vec<RejectedReport> = current.rejected().map(|rejected| describe(rejected, texts)).collect();
    rejected.sort_by(|a, b| (&a.file, a.line, a.position).cmp(&(&b.file, b.line, b.position)));
    rejected.truncate(LISTED);
    let mut superseded: Vec<SupersededReport> = current
        .superseded()
        .map(|of| SupersededReport {
            table: of.table.spec().name,
            key: texts.symbol_text(of.table.space(), of.key).to_owned(),
            displaced: of.displaced,
        })
        .collect();
    superseded.sort();
    superseded.truncate(LISTED);
    Report {
        format: 2,
        rollcall: env!("CARGO_PKG_VERSION"),
        day: day.to_string(),
        origin: origin.name(),
        settings_digest: settings_digest(plan),
        files: inputs.files,
        absent_tables: inputs.absent_tables,
        ignored_files: inputs.ignored_files,
        totals,
        rules,
        did_not_run: qa::rules().filter(|rule| !plan.runs(rule)).map(not_run).collect(),
        upcoming,
        rejected,
        superseded,
    }
}

/// A digest of the thresholds and disabled rules of a plan.
fn settings_digest(plan: &Plan) -> String {
    let thresholds = plan.settings.list().into_iter().map(|(_, _, name, value)| format!("{name}={value}"));
    let off = plan.off.iter().map(|rule| format!("off={rule}"));
    let all: Vec<String> = thresholds.chain(off).collect();
    surrogate_key(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

impl Report {
    /// The number of violations with at least this severity.
    pub(crate) fn at_least(&self, severity: Severity) -> usize {
        self.totals.by_severity.iter().filter(|(of, _)| *of >= severity).map(|(_, count)| count).sum()
    }
}

/// How many days ahead the report looks.
pub(crate) const AHEAD: i64 = 30;

/// The violations that will open within [`AHEAD`] days if no record changes.
pub(crate) fn upcoming(engine: &mut Engine, violations: &Violations) -> Result<Vec<Upcoming>, engine::Error> {
    let ahead = engine.ahead(engine.day().plus(AHEAD))?;
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

/// A rejected field or row as text.
pub fn describe(rejected: &Rejected, texts: &Texts) -> RejectedReport {
    let spec = rejected.table.spec();
    let (column, position, value, reason) = match rejected.reason {
        Reason::Field { column, position, fault, value } => {
            let column = &spec.columns[usize::from(column)];
            let kind = match fault {
                Fault::Missing => "is required and empty",
                Fault::Unreadable(Unreadable::Date) => "is not a date",
                Fault::Unreadable(Unreadable::Decimal) => "is not a decimal number",
                Fault::Unreadable(Unreadable::Int) => "is not a whole number",
                Fault::Unreadable(Unreadable::Year) => "is not a school year",
                Fault::Unreadable(Unreadable::Bool) => "is neither true nor false",
                Fault::Unreadable(Unreadable::Ids) => "has too many ids",
            };
            let value = value.map(|value| texts.text(value).to_owned());
            (Some(column.name), Some(position), value, format!("{} {kind}", column.name))
        }
        Reason::FieldCount { found, expected } => {
            (None, None, None, format!("the line has {found} fields, but the header has {expected}"))
        }
        Reason::Unclosed => (None, None, None, "a quoted field is not closed or not quoted correctly".to_owned()),
        Reason::Operation { position, value } | Reason::Stamp { position, value } => {
            let value = value.map(|value| texts.text(value).to_owned());
            (None, Some(position), value, "the operation is unknown, or a key change has no old key".to_owned())
        }
        Reason::Nul => (None, None, None, "a field has a NUL character".to_owned()),
        Reason::NoEvent => (None, None, None, "the line is not a change event of a row".to_owned()),
        Reason::NoRole => (None, None, None, "it is not stated whether this is a student or a staff member".to_owned()),
    };
    let file = texts.text(rejected.file).to_owned();
    RejectedReport { file, line: rejected.line, position, column, value, reason, hint: rejected.reason.hint() }
}
