//! The temporal filter: data with an interval is present from the day the interval begins until the day it ends, and
//! days pass as times of the dataflow do. A calendar queue holds future updates, so a day costs what begins or ends on
//! it, and a change costs nothing extra for what is pending. (Emitting at future times instead measured 789 us per
//! insert against 13.5 us, because closing any timestamp walks the pending updates in the arrangement.)
//!
//! Contract: nothing is emitted before its day; updates still pending when the input ends are discarded; updates that
//! cancel in the queue disappear; frontiers pass through, so that a probe never waits for a day that may not come.

use super::{Time, Updates};
use crate::model::{Date, Interval, timestamp};
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::difference::Abelian;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::Capability;
use timely::dataflow::operators::generic::Operator;

/// Pending updates by time. Peeks read it; only the operator changes it.
pub type Pending<D, R> = Rc<RefCell<BTreeMap<Time, Vec<(D, R)>>>>;

/// The effect of an update with an interval on the day of the update: what is emitted now, and what is emitted later and
/// when.
pub fn unroll<D: Clone, R: Abelian>(
    (data, holds): (D, Interval),
    today: Date,
    diff: R,
    now: impl FnOnce(D, R),
    mut later: impl FnMut(Time, D, R),
) {
    if holds.is_empty() || holds.end.is_some_and(|end| end <= today) {
        return;
    }
    if let Some(end) = holds.end {
        let mut retraction = diff.clone();
        retraction.negate();
        later(timestamp::at(end, 0), data.clone(), retraction);
    }
    if holds.begin <= today { now(data, diff) } else { later(timestamp::at(holds.begin, 0), data, diff) }
}

