//! What a source says: batches of changes, and the rows that could not be read.

use super::{CodeSet, Date, DeliveryNote, Fault, Interval, Record, Table, Text, Unreadable, UnrecognizedCode};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A change of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "changes are moved by value in batches; a box would cost more")]
pub enum Change {
    /// The full row of a key, new or not.
    Upsert(Record),
    /// The row of this key is gone.
    Delete(Table, NonZeroU32),
    /// The row of this key goes on under the key of the new row.
    KeyChange(NonZeroU32, Record),
    /// A row that could not be taken.
    Reject(Rejected),
    /// What was wrong with a row is over, because what it was delivered with is delivered anew.
    Accept(Table, RowName),
    /// Something about the delivery itself.
    Note(DeliveryNote),
}

/// Changes that take effect together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The changes, in the order in which the source stated them: the last one of a key wins, and a good row of a key
    /// makes good what was rejected of it before.
    pub changes: Vec<Change>,
    /// Tables that this batch delivers anew: what an earlier delivery of them had rejected or superseded is over.
    pub delivered: Vec<Table>,
}

/// A row as faults name it: by its key where that could be read, else by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RowName {
    /// The symbol of its key.
    Key(NonZeroU32),
    /// File and line, the first line being 1.
    Place(Text, u32),
}

/// One thing that keeps a row from being taken. It is data like any other: it opens violations, and closes them when
/// a good row or a delete of the key arrives, or the next delivery of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rejected {
    /// The table it was meant for.
    pub table: Table,
    /// The row.
    pub row: RowName,
    /// The file it stood in.
    pub file: Text,
    /// Its line, the first being 1.
    pub line: u32,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a row is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// A field is missing or cannot be read.
    Field {
        /// Position of the column in the table's declaration.
        column: u8,
        /// Position of the field in the line, the first being 1; 0 when the file lacks the column.
        position: u16,
        /// What is wrong with it.
        fault: Fault,
        /// What stood there, cut to 120 characters.
        value: Option<Text>,
    },
    /// The line has more or fewer fields than the header.
    FieldCount {
        /// Fields of the line.
        found: u32,
        /// Fields of the header.
        expected: u32,
    },
    /// A quoted field does not end, or the row is longer than any row may be.
    Unclosed,
    /// A field holds a NUL character.
    Nul,
    /// What is to be done with the row is none of upsert, delete and key change, or a key change lacks the old key.
    Operation {
        /// Position of the field in the line, the first being 1.
        position: u16,
        /// What stood there, cut to 120 characters.
        value: Option<Text>,
    },
    /// When it was changed cannot be read.
    Stamp {
        /// Position of the field in the line, the first being 1.
        position: u16,
        /// What stood there, cut to 120 characters.
        value: Option<Text>,
    },
    /// Nothing says whether a person is a student or a member of staff.
    NoRole,
    /// The line is no event that tells of a change of a row.
    NoEvent,
}

impl Reason {
    /// Whether a required value is missing, which is a fault of its own (REF-004).
    pub const fn is_missing(self) -> bool {
        matches!(self, Reason::Field { fault: Fault::Missing, .. })
    }

    /// What would have been taken.
    pub const fn hint(self) -> &'static str {
        match self {
            Reason::Field { fault: Fault::Missing, .. } => "this column must not be empty",
            Reason::Field { fault: Fault::Unreadable(kind), .. } => Unreadable::hint(kind),
            Reason::FieldCount { .. } => "quote fields that contain a comma, and give every line all columns",
            Reason::Unclosed => "close the quote, and double quotes inside quoted fields",
            Reason::Nul => "export the file as text, in UTF-8",
            Reason::Operation { .. } => {
                "write upsert, delete, or key_change with the key so far in _old_key; OneRoster: active or tobedeleted"
            }
            Reason::Stamp { .. } => "times are written as in 2025-09-02T06:30:00Z, or in milliseconds since 1970",
            Reason::NoEvent => "write one change event a line, with before, after, op and source, in at most 1 MiB",
            Reason::NoRole => "give the person a role, or deliver the file of roles",
        }
    }
}

/// A key that one batch stated more than once with different contents; the last row won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Superseded {
    /// The table.
    pub table: Table,
    /// The symbol of the key.
    pub key: NonZeroU32,
    /// How many rows were displaced that differ from the winner.
    pub displaced: u32,
}

/// A code that rows use and that maps explain, but on these days none that is in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnmappedCodePeriod {
    /// The code set.
    pub set: CodeSet,
    /// The code as it was stated.
    pub code: UnrecognizedCode,
    /// How often it is used.
    pub uses: u32,
    /// The days.
    pub during: Interval,
}

/// What flows into the dataflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "entries are moved by value in batches; a box would cost more")]
pub enum Entry {
    /// The current row of a key.
    Row(Record),
    /// A row that was not taken.
    Rejected(Rejected),
    /// A key that was stated more than once in its batch.
    Superseded(Superseded),
    /// A mapped code on days on which it should not be used.
    UnmappedCodePeriod(UnmappedCodePeriod),
    /// Something about a delivery.
    DeliveryNote(DeliveryNote),
}

/// A moment of the dataflow: the day reached, and a count of the batches within the day. Sequence 0 is the tick of
/// the day itself.
pub mod timestamp {
    use super::Date;

    /// The moment as one totally ordered number.
    pub const fn at(day: Date, sequence: u32) -> u64 {
        ((day.number() as u64) << 32) | sequence as u64
    }

    /// The day of a moment.
    pub fn day(time: u64) -> Date {
        Date::from_number((time >> 32) as i64).unwrap_or(if time == 0 { Date::MIN } else { Date::MAX })
    }

    /// The count within the day.
    pub const fn sequence(time: u64) -> u32 {
        time as u32
    }

    /// The moment as it is published: the day and the batch within it.
    pub fn text(time: u64) -> String {
        format!("{}/{}", day(time), sequence(time))
    }
}
