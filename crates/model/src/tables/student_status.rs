//! `student_status`: time-varying student characteristic as an interval; drives subgroups.

use crate::codes::{StatusType, StatusValue};
use crate::subgroup::Group;
use crate::{Date, Interval, OrgId, Projection, StatusId, StudentId, Text};

table! {
    /// A characteristic of a student over the half-open interval [begin_date, end_date); the basis of subgroups.
    StudentStatus "student_status" key(status_id) of StatusId natural(student_id, status_type, begin_date)
    {
        /// Id of the row.
        status_id: StatusId,
        /// The student.
        student_id: StudentId,
        /// The organization.
        org_id: Option<OrgId>,
        /// Which characteristic.
        status_type: StatusType,
        /// Its value.
        status_value: StatusValue,
        /// First day.
        begin_date: Date ["start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date>,
        /// Primary disability, of an IEP.
        primary_disability: Option<Text>,
        /// Whether the source stated no dates and they were inferred.
        inferred: Option<bool>,
    }
}

/// A status, projected to the student's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Status {
    /// When it applies.
    pub interval: Interval,
    /// The group; most statuses make one.
    pub group: Option<Group>,
    /// Which characteristic.
    pub status_type: StatusType,
    /// Tells apart two statuses that say the same.
    pub id: StatusId,
}

impl Projection<StudentId, Status> for StudentStatus {
    fn project(&self, out: &mut impl FnMut(StudentId, Status)) {
        let status = Status {
            interval: Interval::new(self.begin_date, self.end_date),
            group: Group::of(self.status_type, self.status_value),
            status_type: self.status_type,
            id: self.status_id,
        };
        out(self.student_id, status);
    }
}
