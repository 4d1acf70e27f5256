//! `student_status`: time-varying student characteristic as an interval; drives subgroups.

use crate::codes::{StatusType, StatusValue};
use crate::{Date, OrgId, StatusId, StudentId, Text};

table! {
    /// A characteristic of a student over the half-open interval [begin_date, end_date); subgroups are made of it.
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
        /// First day no longer inside (exclusive); empty is open.
        end_date: Option<Date>,
        /// Primary disability, of an IEP.
        primary_disability: Option<Text>,
        /// Whether the source stated no dates and they were inferred.
        inferred: Option<bool>,
    }
}
