//! `brg_org_ancestor`: organizations and their ancestors.

use super::columns::{Of, columns_of, int, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Field, Id, OrgId, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_org_ancestor",
    grain: "one row per organization and ancestor, including itself",
    key: &["org_id", "ancestor_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_org", &["org_id"]), Surrogate::of("k_ancestor", &["ancestor_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<(OrgId, OrgId, i64)>; 3] = [
    text("org_id", "the organization", |(org, ..)| org.value()),
    text("ancestor_id", "the organization or one above it", |(_, ancestor, _)| ancestor.value()),
    int("depth", "levels between them; 0 for itself", |(.., depth)| Value::Int(*depth)),
];

/// The maximum depth; deeper trees are cut off, and a cycle ends where it closes.
const STEPS: i64 = 8;

fn rows(current: &CurrentRows) -> Vec<(OrgId, OrgId, i64)> {
    let organizations = &current.rows().organization;
    let mut rows = Vec::new();
    for row in organizations.iter().flatten() {
        let mut met: Vec<OrgId> = Vec::new();
        let mut next = Some(row);
        while let Some(org) = next.filter(|org| !met.contains(&org.org_id) && met.len() as i64 <= STEPS) {
            rows.push((row.org_id, org.org_id, met.len() as i64));
            met.push(org.org_id);
            next = org.parent_org_id.and_then(|parent| organizations.get(parent.index()).and_then(Option::as_ref));
        }
    }
    rows
}
