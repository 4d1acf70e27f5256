//! `fct_dq_violation`: the violations that are open.

use super::open::Open;
use super::relations::DqRelation;
use crate::model::finding::surrogate_key;
use crate::model::{Id, Texts};
use crate::plan::Plan;
use crate::register::Register;
use crate::warehouse::columns::{text, yes_no};

/// The open violations.
pub const RELATION: DqRelation = DqRelation {
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
    make,
};

fn make(open: &[Open], _plan: &Plan, register: &Register) -> Vec<Vec<String>> {
    fn stated<I: Id>(id: Option<I>, texts: &Texts) -> String {
        id.map_or(String::new(), |id| texts.text(id).to_owned())
    }
    let texts = &register.texts;
    let describe = |of: &Open| {
        vec![
            surrogate_key(&[of.rule.id, &of.subject]),
            of.rule.id.to_owned(),
            of.severity.name().to_owned(),
            of.about.to_owned(),
            of.subject.clone(),
            stated(of.concerned.org, texts),
            stated(of.concerned.student, texts),
            stated(of.concerned.staff, texts),
            serde_json::to_string(&of.evidence).unwrap_or_default(),
            of.waived.to_string(),
        ]
    };
    open.iter().map(describe).collect()
}
