//! The files about people: users, their roles and their demographics are joined by person, and each person becomes a
//! student or a staff member with enrollments or assignments.
//!
//! OneRoster 1.1 states roles and organizations on the user, without dates; the memberships inferred from them have ids
//! of the form `person/organization/year`. OneRoster 1.2 states memberships one by one in the roles file.

use super::sheet::{Cell, Draft, Provenance, Row, RowBuffer};
use super::words::{PersonKind, RACES, code, day, end, highest_grade, state_id};
use super::years::Years;
use crate::model::codes::CodeSet;
use crate::model::{Change, Code, Date, Reason, Record, Rejected, RowName, SchoolYear, Space, Table, Text};
use crate::model::{Field, fields::items};
use crate::source::RecordSink;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// Most organizations searched for earlier memberships of a person.
const MOST_ORGS: usize = 10_000;
/// Most rows of one person in a file, for example one per school.
pub(super) const MOST_ROWS: usize = 1_000;
/// Most memberships of one staff member at one organization that are tracked.
const MOST_ROLES: usize = 4;

/// Columns of persons that the demographics file states.
const DEMOGRAPHICS: [&str; 4] = ["birth_date", "sex", "is_hispanic", "race"];
/// Columns that students and staff share; a person who changes from one to the other keeps them.
const ALIKE: [&str; 8] = ["first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "is_hispanic", "race"];

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

    /// Emits the rows of students or of staff.
    pub(super) fn emit_persons(&self, side: Side, counts: &mut Counts, sink: &mut dyn RecordSink) {
        let table = side.person();
        for person in self.persons().filter(|person| !person.id.is_empty()) {
            let person_roles = self.person_roles(&person, sink);
            if side == Side::Student {
                self.count_others(&person, person_roles, counts, sink);
            }
            if person.is_gone || !side.is(person_roles) {
                if !self.is_full && is_deletable(table, side.other().person(), person.id, person.is_gone, sink) {
                    delete(table, person.id, person.provenance, sink);
                }
                continue;
            }
            let previous = current(table, person.id, sink);
            let other = if previous.is_none() { current(side.other().person(), person.id, sink) } else { None };
            // Without a users row, only known persons can change.
            let is_moved = other.is_some() && !self.is_full;
            if person.users.is_empty() && !(previous.is_some() && person.demographics.is_some()) && !is_moved {
                if let (Some(row), Side::Student) = (&person.demographics, side) {
                    counts.ignored.push(row.provenance().file);
                }
                continue;
            }
            let draft = self.person(side, &person, previous, other, sink);
            emit(draft, counts, sink);
        }
    }

    /// Counts rows of persons who are neither student nor staff, and rejects users without a role.
    fn count_others(&self, person: &Person<'_>, person_roles: PersonRoles, counts: &mut Counts, sink: &mut dyn RecordSink) {
        if person_roles.student || person_roles.staff || person.is_gone {
            return;
        }
        for row in &person.users {
            // A change of an unknown user may be about a guardian.
            if person_roles.is_stated || !(self.all_roles || self.is_full) {
                counts.ignored.push(row.provenance().file);
            } else {
                let Provenance { file, line, .. } = row.provenance();
                let key = sink.texts().symbol(Table::Student.space(), person.id);
                let row = RowName::Key(key);
                counts.is_role_unknown = true;
                sink.at(file, line);
                sink.change(Change::Reject(Rejected { table: Table::Student, row, file, line, reason: Reason::NoRole }));
                counts.rejected.insert((file, line));
            }
        }
        counts.ignored.extend(person.demographics.iter().map(|row| row.provenance().file));
    }

    /// The row of a student or a staff member.
    fn person<'k>(
        &self,
        side: Side,
        person: &Person<'k>,
        previous: Option<Record>,
        other: Option<Record>,
        sink: &mut dyn RecordSink,
    ) -> Draft<'k> {
        let table = side.person();
        let home = person.provenance;
        let mut draft = Draft::new(table, home);
        // What the delivery does not state stays as it was.
        let stays: &[&str] = match (previous, other) {
            (Some(_), _) if !self.is_full => &[],
            (None, Some(_)) if !self.is_full => &ALIKE,
            _ if !self.has_demographics => &DEMOGRAPHICS,
            _ => &["none"],
        };
        if let Some(record) = previous.or(other) {
            for (column, value) in record.table().spec().columns.iter().zip(record.values()) {
                if stays.is_empty() || stays.contains(&column.name) {
                    draft.offer(column.name, value.text(sink.texts()));
                }
            }
        }
        let key = table.spec().key[0];
        draft.set(key, person.id, home);
        if let Some(user) = person.users.last() {
            self.state_user(side, user, &person.users, &mut draft);
        }
        match &person.demographics {
            Some(row) if !row.deleted => state_demographics(row, &mut draft),
            Some(_) => DEMOGRAPHICS.iter().for_each(|column| draft.set(column, "", home)),
            None if self.all_demographics => DEMOGRAPHICS.iter().for_each(|column| draft.set(column, "", home)),
            None => {}
        }
        draft
    }

    fn state_user<'k>(&self, side: Side, user: &Row<'k>, all: &[Row<'k>], draft: &mut Draft<'k>) {
        draft.put("first_name", user.get("givenName"));
        draft.put("middle_name", user.get("middleName"));
        draft.put("last_name", user.get("familyName"));
        let (ids, identifier) = (user.get("userIds"), user.get("identifier"));
        let state = match state_id(ids.text) {
            Some(text) => Cell { text, provenance: ids.provenance },
            None if self.identifier_is_state => identifier,
            None => Cell { text: "", provenance: ids.provenance },
        };
        match side {
            Side::Student => {
                draft.put("state_student_id", state);
                draft.put("is_enabled", user.get("enabledUser"));
                draft.put("grade_level", grade(all).unwrap_or(user.get("grades")));
            }
            Side::Staff => {
                draft.put("state_staff_id", state);
                draft.put("is_active", user.get("enabledUser"));
                draft.put("email", user.get("email"));
                draft.put("username", user.get("username"));
            }
        }
    }

    /// Whether this delivery states or implies memberships.
    pub(super) fn has_memberships(&self) -> bool {
        let by_users = self.users.rows(0..usize::from(self.users.key(0).is_some())).any(|row| row.has("role"));
        self.by_roles || by_users || self.all_memberships
    }

    /// Emits the rows of school enrollments or of staff assignments.
    pub(super) fn emit_memberships(&self, side: Side, years: &Years, counts: &mut Counts, sink: &mut dyn RecordSink) {
        for person in self.persons() {
            if self.by_roles {
                for role in &person.roles {
                    self.emit_role(side, role, &person, years, counts, sink);
                }
            } else if person.is_gone || person.users.iter().any(|row| row.has("role")) {
                self.emit_inferred(side, &person, years, counts, sink);
            }
        }
    }

    fn emit_role(
        &self,
        side: Side,
        role: &Row<'_>,
        person: &Person<'_>,
        years: &Years,
        counts: &mut Counts,
        sink: &mut dyn RecordSink,
    ) {
        let (table, id) = (side.membership(), role.text("sourcedId"));
        let of = Side::of(role.text("role"));
        if role.deleted || of != Some(side) {
            if !self.all_memberships && is_deletable(table, side.other().membership(), id, role.deleted, sink) {
                delete(table, id, role.provenance(), sink);
            } else if !role.deleted && of.is_none() && side == Side::Student {
                counts.ignored.push(role.provenance().file);
            }
            return;
        }
        let mut draft = Draft::new(table, role.provenance());
        draft.put(table.spec().key[0], role.get("sourcedId"));
        let (first, last, org) = (role.get("beginDate"), role.get("endDate"), role.get("orgSourcedId"));
        let after = end(last.text, self.is_inclusive);
        let (begins, ends) = (Date::parse_iso(day(first.text).as_bytes()), Date::parse_iso(after.as_bytes()));
        let year = match (begins, ends) {
            (Some(begins), ends) => Some(years.of_days(begins, ends)),
            (None, Some(ends)) => Some(SchoolYear::of(ends.plus(-1))),
            (None, None) => years.current(),
        };
        let roletype = role.get("roleType");
        let is_primary = match roletype.text {
            "" => person.users.last().map(|user| user.text("primaryOrgSourcedId")).filter(|org| !org.is_empty()),
            _ => None,
        };
        let is_primary = is_primary.map(|primary| primary == org.text);
        let dates = Dates { begins: first, ends: (after, last.provenance), is_inferred: first.text.is_empty() };
        self.membership(side, &mut draft, person, org, year, dates, years, sink);
        match side {
            Side::Student => match is_primary {
                Some(is_primary) => draft.set("status", primary(is_primary), roletype.provenance),
                None => draft.set("status", code(CodeSet::EnrollmentStatus, roletype.text), roletype.provenance),
            },
            Side::Staff => {
                let word = role.get("role");
                draft.set("role", code(CodeSet::StaffRole, word.text), word.provenance);
                let stated = (!roletype.text.is_empty()).then(|| roletype.text.eq_ignore_ascii_case("primary"));
                let text = is_primary.or(stated).map(|is_primary| is_primary.to_string());
                draft.set("is_primary", text.unwrap_or_default(), roletype.provenance);
            }
        }
        emit(draft, counts, sink);
    }

    /// Memberships inferred for OneRoster 1.1: roles and organizations in the school year.
    fn emit_inferred(&self, side: Side, person: &Person<'_>, years: &Years, counts: &mut Counts, sink: &mut dyn RecordSink) {
        let table = side.membership();
        let year = years.current();
        // Organizations and roles in the order in which they are stated.
        let mut memberships: Vec<(Cell<'_>, Cell<'_>)> = Vec::new();
        let mut visited: HashSet<(&str, &str)> = HashSet::default();
        for user in person.users.iter().filter(|user| Side::of(user.text("role")) == Some(side)) {
            let (role, orgs) = (user.get("role"), user.get("orgSourcedIds"));
            if role.text.is_empty() {
                continue;
            }
            for org in items(orgs.text) {
                if visited.insert((org, role.text)) {
                    memberships.push((Cell { text: org, ..orgs }, role));
                }
            }
        }
        // Students are listed at the district too, but they are enrolled in schools.
        if side == Side::Student {
            let schools: Vec<bool> = memberships.iter().map(|(org, _)| !self.is_above_schools(org.text, sink)).collect();
            if schools.contains(&true) {
                let mut schools = schools.into_iter();
                memberships.retain(|_| schools.next() == Some(true));
            }
        }
        let mut stated = BTreeSet::new();
        let mut times: HashMap<&str, usize> = HashMap::default();
        for (place, (org, role)) in memberships.iter().enumerate() {
            let year_text = year.map(|year| year.to_string()).unwrap_or_default();
            let before = times.entry(org.text).or_default();
            let id = membership_id(person.id, org.text, &year_text, *before);
            *before += 1;
            let mut draft = Draft::new(table, Provenance { position: 0, ..org.provenance });
            draft.set(table.spec().key[0], id.clone(), org.provenance);
            stated.insert(id);
            let nothing = Cell { text: "", provenance: Provenance { position: 0, ..org.provenance } };
            let dates = Dates { begins: nothing, ends: ("".into(), nothing.provenance), is_inferred: true };
            self.membership(side, &mut draft, person, *org, year, dates, years, sink);
            match side {
                // The source does not mark the primary school; it lists it first.
                Side::Student => draft.set("status", primary(place == 0), org.provenance),
                Side::Staff => draft.set("role", code(CodeSet::StaffRole, role.text), role.provenance),
            }
            emit(draft, counts, sink);
        }
        if !self.all_memberships {
            // Memberships that are no longer stated: those of this year, or of every year if the person has none left.
            let is_over = person.is_gone || memberships.is_empty();
            let over = years.all().filter(|of| is_over || Some(*of) == year).map(|of| of.to_string());
            let most = if side == Side::Staff { MOST_ROLES } else { 1 };
            for year in over {
                for org in &self.orgs {
                    let ids = (0..most).map(|before| membership_id(person.id, org, &year, before));
                    for id in ids.filter(|id| !stated.contains(id)) {
                        if is_current(table, &id, sink) {
                            delete(table, &id, person.provenance, sink);
                        }
                    }
                }
            }
        }
    }

    /// What enrollments and assignments have in common: person, organization and dates.
    #[allow(clippy::too_many_arguments, reason = "each is one thing that a membership states")]
    fn membership<'k>(
        &self,
        side: Side,
        draft: &mut Draft<'k>,
        person: &Person<'k>,
        org: Cell<'k>,
        year: Option<SchoolYear>,
        dates: Dates<'k>,
        years: &Years,
        sink: &mut dyn RecordSink,
    ) {
        let (begin, after) = match side {
            Side::Student => ("entry_date", "exit_date"),
            Side::Staff => ("begin_date", "end_date"),
        };
        draft.set("school_year", year.map(|year| year.to_string()).unwrap_or_default(), dates.begins.provenance);
        let Dates { begins, ends: (ends, ends_provenance), is_inferred } = dates;
        let bounds = year.map(|year| years.days(year));
        let is_open = ends.is_empty();
        let exit = match (is_inferred && is_open, bounds) {
            (true, Some((_, end))) => Some(end),
            _ => Date::parse_iso(ends.as_bytes()),
        };
        match (is_inferred, bounds) {
            (true, Some((first, end))) => {
                draft.set(begin, first.to_string(), begins.provenance);
                draft.set(after, if is_open { end.to_string().into() } else { ends }, ends_provenance);
            }
            _ => {
                draft.set(begin, day(begins.text), begins.provenance);
                draft.set(after, ends, ends_provenance);
            }
        }
        match side {
            Side::Student => {
                draft.set("student_id", person.id, draft_home(org));
                draft.put("school_id", org);
                match (grade(&person.users), person.users.last()) {
                    (Some(grade), _) => draft.put("grade_level", grade),
                    (None, Some(user)) => draft.put("grade_level", user.get("grades")),
                    (None, None) => draft.set("grade_level", current_grade(person.id, sink), draft_home(org)),
                }
                // A student who stays to the end of the year leaves because the year ends; other reasons are not stated.
                let is_last = |exit: Date, end: Date| exit >= end && Some(SchoolYear::of(exit.plus(-1))) == year;
                if exit.zip(bounds).is_some_and(|(exit, (_, end))| is_last(exit, end)) {
                    draft.set("exit_type", "end_of_year", draft_home(org));
                }
                draft.set("inferred", is_inferred.to_string(), draft_home(org));
            }
            Side::Staff => {
                draft.set("staff_id", person.id, draft_home(org));
                draft.put("org_id", org);
            }
        }
    }

    /// Whether an organization is above schools: a district, a state and the like.
    fn is_above_schools(&self, org: &str, sink: &mut dyn RecordSink) -> bool {
        let above = |kind: &str| ["district", "state", "department"].contains(&kind);
        match self.org_types.get(org) {
            Some(kind) => above(kind),
            None => match current(Table::Organization, org, sink) {
                Some(Record::Organization(row)) => above(row.org_type.text(sink.texts())),
                _ => false,
            },
        }
    }
}

