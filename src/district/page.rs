//! All there is to say of one violation, on one page: what its rule asks, what is seen, the input rows behind it, and when it
//! was open. Ids are on it and no names of persons; what a row says beyond its ids, days and codes is withheld.

use super::CurrentState;
use super::provenance::{Found, Provenance};
use crate::model::{OrgId, Record, Rejected, RowName, Table, Texts, Value, moment};
use crate::qa::{self, Rule, Severity};
use crate::quality::report::{RejectedReport, RuleText, describe};
use crate::quality::{Case, Causes, Episode, Standing, Violation, Whereabouts, cases};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are not shown: who somebody is by name, and what is nobody's business who looks for a mistake.
pub const WITHHELD: &[&str] = &[
    "first_name",
    "middle_name",
    "last_name",
    "former_last_name",
    "suffix",
    "birth_date",
    "email",
    "username",
    "sex",
    "is_hispanic",
    "race",
    "race_declined",
    "home_language",
    "first_us_school_date",
];

/// A violation on a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// The rule.
    pub rule: &'static str,
    /// What is wrong, as a phrase.
    pub title: &'static str,
    /// The family of rules.
    pub family: &'static str,
    /// How bad it is, as configured.
    pub severity: Severity,
    /// What the rule checks, why it matters, how to fix it.
    pub text: RuleText,
    /// What kind of thing it is about.
    pub about: &'static str,
    /// The key of that thing.
    pub subject: String,
    /// The school, or other organization, that it concerns: id and name.
    pub school: Option<(String, String)>,
    /// The student.
    pub student: Option<String>,
    /// The member of staff.
    pub staff: Option<String>,
    /// Whether it is open.
    pub is_open: bool,
    /// Whether it is waived.
    pub waived: bool,
    /// What is seen, one entry per finding; nothing when it is closed.
    pub evidence: cases::Seen,
    /// When it was open, the first time first.
    pub episodes: Vec<EpisodeShown>,
    /// The input rows behind it, as they stand today.
    pub rows: Vec<RowShown>,
    /// How many more there are, by table.
    pub more: BTreeMap<&'static str, usize>,
    /// Lines that could not be taken.
    pub rejected: Vec<LineShown>,
    #[serde(skip)]
    sought: Vec<(Table, RowName)>,
    #[serde(skip)]
    sought_lines: Vec<(Table, RowName)>,
}

/// When a violation was open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EpisodeShown {
    /// The day and batch in which it opened.
    pub opened: String,
    /// The day and batch in which it closed; none while it is open.
    pub closed: Option<String>,
    /// Days until it closed, or until today.
    pub days: i64,
}

/// An input row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowShown {
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub key: String,
    /// Where it was stated; none when the log does not tell.
    pub place: Option<Whence>,
    /// What it says, column by column, empty ones left out.
    pub fields: Vec<(&'static str, String)>,
    /// Columns that say something that is not shown.
    pub withheld: Vec<&'static str>,
}

/// A line that could not be taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineShown {
    /// Where it stands.
    pub place: Option<Whence>,
    /// What is wrong with it.
    #[serde(flatten)]
    pub line: RejectedReport,
}

/// Where something was stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Whence {
    /// The day and batch with which it took effect.
    pub batch: String,
    /// The system that delivered it.
    pub source: String,
    /// What the delivery is called.
    pub delivery: String,
    /// The file in it.
    pub file: String,
    /// The line, the first being 1; none for what the file says as a whole.
    pub line: Option<u32>,
}

impl Whence {
    fn of(place: &Provenance) -> Whence {
        Whence {
            batch: moment::text(place.time),
            source: place.source.clone(),
            delivery: place.label.clone(),
            file: place.file.clone(),
            line: (place.line > 0).then_some(place.line),
        }
    }
}

impl std::fmt::Display for Whence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A stream is one file, and called like it.
        if self.delivery != self.file {
            write!(f, "{}/", self.delivery)?;
        }
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

impl Page {
    /// The rows whose places are worth looking up.
    pub fn sought(&self) -> BTreeSet<(Table, RowName)> {
        self.sought.iter().chain(&self.sought_lines).copied().collect()
    }

