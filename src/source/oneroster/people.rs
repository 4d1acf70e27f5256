//! The files about people: users, their roles and their demographics are brought together by person, and each person
//! becomes a student or a member of staff with enrollments or assignments.
//!
//! OneRoster 1.1 states a role and organizations with the user and no dates; the memberships that follow from it are
//! named `person/organization/year`. OneRoster 1.2 states them one by one in the file of roles.

use super::sheet::{Cell, Draft, Kept, Place, Row};
use super::words::{RACES, Stand, code, day, end, highest_grade, state_id};
use super::years::Years;
use crate::model::codes::CodeSet;
use crate::model::{Change, Code, Date, Reason, Record, Rejected, RowName, SchoolYear, Space, Table, Text};
use crate::model::{Field, fields::items};
use crate::source::RecordSink;
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;

/// Most organizations that are gone through to find memberships that a person had.
const MOST_ORGS: usize = 10_000;
/// Most rows of a file that one person has: one for each school, say.
pub(super) const MOST_ROWS: usize = 1_000;
/// Most roles of a member of staff at one organization of which it is kept how many there are.
const MOST_ROLES: usize = 4;

/// Columns of persons that the file of demographics states.
const DEMOGRAPHICS: [&str; 4] = ["birth_date", "sex", "is_hispanic", "race"];
/// Columns that a student and a member of staff have alike: they go with a person who becomes the other.
const ALIKE: [&str; 8] = ["first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "is_hispanic", "race"];

/// What the delivery says about people, and how it is to be taken.
#[derive(Default)]
pub(super) struct People {
    pub(super) users: Kept,
    pub(super) roles: Kept,
    pub(super) demographics: Kept,
    /// Whether roles are stated one by one.
    pub(super) by_roles: bool,
    /// Whether the file of roles has all of them.
    pub(super) all_roles: bool,
    /// Whether the file of demographics is there, and whether it has all of them.
    pub(super) has_demographics: bool,
    pub(super) all_demographics: bool,
    /// Whether users and all that goes with them are stated in full.
    pub(super) is_full: bool,
    /// Whether memberships are.
    pub(super) all_memberships: bool,
    pub(super) is_inclusive: bool,
    /// Whether `identifier` is the state's number where no other is.
    pub(super) identifier_is_state: bool,
    /// Types of the organizations of this delivery.
    pub(super) org_types: HashMap<String, String>,
    /// Organizations that a membership may be at that is not stated any more.
    pub(super) orgs: Vec<String>,
}

/// What became of the rows of the files about people.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) rejected: BTreeSet<(Text, u32)>,
    pub(super) ignored: Vec<Text>,
    /// Whether there is a user of whom nothing says whether it is a student or a member of staff.
    pub(super) is_role_unknown: bool,
}

/// All that is said of a person.
struct Person<'k> {
    id: &'k str,
    users: Vec<Row<'k>>,
    /// Whether the user is said to be gone.
    is_gone: bool,
    demographics: Option<Row<'k>>,
    roles: Vec<Row<'k>>,
    /// The line that tells of it before others: of the user, be it gone, else of whatever there is.
    place: Place,
}

/// What a person is.
#[derive(Clone, Copy)]
struct Standing {
    student: bool,
    staff: bool,
    /// Whether it is said at all.
    is_said: bool,
}

/// The two tables of persons, and those of their memberships.
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
    const fn is(self, standing: Standing) -> bool {
        match self {
            Side::Student => standing.student,
            Side::Staff => standing.staff,
        }
    }
    fn of(role: &str) -> Option<Side> {
        match Stand::of(role) {
            Stand::Student => Some(Side::Student),
            Stand::Staff => Some(Side::Staff),
            Stand::Contact => None,
        }
    }
}

