//! `fct_dq_rule_org`: rule results by organization.

use super::relations::{Context, DqRelation, Of, population};
use crate::model::OrgId;
use crate::qa;
use crate::warehouse::columns::{columns_of, int, real, text};
use std::collections::BTreeMap;

/// Rules by organization.
pub static RELATION: DqRelation = DqRelation {
    name: "fct_dq_rule_org",
    grain: "one row per rule and organization with an open violation, and one per rule that runs for all organizations together",
    key: &["rule_id", "org_id"],
    columns: &columns_of(&COLUMNS),
    rows: |context| context.rows_of(&COLUMNS, counted(context)),
};

static COLUMNS: [Of<RuleOrg>; 6] = [
    text("rule_id", "the rule", |row, _| row.rule.to_owned()),
    text("org_id", "the organization; * for all of them", |row, context| context.org(row.org)),
    int("open_count", "open violations", |row, _| row.open.to_string()),
    int("waived_count", "of those, waived ones", |row, _| row.waived.to_string()),
    int("population", "rows of the table that the rate refers to; empty for a single organization", |row, _| {
        row.population.map_or(String::new(), |population| population.to_string())
    }),
    real("rate", "open violations per 1,000 of these rows", |row, _| {
        let population = row.population.filter(|population| *population > 0);
        population.map_or(String::new(), |population| format!("{:.3}", 1_000.0 * row.open as f64 / population as f64))
    }),
];

/// A rule at an organization; without one, at all of them.
struct RuleOrg {
    rule: &'static str,
    org: Option<OrgId>,
    open: usize,
    waived: usize,
    population: Option<usize>,
}

fn counted(context: &Context<'_>) -> impl Iterator<Item = RuleOrg> {
    let mut counts: BTreeMap<(&'static str, Option<OrgId>), (usize, usize)> = BTreeMap::new();
    for of in &context.quality.open {
        for org in of.concerned.org.map(Some).into_iter().chain([None]) {
            let (open, waived) = counts.entry((of.rule.id, org)).or_default();
            *open += 1;
            *waived += usize::from(of.waived);
        }
    }
    for rule in qa::rules().filter(|rule| context.plan.runs(rule)) {
        counts.entry((rule.id, None)).or_default();
    }
    counts.into_iter().map(|((rule, org), (open, waived))| {
        let of_all = qa::find(rule).filter(|_| org.is_none());
        RuleOrg { rule, org, open, waived, population: of_all.map(|rule| population(rule, context.current)) }
    })
}
