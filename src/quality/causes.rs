//! The input rows behind a violation: rows of the tables its rule reads that are about the same things. The rule itself
//! reports only its evidence; these rows are what a clerk would compare to see why it fired.

use super::violations::Violation;
use crate::current::CurrentRows;
use crate::model::{Evidence, Id, Record, Rejected, RowName, Space, Subject, Table, Value, Visited};
use crate::qa;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// How many rows of a table are shown; all are counted.
pub(crate) const SHOWN: usize = 12;

/// Something that a row may be about.
type Thing = (Space, NonZeroU32);

/// The rows behind a violation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Causes {
    /// Rows as stated, by table, with those named in the evidence first.
    pub rows: Vec<Record>,
    /// How many more rows of a table there are.
    pub more: BTreeMap<Table, usize>,
    /// Lines that were rejected.
    pub rejected: Vec<Rejected>,
}

/// The condition for a row to be a cause.
enum Criterion {
    /// These things: the same of each kind that the row has, and at least one.
    Things(Vec<Thing>),
    /// A custom condition.
    If(Box<dyn Fn(&Record) -> bool>),
    /// The cause is a rejected line rather than a row.
    Line(Table, RowName),
    /// The cause is a delivery rather than a row.
    Nothing,
}

impl Criterion {
    fn of(subject: &Subject) -> Criterion {
        fn thing<I: Id>(id: I) -> Thing {
            (I::SPACE, id.symbol())
        }
        let things = |things: &[Thing]| Criterion::Things(things.to_vec());
        match *subject {
            Subject::Organization(id) | Subject::RoleAt(id, _) => things(&[thing(id)]),
            Subject::Student(id) => things(&[thing(id)]),
            Subject::StudentAt(id, school) => things(&[thing(id), thing(school)]),
            Subject::Enrollment(id) => things(&[thing(id)]),
            Subject::SectionEnrollment(id) => things(&[thing(id)]),
            Subject::StudentIn(id, section) => things(&[thing(id), thing(section)]),
            Subject::StudentProgram(id, program) => things(&[thing(id), thing(program)]),
            Subject::StudentTest(id, test) | Subject::StudentTestYear(id, test, _) => things(&[thing(id), thing(test)]),
            Subject::Participation(id) => things(&[thing(id)]),
            Subject::Section(id) => things(&[thing(id)]),
            Subject::Session(id) => things(&[thing(id)]),
            Subject::CalendarDay(id) => things(&[thing(id)]),
            Subject::Tested(test, school, _) => things(&[thing(test), thing(school)]),
            Subject::Staff(id) => things(&[thing(id)]),
            Subject::Assignment(id) => things(&[thing(id)]),
            Subject::Credential(id) => things(&[thing(id)]),
            Subject::SectionStaff(id) => things(&[thing(id)]),
            Subject::StaffAt(id, org, _) => things(&[thing(id), thing(org)]),
            Subject::StaffIn(id, section) => things(&[thing(id), thing(section)]),
            Subject::StaffPeriod(id, school, period) => things(&[thing(id), thing(school), thing(period)]),
            Subject::StaffPair(one, other) => Criterion::If(Box::new(move |row| match row {
                Record::Staff(row) => row.staff_id == one || row.staff_id == other,
                _ => false,
            })),
            Subject::Result(id) => things(&[thing(id)]),
            Subject::StateStaff(id) => things(&[thing(id)]),
            Subject::StateStudent(id) => things(&[thing(id)]),
            Subject::Match(key) => Criterion::If(Box::new(move |row| match row {
                Record::Staff(row) => row.names.whole == Some(key),
                _ => false,
            })),
            Subject::Login(key) => Criterion::If(Box::new(move |row| match row {
                Record::Staff(row) => [row.email_key, row.username_key].contains(&Some(key)),
                _ => false,
            })),
            Subject::Natural(table, key) => {
                Criterion::If(Box::new(move |row| row.table() == table && row.natural() == Some(key)))
            }
            Subject::Code(set, unrecognized) => Criterion::If(Box::new(move |row| {
                has(row, |_, visited| visited == Visited::UnrecognizedCode(set, unrecognized))
            })),
            Subject::Reference(table, column, missing) => Criterion::If(Box::new(move |row| {
                let refers =
                    |at: usize, visited| at == usize::from(column) && matches!(visited, Visited::Id(_, id) if id == missing);
                row.table() == table && has(row, refers)
            })),
            Subject::Row(table, row) | Subject::Column(table, row, _) => Criterion::Line(table, row),
            Subject::Source(_) | Subject::Fed(..) | Subject::Delivery(..) | Subject::File(..) => Criterion::Nothing,
        }
    }
}

