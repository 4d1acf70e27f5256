//! The end of the dataflow on one worker: buffers updates until their time is closed, then emits them consolidated and
//! sorted, so that no partial batch is ever visible.

use super::{Diff, Time, Updates};
use std::collections::BTreeMap;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::Operator;
use timely::dataflow::operators::probe::{Handle, Probe};

/// The output of one worker for a closed time.
pub type Closed<O> = (Time, Vec<(O, Diff)>);

/// Passes each closed time's updates to `release` in the order of times; times without updates are skipped.
pub fn close<O: Ord + Clone + 'static>(
    input: Updates<'_, O>,
    probe: &Handle<Time>,
    mut release: impl FnMut(Closed<O>) + 'static,
) {
    let mut buffered: BTreeMap<Time, Vec<(O, Diff)>> = BTreeMap::new();
    input
        .unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(Pipeline, "Close", move |_, _| {
            move |(input, frontier), _| {
                input.for_each(|_, updates| {
                    for (output, time, diff) in updates.drain(..) {
                        buffered.entry(time).or_default().push((output, diff));
                    }
                });
                while let Some(entry) = buffered.first_entry() {
                    if frontier.less_equal(entry.key()) {
                        break;
                    }
                    let (time, mut updates) = entry.remove_entry();
                    consolidate(&mut updates);
                    if !updates.is_empty() {
                        release((time, updates));
                    }
                }
            }
        })
        .probe_with(probe);
}

/// Consolidates and sorts. Outputs are wide, so positions are sorted and each output is moved once.
fn consolidate<O: Ord + Clone>(updates: &mut Vec<(O, Diff)>) {
    let mut positions: Vec<usize> = (0..updates.len()).collect();
    positions.sort_unstable_by(|&a, &b| updates[a].0.cmp(&updates[b].0));
    let mut sums = Vec::with_capacity(updates.len());
    for same in positions.chunk_by(|&a, &b| updates[a].0 == updates[b].0) {
        let sum: Diff = same.iter().map(|&place| updates[place].1).sum();
        if sum != 0 {
            sums.push((updates[same[0]].0.clone(), sum));
        }
    }
    *updates = sums;
}
