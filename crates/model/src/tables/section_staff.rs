//! `section_staff`: educator assigned to a section.

use crate::codes::ClassroomRole;
use crate::{Date, Fte, SectionId, SectionStaffId, StaffId};

table! {
    /// A member of staff assigned to a section over [begin_date, end_date).
    SectionStaff "section_staff" key(section_staff_id) of SectionStaffId
    {
        /// Id of the row.
        section_staff_id: SectionStaffId,
        /// The member of staff.
        staff_id: StaffId,
        /// The section.
        section_id: SectionId,
        /// The role.
        role: ClassroomRole,
        /// Whether it is the main one.
        is_primary: Option<bool>,
        /// First day.
        begin_date: Option<Date> ["start_date"],
        /// First day no longer inside (exclusive); empty is open.
        end_date: Option<Date>,
        /// Share of the instruction that is theirs, 0 to 1.
        allocation: Option<Fte>,
    }
}
