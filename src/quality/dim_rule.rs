//! `dim_rule`: the rules.

use super::relations::{DqRelation, Of, population};
use crate::qa::{self, Rule};
use crate::warehouse::columns::{columns_of, int, text, yes_no};

/// The rules.
pub static RELATION: DqRelation = DqRelation {
    name: "dim_rule",
    grain: "one row per rule",
    key: &["rule_id"],
    columns: &columns_of(&COLUMNS),
    rows: |context| context.rows_of(&COLUMNS, qa::rules()),
};

static COLUMNS: [Of<Rule>; 7] = [
    text("rule_id", "permanent id of the rule", |rule, _| rule.id.to_owned()),
    text("family", "rule group", |rule, _| qa::group(rule).to_owned()),
    text("severity", "severity of its violations", |rule, _| rule.severity.name().to_owned()),
    text("title", "what is wrong", |rule, _| rule.title.to_owned()),
    text("among", "table whose rows the violation rate refers to; empty for all rows", |rule, _| {
        rule.among.iter().map(|table| table.spec().name).collect::<Vec<_>>().join(";")
    }),
    int("population", "rows of that table", |rule, context| population(rule, context.current).to_string()),
    yes_no("runs", "whether it runs: it is not disabled, and no table that it needs is missing", |rule, context| {
        context.plan.runs(rule).to_string()
    }),
];