    /// Takes the places that were found.
    pub fn place(&mut self, found: &BTreeMap<(Table, RowName), Found>) {
        for (row, sought) in self.rows.iter_mut().zip(&self.sought) {
            row.place = found.get(sought).and_then(|found| found.stated.as_ref()).map(Whence::of);
        }
        for (line, sought) in self.rejected.iter_mut().zip(&self.sought_lines) {
            let provenance = found.get(sought).into_iter().flat_map(|found| &found.rejected);
            line.place = provenance.map(Whence::of).find(|place| place.line == Some(line.line.line));
        }
    }
}

fn row_shown(row: &Record, texts: &Texts) -> RowShown {
    let (table, spec) = (row.table(), row.table().spec());
    let (mut fields, mut withheld) = (Vec::new(), Vec::new());
    for (column, value) in spec.columns.iter().zip(row.values()) {
        let text = value.text(texts);
        match WITHHELD.contains(&column.name) {
            _ if value == Value::Null || text.is_empty() => {}
            true => withheld.push(column.name),
            false => fields.push((column.name, text)),
        }
    }
    let key = texts.symbol_text(table.space(), row.symbol()).to_owned();
    RowShown { table: spec.name, key, place: None, fields, withheld }
}

/// A line that could not be taken. Where columns are shifted any of them may hold a name, so no value of a person is shown.
fn line_shown(rejected: &Rejected, texts: &Texts) -> LineShown {
    let mut line = describe(rejected, texts);
    if matches!(rejected.table, Table::Student | Table::Staff) {
        line.value = None;
    }
    LineShown { place: None, line }
}

impl CurrentState {
    /// The violation of a rule and the published key of whom it is about, open or not; none when it was never open.
    pub(super) fn violation(&self, rule: &Rule, subject: &str) -> Option<Violation> {
        let texts = &self.engine.current.texts;
        let is = |of: &Violation| qa::numbered(of.0).id == rule.id && of.1.key(texts) == subject;
        let open = self.violations.open().map(|(of, _)| *of).find(is);
        open.or_else(|| self.kept.history.episodes().map(|of| of.violation).find(is))
    }

    /// All there is to say of a violation, but where its rows stand.
    pub(super) fn page(&self, violation: &Violation) -> Page {
        let (current, day) = (&self.engine.current, self.engine.day());
        let (whereabouts, standing) = (Whereabouts::on(day, current), Standing::on(day, current));
        let texts = &current.texts;
        let mut episodes: Vec<_> = self.kept.history.episodes().filter(|of| of.violation == *violation).collect();
        episodes.sort_by_key(|of| of.opened);
        let is_open = self.violations.is_open(violation);
        let last = episodes.last().copied();
        let time = self.engine.time();
        let last = last.unwrap_or(Episode { violation: *violation, opened: time, closed: None });
        let seen = self.violations.seen(violation, texts);
        let case = Case::of(last, seen, &whereabouts, &standing, texts);
        let causes = Causes::of(violation, self.violations.findings(violation), current);
        let mut paragraphs = case.rule.paragraphs().into_iter();
        let mut paragraph = || paragraphs.next().unwrap_or_default();
        let organization = |org: OrgId| (texts.text(org).to_owned(), current.name_of(org).to_owned());
        Page {
            rule: case.rule.id,
            title: case.rule.title,
            family: qa::group(case.rule),
            severity: case.severity,
            text: RuleText { checks: paragraph(), matters: paragraph(), fix: paragraph() },
            about: case.about,
            subject: case.subject,
            school: case.concerned.org.map(organization),
            student: case.concerned.student.map(|id| texts.text(id).to_owned()),
            staff: case.concerned.staff.map(|id| texts.text(id).to_owned()),
            is_open,
            waived: case.waived,
            evidence: case.evidence,
            episodes: episodes
                .iter()
                .map(|of| EpisodeShown {
                    opened: moment::text(of.opened),
                    closed: of.closed.map(moment::text),
                    days: of.age(day),
                })
                .collect(),
            sought: causes.rows.iter().map(|row| (row.table(), RowName::Key(row.symbol()))).collect(),
            rows: causes.rows.iter().map(|row| row_shown(row, texts)).collect(),
            more: causes.more.iter().map(|(table, more)| (table.spec().name, *more)).collect(),
            sought_lines: causes.rejected.iter().map(|of| (of.table, of.row)).collect(),
            rejected: causes.rejected.iter().map(|of| line_shown(of, texts)).collect(),
        }
    }
}
