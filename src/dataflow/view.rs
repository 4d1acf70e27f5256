//! Files: everything about one key, brought together in one arrangement and judged by one plain function.
//!
//! All rules about a student are functions of that student's file, so they share one arrangement and one pass, and a
//! further rule costs nanoseconds where a dataflow of its own would cost an arrangement.
//!
//! Unlike differential's `reduce`, [`view`] keeps no arrangement of its output. Times are totally ordered and the
//! function is pure, so what it said before a change is evaluated again from the rows before the change. That is one
//! more call per changed key, and saves the largest arrangement of the plan and its maintenance (the wide rows of a
//! person are as large as the person's file). Not for hot keys: a change costs the size of its file.

use super::{ByKey, Diff, Ports, Time};
use differential_dataflow::ExchangeData;
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::hashable::Hashable;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::{Cursor, Navigable, TraceReader};
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;
use timely::progress::Antichain;

/// Keeps what `judge` says of each file up to date. `judge` gets a key and its rows in their order, and must depend on
/// nothing else; an output it gives for a file without rows is ignored, because it is never asked. `dispatch` writes each
/// changed output to the ports it belongs to.
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
    let mut rows = FileRows::default();
    let mut earlier: Vec<(V, Diff)> = Vec::new();
    let mut changes: Vec<(Time, V, Diff)> = Vec::new();
    let mut emitted: Vec<O> = Vec::new();
    let mut before: Vec<O> = Vec::new();
    let mut differences: Vec<(O, Diff)> = Vec::new();

    builder.build(move |_| {
        move |_| {
            input.for_each(|capability, spans| {
                let Some(lower) = spans.first().map(|span| span.lower().clone()) else { return };
                if let Some(last) = spans.last() {
                    upper.clone_from(last.upper());
                }
                let past = trace.batches_through(lower.borrow());
                let past = past.expect("invariant: the trace is not compacted beyond what was judged");
                let mut past: Vec<_> = past.into_iter().map(|batch| (batch.cursor(), batch)).collect();
                let (mut news, news_storage) = cursor_list(spans.drain(..).filter_map(|span| span.inner).collect());

                while let Some(key) = news.get_key(&news_storage) {
                    changes.clear();
                    while let Some(row) = news.get_val(&news_storage) {
                        news.map_times(&news_storage, |&time, &diff| changes.push((time, row.clone(), diff)));
                        news.step_val(&news_storage);
                    }
                    // By time; the rows of a time stay in their order.
                    changes.sort_by_key(|change| change.0);

                    // Few batches have a key, and one has nearly all of its rows: looking at them one by one costs less
                    // than a cursor over all.
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
                        std::mem::swap(&mut emitted, &mut before);
                        emitted.clear();
                        rows.judge(key, &mut judge, &mut emitted);
                        difference(&before, &emitted, &mut differences);
                        for (output, diff) in differences.drain(..) {
                            dispatch(output, time, diff, &mut ports);
                        }
                    }
                    ports.ship_full(&mut outputs, &capability);
                    news.step_key(&news_storage);
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

/// The rows of a file in their order, and how often each is there; room for them is used over and over.
struct FileRows<V> {
    rows: Vec<V>,
    counts: Vec<Diff>,
    spare: Vec<V>,
    spare_counts: Vec<Diff>,
}

impl<V> Default for FileRows<V> {
    fn default() -> Self {
        FileRows { rows: Vec::new(), counts: Vec::new(), spare: Vec::new(), spare_counts: Vec::new() }
    }
}

impl<V: Ord + Clone> FileRows<V> {
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

    /// Adds changes, which come in the order of rows.
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
            while let Some((before, count)) = old.next_if(|(before, _)| *before < row) {
                self.push(before, count);
            }
            let count = old.next_if(|(same, _)| *same == row).map_or(0, |(_, count)| count);
            self.push(row, count + diff);
        }
        old.for_each(|(row, count)| self.push(row, count));
        (self.spare, self.spare_counts) = (spare, spare_counts);
    }

    /// Has the rows judged that are there, if there are any.
    fn judge<K, O>(&self, key: &K, judge: &mut impl FnMut(&K, &[V], &mut Vec<O>), emitted: &mut Vec<O>) {
        if self.counts.iter().all(|count| *count > 0) {
            if !self.rows.is_empty() {
                judge(key, &self.rows, emitted);
            }
            return;
        }
        let there = self.rows.iter().zip(&self.counts).filter(|(_, count)| **count > 0);
        let there: Vec<V> = there.map(|(row, _)| row.clone()).collect();
        if !there.is_empty() {
            judge(key, &there, emitted);
        }
    }
}

/// What is said now and was not before, and the other way round.
fn difference<O: Ord + Clone>(before: &[O], emitted: &[O], differences: &mut Vec<(O, Diff)>) {
    // Most of what is said stays, in its place: that need not be sorted to cancel.
    let same = before.iter().zip(emitted).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[same..], &emitted[same..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    differences.extend(old.iter().map(|output| (output.clone(), -1)));
    differences.extend(new.iter().map(|output| (output.clone(), 1)));
    if !old.is_empty() && !new.is_empty() {
        consolidate(differences);
    }
}
