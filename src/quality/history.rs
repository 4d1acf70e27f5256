//! The history of violations: when each opened and closed. A violation that reopens is a new episode.

use super::violations::{Event, Violation, Violations};
use crate::model::{Date, RuleNumber, Subject, timestamp};
use crate::qa;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A violation from when it opened until it closed, both timestamps; see [`timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Episode {
    /// The rule and the subject.
    pub violation: Violation,
    /// When it opened.
    pub opened: u64,
    /// When it closed; `None` while it is open.
    pub closed: Option<u64>,
}

impl Episode {
    /// The number of days it was open, up to a day.
    pub(crate) fn age(&self, today: Date) -> i64 {
        self.closed.map_or(today, timestamp::day).since(timestamp::day(self.opened))
    }
}

/// Every episode so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    open: BTreeMap<Violation, u64>,
    closed: Vec<Episode>,
}

/// The stored form, with rules by id, because rule numbers change between versions.
#[derive(Serialize, Deserialize)]
struct StoredHistory {
    rules: Vec<String>,
    open: Vec<(u16, Subject, u64)>,
    closed: Vec<(u16, Subject, u64, u64)>,
}

impl History {
    /// Applies what happened to violations at a timestamp.
    pub(crate) fn apply(&mut self, time: u64, events: &[(Violation, Event)]) {
        for &(violation, event) in events {
            match event {
                Event::Opened => {
                    self.open.insert(violation, time);
                }
                Event::Closed => {
                    let opened = self.open.remove(&violation);
                    self.closed.extend(opened.map(|opened| Episode { violation, opened, closed: Some(time) }));
                }
                Event::Changed => {}
            }
        }
    }

    /// When an open violation opened.
    pub(crate) fn opened(&self, violation: &Violation) -> Option<u64> {
        self.open.get(violation).copied()
    }

    /// The events since the last known timestamp, given the violations that are open now. Changes in evidence are not
    /// included.
    pub(crate) fn missed(&self, now: &Violations) -> Vec<(Violation, Event)> {
        let closed = self.open.keys().filter(|violation| !now.is_open(violation)).map(|of| (*of, Event::Closed));
        let opened = now.open().map(|(violation, _)| *violation).filter(|of| !self.open.contains_key(of));
        closed.chain(opened.map(|violation| (violation, Event::Opened))).collect()
    }

    /// The closed episodes, most recently closed first.
    pub(crate) fn closed(&self) -> impl Iterator<Item = Episode> {
        self.closed.iter().rev().copied()
    }

    /// Replaces the subjects by those that they are in this version; episodes of subjects without one are dropped.
    pub(crate) fn translate(&mut self, now: impl Fn(Subject) -> Option<Subject>) {
        let open = std::mem::take(&mut self.open).into_iter();
        self.open = open.filter_map(|((rule, subject), opened)| Some(((rule, now(subject)?), opened))).collect();
        self.closed.retain_mut(|episode| {
            let subject = now(episode.violation.1);
            episode.violation.1 = subject.unwrap_or(episode.violation.1);
            subject.is_some()
        });
    }

    /// All episodes: the closed ones in the order of closing, then the open ones.
    pub fn episodes(&self) -> impl Iterator<Item = Episode> {
        let open = self.open.iter().map(|(&violation, &opened)| Episode { violation, opened, closed: None });
        self.closed.iter().copied().chain(open)
    }
}

impl Serialize for History {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let closed = self.closed.iter().map(|episode| {
            let (rule, subject) = episode.violation;
            (rule.0, subject, episode.opened, episode.closed.unwrap_or(episode.opened))
        });
        let stored = StoredHistory {
            rules: qa::rules().map(|rule| rule.id.to_owned()).collect(),
            open: self.open.iter().map(|((rule, subject), opened)| (rule.0, *subject, *opened)).collect(),
            closed: closed.collect(),
        };
        stored.serialize(serializer)
    }
}

/// Drops episodes of rules that this version does not have.
impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<History, D::Error> {
        let stored = StoredHistory::deserialize(deserializer)?;
        let numbers: BTreeMap<&str, u16> = (0..).zip(qa::rules()).map(|(number, rule)| (rule.id, number)).collect();
        let number = |rule: u16| {
            let id = stored.rules.get(usize::from(rule))?;
            numbers.get(id.as_str()).map(|number| RuleNumber(*number))
        };
        let open = stored.open.iter().filter_map(|(rule, subject, opened)| Some(((number(*rule)?, *subject), *opened)));
        let closed = stored.closed.iter().filter_map(|&(rule, subject, opened, closed)| {
            Some(Episode { violation: (number(rule)?, subject), opened, closed: Some(closed) })
        });
        Ok(History { open: open.collect(), closed: closed.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Code, CodeSet, Texts, codes::Sex};
    use crate::store::record;

    #[test]
    fn a_violation_that_opens_again_is_a_new_episode() {
        let mut texts = Texts::default();
        let Sex::Unknown(unrecognized) = Sex::of("?", &mut texts) else { unreachable!() };
        let violation = (RuleNumber(3), Subject::Code(CodeSet::Sex, unrecognized));
        let at = |day: i64| timestamp::at(Date::ymd(2025, 9, 1).unwrap().plus(day), 1);
        let mut history = History::default();
        for (day, event) in [(0, Event::Opened), (2, Event::Changed), (5, Event::Closed), (9, Event::Opened)] {
            history.apply(at(day), &[(violation, event)]);
        }
        let episode = |opened, closed: Option<i64>| Episode { violation, opened: at(opened), closed: closed.map(at) };
        assert_eq!(history.episodes().collect::<Vec<_>>(), [episode(0, Some(5)), episode(9, None)]);
        assert_eq!(history.episodes().map(|episode| episode.age(timestamp::day(at(12)))).collect::<Vec<_>>(), [5, 3]);
        assert_eq!(history.missed(&Violations::default()), [(violation, Event::Closed)]);
        let mut bytes = Vec::new();
        record::encode(&history, &mut bytes);
        assert_eq!(record::decode::<History>(&mut &bytes[..]).unwrap(), history);
    }
}
