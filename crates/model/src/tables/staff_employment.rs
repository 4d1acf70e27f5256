//! `staff_employment`: employment of a person by the district.

use crate::codes::EmploymentStatus;
use crate::{Date, EmploymentId, Flaws, Fte, Interval, OrgId, Projection, StaffId, Text};

table! {
    /// Employment of a staff member over [hire_date, end_date).
    StaffEmployment "staff_employment" key(employment_id) of EmploymentId natural(staff_id, org_id, hire_date)
    watch(employment_id: Id)
    {
        /// Id of the employment.
        employment_id: EmploymentId,
        /// The staff member.
        staff_id: StaffId,
        /// The employer.
        org_id: OrgId,
        /// First day.
        hire_date: Date ["begin_date", "start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date> ["termination_date"],
        /// Status of the employment.
        employment_status: Option<EmploymentStatus>,
        /// Full-time equivalents contracted.
        contract_fte: Option<Fte>,
        /// Contracted days a year.
        days_per_year: Option<i32>,
        /// Why it ended.
        separation_reason: Option<Text>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<StaffEmployment>,
    }
}

/// An employment. The interval comes first, so a person's employments are in chronological order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Employment {
    /// The days of the employment.
    pub interval: Interval,
    /// The employment.
    pub id: EmploymentId,
    /// The employer.
    pub org: OrgId,
    /// Full-time equivalents contracted.
    pub contract_fte: Option<Fte>,
}

impl Projection<StaffId, Employment> for StaffEmployment {
    fn project(&self, out: &mut impl FnMut(StaffId, Employment)) {
        let employment = Employment {
            interval: Interval::new(self.hire_date, self.end_date),
            id: self.employment_id,
            org: self.org_id,
            contract_fte: self.contract_fte,
        };
        out(self.staff_id, employment);
    }
}
