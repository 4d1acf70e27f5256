//! `staff_employment`: employment of a person by the district.

use crate::codes::EmploymentStatus;
use crate::{Date, EmploymentId, Flaws, Fte, OrgId, StaffId, Text};

table! {
    /// Employment of a member of staff over [hire_date, end_date).
    StaffEmployment "staff_employment" key(employment_id) of EmploymentId natural(staff_id, org_id, hire_date)
    {
        /// Id of the employment.
        employment_id: EmploymentId,
        /// The member of staff.
        staff_id: StaffId,
        /// Who employs.
        org_id: OrgId,
        /// First day.
        hire_date: Date ["begin_date", "start_date"],
        /// First day no longer employed (exclusive); empty is open.
        end_date: Option<Date> ["termination_date"],
        /// Standing of the employment.
        employment_status: Option<EmploymentStatus>,
        /// Full-time equivalents contracted.
        contract_fte: Option<Fte>,
        /// Contracted days a year.
        days_per_year: Option<i32>,
        /// Why it ended.
        separation_reason: Option<Text>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<StaffEmployment>,
    }
}