/// The collection of data whose interval contains the current day, and the pending updates.
pub fn temporal_filter<'s, D, R>(input: Updates<'s, (D, Interval), R>, name: &str) -> (Updates<'s, D, R>, Pending<D, R>)
where
    D: Ord + Clone + 'static,
    R: Abelian + 'static,
{
    let shared: Pending<D, R> = Pending::default();
    let queue = shared.clone();
    let today = input.unary_frontier::<CapacityContainerBuilder<Vec<(D, Time, R)>>, _, _, _>(Pipeline, name, move |_, _| {
        let mut held: Option<Capability<Time>> = None;
        move |(input, frontier), output| {
            let mut pending = queue.borrow_mut();
            input.for_each(|capability, updates| {
                let mut later = false;
                {
                    let mut session = output.session(&capability);
                    for (item, time, diff) in updates.drain(..) {
                        unroll(
                            item,
                            timestamp::day(time),
                            diff,
                            |data, diff| session.give((data, time, diff)),
                            |time, data, diff| {
                                pending.entry(time).or_default().push((data, diff));
                                later = true;
                            },
                        );
                    }
                }
                if later {
                    let earliest = capability.retain_least(0);
                    held = match (held.take(), earliest) {
                        (Some(a), Some(b)) => Some(if a.time() <= b.time() { a } else { b }),
                        (a, b) => a.or(b),
                    };
                }
            });
            let Some(&reached) = frontier.frontier().first() else {
                pending.clear();
                held = None;
                return;
            };
            let Some(capability) = held.as_mut() else { return };
            while let Some(entry) = pending.first_entry() {
                if *entry.key() >= reached {
                    break;
                }
                let (time, mut due) = entry.remove_entry();
                consolidate(&mut due);
                let capability = capability.delayed(&time);
                let mut session = output.session(&capability);
                for (data, diff) in due {
                    session.give((data, time, diff));
                }
            }
            if pending.is_empty() {
                held = None;
            } else if *capability.time() < reached {
                // What is still pending is at or beyond the frontier. A capability at the frontier remains usable and
                // lets everything before the frontier pass.
                capability.downgrade(&reached);
            }
        }
    });
    (today, shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use differential_dataflow::AsCollection;
    use differential_dataflow::input::Input;
    use proptest::prelude::*;
    use std::sync::{Arc, Mutex};
    use timely::dataflow::operators::probe::Handle;

    type Emitted = Vec<(u32, Time, i32)>;
    type Changes = Vec<(u32, Interval, u64, i32)>;

    fn day(number: i64) -> Date {
        Date::from_number(number).unwrap()
    }

    /// Feeds changes at their timestamps, advances to each of the `stops`, and collects the output.
    fn run(changes: Changes, stops: Vec<u64>) -> Emitted {
        let emitted = Arc::new(Mutex::new(Emitted::new()));
        let out = emitted.clone();
        timely::execute_directly(move |worker| {
            let probe = Handle::new();
            let mut input = worker.dataflow::<Time, _, _>(|scope| {
                let (input, rows) = scope.new_collection::<(u32, Interval), i32>();
                let filtered = temporal_filter(rows.inner, "TemporalFilter").0.as_collection();
                filtered.inspect(move |&(data, time, diff)| out.lock().unwrap().push((data, time, diff))).probe_with(&probe);
                input
            });
            for stop in stops {
                let begin = *input.time();
                for &(data, holds, at, diff) in changes.iter().filter(|change| begin <= change.2 && change.2 < stop) {
                    input.update_at((data, holds), at, diff);
                }
                input.advance_to(stop);
                input.flush();
                worker.step_while(|| probe.less_than(&stop));
            }
        });
        let mut emitted = std::mem::take(&mut *emitted.lock().unwrap());
        differential_dataflow::consolidation::consolidate_updates(&mut emitted);
        emitted
    }

    /// The same, by evaluating every change on every day.
    fn expected(changes: &Changes, until: u64) -> Emitted {
        let mut out = Emitted::new();
        for &(data, holds, at, diff) in changes.iter().filter(|change| change.2 < until) {
            let mut there = false;
            let day_closes = (timestamp::day(at).number() + 1..=timestamp::day(until).number())
                .map(|number| timestamp::at(day(number), 0));
            for time in std::iter::once(at).chain(day_closes.filter(|&day_close| day_close < until)) {
                let now = holds.contains(timestamp::day(time));
                if now != there {
                    out.push((data, time, if now { diff } else { -diff }));
                    there = now;
                }
            }
        }
        differential_dataflow::consolidation::consolidate_updates(&mut out);
        out
    }

    proptest! {
        /// Equals the join with elapsed days, for any intervals (including empty and inverted ones), retractions before
        /// and after an end, and several days in one step.
        #[test]
        fn equals_evaluating_every_day(
            rows in prop::collection::vec(
                (0u32..4, 90i64..130, prop::option::of(90i64..130), 100i64..120, 1u32..3, prop::bool::ANY),
                0..20,
            ),
            steps in prop::collection::vec(1i64..12, 1..6),
        ) {
            let mut changes = Changes::new();
            for (data, begin, end, at, sequence, retracted) in rows {
                let holds = Interval::new(day(begin), end.map(day));
                changes.push((data, holds, timestamp::at(day(at), sequence), 1));
                if retracted {
                    changes.push((data, holds, timestamp::at(day(at + 5), sequence), -1));
                }
            }
            changes.sort_by_key(|change| change.2);
            let mut reached = 100;
            let stops: Vec<u64> = steps.iter().map(|step| { reached += step; timestamp::at(day(reached), 0) }).collect();
            let until = *stops.last().unwrap();
            prop_assert_eq!(run(changes.clone(), stops), expected(&changes, until));
        }
    }

    #[test]
    fn pending_updates_are_discarded_at_the_end() {
        let holds = Interval::new(day(100), Some(day(500)));
        let emitted = run(vec![(7, holds, timestamp::at(day(100), 1), 1)], vec![timestamp::at(day(101), 0)]);
        assert_eq!(emitted, [(7, timestamp::at(day(100), 1), 1)]);
    }
}
