//! The rows of students and staff: what users and demographics state, and what stays of the current row.

use super::{Counts, People, Person, PersonRoles, Side, current, delete, emit, grade, is_deletable};
use crate::model::codes::CodeSet;
use crate::model::{Change, Reason, Record, Rejected, RowName, Table};
use crate::source::RecordSink;
use crate::source::oneroster::sheet::{Cell, Draft, Provenance, Row};
use crate::source::oneroster::words::{RACES, code, day, state_id};

/// Columns of persons that the demographics file states.
const DEMOGRAPHICS: [&str; 4] = ["birth_date", "sex", "is_hispanic", "race"];
/// Columns that students and staff share; a person who changes from one to the other keeps them.
const ALIKE: [&str; 8] = ["first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "is_hispanic", "race"];

impl People {
    /// Emits the rows of students or of staff.
    pub(in crate::source::oneroster) fn emit_persons(&self, side: Side, counts: &mut Counts, sink: &mut dyn RecordSink) {
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