impl People {
    /// Makes ready, once all files are read. Gives the first row that is one too many of one person.
    pub(super) fn sort(&mut self, taker: &mut dyn RecordSink) -> Option<Row<'_>> {
        for kept in [&mut self.users, &mut self.roles, &mut self.demographics] {
            kept.sort();
        }
        if !self.by_roles && !self.all_memberships {
            let symbols: Vec<_> = taker.texts().symbols(Space::OrgId).take(MOST_ORGS).collect();
            let texts = taker.texts();
            self.orgs = symbols.into_iter().map(|symbol| texts.symbol_text(Space::OrgId, symbol).to_owned()).collect();
        }
        [&self.users, &self.roles, &self.demographics].into_iter().find_map(|kept| kept.first_beyond(MOST_ROWS))
    }

    /// Goes over the persons in the order of their ids.
    fn persons(&self) -> impl Iterator<Item = Person<'_>> {
        let (mut user, mut role, mut other) = (0, 0, 0);
        std::iter::from_fn(move || {
            let keys = [self.users.key(user), self.roles.key(role), self.demographics.key(other)];
            let id = keys.into_iter().flatten().min()?;
            let ends = [self.users.run(user, id), self.roles.run(role, id), self.demographics.run(other, id)];
            let all: Vec<Row<'_>> = self.users.rows(user..ends[0]).collect();
            let (is_gone, last) = (is_gone(&all), all.last().map(Row::place));
            let users = if is_gone { Vec::new() } else { all.into_iter().filter(|row| !row.deleted).collect() };
            let mut roles: Vec<Row<'_>> = self.roles.rows(role..ends[1]).collect();
            if !self.all_roles {
                // Of changes of one role the last counts.
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
            let place = users.last().map(Row::place).or(last);
            let place = place.or_else(|| demographics.as_ref().or(roles.last()).map(Row::place));
            let place = place.expect("invariant: a person is made of rows");
            Some(Person { id, users, is_gone, demographics, roles, place })
        })
    }

    fn standing(&self, person: &Person<'_>, taker: &mut dyn RecordSink) -> Standing {
        let by_roles = self.by_roles || person.users.iter().any(|row| !row.has("role"));
        let roles: Vec<&str> = match by_roles {
            true => person.roles.iter().filter(|row| !row.deleted).map(|row| row.text("role")).collect(),
            false => person.users.iter().map(|row| row.text("role")).filter(|role| !role.is_empty()).collect(),
        };
        let says = |side: Side| roles.iter().any(|role| Side::of(role) == Some(side));
        let (student, staff) = (says(Side::Student), says(Side::Staff));
        if (by_roles && self.all_roles) || (!by_roles && !roles.is_empty()) {
            return Standing { student, staff, is_said: !roles.is_empty() };
        }
        // Only changes of roles are stated: one stays what one was, unless the role that it came of became another.
        let mut stays = |side: Side, says_other: bool| {
            is_current(side.person(), person.id, taker)
                && !(says_other
                    && person.roles.iter().any(|row| {
                        let is_left = row.deleted || Side::of(row.text("role")) != Some(side);
                        is_left && is_current(side.membership(), row.text("sourcedId"), taker)
                    }))
        };
        let stays_student = !student && stays(Side::Student, staff);
        let stays_staff = !staff && stays(Side::Staff, student);
        let (student, staff) = (student || stays_student, staff || stays_staff);
        Standing { student, staff, is_said: student || staff || !roles.is_empty() }
    }

    /// Gives the rows of students, or of staff.
    pub(super) fn give_persons(&self, side: Side, counts: &mut Counts, taker: &mut dyn RecordSink) {
        let table = side.person();
        for person in self.persons().filter(|person| !person.id.is_empty()) {
            let standing = self.standing(&person, taker);
            if side == Side::Student {
                self.count_others(&person, standing, counts, taker);
            }
            if person.is_gone || !side.is(standing) {
                if !self.is_full && is_over(table, side.other().person(), person.id, person.is_gone, taker) {
                    delete(table, person.id, person.place, taker);
                }
                continue;
            }
            let before = current(table, person.id, taker);
            let other = if before.is_none() { current(side.other().person(), person.id, taker) } else { None };
            // Without a row of users there is only something to say of persons who are known.
            let is_moved = other.is_some() && !self.is_full;
            if person.users.is_empty() && !(before.is_some() && person.demographics.is_some()) && !is_moved {
                if let (Some(row), Side::Student) = (&person.demographics, side) {
                    counts.ignored.push(row.place().file);
                }
                continue;
            }
            let draft = self.person(side, &person, before, other, taker);
            emit(draft, counts, taker);
        }
    }

    /// Counts rows of persons who are neither; and rejects those of whom it is not said what they are.
    fn count_others(&self, person: &Person<'_>, standing: Standing, counts: &mut Counts, taker: &mut dyn RecordSink) {
        if standing.student || standing.staff || person.is_gone {
            return;
        }
        for row in &person.users {
            // Of a change of a user who is not known, the role may be that of a guardian.
            if standing.is_said || !(self.all_roles || self.is_full) {
                counts.ignored.push(row.place().file);
            } else {
                let Place { file, line, .. } = row.place();
                let key = taker.texts().symbol(Table::Student.space(), person.id);
                let row = RowName::Key(key);
                counts.is_role_unknown = true;
                taker.at(file, line);
                taker.change(Change::Reject(Rejected { table: Table::Student, row, file, line, reason: Reason::NoRole }));
                counts.rejected.insert((file, line));
            }
        }
        counts.ignored.extend(person.demographics.iter().map(|row| row.place().file));
    }

    /// The row of a student or a member of staff.
    fn person<'k>(
        &self,
        side: Side,
        person: &Person<'k>,
        before: Option<Record>,
        other: Option<Record>,
        taker: &mut dyn RecordSink,
    ) -> Draft<'k> {
        let table = side.person();
        let home = person.place;
        let mut draft = Draft::new(table, home);
        // What the delivery does not state anew stays as it was.
        let stays: &[&str] = match (before, other) {
            (Some(_), _) if !self.is_full => &[],
            (None, Some(_)) if !self.is_full => &ALIKE,
            _ if !self.has_demographics => &DEMOGRAPHICS,
            _ => &["none"],
        };
        if let Some(record) = before.or(other) {
            for (column, value) in record.table().spec().columns.iter().zip(record.values()) {
                if stays.is_empty() || stays.contains(&column.name) {
                    draft.offer(column.name, value.text(taker.texts()));
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
            Some(text) => Cell { text, place: ids.place },
            None if self.identifier_is_state => identifier,
            None => Cell { text: "", place: ids.place },
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

    /// Whether memberships of persons follow from this delivery.
    pub(super) fn has_memberships(&self) -> bool {
        let by_users = self.users.rows(0..usize::from(self.users.key(0).is_some())).any(|row| row.has("role"));
        self.by_roles || by_users || self.all_memberships
    }

    /// Gives the rows of enrollments at schools, or of assignments.
    pub(super) fn give_memberships(&self, side: Side, years: &Years, counts: &mut Counts, taker: &mut dyn RecordSink) {
        for person in self.persons() {
            if self.by_roles {
                for role in &person.roles {
                    self.give_role(side, role, &person, years, counts, taker);
                }
            } else if person.is_gone || person.users.iter().any(|row| row.has("role")) {
                self.give_inferred(side, &person, years, counts, taker);
            }
        }
    }

    fn give_role(
        &self,
        side: Side,
        role: &Row<'_>,
        person: &Person<'_>,
        years: &Years,
        counts: &mut Counts,
        taker: &mut dyn RecordSink,
    ) {
        let (table, id) = (side.membership(), role.text("sourcedId"));
        let of = Side::of(role.text("role"));
        if role.deleted || of != Some(side) {
            if !self.all_memberships && is_over(table, side.other().membership(), id, role.deleted, taker) {
                delete(table, id, role.place(), taker);
            } else if !role.deleted && of.is_none() && side == Side::Student {
                counts.ignored.push(role.place().file);
            }
            return;
        }
        let mut draft = Draft::new(table, role.place());
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
        let dates = Dates { begins: first, ends: (after, last.place), is_inferred: first.text.is_empty() };
        self.membership(side, &mut draft, person, org, year, dates, years, taker);
        match side {
            Side::Student => match is_primary {
                Some(is_primary) => draft.set("status", primary(is_primary), roletype.place),
                None => draft.set("status", code(CodeSet::EnrollmentStatus, roletype.text), roletype.place),
            },
            Side::Staff => {
                let word = role.get("role");
                draft.set("role", code(CodeSet::StaffRole, word.text), word.place);
                let stated = (!roletype.text.is_empty()).then(|| roletype.text.eq_ignore_ascii_case("primary"));
                let text = is_primary.or(stated).map(|is_primary| is_primary.to_string());
                draft.set("is_primary", text.unwrap_or_default(), roletype.place);
            }
        }
        emit(draft, counts, taker);
    }

    /// Memberships of OneRoster 1.1: a role and organizations, of the school year.
    fn give_inferred(
        &self,
        side: Side,
        person: &Person<'_>,
        years: &Years,
        counts: &mut Counts,
        taker: &mut dyn RecordSink,
    ) {
        let table = side.membership();
        let year = years.current();
        // Which organizations in which role, in the order in which they are stated.
        let mut held: Vec<(Cell<'_>, Cell<'_>)> = Vec::new();
        let mut seen: HashSet<(&str, &str)> = HashSet::default();
        for user in person.users.iter().filter(|user| Side::of(user.text("role")) == Some(side)) {
            let (role, orgs) = (user.get("role"), user.get("orgSourcedIds"));
            if role.text.is_empty() {
                continue;
            }
            for org in items(orgs.text) {
                if seen.insert((org, role.text)) {
                    held.push((Cell { text: org, ..orgs }, role));
                }
            }
        }
        // Students are listed at the district too; they are enrolled in schools.
        if side == Side::Student {
            let schools: Vec<bool> = held.iter().map(|(org, _)| !self.is_above_schools(org.text, taker)).collect();
            if schools.contains(&true) {
                let mut schools = schools.into_iter();
                held.retain(|_| schools.next() == Some(true));
            }
        }
        let mut stated = BTreeSet::new();
        let mut times: HashMap<&str, usize> = HashMap::default();
        for (place, (org, role)) in held.iter().enumerate() {
            let year_text = year.map(|year| year.to_string()).unwrap_or_default();
            let before = times.entry(org.text).or_default();
            let id = membership_id(person.id, org.text, &year_text, *before);
            *before += 1;
            let mut draft = Draft::new(table, Place { position: 0, ..org.place });
            draft.set(table.spec().key[0], id.clone(), org.place);
            stated.insert(id);
            let nothing = Cell { text: "", place: Place { position: 0, ..org.place } };
            let dates = Dates { begins: nothing, ends: ("".into(), nothing.place), is_inferred: true };
            self.membership(side, &mut draft, person, *org, year, dates, years, taker);
            match side {
                // The source cannot say which is the main one; it lists it first.
                Side::Student => draft.set("status", primary(place == 0), org.place),
                Side::Staff => draft.set("role", code(CodeSet::StaffRole, role.text), role.place),
            }
            emit(draft, counts, taker);
        }
        if !self.all_memberships {
            // Memberships of this year that are stated no more; of every year when the person is.
            let is_over = person.is_gone || held.is_empty();
            let over = years.all().filter(|of| is_over || Some(*of) == year).map(|of| of.to_string());
            let most = if side == Side::Staff { MOST_ROLES } else { 1 };
            for year in over {
                for org in &self.orgs {
                    let ids = (0..most).map(|before| membership_id(person.id, org, &year, before));
                    for id in ids.filter(|id| !stated.contains(id)) {
                        if is_current(table, &id, taker) {
                            delete(table, &id, person.place, taker);
                        }
                    }
                }
            }
        }
    }

    /// What enrollments and assignments have in common: the person, where, and when.
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
        taker: &mut dyn RecordSink,
    ) {
        let (begin, after) = match side {
            Side::Student => ("entry_date", "exit_date"),
            Side::Staff => ("begin_date", "end_date"),
        };
        draft.set("school_year", year.map(|year| year.to_string()).unwrap_or_default(), dates.begins.place);
        let Dates { begins, ends: (ends, ends_place), is_inferred } = dates;
        let bounds = year.map(|year| years.days(year));
        let is_open = ends.is_empty();
        let exit = match (is_inferred && is_open, bounds) {
            (true, Some((_, end))) => Some(end),
            _ => Date::parse_iso(ends.as_bytes()),
        };
        match (is_inferred, bounds) {
            (true, Some((first, end))) => {
                draft.set(begin, first.to_string(), begins.place);
                draft.set(after, if is_open { end.to_string().into() } else { ends }, ends_place);
            }
            _ => {
                draft.set(begin, day(begins.text), begins.place);
                draft.set(after, ends, ends_place);
            }
        }
        match side {
            Side::Student => {
                draft.set("student_id", person.id, draft_home(org));
                draft.put("school_id", org);
                match (grade(&person.users), person.users.last()) {
                    (Some(grade), _) => draft.put("grade_level", grade),
                    (None, Some(user)) => draft.put("grade_level", user.get("grades")),
                    (None, None) => draft.set("grade_level", current_grade(person.id, taker), draft_home(org)),
                }
                // Whoever stays until the year is over leaves because it is; other reasons are not stated.
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

    /// Whether an organization is a district, a state or the like.
    fn is_above_schools(&self, org: &str, taker: &mut dyn RecordSink) -> bool {
        let above = |kind: &str| ["district", "state", "department"].contains(&kind);
        match self.org_types.get(org) {
            Some(kind) => above(kind),
            None => match current(Table::Organization, org, taker) {
                Some(Record::Organization(row)) => above(row.org_type.text(taker.texts())),
                _ => false,
            },
        }
    }
}

/// When a membership holds.
struct Dates<'k> {
    begins: Cell<'k>,
    ends: (std::borrow::Cow<'k, str>, Place),
    is_inferred: bool,
}

fn draft_home(cell: Cell<'_>) -> Place {
    Place { position: 0, ..cell.place }
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

/// The highest grade that the rows of a user state.
fn grade<'k>(users: &[Row<'k>]) -> Option<Cell<'k>> {
    let stated = users.iter().map(|row| row.get("grades")).filter(|cell| !cell.text.is_empty());
    let grades = stated.map(|cell| Cell { text: highest_grade(cell.text), ..cell });
    grades.max_by_key(|cell| CodeSet::Grade.find(cell.text)).filter(|cell| !cell.text.is_empty())
}

fn current_grade(id: &str, taker: &mut dyn RecordSink) -> String {
    match current(Table::Student, id, taker) {
        Some(Record::Student(row)) => row.grade_level.value().text(taker.texts()),
        _ => String::new(),
    }
}

fn state_demographics<'k>(row: &Row<'k>, draft: &mut Draft<'k>) {
    let (born, sex) = (row.get("birthDate"), row.get("sex"));
    draft.set("birth_date", day(born.text), born.place);
    draft.set("sex", code(CodeSet::Sex, sex.text), sex.place);
    draft.put("is_hispanic", row.get("hispanicOrLatinoEthnicity"));
    let mut races = Vec::new();
    for (column, race) in RACES {
        let cell = row.get(column);
        let is = |words: &[&str]| words.iter().any(|word| cell.text.eq_ignore_ascii_case(word));
        match () {
            () if is(&["", "false", "0", "no", "n", "f"]) => {}
            () if is(&["true", "1", "yes", "y", "t"]) => races.push(race.to_owned()),
            // Neither true nor false: an unknown code says what stood there.
            () => races.push(format!("{race}={}", cell.text)),
        }
    }
    draft.set("race", races.join(";"), row.get(RACES[0].0).place);
}

/// Whether a user is gone. One person may have a row for each school: it is only gone when no row states it, or when the
/// last word said so.
fn is_gone(rows: &[Row<'_>]) -> bool {
    let last =
        |deleted: bool| rows.iter().filter(|row| row.deleted == deleted).map(|row| row.text("dateLastModified")).max();
    match (last(true), last(false)) {
        (Some(deleted), Some(stated)) => !stated.is_empty() && deleted > stated,
        (deleted, _) => deleted.is_some(),
    }
}

fn current(table: Table, id: &str, taker: &mut dyn RecordSink) -> Option<Record> {
    let symbol = taker.texts().find_symbol(table.space(), id)?;
    taker.current(table, symbol)
}

fn is_current(table: Table, id: &str, taker: &mut dyn RecordSink) -> bool {
    current(table, id, taker).is_some()
}

/// Whether a row of a key is to be deleted: it is there; or the record is gone, its row is in no table, and one of this
/// table was seen: then what was rejected of it is over.
fn is_over(table: Table, other: Table, id: &str, is_gone: bool, taker: &mut dyn RecordSink) -> bool {
    is_current(table, id, taker)
        || (is_gone && !is_current(other, id, taker) && taker.texts().find_symbol(table.space(), id).is_some())
}

fn delete(table: Table, id: &str, place: Place, taker: &mut dyn RecordSink) {
    let key = taker.texts().symbol(table.space(), id);
    taker.at(place.file, place.line);
    taker.change(Change::Delete(table, key));
}

/// Gives a row, and takes note of the rows of files that it was rejected for.
fn emit(draft: Draft<'_>, counts: &mut Counts, taker: &mut dyn RecordSink) {
    let mut changes = Vec::with_capacity(1);
    let home = draft.home();
    taker.at(home.file, home.line);
    draft.give(taker.texts(), |change| changes.push(change));
    for change in changes {
        if let Change::Reject(rejected) = &change {
            counts.rejected.insert((rejected.file, rejected.line));
        }
        taker.change(change);
    }
}
