//! Entity views: everything about one key in one arrangement, evaluated by one plain function.
//!
//! All rules about a student are functions of that student's view, so they share one arrangement and one pass: another
//! rule costs nanoseconds, where a separate dataflow would cost an arrangement.
//!
//! Unlike differential's `reduce`, [`view`] does not arrange its output. Times are totally ordered and the function is
//! pure, so the output previous a change is recomputed from the rows previous the change. That is one more call per changed
//! key, and saves the largest arrangement of the plan and its maintenance (the wide rows of a person are as large as the
//! person's view). Not suitable for hot keys: a change costs the size of its view.

use super::{ByKey, Diff, Ports, Time};
use differential_dataflow::ExchangeData;
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::hashable::Hashable;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::{Cursor, Navigable, TraceReader};
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;
use timely::progress::Antichain;

/// Keeps the output of `judge` for each view up to date. `judge` gets a key and its rows in order and must depend on
/// nothing else. It is never called for a view without rows, which has no output. `dispatch` writes each changed output
/// to the ports it belongs to.
pub fn view<'s, K, V, O, P>(
    views: ByKey<'s, K, V>,
    name: &str,
    reads: P::Reads,
    mut judge: impl FnMut(&K, &[V], &mut Vec<O>) + 'static,
    mut dispatch: impl FnMut(O, Time, Diff, &mut P) + 'static,
) -> P::Streams<'s>
where
    K: ExchangeData + Hashable,
    V: ExchangeData,
    O: Ord + Clone + 'static,
    P: Ports,
{
    let mut trace = views.trace.clone();
    let mut builder = OperatorBuilder::new(name.to_owned(), views.stream.scope());
    let mut input = builder.new_input(views.stream, Pipeline);
    let (mut outputs, streams) = P::outputs(&mut builder, reads);

    let mut ports = P::default();
    let mut upper = Antichain::from_elem(Time::MIN);
    let mut rows = ViewRows::default();
    let mut earlier: Vec<(V, Diff)> = Vec::new();
    let mut changes: Vec<(Time, V, Diff)> = Vec::new();
    let mut emitted: Vec<O> = Vec::new();
    let mut previous: Vec<O> = Vec::new();
    let mut differences: Vec<(O, Diff)> = Vec::new();

    builder.build(move |_| {
        move |_| {
            input.for_each(|capability, spans| {
                let Some(lower) = spans.first().map(|span| span.lower().clone()) else { return };
                if let Some(last) = spans.last() {
                    upper.clone_from(last.upper());
                }
                let past = trace.batches_through(lower.borrow());
                let past = past.expect("invariant: the trace is not compacted beyond what was evaluated");
                let mut past: Vec<_> = past.into_iter().map(|batch| (batch.cursor(), batch)).collect();
                let (mut new_rows, new_storage) = cursor_list(spans.drain(..).filter_map(|span| span.inner).collect());

                while let Some(key) = new_rows.get_key(&new_storage) {
                    changes.clear();
                    while let Some(row) = new_rows.get_val(&new_storage) {
                        new_rows.map_times(&new_storage, |&time, &diff| changes.push((time, row.clone(), diff)));
                        new_rows.step_val(&new_storage);
                    }
                    // By time; the rows of a time stay in order.
                    changes.sort_by_key(|change| change.0);

                    // Few batches have the key, and one has nearly all of its rows: reading them one by one is cheaper
                    // than a merged cursor.
                    rows.clear();
                    for (cursor, batch) in &mut past {
                        cursor.seek_key(batch, key);
                        if cursor.get_key(batch) == Some(key) {
                            while let Some(row) = cursor.get_val(batch) {
                                let mut count = 0;
                                cursor.map_times(batch, |_, &diff| count += diff);
                                earlier.push((row.clone(), count));
                                cursor.step_val(batch);
                            }
                            rows.add(earlier.drain(..));
                        }
                    }

                    emitted.clear();
                    rows.judge(key, &mut judge, &mut emitted);
                    for same_time in changes.chunk_by(|a, b| a.0 == b.0) {
                        let time = same_time[0].0;
                        rows.add(same_time.iter().map(|(_, row, diff)| (row.clone(), *diff)));
                        std::mem::swap(&mut emitted, &mut previous);
                        emitted.clear();
                        rows.judge(key, &mut judge, &mut emitted);
                        difference(&previous, &emitted, &mut differences);
                        for (output, diff) in differences.drain(..) {
                            dispatch(output, time, diff, &mut ports);
                        }
                    }
                    ports.ship_full(&mut outputs, &capability);
                    new_rows.step_key(&new_storage);
                }
                ports.ship(&mut outputs, &capability);
            });
            trace.advance_upper(&mut upper);
            trace.set_logical_compaction(upper.borrow());
            trace.set_physical_compaction(upper.borrow());
        }
    });
    streams
}

