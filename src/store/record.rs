//! What is logged: days that passed, and batches. A batch is logged in parts, each with the texts that are new in it and
//! behind a record of where its changes stand, and takes effect with its header, which comes last.

use crate::model::texts::Words;
use crate::model::{Change, Date, RowName, Table};
use crate::source::{FileReport, Mode, Scope};
use bincode::error::DecodeError;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU32;

/// One record of the log. A frame holds records until its payload is over; those of one frame were synced together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are batches")]
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
    /// A delivery that is held may be taken: its source, and what it is called.
    Released(String, String),
    /// Where the changes of the part stand that comes next. Logs of version 1 have none.
    Places(Places),
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
    /// When the source made the changes of some rows, in milliseconds since 1970: the table and the symbol of the key of each.
    pub stamps: Vec<(Table, NonZeroU32, i64)>,
    /// Where the changes stand: a record of its own, as logs of version 1 have none.
    #[serde(skip)]
    pub places: Places,
}

impl Part {
    /// Adds a change.
    pub fn push(&mut self, change: &Change) {
        encode(change, &mut self.changes.0);
        self.count += 1;
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.words.bytes() + self.changes.0.len() + 16 * self.stamps.len() + self.places.bytes()
    }

    /// The changes.
    pub fn changes(&self) -> impl Iterator<Item = Result<Change, Undecodable>> {
        let mut rest = &self.changes.0[..];
        (0..self.count).map(move |_| decode(&mut rest))
    }
}

/// Where the changes of a part stand, in their order: all but those that a delivery does not state itself, which are notes
/// and what makes good. A row that the next line states costs a byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Files by their names, not by symbols: whoever reads them needs no texts, which a pruned log lacks. Changes that stand
    /// in none are in one without a name.
    files: Vec<String>,
    /// From which change on they stand in which of the files.
    switches: Vec<(u64, u32)>,
    /// For each change, how many lines it stands behind the one before it in its file.
    steps: Bytes,
}

impl Places {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        self.steps.0.is_empty()
    }

    /// About how many bytes they take.
    pub fn bytes(&self) -> usize {
        self.steps.0.len() + 8 * self.switches.len() + self.files.iter().map(|file| file.len() + 5).sum::<usize>()
    }

    /// For each change the file and the line.
    pub fn iter(&self) -> impl Iterator<Item = Result<(&str, u32), Undecodable>> {
        let (mut rest, mut switches) = (&self.steps.0[..], self.switches.iter().peekable());
        let mut lasts = vec![0; self.files.len()];
        let (mut file, mut number) = (0, 0);
        let mut next = move |rest: &mut &[u8]| {
            while let Some(&(_, of)) = switches.next_if(|(at, _)| *at <= number) {
                file = of as usize;
            }
            number += 1;
            let step: i64 = decode(rest)?;
            let (Some(name), Some(last)) = (self.files.get(file), lasts.get_mut(file)) else {
                return Err(Undecodable(DecodeError::Other("it stands in a file that is none")));
            };
            let line = i64::from(*last).checked_add(step).and_then(|line| u32::try_from(line).ok());
            *last = line.ok_or(Undecodable(DecodeError::Other("it stands on a line that is none")))?;
            Ok((name.as_str(), *last))
        };
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let place = next(&mut rest);
            if place.is_err() {
                rest = &[];
            }
            Some(place)
        })
    }
}

/// Places, as they are written down.
#[derive(Default)]
pub struct Placing {
    places: Places,
    /// By file: its last line.
    lasts: Vec<u32>,
    /// The file in hand.
    file: u32,
    count: u64,
}

impl Placing {
    /// Adds a file, and gives its number.
    pub fn file(&mut self, name: &str) -> u32 {
        self.places.files.push(name.to_owned());
        self.lasts.push(0);
        self.lasts.len() as u32 - 1
    }

    /// Says that the next change stands on this line of a file.
    pub fn push(&mut self, file: u32, line: u32) {
        if file != self.file {
            self.places.switches.push((self.count, file));
            self.file = file;
        }
        self.count += 1;
        let last = std::mem::replace(&mut self.lasts[file as usize], line);
        encode(&(i64::from(line) - i64::from(last)), &mut self.places.steps.0);
    }

    /// What was written, with which it begins anew.
    pub fn finish(&mut self) -> Places {
        std::mem::take(self).places
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
    /// Tables that had a file, be it without a row, each with what it states.
    pub tables: Vec<(Table, Counts)>,
    /// Rows without a readable key in full extracts of a part of a table: the table, what the extract is complete for, the rows.
    pub doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables that are delivered anew: what was rejected or superseded of them before is over.
    pub delivered: Vec<Table>,
    /// How many parts stand before.
    pub parts: u32,
    /// Whether it is a piece of a stream: then its files are not known when they come again.
    pub is_stream: bool,
    /// Whether its changes are events in the order in which they happened: then a row may change more than once.
    pub is_ordered: bool,
    /// Why the delivery is held; then nothing of it takes effect but a note that says so.
    pub held: Option<Quarantine>,
}

impl Header {
    /// What it states, of all tables.
    pub fn counts(&self) -> Counts {
        self.tables.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts))
    }
}

/// A delivery that is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Why.
    pub reason: HoldReason,
    /// Guards that it was released from before.
    pub lifted: Vec<HoldReason>,
    /// The digest of each of its files, and how they were read where they do not say it: it is let in as it was when it
    /// was held, or not at all.
    pub digests: BTreeMap<String, String>,
    /// See `digests`.
    pub unless_stated: Option<Mode>,
}

