//! `organization`: state, district, school or other org; parent link makes the hierarchy.

use crate::codes::{Grade, OpStatus, OrgType, SchoolLevel};
use crate::{Date, Flaws, OrgId, Projection, Text};

table! {
    /// A state, district, school or other organization; the parent link makes the hierarchy.
    Organization "organization" key(org_id) of OrgId
    watch(org_id: Id, name: Name, state_org_id: StateId)
    {
        /// Id of the organization (OneRoster sourcedId, Ed-Fi educationOrganizationId, SIS school number).
        org_id: OrgId ["school_id", "sourced_id"],
        /// Kind of organization.
        org_type: OrgType,
        /// Its name.
        name: Text ["name_of_institution", "school_name"],
        /// The organization above; a school has one.
        parent_org_id: Option<OrgId>,
        /// State code of the organization (CDS code, campus id).
        state_org_id: Option<Text>,
        /// NCES id: 7 digits for a district, 12 for a school.
        nces_id: Option<Text>,
        /// The level it teaches.
        school_level: Option<SchoolLevel>,
        /// Lowest grade.
        grade_low: Option<Grade>,
        /// Highest grade.
        grade_high: Option<Grade>,
        /// Operational status; active by default.
        status: Option<OpStatus>,
        /// First day it was open.
        open_date: Option<Date>,
        /// First day closed (exclusive).
        close_date: Option<Date>,
        /// Whether it is a charter school.
        is_charter: Option<bool>,
        /// Whether it has a Title I program.
        is_title1: Option<bool>,
        /// NCES locale / urbanicity.
        locale: Option<Text>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Organization>,
    }
}

/// The columns of an organization that others read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct OrgFacts {
    /// Kind of organization.
    pub org_type: OrgType,
    /// The organization above.
    pub parent: Option<OrgId>,
    /// The level it teaches.
    pub level: Option<SchoolLevel>,
    /// Lowest grade.
    pub grade_low: Option<Grade>,
    /// Highest grade.
    pub grade_high: Option<Grade>,
    /// Operational status.
    pub status: Option<OpStatus>,
    /// First day open.
    pub open_date: Option<Date>,
    /// First day closed.
    pub close_date: Option<Date>,
}

impl Projection<OrgId, OrgFacts> for Organization {
    fn project(&self, out: &mut impl FnMut(OrgId, OrgFacts)) {
        let facts = OrgFacts {
            org_type: self.org_type,
            parent: self.parent_org_id,
            level: self.school_level,
            grade_low: self.grade_low,
            grade_high: self.grade_high,
            status: self.status,
            open_date: self.open_date,
            close_date: self.close_date,
        };
        out(self.org_id, facts);
    }
}

/// An organization with its level, by the organization above it.
impl Projection<OrgId, (OrgId, Option<SchoolLevel>)> for Organization {
    fn project(&self, out: &mut impl FnMut(OrgId, (OrgId, Option<SchoolLevel>))) {
        if let Some(parent) = self.parent_org_id.filter(|parent| *parent != self.org_id) {
            out(parent, (self.org_id, self.school_level));
        }
    }
}
