//! `dim_organization`: organizations with the names of those above them.

use super::columns::{date, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::OrgType;
use crate::model::{Date, Field, Id, OrgId, Organization, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_organization",
    grain: "one row per organization",
    key: &["org_id"],
    columns: &[
        text("org_id", "id of the organization"),
        text("name", "its name"),
        text("org_type", "kind of organization"),
        text("parent_org_id", "parent organization"),
        text("parent_name", "name of the parent; empty if it is missing"),
        text("district_id", "the organization's district"),
        text("district_name", "its name"),
        text("school_level", "level of the school"),
        text("grade_low", "lowest grade"),
        text("grade_high", "highest grade"),
        text("status", "operational status"),
        date("open_date", "first day open"),
        date("close_date", "first day closed"),
        yes_no("is_charter", "whether it is a charter school"),
        yes_no("is_title1", "whether it has a Title I program"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(rows),
};

/// The maximum depth in the search for a district; it also ends cycles.
const STEPS: usize = 8;

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let organizations = &current.rows().organization;
    let find = |id: OrgId| organizations.get(id.index()).and_then(Option::as_ref);
    let name = |org: Option<&Organization>| org.map_or(Value::Null, |org| org.name.value());
    let describe = |org: &Organization| {
        let parent = org.parent_org_id.and_then(find);
        let mut district = Some(org);
        for _ in 0..STEPS {
            district = match district {
                Some(above) if above.org_type != OrgType::District => above.parent_org_id.and_then(find),
                found => found,
            };
        }
        let district = district.filter(|above| above.org_type == OrgType::District);
        vec![
            org.org_id.value(),
            org.name.value(),
            org.org_type.value(),
            org.parent_org_id.value(),
            name(parent),
            district.map_or(Value::Null, |district| district.org_id.value()),
            name(district),
            org.school_level.value(),
            org.grade_low.value(),
            org.grade_high.value(),
            org.status.value(),
            org.open_date.value(),
            org.close_date.value(),
            org.is_charter.value(),
            org.is_title1.value(),
        ]
    };
    organizations.iter().flatten().map(describe).collect()
}
