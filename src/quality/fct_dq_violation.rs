//! `fct_dq_violation`: violations, from when they opened until they closed.

use super::relations::DqRelation;
use super::{Case, Quality};
use crate::current::CurrentRows;
use crate::model::finding::surrogate_key;
use crate::model::{Id, Texts, timestamp};
use crate::plan::Plan;
use crate::warehouse::columns::{date, int, text, yes_no};

/// The violations.
pub const RELATION: DqRelation = DqRelation {
    name: "fct_dq_violation",
    grain: "one row per violation and period in which it was open: a violation that reopens is another row",
    key: &["violation_id", "opened_at"],
    columns: &[
        text("violation_id", "md5 of rule and subject, joined with a bar"),
        text("rule_id", "the rule"),
        text("severity", "severity, as configured on the as-of date"),
        text("subject_type", "kind of its subject"),
        text("subject_key", "key of its subject"),
        text("org_id", "the school or other organization it concerns, by current records"),
        text("student_id", "the student it concerns"),
        text("staff_id", "the staff member it concerns"),
        text("opened_at", "when it opened: the day and the batch within it, 0 for the day close"),
        date("opened_on", "that day"),
        text("closed_at", "when it closed; empty while it is open, always so for a one-time extract"),
        date("closed_on", "that day"),
        int("age_days", "days from opened_on to closed_on, or to the as-of date while it is open"),
        text("evidence", "evidence as JSON; empty once it is closed"),
        yes_no("is_waived", "whether the rule is disabled or waived for the organization on the as-of date"),
    ],
    make,
};

fn make(quality: &Quality, _plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
    fn stated<I: Id>(id: Option<I>, texts: &Texts) -> String {
        id.map_or(String::new(), |id| texts.text(id).to_owned())
    }
    let texts = &current.texts;
    let day = |time: u64| timestamp::day(time).to_string();
    let describe = |of: &Case| {
        let (opened, closed) = (of.episode.opened, of.episode.closed);
        let evidence = closed.is_none().then(|| serde_json::to_string(&of.evidence).unwrap_or_default());
        vec![
            surrogate_key(&[of.rule.id, &of.subject]),
            of.rule.id.to_owned(),
            of.severity.name().to_owned(),
            of.about.to_owned(),
            of.subject.clone(),
            stated(of.concerned.org, texts),
            stated(of.concerned.student, texts),
            stated(of.concerned.staff, texts),
            timestamp::text(opened),
            day(opened),
            closed.map_or(String::new(), timestamp::text),
            closed.map_or(String::new(), day),
            of.episode.age(quality.day).to_string(),
            evidence.unwrap_or_default(),
            of.waived.to_string(),
        ]
    };
    quality.open.iter().chain(&quality.closed).map(describe).collect()
}
