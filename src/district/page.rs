//! Everything about one violation on one page: what its rule checks, the evidence, the input rows behind it, and when it was
//! open. A page shows ids but no names of persons; values other than ids, dates and codes are withheld.

use super::provenance::{Found, Provenance};
use super::state::CurrentState;
use crate::model::{OrgId, Record, Rejected, RowName, Table, Texts, Value, timestamp};
use crate::qa::{self, Rule, Severity};
use crate::quality::report::{RejectedReport, RuleText, describe};
use crate::quality::{Case, Causes, Episode, RuleStatus, Violation, Whereabouts, cases};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are not shown: names, and personal data that nobody needs to fix a mistake.
pub(crate) const WITHHELD: &[&str] = &[
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

/// A page about a violation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page {
    /// The rule.
    pub rule: &'static str,
    /// What is wrong, as a phrase.
    pub title: &'static str,
    /// The rule group.
    pub family: &'static str,
    /// Its configured severity.
    pub severity: Severity,
    /// What the rule checks, why it matters, and how to fix it.
    pub text: RuleText,
    /// The kind of its subject.
    pub about: &'static str,
    /// The key of its subject.
    pub subject: String,
    /// The school or other organization that it concerns: id and name.
    pub school: Option<(String, String)>,
    /// The student.
    pub student: Option<String>,
    /// The staff member.
    pub staff: Option<String>,
    /// Whether it is open.
    pub is_open: bool,
    /// Whether it is waived.
    pub waived: bool,
    /// The evidence, one entry per finding; empty once it is closed.
    pub evidence: cases::Observed,
    /// When it was open, oldest first.
    pub episodes: Vec<EpisodeShown>,
    /// The current input rows behind it.
    pub rows: Vec<RowShown>,
    /// The number of further rows, by table.
    pub more: BTreeMap<&'static str, usize>,
    /// Rejected lines.
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
    /// The day and batch in which it closed, if it did.
    pub closed: Option<String>,
    /// The days until it closed, or until today.
    pub days: i64,
}

/// An input row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowShown {
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub key: String,
    /// Its provenance, if the log has it.
    pub place: Option<ProvenanceShown>,
    /// Its non-empty columns.
    pub fields: Vec<(&'static str, String)>,
    /// Non-empty columns that are not shown.
    pub withheld: Vec<&'static str>,
}

/// A rejected line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LineShown {
    /// Its provenance.
    pub place: Option<ProvenanceShown>,
    /// What is wrong with it.
    #[serde(flatten)]
    pub line: RejectedReport,
}

/// The provenance of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProvenanceShown {
    /// The day and batch in which it took effect.
    pub batch: String,
    /// The source system.
    pub source: String,
    /// The delivery.
    pub delivery: String,
    /// The file of the delivery.
    pub file: String,
    /// The line, counted from 1; none if it comes from the file as a whole.
    pub line: Option<u32>,
}

impl ProvenanceShown {
    fn of(place: &Provenance) -> ProvenanceShown {
        ProvenanceShown {
            batch: timestamp::text(place.time),
            source: place.source.clone(),
            delivery: place.label.clone(),
            file: place.file.clone(),
            line: (place.line > 0).then_some(place.line),
        }
    }
}

