//! The open violations: findings counted by rule and subject. A violation opens when its count leaves zero and closes
//! when the count returns to zero; if its evidence changes in between, it has changed.

use super::cases::Observed;
use crate::engine::Delta;
use crate::model::{Date, Evidence, RuleNumber, Subject, Texts};
use crate::plan::Output;
use crate::qa;
use std::collections::{BTreeMap, BTreeSet};

/// What happened to a violation at a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Opened,
    /// It is gone.
    Closed,
    /// It remains open with different evidence.
    Changed,
}

/// A violation: a rule and a subject.
pub type Violation = (RuleNumber, Subject);

/// The open violations with the evidence of their findings.
#[derive(Clone, Debug, Default)]
pub struct Violations {
    open: BTreeMap<Violation, BTreeMap<Evidence, i64>>,
}

impl Violations {
    /// Applies a delta and returns what happened to violations. Rules of a plan's caller have none: nothing that reads
    /// violations knows these rules.
    pub fn apply(&mut self, delta: &Delta) -> Vec<(Violation, Event)> {
        let mut touched: BTreeMap<Violation, BTreeSet<Evidence>> = BTreeMap::new();
        for (output, diff) in &delta.updates {
            let Output::Finding(finding) = output else { continue };
            if !qa::is_listed(finding.rule) {
                continue;
            }
            let violation = (finding.rule, finding.subject);
            let findings = self.open.entry(violation).or_default();
            touched.entry(violation).or_insert_with(|| findings.keys().copied().collect());
            let count = findings.entry(finding.evidence).or_default();
            *count += i64::from(*diff);
            if *count == 0 {
                findings.remove(&finding.evidence);
            }
        }
        let mut events = Vec::new();
        for (violation, before) in touched {
            let now: BTreeSet<Evidence> = self.open.get(&violation).into_iter().flat_map(BTreeMap::keys).copied().collect();
            if now.is_empty() {
                self.open.remove(&violation);
            }
            match (before.is_empty(), now.is_empty()) {
                (true, false) => events.push((violation, Event::Opened)),
                (false, true) => events.push((violation, Event::Closed)),
                // Two enrollments may be evidence of the same finding; the end of one does not change the evidence.
                (false, false) if before != now => events.push((violation, Event::Changed)),
                _ => {}
            }
        }
        events
    }

    /// Which violations these future deltas would open, and when: those that are not open the day before. A source that
    /// delivers nothing would be late; that is left out.
    pub fn foresee(&self, ahead: &[Delta]) -> Vec<(Date, Violation)> {
        let mut touched = Violations::default();
        let mut opens = Vec::new();
        for delta in ahead {
            for (output, _) in &delta.updates {
                if let Output::Finding(finding) = output {
                    let violation = (finding.rule, finding.subject);
                    if let Some(findings) = self.open.get(&violation) {
                        touched.open.entry(violation).or_insert_with(|| findings.clone());
                    }
                }
            }
        }
        for delta in ahead {
            let events = touched.apply(delta).into_iter().filter(|(_, event)| *event == Event::Opened);
            let is_reported = |(_, subject): &Violation| !matches!(subject, Subject::Source(_));
            opens.extend(events.map(|(of, _)| (delta.day(), of)).filter(|(_, of)| is_reported(of)));
        }
        opens
    }

    /// The open violations with their evidence.
    pub fn open(&self) -> impl Iterator<Item = (&Violation, impl Iterator<Item = &Evidence>)> {
        self.open.iter().map(|(violation, findings)| (violation, findings.keys()))
    }

    /// Whether a violation is open.
    pub fn is_open(&self, violation: &Violation) -> bool {
        self.open.contains_key(violation)
    }

    /// Whether a violation has the same evidence here and there.
    pub fn same(&self, others: &Violations, violation: &Violation) -> bool {
        let evidence = |of: &Violations| of.open.get(violation).map(|findings| findings.keys().copied().collect::<Vec<_>>());
        evidence(self) == evidence(others)
    }

    /// The evidence of a violation's findings.
    pub fn findings(&self, violation: &Violation) -> impl Iterator<Item = &Evidence> {
        self.open.get(violation).into_iter().flat_map(BTreeMap::keys)
    }

    /// The evidence of a violation as sorted texts, one entry per finding.
    pub fn observed(&self, violation: &Violation, texts: &Texts) -> Observed {
        let names = qa::numbered(violation.0).evidence;
        let texts_of = |values: &Evidence| {
            let named = names.iter().zip(values).map(|(name, value)| (*name, value.text(texts)));
            named.filter(|(_, text)| !text.is_empty()).collect()
        };
        let mut evidence: Observed = self.findings(violation).map(texts_of).collect();
        // Findings are ordered by symbols, which depend on the order of arrival.
        evidence.sort();
        evidence
    }

    /// The number of open violations.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether no violation is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::testing::run;

    #[test]
    fn two_findings_with_the_same_evidence_are_one_violation() {
        let changes = "
            student | student_id grade_level
            2025-09-02 + S1 02
            school_enrollment | enrollment_id student_id school_id entry_date grade_level
            2025-09-02 + E1 S1 North 2025-08-20 03
            2025-09-03 + E2 S1 South 2025-08-20 03
            2025-09-04 - E1
            2025-09-05 - E2
        ";
        let (_, deltas) = run(changes, Plan::default());
        let mut violations = Violations::default();
        let mut events_of_rule = Vec::new();
        for delta in &deltas {
            let events = violations.apply(delta).into_iter();
            let of_rule = events.filter(|((rule, _), _)| crate::qa::numbered(*rule).id == "ENR-025");
            events_of_rule.extend(of_rule.map(|(_, event)| (delta.day().to_string(), event)));
        }
        let expected = [("2025-09-02", Event::Opened), ("2025-09-05", Event::Closed)];
        assert_eq!(events_of_rule, expected.map(|(day, event)| (day.to_owned(), event)));
    }

    #[test]
    fn violations_open_change_and_close() {
        let changes = "
            course | course_id grades
            2025-09-02 + A 77
            2025-09-03 + B 77
            2025-09-04 - A
            2025-09-05 - B
        ";
        let (_, deltas) = run(changes, Plan::default());
        let mut violations = Violations::default();
        let mut events_of_rule = Vec::new();
        for delta in &deltas {
            for ((rule, _), event) in violations.apply(delta) {
                if crate::qa::numbered(rule).id == "REF-005" {
                    events_of_rule.push((delta.day().to_string(), event));
                }
            }
        }
        let expected = [
            ("2025-09-02", Event::Opened),
            ("2025-09-03", Event::Changed),
            ("2025-09-04", Event::Changed),
            ("2025-09-05", Event::Closed),
        ];
        assert_eq!(events_of_rule, expected.map(|(day, event)| (day.to_owned(), event)));
        assert!(violations.open().all(|((rule, _), _)| crate::qa::numbered(*rule).id != "REF-005"));
    }
}
