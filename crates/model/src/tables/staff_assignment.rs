//! `staff_assignment`: a role of a staff member at an organization, with its FTE.

use crate::codes::{Grade, StaffRole, Subject};
use crate::{AssignmentId, Date, EmploymentId, Fte, Interval, OrgId, Projection, SchoolYear, StaffId, Text};

table! {
    /// A role of a staff member at an organization, with its share of full time, over [begin_date, end_date).
    StaffAssignment "staff_assignment" key(assignment_id) of AssignmentId natural(staff_id, org_id, role, begin_date)
    {
        /// Id of the assignment.
        assignment_id: AssignmentId,
        /// The staff member.
        staff_id: StaffId,
        /// The school, or the district for itinerant staff.
        org_id: OrgId,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// The role.
        role: StaffRole,
        /// Title of the position.
        position_title: Option<Text>,
        /// Local job code.
        job_code: Option<Text>,
        /// The subject.
        subject: Option<Subject>,
        /// Lowest grade.
        grade_low: Option<Grade>,
        /// Highest grade.
        grade_high: Option<Grade>,
        /// First day.
        begin_date: Date ["start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date>,
        /// Share of full time; 1 is full.
        fte: Option<Fte> ["full_time_equivalency"],
        /// Whether it is the main one.
        is_primary: Option<bool>,
        /// The employment it belongs to.
        employment_id: Option<EmploymentId>,
        /// Funding source.
        funding: Option<Text>,
    }
}

/// An assignment. The interval comes first, so a person's assignments are in chronological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Assignment {
    /// The days of the assignment.
    pub interval: Interval,
    /// The assignment.
    pub id: AssignmentId,
    /// Where.
    pub org: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// As what.
    pub role: StaffRole,
    /// Subject.
    pub subject: Option<Subject>,
    /// Share of full time.
    pub fte: Option<Fte>,
    /// Whether it is the main one.
    pub is_primary: bool,
}

impl Projection<StaffId, Assignment> for StaffAssignment {
    fn project(&self, out: &mut impl FnMut(StaffId, Assignment)) {
        let assignment = Assignment {
            interval: Interval::new(self.begin_date, self.end_date),
            id: self.assignment_id,
            org: self.org_id,
            school_year: self.school_year,
            role: self.role,
            subject: self.subject,
            fte: self.fte,
            is_primary: self.is_primary == Some(true),
        };
        out(self.staff_id, assignment);
    }
}
