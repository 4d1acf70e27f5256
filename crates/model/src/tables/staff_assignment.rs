//! `staff_assignment`: role of a person at an org with an FTE share.

use crate::codes::{Grade, StaffRole, Subject};
use crate::{AssignmentId, Date, EmploymentId, Fte, OrgId, SchoolYear, StaffId, Text};

table! {
    /// A role of a member of staff at an organization, with its share of full time, over [begin_date, end_date).
    StaffAssignment "staff_assignment" key(assignment_id) of AssignmentId natural(staff_id, org_id, role, begin_date)
    {
        /// Id of the assignment.
        assignment_id: AssignmentId,
        /// The member of staff.
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
        /// First day no longer inside (exclusive); empty is open.
        end_date: Option<Date>,
        /// Share of full time; 1 is full.
        fte: Option<Fte> ["full_time_equivalency"],
        /// Whether it is the main one.
        is_primary: Option<bool>,
        /// The employment it belongs to.
        employment_id: Option<EmploymentId>,
        /// What pays for it.
        funding: Option<Text>,
    }
}
