//! `section_staff`: educator assigned to a section.

use crate::codes::ClassroomRole;
use crate::{Date, Fte, Interval, Projection, SectionId, SectionStaffId, StaffId};

table! {
    /// A staff member assigned to a section over [begin_date, end_date).
    SectionStaff "section_staff" key(section_staff_id) of SectionStaffId
    {
        /// Id of the row.
        section_staff_id: SectionStaffId,
        /// The staff member.
        staff_id: StaffId,
        /// The section.
        section_id: SectionId,
        /// The role.
        role: ClassroomRole,
        /// Whether it is the main one.
        is_primary: Option<bool>,
        /// First day.
        begin_date: Option<Date> ["start_date"],
        /// First day after it ends (exclusive); empty is open.
        end_date: Option<Date>,
        /// Share of the instruction that is theirs, 0 to 1.
        allocation: Option<Fte>,
    }
}

/// A person who teaches, as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StatedTeaching {
    /// The row.
    pub id: SectionStaffId,
    /// Who.
    pub staff: StaffId,
    /// As what.
    pub role: ClassroomRole,
    /// The stated days.
    pub interval: Interval,
    /// Share of the instruction.
    pub allocation: Option<Fte>,
}

impl Projection<SectionId, StatedTeaching> for SectionStaff {
    fn project(&self, out: &mut impl FnMut(SectionId, StatedTeaching)) {
        let teaching = StatedTeaching {
            id: self.section_staff_id,
            staff: self.staff_id,
            role: self.role,
            interval: Interval::new(self.begin_date.unwrap_or(Date::MIN), self.end_date),
            allocation: self.allocation,
        };
        out(self.section_id, teaching);
    }
}
