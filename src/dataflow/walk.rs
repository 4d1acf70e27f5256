//! Reads the current state of a worker for peeks: views and sums.

use super::{ByKeyTrace, SumsTrace};
use differential_dataflow::ExchangeData;
use differential_dataflow::difference::Monoid;
use differential_dataflow::hashable::Hashable;
use differential_dataflow::trace::cursor::cursor_list;
use differential_dataflow::trace::{Cursor, TraceReader};

/// Visits the views of this worker.
pub fn walk_views<K, V>(trace: &mut ByKeyTrace<K, V>, mut visit: impl FnMut(&K, &[V]))
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

/// Visits the sums of this worker.
pub fn walk_sums<K, R>(trace: &mut SumsTrace<K, R>, mut visit: impl FnMut(&K, R))
where
    K: ExchangeData + Hashable,
    R: ExchangeData + Monoid,
{
    let mut batches = Vec::new();
    trace.map_spans(|span| batches.extend(span.inner.clone()));
    let (mut cursor, storage) = cursor_list(batches);
    while let Some(key) = cursor.get_key(&storage) {
        let mut sum = R::zero();
        cursor.map_times(&storage, |_, diff| sum.plus_equals(diff));
        if !sum.is_zero() {
            visit(key, sum);
        }
        cursor.step_key(&storage);
    }
}
