//! School enrollments and staff assignments: stated one by one in 1.2, and inferred from users in 1.1.

use super::{Counts, People, Person, Side, current, delete, emit, grade, is_current, is_deletable};
use crate::model::codes::CodeSet;
use crate::model::fields::items;
use crate::model::{Code, Date, Field, Record, SchoolYear, Table};
use crate::source::RecordSink;
use crate::source::oneroster::sheet::{Cell, Draft, Provenance, Row};
use crate::source::oneroster::words::{code, day, end};
use crate::source::oneroster::years::Years;
use hashbrown::{HashMap, HashSet};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Most memberships of one staff member at one organization that are tracked.
const MOST_ROLES: usize = 4;

/// The dates of a membership.
struct Dates<'k> {
    begins: Cell<'k>,
    ends: (Cow<'k, str>, Provenance),
    is_inferred: bool,
}

impl People {
    /// Whether this delivery states or implies memberships.
    pub(in crate::source::oneroster) fn has_memberships(&self) -> bool {
        let by_users = self.users.rows(0..usize::from(self.users.key(0).is_some())).any(|row| row.has("role"));
        self.by_roles || by_users || self.all_memberships
    }

    /// Emits the rows of school enrollments or of staff assignments.
    pub(in crate::source::oneroster) fn emit_memberships(
        &self,
        side: Side,
        years: &Years,
        counts: &mut Counts,
        sink: &mut dyn RecordSink,
    ) {
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

fn current_grade(id: &str, sink: &mut dyn RecordSink) -> String {
    match current(Table::Student, id, sink) {
        Some(Record::Student(row)) => row.grade_level.value().text(sink.texts()),
        _ => String::new(),
    }
}
