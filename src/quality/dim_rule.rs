//! `dim_rule`: the rules.

use super::Quality;
use super::relations::{DqRelation, population};
use crate::current::CurrentRows;
use crate::plan::Plan;
use crate::qa;
use crate::warehouse::columns::{int, text, yes_no};

/// The rules.
pub const RELATION: DqRelation = DqRelation {
    name: "dim_rule",
    grain: "one row per rule",
    key: &["rule_id"],
    columns: &[
        text("rule_id", "permanent id of the rule"),
        text("family", "rule group"),
        text("severity", "severity of its violations"),
        text("title", "what is wrong"),
        text("among", "table whose rows the violation rate refers to; empty for all rows"),
        int("population", "rows of that table"),
        yes_no("runs", "whether it runs: it is not disabled, and no table that it needs is missing"),
    ],
    make,
};

fn make(_quality: &Quality, plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
    let describe = |rule: &'static qa::Rule| {
        let among = rule.among.iter().map(|table| table.spec().name).collect::<Vec<_>>().join(";");
        vec![
            rule.id.to_owned(),
            qa::group(rule).to_owned(),
            rule.severity.name().to_owned(),
            rule.title.to_owned(),
            among,
            population(rule, current).to_string(),
            plan.runs(rule).to_string(),
        ]
    };
    qa::rules().map(describe).collect()
}
