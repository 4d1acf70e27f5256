//! `fct_dq_violation`: violations, from when they opened until they closed.

use super::Case;
use super::relations::{DqRelation, Of};
use crate::model::finding::surrogate_key;
use crate::model::timestamp;
use crate::warehouse::columns::{columns_of, date, int, text, yes_no};

/// The violations.
pub static RELATION: DqRelation = DqRelation {
    name: "fct_dq_violation",
    grain: "one row per violation and period in which it was open: a violation that reopens is another row",
    key: &["violation_id", "opened_at"],
    columns: &columns_of(&COLUMNS),
    rows: |context| context.rows_of(&COLUMNS, context.quality.open.iter().chain(&context.quality.closed)),
};

static COLUMNS: [Of<Case>; 15] = [
    text("violation_id", "md5 of rule and subject, joined with a bar", |case, _| {
        surrogate_key(&[case.rule.id, &case.subject])
    }),
    text("rule_id", "the rule", |case, _| case.rule.id.to_owned()),
    text("severity", "severity, as configured on the as-of date", |case, _| case.severity.name().to_owned()),
    text("subject_type", "kind of its subject", |case, _| case.about.to_owned()),
    text("subject_key", "key of its subject", |case, _| case.subject.clone()),
    text("org_id", "the school or other organization it concerns, by current records", |case, context| {
        context.text(case.concerned.org)
    }),
    text("student_id", "the student it concerns", |case, context| context.text(case.concerned.student)),
    text("staff_id", "the staff member it concerns", |case, context| context.text(case.concerned.staff)),
    text("opened_at", "when it opened: the day and the batch within it, 0 for the day close", |case, _| {
        timestamp::text(case.episode.opened)
    }),
    date("opened_on", "that day", |case, _| day(case.episode.opened)),
    text("closed_at", "when it closed; empty while it is open, always so for a one-time extract", |case, _| {
        case.episode.closed.map_or(String::new(), timestamp::text)
    }),
    date("closed_on", "that day", |case, _| case.episode.closed.map_or(String::new(), day)),
    int("age_days", "days from opened_on to closed_on, or to the as-of date while it is open", |case, context| {
        case.episode.age(context.quality.day).to_string()
    }),
    text("evidence", "evidence as JSON; empty once it is closed", |case, _| {
        let evidence = case.episode.closed.is_none().then(|| serde_json::to_string(&case.evidence).unwrap_or_default());
        evidence.unwrap_or_default()
    }),
    yes_no("is_waived", "whether the rule is disabled or waived for the organization on the as-of date", |case, _| {
        case.waived.to_string()
    }),
];

fn day(time: u64) -> String {
    timestamp::day(time).to_string()
}
