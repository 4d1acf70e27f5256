//! `staffing_standard`: how many staff a school must have.

use crate::codes::{Grade, SchoolLevel, StaffRole};
use crate::{Date, Fte, OrgId, StandardId};

table! {
    /// What a district, or a school for itself, asks of the staffing of its schools.
    StaffingStandard "staffing_standard" key(standard_id) of StandardId
    {
        /// The standard.
        standard_id: StandardId,
        /// The district, or the school that has a standard of its own.
        org_id: OrgId,
        /// Level of the schools it holds for; all by default.
        school_level: Option<SchoolLevel>,
        /// Lowest grade; kept, standards hold for whole schools.
        grade_low: Option<Grade>,
        /// Highest grade; kept, standards hold for whole schools.
        grade_high: Option<Grade>,
        /// The role.
        role: StaffRole,
        /// Most students for one full-time equivalent of the role.
        max_students_per_fte: Option<Fte>,
        /// Least full-time equivalents of the role.
        min_fte: Option<Fte>,
        /// Most students in a section.
        max_section_size: Option<i32>,
        /// First day; always by default.
        effective_from: Option<Date>,
    }
}
