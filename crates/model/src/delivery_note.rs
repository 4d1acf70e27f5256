//! Delivery notes: when a delivery came, with which files and how many changes, and what in it does not fit the current
//! rows. These notes are data like rows: rules check them, and they open and close violations.

use super::{Date, Table, Text};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A note on a delivery of a source. It applies until the source delivers the same table again, or anything, if it is not
/// about a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeliveryNote {
    /// The source system.
    pub source: Text,
    /// The table it is about; none if it is about the whole delivery.
    pub table: Option<Table>,
    /// The note.
    pub note: Note,
}

/// The kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Note {
    /// The delivery came; for a table: with a file of it, even an empty one. It ends earlier notes.
    Came {
        /// The day.
        day: Date,
        /// When the source last changed the table, in milliseconds since 1970, if it says so.
        changed: Option<i64>,
    },
    /// A file does not match the manifest (REF-001).
    File {
        /// The file.
        file: Text,
        /// The problem, in words.
        problem: Text,
    },
    /// The headers of a file do not match its table (REF-002).
    Header {
        /// The file.
        file: Text,
        /// The number of unknown headers; 0 if the file could not be read for another reason.
        unknown: u32,
        /// The first of them, or why the file could not be read.
        what: Text,
    },
    /// A change older than the current row, which stays (REF-010).
    Stale {
        /// The symbol of the row's key.
        key: NonZeroU32,
        /// The difference in milliseconds.
        older: i64,
    },
    /// A delete or key change of a row that does not exist (REF-011).
    UnknownDelete(NonZeroU32),
    /// The delivery is on hold because it would delete too many rows of a table (REF-012).
    OnHold {
        /// The name of the delivery.
        label: Text,
        /// The table.
        table: Text,
        /// Rows that would be deleted.
        deletes: u64,
        /// Current rows.
        live: u64,
    },
    /// The number of changes of a table, and the numbers in earlier deliveries (REF-019).
    Volume {
        /// Changes.
        changes: u64,
        /// The number of earlier deliveries considered.
        deliveries: u64,
        /// The sum of their changes.
        sum: u64,
        /// The sum of the squares of their changes.
        squares: u64,
    },
}
