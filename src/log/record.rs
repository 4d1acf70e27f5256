//! What is logged: days that passed, and batches. A batch is logged in parts, each with the texts that are new in it, and
//! takes effect with its header, which comes last.

use crate::model::texts::Words;
use crate::model::{Change, Date, Table};
use crate::source::FileReport;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One record of the log. A frame holds records until its payload is over; those of one frame were synced together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Logged {
    /// The first record of a segment.
    Segment {
        /// Its number, the first being 1.
        number: u64,
        /// The version of rollcall that began it.
        rollcall: String,
    },
    /// Days passed up to this one, each a tick, and nothing was said.
    Days(Date),
    /// Changes of a batch whose header is still to come.
    Part(Part),
    /// The batch whose parts stand before takes effect.
    Batch(Header),
    /// From here on outputs are computed with this.
    Computed(Computed),
}

/// What outputs are computed with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// The version of rollcall.
    pub rollcall: String,
    /// Every threshold with its value, as the settings state them.
    pub thresholds: Vec<(String, String)>,
    /// Rules that are switched off.
    pub off: Vec<String>,
    /// Tables that no source delivers, which switches off the rules that need them.
    pub absent_tables: Vec<String>,
}

/// Some changes of a batch, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Texts that no part before has.
    pub words: Words,
    /// How many changes.
    pub count: u64,
    /// The changes, one after the other.
    pub changes: Bytes,
}

impl Part {
    /// Adds a change.
    pub fn push(&mut self, change: &Change) {
        encode(change, &mut self.changes.0);
        self.count += 1;
    }

    /// The changes.
    pub fn changes(&self) -> impl Iterator<Item = Result<Change, Undecodable>> {
        let mut rest = &self.changes.0[..];
        (0..self.count).map(move |_| decode(&mut rest))
    }
}

/// What a batch is, beside its changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its moment; see [`crate::model::moment`].
    pub time: u64,
    /// The system that the records come from.
    pub source: String,
    /// What the delivery is called: the name of its folder, say.
    pub label: String,
    /// The files that were read; those that hold no rows, such as a manifest, with nothing but their names and digests.
    pub files: Vec<FileReport>,
    /// Tables that have had a file so far, be it without a row.
    pub fed: Vec<String>,
    /// Tables that are delivered anew: what was rejected or superseded of them before is over.
    pub delivered: Vec<Table>,
    /// How many parts stand before.
    pub parts: u32,
    /// What it states.
    pub counts: Counts,
}

/// How many changes of each kind a batch states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows stated.
    pub upserts: u64,
    /// Keys deleted.
    pub deletes: u64,
    /// Keys changed.
    pub key_changes: u64,
    /// Faults of rows that were not taken.
    pub rejected: u64,
}

impl Counts {
    /// Counts a change.
    pub fn add(&mut self, change: &Change) {
        *match change {
            Change::Upsert(_) => &mut self.upserts,
            Change::Delete(..) => &mut self.deletes,
            Change::KeyChange(..) => &mut self.key_changes,
            Change::Reject(_) => &mut self.rejected,
        } += 1;
    }

    /// All of them.
    pub const fn all(self) -> u64 {
        self.upserts + self.deletes + self.key_changes + self.rejected
    }
}

/// Bytes that are written as they are, not one by one.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Owned;
        impl Visitor<'_> for Owned {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Owned).map_err(|error| D::Error::custom(error.to_string()))
    }
}

/// Bytes with a sound checksum that do not say what they should: written by another version, or by a bug.
#[derive(Debug, thiserror::Error)]
#[error("a record cannot be understood: {0}")]
pub struct Undecodable(bincode::error::DecodeError);

/// Whatever claims to be longer than a frame is damage, and no room is made for it.
const LIMITED: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ super::frame::LONGEST }>,
> = bincode::config::standard().with_limit::<{ super::frame::LONGEST }>();

/// Writes a value at the end of some bytes.
pub fn encode(value: &impl Serialize, into: &mut Vec<u8>) {
    let written = bincode::serde::encode_into_std_write(value, into, bincode::config::standard());
    written.expect("invariant: everything that is logged can be written, and memory takes all that is written");
}

/// Reads a value from the beginning of some bytes, and moves on behind it.
pub fn decode<T: DeserializeOwned>(from: &mut &[u8]) -> Result<T, Undecodable> {
    let (value, length) = bincode::serde::decode_from_slice(from, LIMITED).map_err(Undecodable)?;
    *from = &from[length..];
    Ok(value)
}
