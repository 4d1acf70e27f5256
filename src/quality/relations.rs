//! The relations of data quality: the rules, the violations that are open, and how they stand by rule and organization.

use super::open::Open;
use crate::model::finding::surrogate_key;
use crate::model::{Id, Table};
use crate::plan::Plan;
use crate::qa;
use crate::register::Register;
use crate::warehouse::columns::{Column, int, real, text, yes_no};
use std::collections::BTreeMap;

/// A relation as texts; what is empty is not stated.
pub struct DqRelation {
    /// Its name; the prefix is its layer.
    pub name: &'static str,
    /// One sentence: one row per what.
    pub grain: &'static str,
    /// The columns that no two rows share.
    pub key: &'static [&'static str],
    /// Its columns.
    pub columns: &'static [Column],
}

/// The rules.
pub const DIM_RULE: DqRelation = DqRelation {
    name: "dim_rule",
    grain: "one row per rule",
    key: &["rule_id"],
    columns: &[
        text("rule_id", "permanent id of the rule"),
        text("family", "family it belongs to"),
        text("severity", "how bad its violations are"),
        text("title", "what is wrong"),
        text("among", "table whose rows its violations are a share of; empty for all rows"),
        int("population", "rows of that table"),
        yes_no("runs", "whether it runs: it is not switched off, and no table that it needs is absent"),
    ],
};

/// The open violations.
pub const FCT_DQ_VIOLATION: DqRelation = DqRelation {
    name: "fct_dq_violation",
    grain: "one row per open violation",
    key: &["violation_id"],
    columns: &[
        text("violation_id", "md5 of rule and subject, joined with a bar"),
        text("rule_id", "the rule"),
        text("severity", "how bad it is, as configured"),
        text("subject_type", "what kind of thing it is about"),
        text("subject_key", "key of that thing"),
        text("org_id", "the school or other organization it concerns"),
        text("student_id", "the student it concerns"),
        text("staff_id", "the member of staff it concerns"),
        text("evidence", "what was seen, as JSON"),
        yes_no("is_waived", "whether the rule is switched off or waived for the organization"),
    ],
};

/// Rules by organization.
pub const FCT_DQ_RULE_ORG: DqRelation = DqRelation {
    name: "fct_dq_rule_org",
    grain: "one row per rule and organization with an open violation, and one per rule that runs for all of them together",
    key: &["rule_id", "org_id"],
    columns: &[
        text("rule_id", "the rule"),
        text("org_id", "the organization; * for all of them together"),
        int("open_count", "open violations"),
        int("waived_count", "of those, waived ones"),
        int("population", "rows of the table that its violations are a share of; empty for a single organization"),
        real("rate", "open violations for each 1,000 of them"),
    ],
};

/// The list of them.
pub const DQ_RELATIONS: &[DqRelation] = &[DIM_RULE, FCT_DQ_VIOLATION, FCT_DQ_RULE_ORG];

/// How many rows the violations of a rule are a share of.
pub fn population(rule: &qa::Rule, register: &Register) -> usize {
    let rows = |table: &Table| register.rows().of(*table).count();
    match rule.among {
        [] => Table::ALL.iter().map(rows).sum(),
        among => among.iter().map(rows).sum(),
    }
}

/// The rows of a relation, as texts.
pub fn rows(relation: &DqRelation, open: &[Open], plan: &Plan, register: &Register) -> Vec<Vec<String>> {
    let texts = &register.texts;
    let mut rows: Vec<Vec<String>> = match relation.name {
        "dim_rule" => {
            let describe = |rule: &'static qa::Rule| {
                let among = rule.among.iter().map(|table| table.spec().name).collect::<Vec<_>>().join(";");
                [rule.id, qa::family(rule), rule.severity.name(), rule.title, &among]
                    .map(str::to_owned)
                    .into_iter()
                    .chain([population(rule, register).to_string(), plan.runs(rule).to_string()])
                    .collect()
            };
            qa::rules().map(describe).collect()
        }
        "fct_dq_violation" => open
            .iter()
            .map(|of| {
                let concerned = &of.concerned;
                vec![
                    surrogate_key(&[of.rule.id, &of.subject]),
                    of.rule.id.to_owned(),
                    of.severity.name().to_owned(),
                    of.about.to_owned(),
                    of.subject.clone(),
                    concerned.org.map_or(String::new(), |id| texts.text(id).to_owned()),
                    concerned.student.map_or(String::new(), |id| texts.text(id).to_owned()),
                    concerned.staff.map_or(String::new(), |id| texts.text(id).to_owned()),
                    serde_json::to_string(&of.evidence).unwrap_or_default(),
                    of.waived.to_string(),
                ]
            })
            .collect(),
        _ => {
            let mut counts: BTreeMap<(&str, String), [usize; 2]> = BTreeMap::new();
            for of in open {
                let org = of.concerned.org.map(|org| texts.symbol_text(crate::model::OrgId::SPACE, org.symbol()).to_owned());
                for org in org.into_iter().chain(["*".to_owned()]) {
                    let count = counts.entry((of.rule.id, org)).or_default();
                    count[0] += 1;
                    count[1] += usize::from(of.waived);
                }
            }
            for rule in qa::rules().filter(|rule| plan.runs(rule)) {
                counts.entry((rule.id, "*".to_owned())).or_default();
            }
            let describe = |((id, org), [count, waived]): ((&str, String), [usize; 2])| {
                let of_all = qa::find(id).filter(|_| org == "*").map(|rule| population(rule, register));
                let rate = of_all.filter(|of_all| *of_all > 0).map(|of_all| 1_000.0 * count as f64 / of_all as f64);
                vec![
                    id.to_owned(),
                    org,
                    count.to_string(),
                    waived.to_string(),
                    of_all.map_or(String::new(), |of_all| of_all.to_string()),
                    rate.map_or(String::new(), |rate| format!("{rate:.3}")),
                ]
            };
            counts.into_iter().map(describe).collect()
        }
    };
    rows.sort();
    rows
}
