//! What deliveries say by how they come: when, with which files, how many changes, and what in them does not fit what is
//! there. These notes are data like rows: rules look at them, and they open and close violations.

use super::{Date, Table, Text};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A note on a delivery of a source. It stands until the source delivers again: the table that it is about, or anything
/// where it is about no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryNote {
    /// The system that the records come from.
    pub source: Text,
    /// The table that it is about; none where it is about the delivery.
    pub table: Option<Table>,
    /// What is noted.
    pub note: Note,
}

/// What is noted of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Note {
    /// It came; of a table: with a file of it, be it without a row. It ends the notes before.
    Came {
        /// The day.
        day: Date,
        /// When the source made the last change of the table so far, in milliseconds since 1970, where it tells.
        changed: Option<i64>,
    },
    /// A file is not as it was announced (REF-001).
    File {
        /// The file.
        file: Text,
        /// What is wrong, in words.
        problem: Text,
    },
    /// The headers of a file are not those of its table (REF-002).
    Header {
        /// The file.
        file: Text,
        /// Headers that are no column; 0 when the file could not be read for another reason.
        unknown: u32,
        /// The first of them, or why the file could not be read.
        what: Text,
    },
    /// A change of a row older than the one that is there, which was kept (REF-010).
    Stale {
        /// The symbol of the row's key.
        key: NonZeroU32,
        /// By how many milliseconds.
        older: i64,
    },
    /// A row that is not there was to be deleted, or to have its key changed (REF-011).
    UnknownDelete(NonZeroU32),
    /// The delivery is held, because it would delete too many rows of a table (REF-012).
    Held {
        /// What it is called.
        label: Text,
        /// The table.
        table: Text,
        /// Rows that would be deleted.
        deletes: u64,
        /// Rows that are there.
        live: u64,
    },
    /// How many changes of a table it states, and how many the deliveries before did (REF-019).
    Volume {
        /// Changes.
        changes: u64,
        /// How many deliveries before are looked at.
        deliveries: u64,
        /// Their changes, added up.
        sum: u64,
        /// The squares of their changes, added up.
        squares: u64,
    },
}
