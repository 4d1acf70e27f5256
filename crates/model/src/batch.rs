//! Input from a source: batches of changes, and rows that could not be read.

use super::{CodeSet, Date, DeliveryNote, Fault, Interval, Record, Table, Text, Unreadable, UnrecognizedCode};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A change of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "changes are moved by value in batches; a box would cost more")]
pub enum Change {
    /// The full row of a key, new or not.
    Upsert(Record),
    /// Deletes the row of this key.
    Delete(Table, NonZeroU32),
    /// Moves the row of this key to the key of the new row.
    KeyChange(NonZeroU32, Record),
    /// A rejected row.
    Reject(Rejected),
    /// Resolves the faults of a row, because the data it came with is delivered again.
    Accept(Table, RowName),
    /// A note about the delivery itself.
    Note(DeliveryNote),
}

/// Changes that take effect together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The changes in the order of the source: the last one of a key wins, and a valid row resolves earlier rejections of
    /// its key.
    pub changes: Vec<Change>,
    /// Tables with a new full delivery: rejected and superseded rows of earlier deliveries are resolved.
    pub delivered: Vec<Table>,
}

/// The name of a row in faults: its key if that could be read, otherwise its file and line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowName {
    /// The symbol of its key.
    Key(NonZeroU32),
    /// File and line, counted from 1.
    Place(Text, u32),
}

/// A reason to reject a row. It is data like any other: it opens violations, and closes them when a valid row or a delete of
/// the key arrives, or the next delivery of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rejected {
    /// The table.
    pub table: Table,
    /// The row.
    pub row: RowName,
    /// Its file.
    pub file: Text,
    /// Its line, counted from 1.
    pub line: u32,
    /// The reason.
    pub reason: Reason,
}

/// Why a row is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// A field is missing or cannot be read.
    Field {
        /// Position of the column in the table's declaration.
        column: u8,
        /// Position of the field in the line, counted from 1; 0 if the column is missing from the file.
        position: u16,
        /// What is wrong with it.
        fault: Fault,
        /// The text, cut to 120 characters.
        value: Option<Text>,
    },
    /// The line has more or fewer fields than the header.
    FieldCount {
        /// Fields of the line.
        found: u32,
        /// Fields of the header.
        expected: u32,
    },
    /// A quoted field does not end, or the row is longer than the maximum.
    Unclosed,
    /// A field contains a NUL character.
    Nul,
    /// The operation is not upsert, delete or key change, or a key change has no old key.
    Operation {
        /// Position of the field in the line, counted from 1.
        position: u16,
        /// The text, cut to 120 characters.
        value: Option<Text>,
    },
    /// The time of the change cannot be read.
    Stamp {
        /// Position of the field in the line, counted from 1.
        position: u16,
        /// The text, cut to 120 characters.
        value: Option<Text>,
    },
    /// It is unknown whether a person is a student or a staff member.
    NoRole,
    /// The line is not a change event.
    NoEvent,
}

impl Reason {
    /// Whether a required value is missing, which is a separate rule (REF-004).
    #[inline]
    pub const fn is_missing(self) -> bool {
        matches!(self, Reason::Field { fault: Fault::Missing, .. })
    }

    /// What would have been accepted.
    pub const fn hint(self) -> &'static str {
        match self {
            Reason::Field { fault: Fault::Missing, .. } => "this column must not be empty",
            Reason::Field { fault: Fault::Unreadable(kind), .. } => Unreadable::hint(kind),
            Reason::FieldCount { .. } => "quote fields that contain a comma, and give every line all columns",
            Reason::Unclosed => "close the quote, and double quotes inside quoted fields",
            Reason::Nul => "export the file as text, in UTF-8",
            Reason::Operation { .. } => {
                "write upsert, delete, or key_change with the previous key in _old_key; OneRoster: active or tobedeleted"
            }
            Reason::Stamp { .. } => "times are written as in 2025-09-02T06:30:00Z, or in milliseconds since 1970",
            Reason::NoEvent => "write one change event per line, with before, after, op and source, in at most 1 MiB",
            Reason::NoRole => "give the person a role, or include the file of roles",
        }
    }
}

/// A key stated more than once in one batch, with different contents; the last row won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Superseded {
    /// The table.
    pub table: Table,
    /// The symbol of the key.
    pub key: NonZeroU32,
    /// The number of displaced rows that differ from the winner.
    pub displaced: u32,
}

/// A code in use that has a map, but none in effect in this period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnmappedCodePeriod {
    /// The code set.
    pub set: CodeSet,
    /// The code as stated.
    pub code: UnrecognizedCode,
    /// The number of uses.
    pub uses: u32,
    /// The period.
    pub during: Interval,
}

/// The input of the dataflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "entries are moved by value in batches; a box would cost more")]
pub enum Entry {
    /// The current row of a key.
    Row(Record),
    /// A rejected row.
    Rejected(Rejected),
    /// A key stated more than once in its batch.
    Superseded(Superseded),
    /// A mapped code in a period in which it should not be used.
    UnmappedCodePeriod(UnmappedCodePeriod),
    /// A delivery note.
    DeliveryNote(DeliveryNote),
}

/// A timestamp of the dataflow: the day, and the number of the batch within the day. Sequence 0 is the day close.
pub mod timestamp {
    use super::Date;

    /// The timestamp as one totally ordered number.
    #[inline]
    pub const fn at(day: Date, sequence: u32) -> u64 {
        ((day.number() as u64) << 32) | sequence as u64
    }

    /// The day of a timestamp.
    #[inline]
    pub fn day(time: u64) -> Date {
        Date::from_number((time >> 32) as i64).unwrap_or(if time == 0 { Date::MIN } else { Date::MAX })
    }

    /// The number within the day.
    #[inline]
    pub const fn sequence(time: u64) -> u32 {
        time as u32
    }

    /// The published text: the day and the batch within it.
    #[inline]
    pub fn text(time: u64) -> String {
        format!("{}/{}", day(time), sequence(time))
    }
}
