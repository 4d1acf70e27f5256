//! `reports/data_quality_report.json`: what was read, what was not taken, and every rule with what violates it.

use super::{Error, Origin, replace};
use crate::model::{Date, Fault, Reason, Rejected, RuleNumber, Subject, Texts, Unreadable};
use crate::qa::{self, Severity};
use crate::quality::Violations;
use crate::register::Register;
use crate::source::FileReport;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// How many violations of a rule, and how many rejected fields, are listed; all are counted.
pub const LISTED: usize = 1000;

/// The report.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of this layout.
    pub format: u32,
    /// Version of rollcall.
    pub rollcall: &'static str,
    /// The day that rules mean by today.
    pub day: String,
    /// Where the records come from.
    pub origin: &'static str,
    /// The files read.
    pub files: Vec<FileReport>,
    /// Tables that the extract does not hold.
    pub absent_tables: Vec<&'static str>,
    /// Files of the extract that are no table.
    pub ignored_files: Vec<String>,
    /// Totals.
    pub totals: Totals,
    /// Every rule.
    pub rules: Vec<RuleReport>,
    /// Fields and rows that were not taken, up to [`LISTED`].
    pub rejected: Vec<RejectedReport>,
}

/// Totals of a report.
#[derive(Debug, Default, Serialize)]
pub struct Totals {
    /// Rows read.
    pub rows: u64,
    /// Rows not taken.
    pub rejected_rows: u64,
    /// Violations open.
    pub violations: usize,
    /// By severity, the worst first.
    #[serde(serialize_with = "as_map")]
    pub by_severity: Vec<(Severity, usize)>,
    /// By family.
    #[serde(serialize_with = "as_map")]
    pub by_family: Vec<(&'static str, usize)>,
}

/// Pairs as an object, in their order.
fn as_map<K: Serialize, S: serde::Serializer>(pairs: &[(K, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, count)| (key, count)))
}

/// A rule and what violates it.
#[derive(Debug, Serialize)]
pub struct RuleReport {
    /// Its id.
    pub id: &'static str,
    /// Its family.
    pub family: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// What is wrong.
    pub title: &'static str,
    /// Whether nothing violates it.
    pub passes: bool,
    /// Violations open.
    pub open: usize,
    /// Of those, the first by key, up to [`LISTED`].
    pub violations: Vec<ViolationReport>,
}

/// A violation.
#[derive(Debug, Serialize)]
pub struct ViolationReport {
    /// What kind of thing it is about.
    pub about: &'static str,
    /// Its key.
    pub subject: String,
    /// What was seen: one entry per finding.
    pub evidence: Vec<BTreeMap<&'static str, String>>,
}

/// A field, or a row, that was not taken.
#[derive(Debug, Serialize)]
pub struct RejectedReport {
    /// The file.
    pub file: String,
    /// The line, the first being 1.
    pub line: u32,
    /// Position of the field in the line, the first being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What would have been taken.
    pub hint: &'static str,
}

/// What was read, apart from the rows.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The files read.
    pub files: Vec<FileReport>,
    /// Tables that the extract does not hold.
    pub absent_tables: Vec<&'static str>,
    /// Files that are no table.
    pub ignored_files: Vec<String>,
}

