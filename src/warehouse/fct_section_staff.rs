//! `fct_section_staff`: who teaches sections, and whether they are authorized.

use super::columns::{Of, columns_of, date, fixed4, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::codes::{ClassroomRole, Subject};
use crate::model::{Date, Field, Fte, Interval, OrgId, SchoolYear, SectionId, SectionStaffId, StaffId};
use crate::views::staff::{StaffView, Teaching, matches};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_section_staff",
    grain: "one row per staff member and section",
    key: &["section_staff_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_staff", &["staff_id"]),
        Surrogate::of("k_section", &["section_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Staff(rows),
};

pub(super) static COLUMNS: [Of<FctSectionStaff>; 12] = [
    text("section_staff_id", "id of the row", |row| row.id.value()),
    text("staff_id", "the staff member", |row| row.staff.value()),
    text("section_id", "the section", |row| row.section.value()),
    text("school_id", "school of the section; empty if it is missing", |row| row.school.value()),
    int("school_year", "school year of the section, named by its spring", |row| row.school_year.value()),
    text("role", "role in the section", |row| row.role.value()),
    date("begin_date", "first day within the section; empty if there is none", |row| {
        row.days().map(|days| days.begin).value()
    }),
    date("end_date", "first day after it ends", |row| row.days().and_then(|days| days.end).value()),
    fixed4("allocation", "share of the instruction", |row| row.allocation.value()),
    text("subject", "subject of the course; empty if unknown", |row| row.subject.value()),
    yes_no("is_active", "whether it includes the as-of date", |row| row.is_active.value()),
    yes_no(
        "is_authorized",
        "whether a credential authorizes the subject on the as-of date; empty without a subject",
        |row| row.is_authorized.value(),
    ),
];

/// A person who teaches a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctSectionStaff {
    id: SectionStaffId,
    staff: StaffId,
    section: SectionId,
    school: Option<OrgId>,
    school_year: Option<SchoolYear>,
    role: ClassroomRole,
    interval: Interval,
    allocation: Option<Fte>,
    subject: Option<Subject>,
    is_active: bool,
    is_authorized: Option<bool>,
}

impl FctSectionStaff {
    /// Its days within the section, if there are any.
    fn days(&self) -> Option<Interval> {
        Some(self.interval).filter(|days| !days.is_empty())
    }
}

fn rows(view: &StaffView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for teaching in view.teaching {
        let &Teaching { interval, id, section, role, allocation, school, school_year, subject, .. } = teaching;
        let authorized = subject.map_or(Vec::new(), |subject| view.authorized(|of| matches(of, teaching, subject)));
        // The days on which something changes.
        let ends = authorized.iter().chain([&interval]).flat_map(|days| [Some(days.begin), days.end]).flatten();
        let mut points: Vec<Date> = ends.chain([Date::MIN]).collect();
        points.sort_unstable();
        points.dedup();
        for (place, &begin) in points.iter().enumerate() {
            let row = FctSectionStaff {
                id,
                staff: view.id,
                section,
                school,
                school_year,
                role,
                interval,
                allocation,
                subject,
                is_active: interval.contains(begin),
                is_authorized: subject.map(|_| authorized.iter().any(|days| days.contains(begin))),
            };
            let holds = Interval::new(begin, points.get(place + 1).copied());
            out(RelationRow::FctSectionStaff(row), holds);
        }
    }
}
