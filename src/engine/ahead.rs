//! Findings of the coming days if no record changes. They are read from the temporal filters of the dataflow without closing
//! a day: the waiting findings, and the waiting changes of staffing sums, which are checked again for each of those days.

use super::message::{Peek, Peeked};
use super::{Delta, Engine, Error};
use crate::dataflow::{Diff, Time, unroll};
use crate::model::{Date, Finding, Interval, timestamp};
use crate::plan::Output;
use crate::tallies::staffing::{OrgScope, Staffing};
use crate::tallies::{Addend, Tallied};
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::difference::{IsZero, Semigroup};
use std::collections::BTreeMap;

impl Engine {
    /// The findings that open and close after the current day until another, inclusive; one Delta for each day that has any.
    /// Scores and rows are not included.
    ///
    /// # Errors
    ///
    /// A lost worker.
    pub fn ahead(&mut self, until: Date) -> Result<Vec<Delta>, Error> {
        let mut days: BTreeMap<Time, Vec<(Finding, Diff)>> = BTreeMap::new();
        let mut members: BTreeMap<Time, Vec<(OrgScope, Staffing)>> = BTreeMap::new();
        let mut scopes: BTreeMap<OrgScope, Staffing> = BTreeMap::new();
        for peeked in self.peek(Peek::Ahead(timestamp::at(until, 0)))? {
            let Peeked::Ahead(findings, addends, sums) = peeked else { continue };
            findings.into_iter().for_each(|(time, finding, diff)| days.entry(time).or_default().push((finding, diff)));
            for (time, addend, times) in addends {
                #[allow(irrefutable_let_patterns, reason = "rules judge no other tally, and there may be others")]
                if let Addend::Staffing(scope, measure) = addend {
                    members.entry(time).or_default().push((scope, Staffing::of(measure, times)));
                }
            }
            scopes.extend(sums.staffing);
        }
        let checks = self.plan.checks();
        for (time, members) in members {
            let mut changed: BTreeMap<OrgScope, Staffing> = BTreeMap::new();
            for (scope, of) in members {
                changed.entry(scope).or_insert_with(|| scopes.get(&scope).copied().unwrap_or_default()).plus_equals(&of);
            }
            let mut found: Vec<((Finding, Interval), Diff)> = Vec::new();
            for (scope, now) in changed {
                let before = scopes.insert(scope, now).unwrap_or_default();
                for (staffing, diff) in [(before, -1), (now, 1)].into_iter().filter(|(staffing, _)| !staffing.is_zero()) {
                    let mut emit = |finding, holds| found.push(((finding, holds), diff));
                    checks.place(&scope, &staffing, &self.plan.settings, &mut emit);
                }
            }
            consolidate(&mut found);
            for (finding, diff) in found {
                let mut due = Vec::new();
                let mut later = |time, finding, diff| due.push((time, finding, diff));
                let mut now = None;
                unroll(finding, timestamp::day(time), diff, |finding, diff| now = Some((time, finding, diff)), &mut later);
                for (time, finding, diff) in due.into_iter().chain(now).filter(|(time, ..)| timestamp::day(*time) <= until) {
                    days.entry(time).or_default().push((finding, diff));
                }
            }
        }
        let delta = |(time, mut findings): (Time, Vec<(Finding, Diff)>)| {
            consolidate(&mut findings);
            let updates = findings.into_iter().map(|(finding, diff)| (Output::Finding(finding), diff)).collect();
            Delta { time, updates }
        };
        Ok(days.into_iter().map(delta).filter(|delta| !delta.updates.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::testing::run;

    /// Only the findings, sorted within each day.
    fn findings(deltas: Vec<Delta>) -> Vec<Delta> {
        let only = |delta: Delta| {
            let mut updates: Vec<_> =
                delta.updates.into_iter().filter(|(output, _)| matches!(output, Output::Finding(_))).collect();
            consolidate(&mut updates);
            Delta { updates, ..delta }
        };
        deltas.into_iter().map(only).filter(|delta| !delta.updates.is_empty()).collect()
    }

    /// A school loses its students and its teacher on different days, and a credential expires.
    #[test]
    fn the_forecast_is_what_happens() {
        let changes = "
            organization | org_id org_type name
            2025-09-02 + North school North
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 2025-09-20 transfer_in_district
            2025-09-02 + E2 S2 North 2025-09-10 2025-09-25 transfer_in_district
            2025-09-02 + E3 S3 North 2025-08-20 . .
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-02 + A1 T1 North teacher 2025-08-20 2025-09-12 1.0
            2025-09-02 + A2 T1 North teacher 2025-09-16 2025-09-30 1.0
            credential | credential_id staff_id state status issue_date expiration_date
            2025-09-02 + C1 T1 XX active 2020-01-01 2025-09-22
        ";
        let (mut engine, _) = run(changes, Plan::default());
        let until = engine.day().plus(30);
        let ahead = engine.ahead(until).unwrap();
        assert!(ahead.iter().map(|delta| delta.updates.len()).sum::<usize>() >= 8, "{ahead:?}");
        let nothing_has_passed = engine.day();
        assert_eq!(nothing_has_passed.plus(30), until);
        engine.advance_to(until).unwrap();
        assert_eq!(findings(engine.settle().unwrap()), ahead);
        assert_eq!(engine.ahead(until).unwrap(), [], "past days are not ahead");
    }
}
