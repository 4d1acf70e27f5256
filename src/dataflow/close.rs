//! The end of the dataflow on one worker: holds updates until their time is closed and then releases them, added up and
//! sorted, so that nobody ever sees half a batch.

use super::{Diff, Time, Updates};
use std::collections::BTreeMap;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::Operator;
use timely::dataflow::operators::probe::{Handle, Probe};

/// What one worker has to say of a closed time.
pub type Closed<O> = (Time, Vec<(O, Diff)>);

/// Gives each closed time's updates to `release`, in the order of times; times without updates are passed over.
pub fn close<O: Ord + Clone + 'static>(
    input: Updates<'_, O>,
    probe: &Handle<Time>,
    mut release: impl FnMut(Closed<O>) + 'static,
) {
    let mut held: BTreeMap<Time, Vec<(O, Diff)>> = BTreeMap::new();
    input
        .unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(Pipeline, "Seal", move |_, _| {
            move |(input, frontier), _| {
                input.for_each(|_, updates| {
                    for (output, time, diff) in updates.drain(..) {
                        held.entry(time).or_default().push((output, diff));
                    }
                });
                while let Some(entry) = held.first_entry() {
                    if frontier.less_equal(entry.key()) {
                        break;
                    }
                    let (time, mut updates) = entry.remove_entry();
                    add_up(&mut updates);
                    if !updates.is_empty() {
                        release((time, updates));
                    }
                }
            }
        })
        .probe_with(probe);
}

/// Adds up and sorts. Outputs are wide: places are sorted, and each output is moved once.
fn add_up<O: Ord + Clone>(updates: &mut Vec<(O, Diff)>) {
    let mut places: Vec<usize> = (0..updates.len()).collect();
    places.sort_unstable_by(|&a, &b| updates[a].0.cmp(&updates[b].0));
    let mut sums = Vec::with_capacity(updates.len());
    for same in places.chunk_by(|&a, &b| updates[a].0 == updates[b].0) {
        let sum: Diff = same.iter().map(|&place| updates[place].1).sum();
        if sum != 0 {
            sums.push((updates[same[0]].0.clone(), sum));
        }
    }
    *updates = sums;
}