impl std::fmt::Display for ProvenanceShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The delivery of a stream has the same name as its file.
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
    /// The rows to look up the provenance of.
    pub(crate) fn sought(&self) -> BTreeSet<(Table, RowName)> {
        self.sought.iter().chain(&self.sought_lines).copied().collect()
    }

    /// Sets the provenance that was found.
    pub(crate) fn place(&mut self, found: &BTreeMap<(Table, RowName), Found>) {
        for (row, sought) in self.rows.iter_mut().zip(&self.sought) {
            row.place = found.get(sought).and_then(|found| found.stated.as_ref()).map(ProvenanceShown::of);
        }
        for (line, sought) in self.rejected.iter_mut().zip(&self.sought_lines) {
            let provenance = found.get(sought).into_iter().flat_map(|found| &found.rejected);
            line.place = provenance.map(ProvenanceShown::of).find(|place| place.line == Some(line.line.line));
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

/// A rejected line. If its columns are shifted, any of them may contain a name, so no value of a person is shown.
fn line_shown(rejected: &Rejected, texts: &Texts) -> LineShown {
    let mut line = describe(rejected, texts);
    if matches!(rejected.table, Table::Student | Table::Staff) {
        line.value = None;
    }
    LineShown { place: None, line }
}

impl CurrentState {
    /// The violation of a rule and a subject key, open or not, if it was ever open.
    pub(super) fn violation(&self, rule: &Rule, subject: &str) -> Option<Violation> {
        let texts = &self.engine.current.texts;
        let is = |of: &Violation| qa::numbered(of.0).id == rule.id && of.1.key(texts) == subject;
        let open = self.violations.open().map(|(of, _)| *of).find(is);
        open.or_else(|| self.saved.history.episodes().map(|of| of.violation).find(is))
    }

    /// Everything about a violation except the provenance of its rows.
    pub(super) fn page(&self, violation: &Violation) -> Page {
        let (current, day) = (&self.engine.current, self.engine.day());
        let (whereabouts, rule_status) = (Whereabouts::on(day, current), RuleStatus::on(day, current));
        let texts = &current.texts;
        let mut episodes: Vec<_> = self.saved.history.episodes().filter(|of| of.violation == *violation).collect();
        episodes.sort_by_key(|of| of.opened);
        let is_open = self.violations.is_open(violation);
        let last = episodes.last().copied();
        let time = self.engine.time();
        let last = last.unwrap_or(Episode { violation: *violation, opened: time, closed: None });
        let seen = self.violations.observed(violation, texts);
        let case = Case::of(last, seen, &whereabouts, &rule_status, texts);
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
                    opened: timestamp::text(of.opened),
                    closed: of.closed.map(timestamp::text),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::district::{District, Incoming, provenance};
    use crate::model::Date;
    use crate::plan::Plan;
    use crate::source::{Delivery, Mode, folder};
    use crate::store::disk::Simulated;

    #[test]
    fn a_place_is_a_delivery_a_file_and_a_line() {
        for (label, line, text) in [
            ("2025-09-02", 3, "2025-09-02/course.csv:3"),
            ("2025-09-02", 0, "2025-09-02/course.csv"),
            ("course.csv", 1, "course.csv:1"),
        ] {
            let (source, label, file) = ("sis".to_owned(), label.to_owned(), "course.csv".to_owned());
            assert_eq!(ProvenanceShown::of(&Provenance { time: 1, source, label, file, line }).to_string(), text);
        }
    }

    #[test]
    fn of_a_person_ids_dates_and_codes_are_shown() {
        let student =
            "student | student_id first_name last_name birth_date grade_level\n2025-09-02 + S1 Ada Lee 2015-02-03 03\n";
        let (engine, _) = crate::testing::run(student, Plan::default());
        let row = engine.current.rows().of(Table::Student).next().unwrap();
        let shown = row_shown(&row, &engine.current.texts);
        assert_eq!((shown.table, shown.key.as_str()), ("student", "S1"));
        assert_eq!(shown.fields, [("student_id", "S1".to_owned()), ("grade_level", "03".to_owned())]);
        assert_eq!(shown.withheld, ["first_name", "last_name", "birth_date"]);
    }

    #[test]
    fn rows_and_rejected_lines_have_their_places() {
        let (disk, day) = (Simulated::default(), Date::ymd(2025, 9, 2).unwrap());
        let (state, changes) = (disk.folder("state"), disk.folder("changes"));
        let (mut district, _) = District::open(state, changes, Plan::default(), 1, day, &mut |_, _| {}).unwrap();
        let text = "course_id,org_id,title\nA,D,\nB,D,Bio\nA,D,\nB,D,Biology\n";
        let mut read = |_: &str| Ok(text.as_bytes().to_vec());
        let digests = BTreeMap::from([("course.csv".to_owned(), "digest".to_owned())]);
        let incoming = Incoming { source: "sis", label: "1", format: &folder::Tables, digests: &digests, piece: None };
        let files = vec!["course.csv".to_owned()];
        let mut delivery = Delivery { files, read: &mut read, unless_stated: Some(Mode::Delta) };
        district.take(&incoming, &mut delivery).unwrap();
        district.flush().unwrap();
        let placed = |rule: &str, subject: &str| {
            let violation = district.state.violation(qa::find(rule).unwrap(), subject).unwrap();
            let mut page = district.page(&violation);
            let found = provenance::find(disk.folder("state"), &page.sought()).unwrap();
            page.place(&found);
            let places = page.rows.into_iter().map(|row| row.place).chain(page.rejected.into_iter().map(|line| line.place));
            places.map(|place| place.map_or(String::new(), |place| place.to_string())).collect::<Vec<_>>()
        };
        assert_eq!(placed("REF-004", "course|A|title"), ["1/course.csv:2", "1/course.csv:4"]);
        assert_eq!(placed("REF-009", "course|B"), ["1/course.csv:5"]);
        assert_eq!(district.state.violation(qa::find("REF-009").unwrap(), "course|A|title"), None);
    }
}
