//! The types of differential dataflow, named once, and a few custom operators. Nothing in here knows about students.
//!
//! All times are totally ordered, and every custom operator relies on it: the state of a key *at* a time follows from
//! all input up to that time, so a change is the difference of two plain evaluations.

mod arrange;
mod close;
mod offsets;
mod ports;
mod pre_aggregate;
mod tally;
mod temporal_filter;
mod view;
mod walk;

pub use arrange::{by_key, sums};
pub use close::{Closed, close};
pub use ports::{Port, Ports, split};
pub use pre_aggregate::pre_aggregate;
pub use temporal_filter::{Pending, temporal_filter, unroll};
pub use view::view;
pub use walk::{walk_sums, walk_views};

pub(crate) use ports::ports;
pub(crate) use tally::tally;

use differential_dataflow::operators::arrange::{Arranged, TraceAgent};
use differential_dataflow::trace::implementations::ord_neu::{OrdKeyBatch, OrdValBatch};
use differential_dataflow::trace::implementations::spine_fueled::Spine;
use offsets::Plain;
use std::rc::Rc;
use timely::dataflow::Stream;

/// A timestamp: the current day and the batch within it; see [`crate::model::timestamp`].
pub type Time = u64;
/// A count. Counts of rows fit into 31 bits, which makes the arrangements a tenth smaller.
pub type Diff = i32;
/// A stream of updates: data, time, difference.
pub type Updates<'s, D, R = Diff> = Stream<'s, Time, Vec<(D, Time, R)>>;
/// The trace of rows by key.
pub type ByKeyTrace<K, V> = TraceAgent<Spine<Rc<OrdValBatch<Plain<K, V, Diff>>>>>;
/// Rows arranged by key.
pub type ByKey<'s, K, V> = Arranged<'s, ByKeyTrace<K, V>>;
/// The trace of sums by key.
pub type SumsTrace<K, R> = TraceAgent<Spine<Rc<OrdKeyBatch<Plain<K, (), R>>>>>;
/// Sums arranged by key.
pub type Sums<'s, K, R> = Arranged<'s, SumsTrace<K, R>>;
