//! The definition of a rule, and the checks of all rules grouped by what they read.

use crate::model::finding::EVIDENCE_MOST;
use crate::model::{CredentialId, Entry, Evidence, Finding, Interval, RuleNumber, Settings, Subject, Table, Value};
use crate::tallies::scores::{Cell, Scores};
use crate::tallies::staffing::{OrgScope, Staffing};
use crate::views::credential::CredentialRow;
use crate::views::match_block::{MatchBlock, Member};
use crate::views::references::{Counted, References};
use crate::views::school::SchoolView;
use crate::views::section::SectionView;
use crate::views::staff::StaffView;
use crate::views::student::StudentView;
use serde::{Deserialize, Serialize};

/// The severity of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Should be reviewed.
    Info,
    /// Probably wrong.
    Warning,
    /// Wrong.
    Error,
    /// Wrong in a way that distorts published figures.
    Critical,
}

impl Severity {
    /// All severities, most severe first.
    pub const ALL: [Severity; 4] = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
            Severity::Critical => "critical",
        }
    }
}

/// A data-quality rule.
pub struct Rule {
    /// Its permanent id, such as `ENR-003`; never reused.
    pub id: &'static str,
    /// What is wrong, as a phrase.
    pub title: &'static str,
    /// Its severity.
    pub severity: Severity,
    /// Its documentation: three paragraphs with headings.
    pub doc: &'static str,
    /// The names of the evidence values of its findings.
    pub evidence: &'static [&'static str],
    /// The tables that it needs; it does not run if one of them is missing.
    pub needs: &'static [Table],
    /// The table whose rows the violation rate refers to; empty for all rows.
    pub among: &'static [Table],
    /// Its check functions.
    pub checks: &'static [Check],
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl Rule {
    /// The three documentation paragraphs without headings.
    pub fn paragraphs(&self) -> Vec<String> {
        let text = |paragraph: &str| {
            let words: Vec<&str> = paragraph.lines().skip(1).flat_map(str::split_whitespace).collect();
            words.join(" ")
        };
        self.doc.split("## ").skip(1).map(text).collect()
    }
}

