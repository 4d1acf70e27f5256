//! `staffing_standard`: staffing required of schools.

use crate::codes::{Grade, SchoolLevel, StaffRole};
use crate::{Date, Fte, OrgId, Projection, StandardId};

table! {
    /// The staffing that a district requires of its schools, or a school of itself.
    StaffingStandard "staffing_standard" key(standard_id) of StandardId
    {
        /// The standard.
        standard_id: StandardId,
        /// The district, or the school with its own standard.
        org_id: OrgId,
        /// Level of the schools it applies to; all by default.
        school_level: Option<SchoolLevel>,
        /// Lowest grade; not used, standards apply to whole schools.
        grade_low: Option<Grade>,
        /// Highest grade; not used, standards apply to whole schools.
        grade_high: Option<Grade>,
        /// The role.
        role: StaffRole,
        /// Maximum students per full-time equivalent of the role.
        max_students_per_fte: Option<Fte>,
        /// Minimum full-time equivalents of the role.
        min_fte: Option<Fte>,
        /// Maximum students in a section.
        max_section_size: Option<i32>,
        /// First day; always by default.
        effective_from: Option<Date>,
    }
}

/// A staffing standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Standard {
    /// First day it applies.
    pub from: Date,
    /// The standard.
    pub id: StandardId,
    /// The role.
    pub role: StaffRole,
    /// Maximum students per full-time equivalent.
    pub max_students_per_fte: Option<Fte>,
    /// Minimum full-time equivalents.
    pub min_fte: Option<Fte>,
    /// Maximum students in a section.
    pub max_section_size: Option<i32>,
}

impl StaffingStandard {
    #[inline]
    fn standard(&self) -> Standard {
        Standard {
            from: self.effective_from.unwrap_or(Date::MIN),
            id: self.standard_id,
            role: self.role,
            max_students_per_fte: self.max_students_per_fte,
            min_fte: self.min_fte,
            max_section_size: self.max_section_size,
        }
    }
}

/// A standard of the organization itself, marked as such.
impl Projection<OrgId, (Standard, bool)> for StaffingStandard {
    fn project(&self, out: &mut impl FnMut(OrgId, (Standard, bool))) {
        out(self.org_id, (self.standard(), true));
    }
}

/// A standard for the organizations below, with its level.
impl Projection<OrgId, (Standard, Option<SchoolLevel>)> for StaffingStandard {
    fn project(&self, out: &mut impl FnMut(OrgId, (Standard, Option<SchoolLevel>))) {
        out(self.org_id, (self.standard(), self.school_level));
    }
}