/// Whether a row has a value that meets a condition.
fn has(row: &Record, mut is: impl FnMut(usize, Visited) -> bool) -> bool {
    let mut found = false;
    row.visit(&mut |column, visited| found |= is(column, visited));
    found
}

/// What a row is about: its own key and everything it refers to.
fn about(row: &Record) -> Vec<Thing> {
    let mut things = vec![(row.table().space(), row.symbol())];
    row.visit(&mut |_, visited| {
        if let Visited::Id(space, symbol) = visited {
            things.push((space, symbol));
        }
    });
    things
}

/// Whether a row is about the wanted things: the same of each kind that it has, and at least one.
fn agrees(row: &[Thing], wanted: &[Thing]) -> bool {
    let of_kind = |space: Space| row.iter().filter(move |(of, _)| *of == space);
    let matched = |thing: &&Thing| row.contains(thing);
    wanted.iter().any(|thing| matched(&thing))
        && wanted.iter().all(|thing| of_kind(thing.0).next().is_none() || matched(&thing))
}

impl Causes {
    /// The causes of a violation and its current findings.
    pub(crate) fn of<'e>(
        (rule, subject): &Violation,
        findings: impl Iterator<Item = &'e Evidence>,
        current: &CurrentRows,
    ) -> Causes {
        let named: BTreeSet<Thing> = findings
            .flatten()
            .filter_map(|value| match value {
                Value::Symbol(space, symbol) if *space != Space::Text => Some((*space, *symbol)),
                _ => None,
            })
            .collect();
        let needs = qa::numbered(*rule).needs;
        let mut causes = Causes::default();
        match Criterion::of(subject) {
            Criterion::Nothing => {}
            Criterion::Line(table, row) => {
                causes.rejected = current.rejected().filter(|of| (of.table, of.row) == (table, row)).copied().collect();
                if let RowName::Key(key) = row {
                    causes.rows.extend(current.stated(table, key));
                }
            }
            Criterion::If(is) => {
                let tables = if needs.is_empty() { Table::ALL } else { needs };
                for &table in tables {
                    causes.add(table, current.all_stated(table).filter(|row| is(row)), &named, current);
                }
            }
            Criterion::Things(things) => causes.related(&things, needs, &named, current),
        }
        causes
    }

    /// Rows about the things, and for tables without any, rows that those refer to or that refer to them.
    fn related(&mut self, things: &[Thing], needs: &[Table], named: &BTreeSet<Thing>, current: &CurrentRows) {
        let of_subject = |table: &&Table| things.iter().any(|(space, _)| table.space() == *space);
        let mut tables: Vec<Table> = needs.to_vec();
        tables.extend(Table::ALL.iter().filter(of_subject).filter(|table| !needs.contains(table)));
        tables.sort();
        let mut known: BTreeSet<Thing> = BTreeSet::new();
        let mut left = Vec::new();
        for &table in &tables {
            let rows: Vec<Record> = current.all_stated(table).filter(|row| agrees(&about(row), things)).collect();
            if rows.is_empty() {
                left.push(table);
            }
            known.extend(rows.iter().flat_map(about));
            self.add(table, rows.into_iter(), named, current);
        }
        // A credential is authorized by separate rows; the grades of a section come from its course.
        let own: BTreeSet<Thing> = self.rows.iter().map(|row| (row.table().space(), row.symbol())).collect();
        for table in left {
            let is_close = |row: &Record| {
                let itself = (row.table().space(), row.symbol());
                known.contains(&itself) || named.contains(&itself) || about(row)[1..].iter().any(|thing| own.contains(thing))
            };
            self.add(table, current.all_stated(table).filter(is_close), named, current);
        }
    }

    fn add(&mut self, table: Table, rows: impl Iterator<Item = Record>, named: &BTreeSet<Thing>, current: &CurrentRows) {
        let mut rows: Vec<Record> = rows.collect();
        let is_named = |row: &Record| about(row).iter().any(|thing| named.contains(thing));
        // Symbols depend on the order of arrival.
        rows.sort_by_cached_key(|row| (!is_named(row), current.texts.symbol_text(table.space(), row.symbol()).to_owned()));
        if rows.len() > SHOWN {
            self.more.insert(table, rows.len() - SHOWN);
            rows.truncate(SHOWN);
        }
        self.rows.extend(rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::quality::Violations;
    use crate::testing::run;

    /// The keys of the rows behind each violation of a rule, by its subject.
    fn causes(rule: &str, changes: &str) -> Vec<String> {
        let (engine, deltas) = run(changes, Plan::default());
        let mut violations = Violations::default();
        deltas.iter().for_each(|delta| drop(violations.apply(delta)));
        let (current, texts) = (&engine.current, &engine.current.texts);
        let mut all = Vec::new();
        for (violation, findings) in violations.open().filter(|((of, _), _)| qa::numbered(*of).id == rule) {
            let causes = Causes::of(violation, findings, current);
            let key = |row: &Record| texts.symbol_text(row.table().space(), row.symbol()).to_owned();
            let mut keys: Vec<String> = causes.rows.iter().map(key).collect();
            keys.extend(causes.more.iter().map(|(table, more)| format!("{more} more of {}", table.spec().name)));
            all.push(format!("{}: {}", violation.1.key(texts), keys.join(" ")));
        }
        all
    }

    #[test]
    fn both_enrollments_of_the_student_and_no_other() {
        let changes = "
            student | student_id
            2025-09-02 + S1
            2025-09-02 + S2
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 . .
            2025-09-02 + E2 S1 South 2025-09-01 . .
            2025-09-02 + E3 S2 South 2025-09-01 . .
        ";
        assert_eq!(causes("ENR-001", changes), ["S1: S1 E1 E2"]);
    }

    #[test]
    fn a_school_has_more_rows_than_are_shown() {
        let mut changes = "school_enrollment | enrollment_id student_id school_id entry_date\n".to_owned();
        for number in 0..20 {
            changes += &format!("2025-09-02 + E{number:02} S{number:02} North 2025-08-20\n");
        }
        let header = "
            organization | org_id org_type
            2025-09-02 + North school
        ";
        let of_school = causes("RAT-003", &(header.to_owned() + &changes));
        assert_eq!(of_school.len(), 1);
        assert!(of_school[0].ends_with("E11 8 more of school_enrollment"), "{of_school:?}");
    }

    #[test]
    fn a_credential_is_its_own_cause() {
        let changes = "
            credential | credential_id staff_id status issue_date expiration_date
            2025-09-02 + C1 T1 active 2020-01-01 2019-01-01
            2025-09-02 + C2 T2 active 2020-01-01 2030-01-01
        ";
        assert_eq!(causes("CRT-008", changes), ["C1: C1"]);
    }

    #[test]
    fn users_of_an_unrecognized_code() {
        let changes = "
            course | course_id grades
            2025-09-02 + A 77
            2025-09-02 + B 05
        ";
        assert_eq!(causes("REF-005", changes), ["Grade|77: A"]);
    }
}
