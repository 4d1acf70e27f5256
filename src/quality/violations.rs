//! The violations that are open: findings counted by rule and subject. One opens when its count leaves zero and closes
//! when it returns to zero; one whose evidence changed in between is changed.

use super::cases::Seen;
use crate::engine::Delta;
use crate::model::{Date, Evidence, RuleNumber, Subject, Texts};
use crate::plan::Output;
use crate::qa;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a violation at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Opened,
    /// It is gone.
    Closed,
    /// It stays, with other evidence.
    Changed,
}

/// A violation: a rule and whom it is about.
pub type Violation = (RuleNumber, Subject);

/// The open violations, each with its findings' evidence.
#[derive(Clone, Debug, Default)]
pub struct Violations {
    open: BTreeMap<Violation, BTreeMap<Evidence, i64>>,
}

impl Violations {
    /// Takes a Delta and says what became of which violation.
    pub fn apply(&mut self, delta: &Delta) -> Vec<(Violation, Event)> {
        let mut touched: BTreeMap<Violation, BTreeSet<Evidence>> = BTreeMap::new();
        for (output, diff) in &delta.updates {
            let Output::Finding(finding) = output else { continue };
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
                // Two enrollments may say the same of a student; one of them ending changes no evidence.
                (false, false) if before != now => events.push((violation, Event::Changed)),
                _ => {}
            }
        }
        events
    }

    /// What will open, and when, if these Deltas come: violations that are not open on the day before. That a source is late
    /// if it delivers nothing goes without saying.
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
            let is_told = |(_, subject): &Violation| !matches!(subject, Subject::Source(_));
            opens.extend(events.map(|(of, _)| (delta.day(), of)).filter(|(_, of)| is_told(of)));
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

    /// Whether the same is seen of a violation as others see.
    pub fn same(&self, others: &Violations, violation: &Violation) -> bool {
        let seen = |of: &Violations| of.open.get(violation).map(|findings| findings.keys().copied().collect::<Vec<_>>());
        seen(self) == seen(others)
    }

    /// The findings of a violation, by what was seen.
    pub fn findings(&self, violation: &Violation) -> impl Iterator<Item = &Evidence> {
        self.open.get(violation).into_iter().flat_map(BTreeMap::keys)
    }

    /// What is seen of a violation, in texts and sorted: one entry per finding.
    pub fn seen(&self, violation: &Violation, texts: &Texts) -> Seen {
        let names = qa::numbered(violation.0).evidence;
        let texts_of = |values: &Evidence| {
            let named = names.iter().zip(values).map(|(name, value)| (*name, value.text(texts)));
            named.filter(|(_, text)| !text.is_empty()).collect()
        };
        let mut seen: Seen = self.findings(violation).map(texts_of).collect();
        // Findings are kept by symbols, which are numbered by arrival.
        seen.sort();
        seen
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
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
    fn the_same_said_twice_changes_nothing() {
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
        let mut seen = Vec::new();
        for delta in &deltas {
            let events = violations.apply(delta).into_iter();
            let of_rule = events.filter(|((rule, _), _)| crate::qa::numbered(*rule).id == "ENR-025");
            seen.extend(of_rule.map(|(_, event)| (delta.day().to_string(), event)));
        }
        let expected = [("2025-09-02", Event::Opened), ("2025-09-05", Event::Closed)];
        assert_eq!(seen, expected.map(|(day, event)| (day.to_owned(), event)));
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
        let mut seen = Vec::new();
        for delta in &deltas {
            for ((rule, _), event) in violations.apply(delta) {
                if crate::qa::numbered(rule).id == "REF-005" {
                    seen.push((delta.day().to_string(), event));
                }
            }
        }
        let expected = [
            ("2025-09-02", Event::Opened),
            ("2025-09-03", Event::Changed),
            ("2025-09-04", Event::Changed),
            ("2025-09-05", Event::Closed),
        ];
        assert_eq!(seen, expected.map(|(day, event)| (day.to_owned(), event)));
        assert!(violations.open().all(|((rule, _), _)| crate::qa::numbered(*rule).id != "REF-005"));
    }
}