/// The dates of a membership.
struct Dates<'k> {
    begins: Cell<'k>,
    ends: (std::borrow::Cow<'k, str>, Provenance),
    is_inferred: bool,
}

fn draft_home(cell: Cell<'_>) -> Provenance {
    Provenance { position: 0, ..cell.provenance }
}

const fn primary(is_primary: bool) -> &'static str {
    if is_primary { "primary" } else { "secondary" }
}

fn membership_id(person: &str, org: &str, year: &str, before: usize) -> String {
    match before {
        0 => format!("{person}/{org}/{year}"),
        _ => format!("{person}/{org}/{year}/{}", before + 1),
    }
}

/// The highest grade in the rows of a user.
fn grade<'k>(users: &[Row<'k>]) -> Option<Cell<'k>> {
    let stated = users.iter().map(|row| row.get("grades")).filter(|cell| !cell.text.is_empty());
    let grades = stated.map(|cell| Cell { text: highest_grade(cell.text), ..cell });
    grades.max_by_key(|cell| CodeSet::Grade.find(cell.text)).filter(|cell| !cell.text.is_empty())
}

fn current_grade(id: &str, sink: &mut dyn RecordSink) -> String {
    match current(Table::Student, id, sink) {
        Some(Record::Student(row)) => row.grade_level.value().text(sink.texts()),
        _ => String::new(),
    }
}

fn state_demographics<'k>(row: &Row<'k>, draft: &mut Draft<'k>) {
    let (born, sex) = (row.get("birthDate"), row.get("sex"));
    draft.set("birth_date", day(born.text), born.provenance);
    draft.set("sex", code(CodeSet::Sex, sex.text), sex.provenance);
    draft.put("is_hispanic", row.get("hispanicOrLatinoEthnicity"));
    let mut races = Vec::new();
    for (column, race) in RACES {
        let cell = row.get(column);
        let is = |words: &[&str]| words.iter().any(|word| cell.text.eq_ignore_ascii_case(word));
        match () {
            () if is(&["", "false", "0", "no", "n", "f"]) => {}
            () if is(&["true", "1", "yes", "y", "t"]) => races.push(race.to_owned()),
            // Neither true nor false: produce an unrecognized code that shows the text.
            () => races.push(format!("{race}={}", cell.text)),
        }
    }
    draft.set("race", races.join(";"), row.get(RACES[0].0).provenance);
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
