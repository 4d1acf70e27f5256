//! `fct_dq_rule_org`: rule results by organization.

use super::Quality;
use super::relations::{ALL, DqRelation, population};
use crate::current::CurrentRows;
use crate::plan::Plan;
use crate::qa;
use crate::warehouse::columns::{int, real, text};
use std::collections::BTreeMap;

/// Rules by organization.
pub const RELATION: DqRelation = DqRelation {
    name: "fct_dq_rule_org",
    grain: "one row per rule and organization with an open violation, and one per rule that runs for all organizations together",
    key: &["rule_id", "org_id"],
    columns: &[
        text("rule_id", "the rule"),
        text("org_id", "the organization; * for all of them"),
        int("open_count", "open violations"),
        int("waived_count", "of those, waived ones"),
        int("population", "rows of the table that the rate refers to; empty for a single organization"),
        real("rate", "open violations per 1,000 of these rows"),
    ],
    make,
};

#[derive(Default)]
struct Count {
    open: usize,
    waived: usize,
}

fn make(quality: &Quality, plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
    let mut counts: BTreeMap<(&str, &str), Count> = BTreeMap::new();
    for of in &quality.open {
        let org = of.concerned.org.map(|org| current.texts.text(org));
        for org in org.into_iter().chain([ALL]) {
            let count = counts.entry((of.rule.id, org)).or_default();
            count.open += 1;
            count.waived += usize::from(of.waived);
        }
    }
    for rule in qa::rules().filter(|rule| plan.runs(rule)) {
        counts.entry((rule.id, ALL)).or_default();
    }
    let describe = |((id, org), count): ((&str, &str), Count)| {
        let of_all = qa::find(id).filter(|_| org == ALL).map(|rule| population(rule, current));
        let rate = of_all.filter(|of_all| *of_all > 0).map(|of_all| 1_000.0 * count.open as f64 / of_all as f64);
        vec![
            id.to_owned(),
            org.to_owned(),
            count.open.to_string(),
            count.waived.to_string(),
            of_all.map_or(String::new(), |of_all| of_all.to_string()),
            rate.map_or(String::new(), |rate| format!("{rate:.3}")),
        ]
    };
    counts.into_iter().map(describe).collect()
}
