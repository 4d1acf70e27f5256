//! `fct_staffing_school`: students and full-time equivalents of each organization today.

use super::staffing::Staffing;
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::{Field, OrgId, Value};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_staffing_school",
    grain: "one row per organization with students or staff today",
    key: &["org_id"],
    columns: &[
        ("org_id", "the organization"),
        ("headcount", "students with an active primary enrollment, each once"),
        ("membership_fte", "membership of active primary enrollments"),
        ("teacher_fte", "full-time equivalents of active assignments as a teacher"),
        ("staff_fte", "full-time equivalents of all active assignments"),
    ],
    surrogates: &[Surrogate::of("k_org", &["org_id"])],
    source: Source::Organization(row),
};

/// The staffing of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctStaffingSchool {
    org: OrgId,
    staffing: Staffing,
}

impl FctStaffingSchool {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let Staffing { headcount, membership_fte, teacher_fte, staff_fte } = self.staffing;
        let fte = |ten_thousandths| Value::Decimal(ten_thousandths, 4);
        vec![self.org.value(), Value::Int(headcount), fte(membership_fte), fte(teacher_fte), fte(staff_fte)]
    }
}

fn row(org: OrgId, staffing: &Staffing) -> RelationRow {
    RelationRow::FctStaffingSchool(FctStaffingSchool { org, staffing: *staffing })
}
