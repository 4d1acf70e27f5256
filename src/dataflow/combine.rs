//! Adding up equal grains before they are arranged. A batch of ten thousand scores touches few schools and grades, and
//! sums are linear: adding first and arranging the sums second costs one arrangement insertion per touched grain
//! instead of one per record.

use super::{Time, Updates};
use differential_dataflow::difference::Semigroup;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::hash::Hash;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::Capability;
use timely::dataflow::operators::generic::Operator;

/// Sums by grain. The hasher is fixed, so that every process and run goes through the same motions.
type SumsOf<G, R> = HashMap<G, R, foldhash::fast::FixedState>;

/// Adds up equal grains of each time until the time is complete, then spreads each sum over the grains of the next
/// level, adds those up too, and releases them.
pub fn combine<'s, G, H, R>(
    input: Updates<'s, G, R>,
    name: &str,
    mut spread: impl FnMut(&G, &mut Vec<H>) + 'static,
) -> Updates<'s, H, R>
where
    G: Hash + Eq + Clone + 'static,
    H: Hash + Eq + Clone + 'static,
    R: Semigroup + 'static,
{
    input.unary_frontier::<CapacityContainerBuilder<Vec<(H, Time, R)>>, _, _, _>(Pipeline, name, move |_, _| {
        let mut held: BTreeMap<Time, (Capability<Time>, SumsOf<G, R>)> = BTreeMap::new();
        let mut targets = Vec::new();
        let mut sums: SumsOf<H, R> = HashMap::default();
        move |(input, frontier), output| {
            input.for_each(|capability, updates| {
                for same_time in updates.chunk_by(|a, b| a.1 == b.1) {
                    let time = same_time[0].1;
                    let (_, grains) = held.entry(time).or_insert_with(|| (capability.delayed(&time, 0), HashMap::default()));
                    for (grain, _, diff) in same_time {
                        add(grains, grain.clone(), diff);
                    }
                }
                updates.clear();
            });
            while let Some(entry) = held.first_entry() {
                if frontier.less_equal(entry.key()) {
                    break;
                }
                let (time, (capability, grains)) = entry.remove_entry();
                for (grain, sum) in grains.into_iter().filter(|(_, sum)| !sum.is_zero()) {
                    spread(&grain, &mut targets);
                    for target in targets.drain(..) {
                        add(&mut sums, target, &sum);
                    }
                }
                let mut session = output.session(&capability);
                for (target, sum) in sums.drain().filter(|(_, sum)| !sum.is_zero()) {
                    session.give((target, time, sum));
                }
                // A load leaves a table behind that no later batch needs.
                sums.shrink_to(1 << 12);
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
