//! `fct_staffing_school`: current students and full-time equivalents of each organization.

use super::columns::{Of, columns_of, fixed4, int, text};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::{Field, OrgId, SchoolYear, Value};
use crate::tallies::staffing::Staffing;
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staffing_school",
    grain: "one row per organization with current students, staff or sections",
    key: &["org_id"],
    columns: &columns_of(&COLUMNS),
    added: &[int("school_year", "current school year, named by its spring", |_, context| {
        SchoolYear::of(context.day).to_string()
    })],
    surrogates: &[Surrogate::of("k_org", &["org_id"])],
    source: Source::Organization(row),
};

pub(super) static COLUMNS: [Of<FctStaffingSchool>; 13] = [
    text("org_id", "the organization", |row| row.org.value()),
    int("headcount", "students with an active primary enrollment, each once", |row| Value::Int(row.headcount)),
    fixed4("membership_fte", "membership of active primary enrollments", |row| Value::Decimal(row.membership_fte, 4)),
    fixed4("teacher_fte", "full-time equivalents of active assignments as a teacher", |row| {
        Value::Decimal(row.teacher_fte, 4)
    }),
    fixed4("staff_fte", "full-time equivalents of all active assignments", |row| Value::Decimal(row.staff_fte, 4)),
    fixed4("counselor_fte", "full-time equivalents of counselors", |row| Value::Decimal(row.counselor_fte, 4)),
    fixed4("nurse_fte", "full-time equivalents of nurses", |row| Value::Decimal(row.nurse_fte, 4)),
    fixed4("librarian_fte", "full-time equivalents of librarians", |row| Value::Decimal(row.librarian_fte, 4)),
    fixed4("psychologist_fte", "full-time equivalents of psychologists", |row| Value::Decimal(row.psychologist_fte, 4)),
    fixed4("para_fte", "full-time equivalents of instructional paraprofessionals", |row| Value::Decimal(row.para_fte, 4)),
    fixed4("admin_fte", "full-time equivalents of administrators", |row| Value::Decimal(row.admin_fte, 4)),
    int("sections", "active sections of this school year", |row| Value::Int(row.sections)),
    int("seats", "current class enrollments of all sections", |row| Value::Int(row.seats)),
];

/// The staffing of an organization. FTE are in 1/10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffingSchool {
    org: OrgId,
    headcount: i64,
    membership_fte: i64,
    teacher_fte: i64,
    staff_fte: i64,
    counselor_fte: i64,
    nurse_fte: i64,
    librarian_fte: i64,
    psychologist_fte: i64,
    para_fte: i64,
    admin_fte: i64,
    sections: i64,
    seats: i64,
}

fn row(org: OrgId, staffing: &Staffing) -> Option<RelationRow> {
    let row = FctStaffingSchool {
        org,
        headcount: staffing.headcount,
        membership_fte: staffing.membership_fte,
        teacher_fte: staffing.teacher_fte,
        staff_fte: staffing.staff_fte,
        counselor_fte: staffing.counselor_fte,
        nurse_fte: staffing.nurse_fte,
        librarian_fte: staffing.librarian_fte,
        psychologist_fte: staffing.psychologist_fte,
        para_fte: staffing.para_fte,
        admin_fte: staffing.admin_fte,
        sections: staffing.sections,
        seats: staffing.seats,
    };
    staffing.is_used().then_some(RelationRow::FctStaffingSchool(row))
}
