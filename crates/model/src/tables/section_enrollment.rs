//! `section_enrollment`: a student on the roster of a section.

use crate::{Date, Interval, OrgId, Projection, SectionEnrollmentId, SectionId, StudentId};

table! {
    /// A student on the roster of a section over [begin_date, end_date).
    SectionEnrollment "section_enrollment" key(section_enrollment_id) of SectionEnrollmentId
    {
        /// Id of the row.
        section_enrollment_id: SectionEnrollmentId ["roster_id"],
        /// The student.
        student_id: StudentId,
        /// The section.
        section_id: SectionId,
        /// The school according to the source; rollcall uses the section's school.
        school_id: Option<OrgId>,
        /// First day; without it the section's sessions begin it.
        begin_date: Option<Date> ["start_date"],
        /// First day after it ends (exclusive); if empty, it ends with the section's sessions.
        end_date: Option<Date>,
        /// Whether it is the student's homeroom.
        is_homeroom: Option<bool>,
        /// Whether the student dropped the section; such rows are stored but do not count.
        is_dropped: Option<bool>,
    }
}

/// A class enrollment as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Rostered {
    /// Who.
    pub student: StudentId,
    /// The row.
    pub id: SectionEnrollmentId,
    /// The stated days.
    pub interval: Interval,
    /// Whether it is the student's homeroom.
    pub is_homeroom: bool,
    /// Whether the student dropped it.
    pub is_dropped: bool,
}

impl Projection<SectionId, Rostered> for SectionEnrollment {
    fn project(&self, out: &mut impl FnMut(SectionId, Rostered)) {
        let rostered = Rostered {
            student: self.student_id,
            id: self.section_enrollment_id,
            interval: Interval::new(self.begin_date.unwrap_or(Date::MIN), self.end_date),
            is_homeroom: self.is_homeroom == Some(true),
            is_dropped: self.is_dropped == Some(true),
        };
        out(self.section_id, rostered);
    }
}