/// The rows of a view in order, with their counts; its buffers are reused.
struct ViewRows<V> {
    rows: Vec<V>,
    counts: Vec<Diff>,
    spare: Vec<V>,
    spare_counts: Vec<Diff>,
}

impl<V> Default for ViewRows<V> {
    fn default() -> Self {
        ViewRows { rows: Vec::new(), counts: Vec::new(), spare: Vec::new(), spare_counts: Vec::new() }
    }
}

impl<V: Ord + Clone> ViewRows<V> {
    fn clear(&mut self) {
        self.rows.clear();
        self.counts.clear();
    }

    fn push(&mut self, row: V, count: Diff) {
        if count != 0 {
            self.rows.push(row);
            self.counts.push(count);
        }
    }

    /// Adds changes, which are in the order of rows.
    fn add(&mut self, changes: impl Iterator<Item = (V, Diff)>) {
        if self.rows.is_empty() {
            changes.for_each(|(row, count)| self.push(row, count));
            return;
        }
        std::mem::swap(&mut self.rows, &mut self.spare);
        std::mem::swap(&mut self.counts, &mut self.spare_counts);
        let (mut spare, mut spare_counts) = (std::mem::take(&mut self.spare), std::mem::take(&mut self.spare_counts));
        let mut old = spare.drain(..).zip(spare_counts.drain(..)).peekable();
        for (row, diff) in changes {
            while let Some((previous, count)) = old.next_if(|(previous, _)| *previous < row) {
                self.push(previous, count);
            }
            let count = old.next_if(|(same, _)| *same == row).map_or(0, |(_, count)| count);
            self.push(row, count + diff);
        }
        old.for_each(|(row, count)| self.push(row, count));
        (self.spare, self.spare_counts) = (spare, spare_counts);
    }

    /// Evaluates the rows that are present, if any.
    fn judge<K, O>(&self, key: &K, judge: &mut impl FnMut(&K, &[V], &mut Vec<O>), emitted: &mut Vec<O>) {
        if self.counts.iter().all(|count| *count > 0) {
            if !self.rows.is_empty() {
                judge(key, &self.rows, emitted);
            }
            return;
        }
        let present = self.rows.iter().zip(&self.counts).filter(|(_, count)| **count > 0);
        let present: Vec<V> = present.map(|(row, _)| row.clone()).collect();
        if !present.is_empty() {
            judge(key, &present, emitted);
        }
    }
}

/// The difference between the outputs previous and after a change.
fn difference<O: Ord + Clone>(previous: &[O], emitted: &[O], differences: &mut Vec<(O, Diff)>) {
    // Most output stays in place and need not be sorted to cancel.
    let same = previous.iter().zip(emitted).take_while(|(a, b)| a == b).count();
    let (old, new) = (&previous[same..], &emitted[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    differences.extend(old.iter().map(|output| (output.clone(), -1)));
    differences.extend(new.iter().map(|output| (output.clone(), 1)));
    if !old.is_empty() && !new.is_empty() {
        consolidate(differences);
    }
}