/// A check function, by the type of its input. All checks of one type share one pass over the changed inputs.
pub enum Check {
    /// A row as it arrived, or a rejection.
    Entry(fn(&Entry, &Settings, &mut Findings<'_>)),
    /// Everything about a student.
    Student(fn(&StudentView<'_>, &Settings, &mut Findings<'_>)),
    /// Everything about a staff member.
    Staff(fn(&StaffView<'_>, &Settings, &mut Findings<'_>)),
    /// Everything about a section.
    Section(fn(&SectionView<'_>, &Settings, &mut Findings<'_>)),
    /// A school, its calendars and standards.
    School(fn(&SchoolView<'_>, &Settings, &mut Findings<'_>)),
    /// A credential and what it authorizes.
    Credential(fn(CredentialId, &[CredentialRow], &Settings, &mut Findings<'_>)),
    /// Records that share a value.
    MatchBlock(fn(&MatchBlock, &[Member], &Settings, &mut Findings<'_>)),
    /// References to a key.
    Counted(fn(&Counted, &References, &Settings, &mut Findings<'_>)),
    /// Students and staff of an organization.
    OrgScope(fn(&OrgScope, &Staffing, &Settings, &mut Findings<'_>)),
    /// Scores of a cell.
    Cell(fn(&Cell, &Scores, &Settings, &mut Findings<'_>)),
}

/// Receives the findings of a check.
pub struct Findings<'a> {
    rule: RuleNumber,
    out: &'a mut dyn FnMut(Finding, Interval),
}

impl Findings<'_> {
    /// A violation that is open until a record changes.
    pub fn open<const N: usize>(&mut self, subject: Subject, evidence: &[Value; N]) {
        self.during(subject, evidence, Interval::ALWAYS);
    }

    /// A violation that is open during an interval; none if the interval is empty.
    pub fn during<const N: usize>(&mut self, subject: Subject, evidence: &[Value; N], holds: Interval) {
        const { assert!(N <= EVIDENCE_MOST, "a finding has at most three values") };
        if !holds.is_empty() {
            let mut all: Evidence = [Value::Null; EVIDENCE_MOST];
            all.iter_mut().zip(evidence).for_each(|(slot, value)| *slot = *value);
            (self.out)(Finding { rule: self.rule, subject, evidence: all }, holds);
        }
    }
}

/// Checks of one type with the numbers of their rules.
type Numbered<F> = Vec<(RuleNumber, F)>;

/// The checks of a list of rules, grouped by the type of their input.
#[derive(Default)]
#[allow(clippy::type_complexity, reason = "the function types are those of Check, spelled where they are declared")]
pub struct Checks {
    entry: Numbered<fn(&Entry, &Settings, &mut Findings<'_>)>,
    student: Numbered<fn(&StudentView<'_>, &Settings, &mut Findings<'_>)>,
    staff: Numbered<fn(&StaffView<'_>, &Settings, &mut Findings<'_>)>,
    section: Numbered<fn(&SectionView<'_>, &Settings, &mut Findings<'_>)>,
    school: Numbered<fn(&SchoolView<'_>, &Settings, &mut Findings<'_>)>,
    credential: Numbered<fn(CredentialId, &[CredentialRow], &Settings, &mut Findings<'_>)>,
    match_block: Numbered<fn(&MatchBlock, &[Member], &Settings, &mut Findings<'_>)>,
    counted: Numbered<fn(&Counted, &References, &Settings, &mut Findings<'_>)>,
    place: Numbered<fn(&OrgScope, &Staffing, &Settings, &mut Findings<'_>)>,
    cell: Numbered<fn(&Cell, &Scores, &Settings, &mut Findings<'_>)>,
}

macro_rules! run {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),+)) => {
        $(#[$doc])*
        pub fn $name(&self, $($argument: $type,)+ out: &mut dyn FnMut(Finding, Interval)) {
            for &(rule, check) in &self.$name {
                check($($argument,)+ &mut Findings { rule, out: &mut *out });
            }
        }
    };
}

impl Checks {
    /// Collects the checks of those `rules` for which `wanted` is true; rule numbers count all rules.
    pub fn of(rules: impl Iterator<Item = &'static Rule>, wanted: impl Fn(&Rule) -> bool) -> Checks {
        let mut checks = Checks::default();
        for (number, rule) in rules.enumerate().filter(|(_, rule)| wanted(rule)) {
            let number = RuleNumber(number as u16);
            for check in rule.checks {
                match *check {
                    Check::Entry(check) => checks.entry.push((number, check)),
                    Check::Student(check) => checks.student.push((number, check)),
                    Check::Staff(check) => checks.staff.push((number, check)),
                    Check::Section(check) => checks.section.push((number, check)),
                    Check::School(check) => checks.school.push((number, check)),
                    Check::Credential(check) => checks.credential.push((number, check)),
                    Check::MatchBlock(check) => checks.match_block.push((number, check)),
                    Check::Counted(check) => checks.counted.push((number, check)),
                    Check::OrgScope(check) => checks.place.push((number, check)),
                    Check::Cell(check) => checks.cell.push((number, check)),
                }
            }
        }
        checks
    }

    run! { /// Checks a row.
    entry(entry: &Entry, settings: &Settings) }
    run! { /// Checks a student.
    student(view: &StudentView<'_>, settings: &Settings) }
    run! { /// Checks a staff member.
    staff(view: &StaffView<'_>, settings: &Settings) }
    run! { /// Checks a section.
    section(view: &SectionView<'_>, settings: &Settings) }
    run! { /// Checks a school.
    school(view: &SchoolView<'_>, settings: &Settings) }
    run! { /// Checks a credential.
    credential(id: CredentialId, rows: &[CredentialRow], settings: &Settings) }
    run! { /// Checks records that share a value.
    match_block(match_block: &MatchBlock, members: &[Member], settings: &Settings) }
    run! { /// Checks the references to a key.
    counted(counted: &Counted, references: &References, settings: &Settings) }
    run! { /// Checks the staffing of an organization.
    place(place: &OrgScope, staffing: &Staffing, settings: &Settings) }
    run! { /// Checks the scores of a cell.
    cell(cell: &Cell, scores: &Scores, settings: &Settings) }
}

/// Declares a rule. The doc comment is also its text in catalogs and reports.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])+
        $id:literal, $title:literal, $severity:ident, [$($evidence:literal),*],
        needs [$($needs:ident),*], among [$($among:ident),*],
        $($kind:ident($check:path)),+ $(,)?
    ) => {
        $(#[doc = $doc])+
        pub static RULE: crate::qa::Rule = crate::qa::Rule {
            id: $id,
            title: $title,
            severity: crate::qa::Severity::$severity,
            doc: concat!($($doc, "\n"),+),
            evidence: {
                const NAMES: &[&str] = &[$($evidence),*];
                const { assert!(NAMES.len() <= crate::model::finding::EVIDENCE_MOST, "a finding has at most three values") };
                NAMES
            },
            needs: &[$(crate::model::Table::$needs),*],
            among: &[$(crate::model::Table::$among),*],
            checks: &[$(crate::qa::Check::$kind($check)),+],
        };
    };
}
pub(crate) use rule;
