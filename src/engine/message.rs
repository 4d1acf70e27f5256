//! What goes to workers and comes from them. All of it can be serialized, so that workers may run in another process.

use crate::dataflow::{Diff, Time};
use crate::model::{Date, Entry, Finding};
use crate::plan::Output;
use crate::tallies::scores::{BaseGrain, Scores};
use crate::tallies::{Addend, Sums};
use crate::warehouse::RelationRow;
use serde::{Deserialize, Serialize};

/// From the engine to a worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Entries for the dataflow; each worker gets other ones.
    Entries(Vec<(Entry, Time, Diff)>),
    /// No more entries come before this timestamp.
    Advance(Time),
    /// A question, asked of all workers; the answer has its number.
    Peek(u64, Peek),
}

/// A question about what a worker holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Peek {
    /// The rows of a relation, by its position in [`crate::warehouse::RELATIONS`], on a day.
    Relation(u16, Date),
    /// All tallies.
    Sums,
    /// How many entries of each kind the dataflow has counted.
    Counted,
    /// The findings until a timestamp.
    Ahead(Time),
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Peeked {
    /// Rows of a relation.
    Rows(Vec<RelationRow>),
    /// The tallies of today, and scores.
    Sums(Sums, Vec<(BaseGrain, Scores)>),
    /// Entries counted.
    Counted(Vec<u64>),
    /// Findings that open and close, changes of the tallies of today, and their current sums.
    Ahead(Vec<(Time, Finding, Diff)>, Vec<(Time, Addend, Diff)>, Sums),
}

/// From a worker to the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Report {
    /// The worker runs.
    Started(usize),
    /// What the worker emits at a timestamp, consolidated.
    Part(Time, Vec<(Output, Diff)>),
    /// Everything before this timestamp is emitted; everything at all if none.
    Reached(usize, Option<Time>),
    /// The answer to the question of this number.
    Peeked(u64, Peeked),
    /// The worker has stopped unexpectedly.
    Stopped,
}
