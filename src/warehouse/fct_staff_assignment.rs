//! `fct_staff_assignment`: roles of staff at organizations.

use super::columns::{date, fixed4, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after, flag};
use crate::model::{Field, Interval, StaffId, Value};
use crate::views::staff::{Assignment, StaffView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staff_assignment",
    grain: "one row per assignment",
    key: &["assignment_id"],
    columns: &[
        text("assignment_id", "id of the assignment"),
        text("staff_id", "the staff member"),
        text("org_id", "the organization"),
        int("school_year", "school year, named by its spring"),
        text("role", "the role"),
        text("subject", "the subject"),
        date("begin_date", "first day"),
        date("end_date", "first day after it ends"),
        fixed4("fte", "share of full time"),
        yes_no("is_active", "whether it includes the as-of date"),
        fixed4("fte_days", "share of full time, summed over its days in the school year"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::Staff(rows),
};

/// An assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffAssignment {
    staff: StaffId,
    assignment: Assignment,
    is_active: bool,
}

impl FctStaffAssignment {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let Assignment { interval, id, org, school_year, role, subject, fte, .. } = self.assignment;
        let year = Interval::new(school_year.begin(), Some(school_year.end()));
        let within = interval.intersect(year);
        let days = within.end.map_or(0, |end| end.since(within.begin)).max(0);
        vec![
            id.value(),
            self.staff.value(),
            org.value(),
            school_year.value(),
            role.value(),
            subject.value(),
            interval.begin.value(),
            interval.end.value(),
            fte.value(),
            flag(self.is_active),
            Value::Decimal(fte.map_or(0, |fte| i64::from(fte.0)) * days, 4),
        ]
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
