//! The files about people: users, their roles and their demographics are joined by person, and each person becomes a
//! student or a staff member with enrollments or assignments.
//!
//! OneRoster 1.1 states roles and organizations on the user, without dates; the memberships inferred from them have ids
//! of the form `person/organization/year`. OneRoster 1.2 states memberships one by one in the roles file.

mod memberships;
mod persons;

use super::sheet::{Cell, Draft, Provenance, Row, RowBuffer};
use super::words::{PersonKind, highest_grade};
use crate::model::codes::CodeSet;
use crate::model::{Change, Record, Space, Table, Text};
use crate::source::RecordSink;
use hashbrown::HashMap;
use std::collections::BTreeSet;

/// Most organizations searched for earlier memberships of a person.
const MOST_ORGS: usize = 10_000;
/// Most rows of one person in a file, for example one per school.
pub(super) const MOST_ROWS: usize = 1_000;

/// What the delivery states about people, and how to read it.
#[derive(Default)]
pub(super) struct People {
    pub(super) users: RowBuffer,
    pub(super) roles: RowBuffer,
    pub(super) demographics: RowBuffer,
    /// Whether roles are stated one by one.
    pub(super) by_roles: bool,
    /// Whether the roles file is a full extract.
    pub(super) all_roles: bool,
    /// Whether the demographics file is there, and whether it is a full extract.
    pub(super) has_demographics: bool,
    pub(super) all_demographics: bool,
    /// Whether users and everything that belongs to them are full extracts.
    pub(super) is_full: bool,
    /// Whether memberships are a full extract.
    pub(super) all_memberships: bool,
    pub(super) is_inclusive: bool,
    /// Whether `identifier` is the state id if no other id is.
    pub(super) identifier_is_state: bool,
    /// Types of the organizations of this delivery.
    pub(super) org_types: HashMap<String, String>,
    /// Organizations that may have memberships that are no longer stated.
    pub(super) orgs: Vec<String>,
}

/// Rejected and ignored rows of the files about people.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) rejected: BTreeSet<(Text, u32)>,
    pub(super) ignored: Vec<Text>,
    /// Whether any user's role is unknown, so that the user may be a student or staff.
    pub(super) is_role_unknown: bool,
}

/// Everything stated about a person.
struct Person<'k> {
    id: &'k str,
    users: Vec<Row<'k>>,
    /// Whether the user was deleted.
    is_gone: bool,
    demographics: Option<Row<'k>>,
    roles: Vec<Row<'k>>,
    /// The line to report for the person: that of the user, even if deleted, otherwise any.
    provenance: Provenance,
}

/// What a person is.
#[derive(Clone, Copy)]
struct PersonRoles {
    student: bool,
    staff: bool,
    /// Whether it is stated at all.
    is_stated: bool,
}

/// The two tables of persons and those of their memberships.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Student,
    Staff,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::Student, Side::Staff];

    pub(super) const fn person(self) -> Table {
        match self {
            Side::Student => Table::Student,
            Side::Staff => Table::Staff,
        }
    }
    pub(super) const fn membership(self) -> Table {
        match self {
            Side::Student => Table::SchoolEnrollment,
            Side::Staff => Table::StaffAssignment,
        }
    }
    const fn other(self) -> Side {
        match self {
            Side::Student => Side::Staff,
            Side::Staff => Side::Student,
        }
    }
    const fn is(self, person_roles: PersonRoles) -> bool {
        match self {
            Side::Student => person_roles.student,
            Side::Staff => person_roles.staff,
        }
    }
    fn of(role: &str) -> Option<Side> {
        match PersonKind::of(role) {
            PersonKind::Student => Some(Side::Student),
            PersonKind::Staff => Some(Side::Staff),
            PersonKind::Contact => None,
        }
    }
}

