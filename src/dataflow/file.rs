//! Files: everything about one key, brought together in one arrangement and judged by one plain function.
//!
//! All rules about a student are functions of that student's file, so they share one arrangement and one pass, and a
//! further rule costs nanoseconds where a dataflow of its own would cost an arrangement.
//!
//! Unlike differential's `reduce`, [`file`] keeps no arrangement of its output. Times are totally ordered and the
//! function is pure, so what it said before a change is evaluated again from the rows before the change. That is one
//! more call per changed key, and saves the largest arrangement of the plan and its maintenance (the wide rows of a
//! person are as large as the person's file). Not for hot keys: a change costs the size of its file.

use super::{ByKey, Diff, Ports, Time};
use differential_dataflow::ExchangeData;
use differential_dataflow::consolidation::consolidate;
use differential_dataflow::hashable::Hashable;
use differential_dataflow::operators::arrange::TraceAgent;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::implementations::ValSpine;
use differential_dataflow::trace::{Cursor, TraceReader};
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;
use timely::progress::Antichain;

/// Keeps what `judge` says of each file up to date. `judge` gets a key and its rows in their order, and must depend on
/// nothing else; an output it gives for a file without rows is ignored, because it is never asked. `route` writes each
/// changed output to the ports it belongs to.
pub fn file<'s, K, V, O, P>(
    files: ByKey<'s, K, V>,
    name: &str,
    mut judge: impl FnMut(&K, &[V], &mut Vec<O>) + 'static,
    mut route: impl FnMut(O, Time, Diff, &mut P) + 'static,
) -> P::Streams<'s>
where
    K: ExchangeData + Hashable,
    V: ExchangeData,
    O: Ord + Clone + 'static,
    P: Ports,
{
    let mut trace = files.trace.clone();
    let mut builder = OperatorBuilder::new(name.to_owned(), files.stream.scope());
    let mut input = builder.new_input(files.stream, Pipeline);
    let (mut outputs, streams) = P::outputs(&mut builder);

    let mut ports = P::default();
    let mut upper = Antichain::from_elem(Time::MIN);
    let mut rows: Vec<(V, Diff)> = Vec::new();
    let mut changes: Vec<(Time, V, Diff)> = Vec::new();
    let mut present: Vec<V> = Vec::new();
    let mut said: Vec<O> = Vec::new();
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
                let (mut past, past_storage) = cursor_list(past);
                let (mut news, news_storage) = cursor_list(spans.drain(..).filter_map(|span| span.inner).collect());

                while let Some(key) = news.get_key(&news_storage) {
                    changes.clear();
                    while let Some(row) = news.get_val(&news_storage) {
                        news.map_times(&news_storage, |&time, &diff| changes.push((time, row.clone(), diff)));
                        news.step_val(&news_storage);
                    }
                    changes.sort_unstable();

                    rows.clear();
                    past.seek_key(&past_storage, key);
                    if past.get_key(&past_storage) == Some(key) {
                        while let Some(row) = past.get_val(&past_storage) {
                            let mut count = 0;
                            past.map_times(&past_storage, |_, &diff| count += diff);
                            if count != 0 {
                                rows.push((row.clone(), count));
                            }
                            past.step_val(&past_storage);
                        }
                    }

                    said.clear();
                    judge_present(&mut judge, key, &rows, &mut present, &mut said);
                    for same_time in changes.chunk_by(|a, b| a.0 == b.0) {
                        let time = same_time[0].0;
                        rows.extend(same_time.iter().map(|(_, row, diff)| (row.clone(), *diff)));
                        consolidate(&mut rows);
                        std::mem::swap(&mut said, &mut before);
                        said.clear();
                        judge_present(&mut judge, key, &rows, &mut present, &mut said);
                        // Most of what is said stays, in its place: that need not be sorted to cancel.
                        let same = before.iter().zip(&said).take_while(|(a, b)| a == b).count();
                        let (old, new) = (&before[same..], &said[same..]);
                        let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
                        let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
                        differences.extend(old.iter().map(|output| (output.clone(), -1)));
                        differences.extend(new.iter().map(|output| (output.clone(), 1)));
                        if !old.is_empty() && !new.is_empty() {
                            consolidate(&mut differences);
                        }
                        for (output, diff) in differences.drain(..) {
                            route(output, time, diff, &mut ports);
                        }
                    }
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

fn judge_present<K, V: Clone, O>(
    judge: &mut impl FnMut(&K, &[V], &mut Vec<O>),
    key: &K,
    rows: &[(V, Diff)],
    present: &mut Vec<V>,
    said: &mut Vec<O>,
) {
    present.clear();
    present.extend(rows.iter().filter(|(_, count)| *count > 0).map(|(row, _)| row.clone()));
    if !present.is_empty() {
        judge(key, present, said);
    }
}

/// Walks the files of this worker as they stand now.
pub fn walk<K, V>(trace: &mut TraceAgent<ValSpine<K, V, Time, Diff>>, mut visit: impl FnMut(&K, &[V]))
where
    K: ExchangeData + Hashable,
    V: ExchangeData,
{
    let mut batches = Vec::new();
    trace.map_spans(|span| batches.extend(span.inner.clone()));
    let (mut cursor, storage) = cursor_list(batches);
    let mut rows = Vec::new();
    while let Some(key) = cursor.get_key(&storage) {
        rows.clear();
        while let Some(row) = cursor.get_val(&storage) {
            let mut count = 0;
            cursor.map_times(&storage, |_, &diff| count += diff);
            if count > 0 {
                rows.push(row.clone());
            }
            cursor.step_val(&storage);
        }
        if !rows.is_empty() {
            visit(key, &rows);
        }
        cursor.step_key(&storage);
    }
}
