//! The history of violations: when each was opened and closed. A violation that opens again after it was closed is a new
//! episode.

use super::violations::{Event, Violation, Violations};
use crate::model::{Date, RuleNumber, Subject, moment};
use crate::qa;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A violation from when it was opened until it was closed, both moments; see [`moment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Episode {
    /// The rule and whom it is about.
    pub violation: Violation,
    /// When it was opened.
    pub opened: u64,
    /// When it was closed; none while it is open.
    pub closed: Option<u64>,
}

impl Episode {
    /// For how many days it was open, up to a day.
    pub fn age(&self, today: Date) -> i64 {
        self.closed.map_or(today, moment::day).since(moment::day(self.opened))
    }
}

/// Every episode so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    open: BTreeMap<Violation, u64>,
    closed: Vec<Episode>,
}

/// As it is kept, with rules by their ids: their numbers change with the version.
#[derive(Serialize, Deserialize)]
struct Kept {
    rules: Vec<String>,
    open: Vec<(u16, Subject, u64)>,
    closed: Vec<(u16, Subject, u64, u64)>,
}

impl History {
    /// Takes what became of violations at a moment.
    pub fn apply(&mut self, time: u64, events: &[(Violation, Event)]) {
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

    /// When an open violation was opened.
    pub fn opened(&self, violation: &Violation) -> Option<u64> {
        self.open.get(violation).copied()
    }

    /// What became of violations since the last moment that it knows of, when these are open now. What changed in evidence is
    /// not in it.
    pub fn missed(&self, now: &Violations) -> Vec<(Violation, Event)> {
        let closed = self.open.keys().filter(|violation| !now.is_open(violation)).map(|of| (*of, Event::Closed));
        let opened = now.open().map(|(violation, _)| *violation).filter(|of| !self.open.contains_key(of));
        closed.chain(opened.map(|violation| (violation, Event::Opened))).collect()
    }

    /// Those that are over, the last to be closed first.
    pub fn closed(&self) -> impl Iterator<Item = Episode> {
        self.closed.iter().rev().copied()
    }

    /// Every episode: those that are over in the order in which they were, then those that are open.
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
        let kept = Kept {
            rules: qa::rules().map(|rule| rule.id.to_owned()).collect(),
            open: self.open.iter().map(|((rule, subject), opened)| (rule.0, *subject, *opened)).collect(),
            closed: closed.collect(),
        };
        kept.serialize(serializer)
    }
}

/// Episodes of rules that this version does not have are left out.
impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<History, D::Error> {
        let kept = Kept::deserialize(deserializer)?;
        let numbers: BTreeMap<&str, u16> = (0..).zip(qa::rules()).map(|(number, rule)| (rule.id, number)).collect();
        let number = |rule: u16| {
            let id = kept.rules.get(usize::from(rule))?;
            numbers.get(id.as_str()).map(|number| RuleNumber(*number))
        };
        let open = kept.open.iter().filter_map(|(rule, subject, opened)| Some(((number(*rule)?, *subject), *opened)));
        let closed = kept.closed.iter().filter_map(|&(rule, subject, opened, closed)| {
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
        let Sex::Unknown(odd) = Sex::of("?", &mut texts) else { unreachable!() };
        let violation = (RuleNumber(3), Subject::Code(CodeSet::Sex, odd));
        let at = |day: i64| moment::at(Date::ymd(2025, 9, 1).unwrap().plus(day), 1);
        let mut history = History::default();
        for (day, event) in [(0, Event::Opened), (2, Event::Changed), (5, Event::Closed), (9, Event::Opened)] {
            history.apply(at(day), &[(violation, event)]);
        }
        let episode = |opened, closed: Option<i64>| Episode { violation, opened: at(opened), closed: closed.map(at) };
        assert_eq!(history.episodes().collect::<Vec<_>>(), [episode(0, Some(5)), episode(9, None)]);
        assert_eq!(history.episodes().map(|episode| episode.age(moment::day(at(12)))).collect::<Vec<_>>(), [5, 3]);
        assert_eq!(history.missed(&Violations::default()), [(violation, Event::Closed)]);
        let mut bytes = Vec::new();
        record::encode(&history, &mut bytes);
        assert_eq!(record::decode::<History>(&mut &bytes[..]).unwrap(), history);
    }
}
