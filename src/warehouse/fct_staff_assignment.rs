//! `fct_staff_assignment`: roles of staff at organizations.

use super::columns::{Of, columns_of, date, fixed4, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after};
use crate::model::{Field, Interval, StaffId, Value};
use crate::views::staff::{Assignment, StaffView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staff_assignment",
    grain: "one row per assignment",
    key: &["assignment_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::Staff(rows),
};

pub(super) static COLUMNS: [Of<FctStaffAssignment>; 11] = [
    text("assignment_id", "id of the assignment", |row| row.assignment.id.value()),
    text("staff_id", "the staff member", |row| row.staff.value()),
    text("org_id", "the organization", |row| row.assignment.org.value()),
    int("school_year", "school year, named by its spring", |row| row.assignment.school_year.value()),
    text("role", "the role", |row| row.assignment.role.value()),
    text("subject", "the subject", |row| row.assignment.subject.value()),
    date("begin_date", "first day", |row| row.assignment.interval.begin.value()),
    date("end_date", "first day after it ends", |row| row.assignment.interval.end.value()),
    fixed4("fte", "share of full time", |row| row.assignment.fte.value()),
    yes_no("is_active", "whether it includes the as-of date", |row| row.is_active.value()),
    fixed4("fte_days", "share of full time, summed over its days in the school year", |row| {
        Value::Decimal(row.fte_days(), 4)
    }),
];

/// An assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffAssignment {
    staff: StaffId,
    assignment: Assignment,
    is_active: bool,
}

impl FctStaffAssignment {
    /// Its full-time equivalents in 1/10,000, summed over its days in the school year.
    fn fte_days(&self) -> i64 {
        let Assignment { interval, school_year, fte, .. } = self.assignment;
        let within = interval.intersect(Interval::new(school_year.begin(), Some(school_year.end())));
        let days = within.end.map_or(0, |end| end.since(within.begin)).max(0);
        fte.map_or(0, |fte| i64::from(fte.0)) * days
    }
}

fn rows(view: &StaffView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &assignment in view.assignments {
        for (is_active, holds) in before_during_after(Some(assignment.interval)) {
            let row = FctStaffAssignment { staff: view.id, assignment, is_active };
            out(RelationRow::FctStaffAssignment(row), holds);
        }
    }
}
