//! `organization`: state, district, school or other org; parent link makes the hierarchy.

use crate::codes::{Grade, OpStatus, OrgType, SchoolLevel};
use crate::{Date, Flaws, OrgId, Text};

table! {
    /// A state, district, school or other organization; the parent link makes the hierarchy.
    Organization "organization" key(org_id) of OrgId
    {
        /// Id of the organization (OneRoster sourcedId, Ed-Fi educationOrganizationId, SIS school number).
        org_id: OrgId ["school_id", "sourced_id"],
        /// What kind of organization.
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
        /// Whether it has a Title I programme.
        is_title1: Option<bool>,
        /// NCES locale / urbanicity.
        locale: Option<Text>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<Organization>,
    }
}
