//! `brg_org_ancestor`: organizations and their ancestors.

use super::columns::{int, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};
use crate::model::{Id, OrgId};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_org_ancestor",
    grain: "one row per organization and ancestor, including itself",
    key: &["org_id", "ancestor_id"],
    columns: &[
        text("org_id", "the organization"),
        text("ancestor_id", "the organization or one above it"),
        int("depth", "levels between them; 0 for itself"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_org", &["org_id"]), Surrogate::of("k_ancestor", &["ancestor_id"])],
    source: Source::CurrentRows(rows),
};

/// The maximum depth; deeper trees are cut off, and a cycle ends where it closes.
const STEPS: i64 = 8;

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let organizations = &current.rows().organization;
    let mut rows = Vec::new();
    for row in organizations.iter().flatten() {
        let mut met: Vec<OrgId> = Vec::new();
        let mut next = Some(row);
        while let Some(org) = next.filter(|org| !met.contains(&org.org_id) && met.len() as i64 <= STEPS) {
            rows.push(vec![row.org_id.value(), org.org_id.value(), Value::Int(met.len() as i64)]);
            met.push(org.org_id);
            next = org.parent_org_id.and_then(|parent| organizations.get(parent.index()).and_then(Option::as_ref));
        }
    }
    rows
}