/// Makes the report.
pub fn report(day: Date, origin: Origin, inputs: Inputs, register: &Register, violations: &Violations) -> Report {
    let texts = &register.texts;
    let mut by_rule: BTreeMap<RuleNumber, Vec<ViolationReport>> = BTreeMap::new();
    for ((rule, subject), findings) in violations.open() {
        let names = qa::numbered(*rule).evidence;
        let evidence = findings.map(|values| {
            let named = names.iter().zip(values).map(|(name, value)| (*name, value.text(texts)));
            named.filter(|(_, text)| !text.is_empty()).collect()
        });
        by_rule.entry(*rule).or_default().push(violation(subject, evidence.collect(), texts));
    }
    let rules: Vec<RuleReport> = qa::rules()
        .enumerate()
        .map(|(number, rule)| {
            let mut violations = by_rule.remove(&RuleNumber(number as u16)).unwrap_or_default();
            violations.sort_by(|a, b| a.subject.cmp(&b.subject));
            let open = violations.len();
            violations.truncate(LISTED);
            let (id, title, severity) = (rule.id, rule.title, rule.severity);
            RuleReport { id, family: qa::family(rule), severity, title, passes: open == 0, open, violations }
        })
        .collect();
    let count = |of: &dyn Fn(&RuleReport) -> bool| rules.iter().filter(|rule| of(rule)).map(|rule| rule.open).sum();
    let totals = Totals {
        rows: inputs.files.iter().map(|file| file.rows).sum(),
        rejected_rows: inputs.files.iter().map(|file| file.rejected).sum(),
        violations: violations.len(),
        by_severity: Severity::ALL.map(|severity| (severity, count(&|rule| rule.severity == severity))).to_vec(),
        by_family: qa::FAMILIES.iter().map(|(family, _)| (*family, count(&|rule| rule.family == *family))).collect(),
    };
    let mut rejected: Vec<RejectedReport> = register.rejected().map(|rejected| describe(rejected, texts)).collect();
    rejected.sort_by(|a, b| (&a.file, a.line, a.position).cmp(&(&b.file, b.line, b.position)));
    rejected.truncate(LISTED);
    Report {
        format: 1,
        rollcall: env!("CARGO_PKG_VERSION"),
        day: day.to_string(),
        origin: origin.name(),
        files: inputs.files,
        absent_tables: inputs.absent_tables,
        ignored_files: inputs.ignored_files,
        totals,
        rules,
        rejected,
    }
}

impl Report {
    /// Writes the report.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        replace(path, |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
    }

    /// How many violations are at least so severe.
    pub fn at_least(&self, severity: Severity) -> usize {
        self.totals.by_severity.iter().filter(|(of, _)| *of >= severity).map(|(_, count)| count).sum()
    }
}

fn violation(subject: &Subject, mut evidence: Vec<BTreeMap<&'static str, String>>, texts: &Texts) -> ViolationReport {
    // Findings are kept by symbols, which are numbered by arrival.
    evidence.sort();
    ViolationReport { about: subject.kind(), subject: subject.key(texts), evidence }
}

/// A rejected field or row in words.
pub fn describe(rejected: &Rejected, texts: &Texts) -> RejectedReport {
    let spec = rejected.table.spec();
    let (column, position, value, reason) = match rejected.reason {
        Reason::Field { column, position, fault, value } => {
            let column = &spec.columns[usize::from(column)];
            let kind = match fault {
                Fault::Missing => "is required and empty",
                Fault::Unreadable(Unreadable::Date) => "is no date",
                Fault::Unreadable(Unreadable::Decimal) => "is no decimal number",
                Fault::Unreadable(Unreadable::Int) => "is no whole number",
                Fault::Unreadable(Unreadable::Year) => "is no school year",
                Fault::Unreadable(Unreadable::Bool) => "is neither true nor false",
                Fault::Unreadable(Unreadable::Ids) => "holds too many ids",
            };
            let value = value.map(|value| texts.text(value).to_owned());
            (Some(column.name), Some(position), value, format!("{} {kind}", column.name))
        }
        Reason::FieldCount { found, expected } => {
            (None, None, None, format!("the line has {found} fields, the header {expected}"))
        }
        Reason::Unclosed => (None, None, None, "a quoted field does not end, or is not quoted soundly".to_owned()),
        Reason::Nul => (None, None, None, "a field holds a NUL character".to_owned()),
    };
    let file = texts.text(rejected.file).to_owned();
    RejectedReport { file, line: rejected.line, position, column, value, reason, hint: rejected.reason.hint() }
}
