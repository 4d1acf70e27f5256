//! `fct_staffing_school`: current students and full-time equivalents of each organization.

use super::columns::{fixed4, int, text};
use super::{Added, Relation, RelationRow, Source, Surrogate};
use crate::model::{Field, OrgId, SchoolYear, Value};
use crate::tallies::staffing::{Role, Staffing};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staffing_school",
    grain: "one row per organization with current students, staff or sections",
    key: &["org_id"],
    columns: &[
        text("org_id", "the organization"),
        int("headcount", "students with an active primary enrollment, each once"),
        fixed4("membership_fte", "membership of active primary enrollments"),
        fixed4("teacher_fte", "full-time equivalents of active assignments as a teacher"),
        fixed4("staff_fte", "full-time equivalents of all active assignments"),
        fixed4("counselor_fte", "full-time equivalents of counselors"),
        fixed4("nurse_fte", "full-time equivalents of nurses"),
        fixed4("librarian_fte", "full-time equivalents of librarians"),
        fixed4("psychologist_fte", "full-time equivalents of psychologists"),
        fixed4("para_fte", "full-time equivalents of instructional paraprofessionals"),
        fixed4("admin_fte", "full-time equivalents of administrators"),
        int("sections", "active sections of this school year"),
        int("seats", "current class enrollments of all sections"),
    ],
    added: &[Added {
        column: int("school_year", "current school year, named by its spring"),
        text: |_, context| SchoolYear::of(context.day).to_string(),
    }],
    surrogates: &[Surrogate::of("k_org", &["org_id"])],
    source: Source::Organization(row),
};

/// The staffing of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffingSchool {
    org: OrgId,
    students: [i64; 2],
    fte: [i64; 8],
    sections: [i64; 2],
}

impl FctStaffingSchool {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let [headcount, membership] = self.students;
        let counts = self.sections.map(Value::Int);
        let fte = [membership].into_iter().chain(self.fte).map(|fte| Value::Decimal(fte, 4));
        [self.org.value(), Value::Int(headcount)].into_iter().chain(fte).chain(counts).collect()
    }
}

fn row(org: OrgId, staffing: &Staffing) -> Option<RelationRow> {
    let Staffing { headcount, membership_fte, teacher_fte, staff_fte, sections, seats, .. } = *staffing;
    let [counselor, nurse, librarian, psychologist, para, admin] = Role::ALL.map(|role| staffing.role_fte(role));
    let row = FctStaffingSchool {
        org,
        students: [headcount, membership_fte],
        fte: [teacher_fte, staff_fte, counselor, nurse, librarian, psychologist, para, admin],
        sections: [sections, seats],
    };
    staffing.is_used().then_some(RelationRow::FctStaffingSchool(row))
}