impl Quarantine {
    /// Whether whoever releases it allows what a guard says: no more than he was told.
    pub fn allows(&self, reason: &HoldReason) -> bool {
        let is_told = |told: &HoldReason| match (told, reason) {
            (HoldReason::MassDelete { table, deletes, .. }, HoldReason::MassDelete { table: of, deletes: more, .. }) => {
                table == of && more <= deletes
            }
            (told, reason) => told == reason,
        };
        is_told(&self.reason) || self.lifted.iter().any(is_told)
    }
}

/// Why a delivery is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HoldReason {
    /// It would delete too many rows of a table.
    MassDelete {
        /// The table.
        table: String,
        /// Rows that would be deleted.
        deletes: u64,
        /// Rows that are there.
        live: u64,
    },
    /// A file that was taken before has other contents now.
    Changed {
        /// The file.
        file: String,
    },
    /// The headers of a file are not those of its table.
    Header {
        /// The file.
        file: String,
        /// What is wrong with them.
        why: String,
        /// What to do about it.
        hint: String,
    },
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HoldReason::MassDelete { table, deletes, live } => {
                write!(f, "it would delete {deletes} of {live} rows of {table}")
            }
            HoldReason::Changed { file } => write!(f, "{file} was taken before and has other contents now"),
            HoldReason::Header { why, hint, .. } => write!(f, "{why}; {hint}"),
        }
    }
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
            Change::Accept(..) | Change::Note(_) => return,
        } += 1;
    }

    /// Both added up.
    pub const fn plus(self, other: Counts) -> Counts {
        Counts {
            upserts: self.upserts + other.upserts,
            deletes: self.deletes + other.deletes,
            key_changes: self.key_changes + other.key_changes,
            rejected: self.rejected + other.rejected,
        }
    }

    /// Changes of rows: all but what was rejected.
    pub const fn changes(self) -> u64 {
        self.upserts + self.deletes + self.key_changes
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
pub struct Undecodable(DecodeError);

/// Whatever claims to be longer than a frame is damage, and no room is made for it.
const LIMITED: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ super::frame::LONGEST }>,
> = bincode::config::standard().with_limit::<{ super::frame::LONGEST }>();

/// What is kept in a snapshot is longer than a frame, and its frames are sound.
const ROOMY: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ 1 << 40 }>,
> = bincode::config::standard().with_limit::<{ 1 << 40 }>();

/// Reads a value that was cut into several frames.
pub fn decode_long<T: DeserializeOwned>(from: &[u8]) -> Result<T, Undecodable> {
    bincode::serde::decode_from_slice(from, ROOMY).map(|(value, _)| value).map_err(Undecodable)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whoever_releases_a_delivery_allows_what_he_was_told() {
        let mass = |table: &str, deletes| HoldReason::MassDelete { table: table.to_owned(), deletes, live: 1000 };
        let changed = |file: &str| HoldReason::Changed { file: file.to_owned() };
        let held = |reason, lifted| Quarantine { reason, lifted, digests: BTreeMap::new(), unless_stated: None };
        let of_courses = held(mass("course", 100), vec![changed("course.csv")]);
        for (reason, is_allowed) in [
            (mass("course", 99), true),
            (mass("course", 100), true),
            (mass("course", 101), false),
            (mass("section", 100), false),
            (changed("course.csv"), true),
            (changed("section.csv"), false),
        ] {
            assert_eq!(of_courses.allows(&reason), is_allowed, "{reason}");
            assert_eq!(held(changed("course.csv"), vec![mass("course", 100)]).allows(&reason), is_allowed, "{reason}");
        }
        assert!(!held(changed("course.csv"), Vec::new()).allows(&mass("course", 1)));
    }

    proptest! {
        #[test]
        fn places_are_read_as_they_were_written(stood in prop::collection::vec((0..3usize, any::<u32>()), 0..40)) {
            let mut placing = Placing::default();
            let files = ["a.csv", "", "b.csv"];
            let numbers = files.map(|file| placing.file(file));
            stood.iter().for_each(|(file, line)| placing.push(numbers[*file], *line));
            let places = placing.finish();
            let mut bytes = Vec::new();
            encode(&places, &mut bytes);
            let places: Places = decode(&mut &bytes[..]).unwrap();
            let read: Vec<(&str, u32)> = places.iter().map(|place| place.unwrap()).collect();
            let expected: Vec<(&str, u32)> = stood.iter().map(|(file, line)| (files[*file], *line)).collect();
            prop_assert_eq!(read, expected);
            prop_assert_eq!(places.is_empty(), stood.is_empty());
        }

        /// No bytes can make it panic, or count beyond them.
        #[test]
        fn any_places_are_read(
            files in prop::collection::vec("[a-c]?", 0..3),
            switches in prop::collection::vec((0..9u64, any::<u32>()), 0..4),
            steps in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let length = steps.len();
            let places = Places { files, switches, steps: Bytes(steps) };
            prop_assert!(places.iter().count() <= length);
        }
    }

    #[test]
    fn a_row_on_the_next_line_costs_a_byte() {
        let mut placing = Placing::default();
        let file = placing.file("course.csv");
        (2..1_002).for_each(|line| placing.push(file, line));
        let mut bytes = Vec::new();
        encode(&placing.finish(), &mut bytes);
        assert!(bytes.len() < 1_020, "{} bytes", bytes.len());
    }
}
