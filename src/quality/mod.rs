//! Data quality, current and historical: which violations are and were open, whom they concern, and which share of
//! records is without errors. It is computed from the engine's output and rendered by the publishers.

pub(crate) mod cases;
pub(crate) mod causes;
mod dim_rule;
pub(crate) mod faulty;
mod fct_dq_family_day;
mod fct_dq_feed;
mod fct_dq_rule_org;
mod fct_dq_violation;
pub(crate) mod history;
pub mod relations;
pub mod report;
pub(crate) mod rule_status;
pub(crate) mod subjects;
pub(crate) mod violations;

pub(crate) use cases::Case;
pub(crate) use causes::Causes;
pub(crate) use faulty::FaultyDay;
pub use history::{Episode, History};
pub(crate) use rule_status::RuleStatus;
pub(crate) use subjects::{Concerned, Whereabouts};
pub use violations::{Event, Violation, Violations};

use crate::current::CurrentRows;
use crate::kpi::{Spell, Violated};
use crate::model::{Date, timestamp};
use crate::plan::Plan;

/// Everything published about data quality, as of a timestamp.
pub(crate) struct Quality {
    /// The day.
    pub day: Date,
    /// The open violations, by rule and subject.
    pub open: Vec<Case>,
    /// The closed ones, in the order in which they closed.
    pub closed: Vec<Case>,
    /// How rules are configured.
    pub rule_status: RuleStatus,
    /// The number of faulty records, day by day.
    pub faulty_days: Vec<FaultyDay>,
    /// Input of the KPIs about violations.
    pub violated: Violated,
}

impl Quality {
    /// As of a timestamp. Events that the history is missing are dated to that timestamp: a one-time extract has no
    /// history, so all of its violations open then.
    pub(crate) fn at(
        time: u64,
        violations: &Violations,
        mut history: History,
        plan: &Plan,
        current: &CurrentRows,
    ) -> Quality {
        history.apply(time, &history.missed(violations));
        let (day, texts) = (timestamp::day(time), &current.texts);
        let whereabouts = Whereabouts::on(day, current);
        let rule_status = RuleStatus::on(day, current);
        let case = |episode, evidence| Case::of(episode, evidence, &whereabouts, &rule_status, texts);
        let mut open: Vec<Case> = Vec::with_capacity(violations.len());
        for (&violation, _) in violations.open() {
            let opened = history.opened(&violation).unwrap_or(time);
            open.push(case(Episode { violation, opened, closed: None }, violations.observed(&violation, texts)));
        }
        let number = |case: &Case| case.episode.violation.0;
        open.sort_by(|a, b| (number(a), &a.subject).cmp(&(number(b), &b.subject)));
        let closed: Vec<Case> =
            history.episodes().filter(|of| of.closed.is_some()).map(|episode| case(episode, Vec::new())).collect();
        let cleanliness = whereabouts.cleanliness(violations, |rule| plan.runs(rule));
        let faulty_days = whereabouts.faulty_days(&history, day, &cleanliness);
        let spell = |case: &Case| Spell {
            rule: case.rule.id,
            org: case.concerned.org,
            opened: timestamp::day(case.episode.opened),
            closed: case.episode.closed.map(timestamp::day),
        };
        let spells = closed.iter().chain(&open).map(spell).collect();
        Quality { day, open, closed, rule_status, faulty_days, violated: Violated { day, cleanliness, spells } }
    }
}
