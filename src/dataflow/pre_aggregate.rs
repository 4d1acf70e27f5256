//! Adds up equal grains before they are arranged. A batch of ten thousand scores touches few schools and grades, and
//! sums are linear: adding first and arranging the sums costs one arrangement insertion per touched grain instead of one
//! per record.

use super::{Time, Updates};
use differential_dataflow::difference::Semigroup;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::hash::Hash;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::Capability;
use timely::dataflow::operators::generic::Operator;

/// Sums by grain. The hasher is fixed, so that every run is deterministic.
type SumsOf<G, R> = HashMap<G, R, foldhash::fast::FixedState>;

/// Adds up equal grains of each time until the time is complete, then emits the sums.
pub fn pre_aggregate<'s, G, R>(input: Updates<'s, G, R>, name: &str) -> Updates<'s, G, R>
where
    G: Hash + Eq + Clone + 'static,
    R: Semigroup + 'static,
{
    input.unary_frontier::<CapacityContainerBuilder<Vec<(G, Time, R)>>, _, _, _>(Pipeline, name, move |_, _| {
        let mut buffered: BTreeMap<Time, (Capability<Time>, SumsOf<G, R>)> = BTreeMap::new();
        move |(input, frontier), output| {
            input.for_each(|capability, updates| {
                for same_time in updates.chunk_by(|a, b| a.1 == b.1) {
                    let time = same_time[0].1;
                    let (_, sums) =
                        buffered.entry(time).or_insert_with(|| (capability.delayed(&time, 0), HashMap::default()));
                    for (grain, _, diff) in same_time {
                        add(sums, grain.clone(), diff);
                    }
                }
                updates.clear();
            });
            while let Some(entry) = buffered.first_entry() {
                if frontier.less_equal(entry.key()) {
                    break;
                }
                let (time, (capability, sums)) = entry.remove_entry();
                let mut session = output.session(&capability);
                for (grain, sum) in sums.into_iter().filter(|(_, sum)| !sum.is_zero()) {
                    session.give((grain, time, sum));
                }
            }
        }
    })
}

fn add<G: Hash + Eq, R: Semigroup>(sums: &mut SumsOf<G, R>, grain: G, diff: &R) {
    use hashbrown::hash_map::Entry;
    match sums.entry(grain) {
        Entry::Occupied(mut sum) => sum.get_mut().plus_equals(diff),
        Entry::Vacant(vacant) => {
            vacant.insert(diff.clone());
        }
    }
}
