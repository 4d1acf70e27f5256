//! `dim_organization`: organizations with the names of those above them.

use super::columns::{Of, columns_of, date, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::OrgType;
use crate::model::{Field, Id, OrgId, Organization};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_organization",
    grain: "one row per organization",
    key: &["org_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<DimOrganization>; 15] = [
    text("org_id", "id of the organization", |row| row.org.org_id.value()),
    text("name", "its name", |row| row.org.name.value()),
    text("org_type", "kind of organization", |row| row.org.org_type.value()),
    text("parent_org_id", "parent organization", |row| row.org.parent_org_id.value()),
    text("parent_name", "name of the parent; empty if it is missing", |row| row.parent.map(|parent| parent.name).value()),
    text("district_id", "the organization's district", |row| row.district.map(|district| district.org_id).value()),
    text("district_name", "its name", |row| row.district.map(|district| district.name).value()),
    text("school_level", "level of the school", |row| row.org.school_level.value()),
    text("grade_low", "lowest grade", |row| row.org.grade_low.value()),
    text("grade_high", "highest grade", |row| row.org.grade_high.value()),
    text("status", "operational status", |row| row.org.status.value()),
    date("open_date", "first day open", |row| row.org.open_date.value()),
    date("close_date", "first day closed", |row| row.org.close_date.value()),
    yes_no("is_charter", "whether it is a charter school", |row| row.org.is_charter.value()),
    yes_no("is_title1", "whether it has a Title I program", |row| row.org.is_title1.value()),
];

/// An organization with its parent and its district.
struct DimOrganization {
    org: Organization,
    parent: Option<Organization>,
    district: Option<Organization>,
}

/// The maximum depth in the search for a district; it also ends cycles.
const STEPS: usize = 8;

fn rows(current: &CurrentRows) -> impl Iterator<Item = DimOrganization> {
    let organizations = &current.rows().organization;
    let find = |id: OrgId| organizations.get(id.index()).copied().flatten();
    let with_those_above = move |&org: &Organization| {
        let mut district = Some(org);
        for _ in 0..STEPS {
            district = match district {
                Some(above) if above.org_type != OrgType::District => above.parent_org_id.and_then(find),
                found => found,
            };
        }
        let district = district.filter(|above| above.org_type == OrgType::District);
        DimOrganization { org, parent: org.parent_org_id.and_then(find), district }
    };
    organizations.iter().flatten().map(with_those_above)
}