impl People {
    /// Sorts the rows once all files are read. Returns the first row over the limit per person, if any.
    pub(super) fn sort(&mut self, sink: &mut dyn RecordSink) -> Option<Row<'_>> {
        for buffer in [&mut self.users, &mut self.roles, &mut self.demographics] {
            buffer.sort();
        }
        if !self.by_roles && !self.all_memberships {
            let symbols: Vec<_> = sink.texts().symbols(Space::OrgId).take(MOST_ORGS).collect();
            let texts = sink.texts();
            self.orgs = symbols.into_iter().map(|symbol| texts.symbol_text(Space::OrgId, symbol).to_owned()).collect();
        }
        [&self.users, &self.roles, &self.demographics].into_iter().find_map(|buffer| buffer.first_beyond(MOST_ROWS))
    }

    /// The persons in the order of their ids.
    fn persons(&self) -> impl Iterator<Item = Person<'_>> {
        let (mut user, mut role, mut other) = (0, 0, 0);
        std::iter::from_fn(move || {
            let keys = [self.users.key(user), self.roles.key(role), self.demographics.key(other)];
            let id = keys.into_iter().flatten().min()?;
            let ends = [self.users.run(user, id), self.roles.run(role, id), self.demographics.run(other, id)];
            let all: Vec<Row<'_>> = self.users.rows(user..ends[0]).collect();
            let (is_gone, last) = (is_gone(&all), all.last().map(Row::provenance));
            let users = if is_gone { Vec::new() } else { all.into_iter().filter(|row| !row.deleted).collect() };
            let mut roles: Vec<Row<'_>> = self.roles.rows(role..ends[1]).collect();
            if !self.all_roles {
                // Of several changes to a role, the last wins.
                let ids: Vec<&str> = roles.iter().map(|row| row.text("sourcedId")).collect();
                let mut later = (1..).map(|next| ids.get(next..).unwrap_or_default());
                let mut ids = ids.iter();
                roles.retain(|_| match (ids.next(), later.next()) {
                    (Some(id), Some(later)) => !later.contains(id),
                    _ => true,
                });
            }
            let demographics = self.demographics.rows(other..ends[2]).last();
            [user, role, other] = ends;
            let provenance = users.last().map(Row::provenance).or(last);
            let provenance = provenance.or_else(|| demographics.as_ref().or(roles.last()).map(Row::provenance));
            let provenance = provenance.expect("invariant: a person is made of rows");
            Some(Person { id, users, is_gone, demographics, roles, provenance })
        })
    }

    fn person_roles(&self, person: &Person<'_>, sink: &mut dyn RecordSink) -> PersonRoles {
        let by_roles = self.by_roles || person.users.iter().any(|row| !row.has("role"));
        let roles: Vec<&str> = match by_roles {
            true => person.roles.iter().filter(|row| !row.deleted).map(|row| row.text("role")).collect(),
            false => person.users.iter().map(|row| row.text("role")).filter(|role| !role.is_empty()).collect(),
        };
        let has = |side: Side| roles.iter().any(|role| Side::of(role) == Some(side));
        let (student, staff) = (has(Side::Student), has(Side::Staff));
        if (by_roles && self.all_roles) || (!by_roles && !roles.is_empty()) {
            return PersonRoles { student, staff, is_stated: !roles.is_empty() };
        }
        // Only changes of roles are stated: a person keeps a role unless the membership that it came from now has the
        // other.
        let mut keeps = |side: Side, has_other: bool| {
            is_current(side.person(), person.id, sink)
                && !(has_other
                    && person.roles.iter().any(|row| {
                        let is_left = row.deleted || Side::of(row.text("role")) != Some(side);
                        is_left && is_current(side.membership(), row.text("sourcedId"), sink)
                    }))
        };
        let keeps_student = !student && keeps(Side::Student, staff);
        let keeps_staff = !staff && keeps(Side::Staff, student);
        let (student, staff) = (student || keeps_student, staff || keeps_staff);
        PersonRoles { student, staff, is_stated: student || staff || !roles.is_empty() }
    }
}

/// The highest grade in the rows of a user.
fn grade<'k>(users: &[Row<'k>]) -> Option<Cell<'k>> {
    let stated = users.iter().map(|row| row.get("grades")).filter(|cell| !cell.text.is_empty());
    let grades = stated.map(|cell| Cell { text: highest_grade(cell.text), ..cell });
    grades.max_by_key(|cell| CodeSet::Grade.find(cell.text)).filter(|cell| !cell.text.is_empty())
}

/// Whether a user was deleted. A person may have one row per school, and is deleted only if no row states the user or if
/// the latest one is a delete.
fn is_gone(rows: &[Row<'_>]) -> bool {
    let last =
        |deleted: bool| rows.iter().filter(|row| row.deleted == deleted).map(|row| row.text("dateLastModified")).max();
    match (last(true), last(false)) {
        (Some(deleted), Some(stated)) => !stated.is_empty() && deleted > stated,
        (deleted, _) => deleted.is_some(),
    }
}

fn current(table: Table, id: &str, sink: &mut dyn RecordSink) -> Option<Record> {
    let symbol = sink.texts().find_symbol(table.space(), id)?;
    sink.current(table, symbol)
}

fn is_current(table: Table, id: &str, sink: &mut dyn RecordSink) -> bool {
    current(table, id, sink).is_some()
}

/// Whether to delete the row with this id: it exists; or the record was deleted, no table has its row, and this table
/// has visited the id, so that an earlier rejection of it is resolved.
fn is_deletable(table: Table, other: Table, id: &str, is_gone: bool, sink: &mut dyn RecordSink) -> bool {
    is_current(table, id, sink)
        || (is_gone && !is_current(other, id, sink) && sink.texts().find_symbol(table.space(), id).is_some())
}

fn delete(table: Table, id: &str, provenance: Provenance, sink: &mut dyn RecordSink) {
    let key = sink.texts().symbol(table.space(), id);
    sink.at(provenance.file, provenance.line);
    sink.change(Change::Delete(table, key));
}

/// Emits a row and records which file rows were rejected.
fn emit(draft: Draft<'_>, counts: &mut Counts, sink: &mut dyn RecordSink) {
    let mut changes = Vec::with_capacity(1);
    let home = draft.home();
    sink.at(home.file, home.line);
    draft.emit_to(sink.texts(), |change| changes.push(change));
    for change in changes {
        if let Change::Reject(rejected) = &change {
            counts.rejected.insert((rejected.file, rejected.line));
        }
        sink.change(change);
    }
}
