//! `staffing_standard`: how many staff a school must have.

use crate::codes::{Grade, SchoolLevel, StaffRole};
use crate::{Date, Fte, OrgId, Projection, StandardId};

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

/// A staffing standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Standard {
    /// First day it holds.
    pub from: Date,
    /// The standard.
    pub id: StandardId,
    /// The role.
    pub role: StaffRole,
    /// Most students for one full-time equivalent.
    pub max_students_per_fte: Option<Fte>,
    /// Least full-time equivalents.
    pub min_fte: Option<Fte>,
    /// Most students in a section.
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

/// A standard of the organization itself, marked as its own.
impl Projection<OrgId, (Standard, bool)> for StaffingStandard {
    fn project(&self, out: &mut impl FnMut(OrgId, (Standard, bool))) {
        out(self.org_id, (self.standard(), true));
    }
}

/// A standard for the organizations below, with the level that it is for.
impl Projection<OrgId, (Standard, Option<SchoolLevel>)> for StaffingStandard {
    fn project(&self, out: &mut impl FnMut(OrgId, (Standard, Option<SchoolLevel>))) {
        out(self.org_id, (self.standard(), self.school_level));
    }
}
