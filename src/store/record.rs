//! Log records: days that passed, and batches. A batch is logged in parts, each with its new texts and after a record of
//! where its changes came from. It takes effect with its header, which comes last.

use super::hold::Quarantine;
use crate::model::texts::Words;
use crate::model::{Change, Date, RowName, Table};
use crate::source::{FileReport, Scope};
use bincode::error::DecodeError;
use serde::de::{DeserializeOwned, Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::num::NonZeroU32;

/// A record of the log. A frame holds one or more records, which were synced together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "nearly all of them are batches")]
pub enum Logged {
    /// The first record of a segment in formats 1 to 3; later ones have a [head](super::head).
    Segment {
        /// Its number, from 1.
        number: u64,
        /// The version of rollcall that began it.
        rollcall: String,
    },
    /// Days passed up to this one without input; each has a day close.
    Days(Date),
    /// Changes of a batch whose header follows later.
    Part(Part),
    /// The header of a batch; the preceding parts take effect.
    Batch(Header),
    /// Outputs after this are computed with these settings.
    Computed(Computed),
    /// A delivery on hold is approved: its source and its label.
    Approved(String, String),
    /// Where the changes of the following part came from. Not in version 1 logs.
    Places(Places),
}

/// The settings that outputs are computed with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computed {
    /// The version of rollcall.
    pub rollcall: String,
    /// The version of the plan: a digest of what rules and KPIs say about themselves. Version 0.1 did not store it.
    #[serde(default)]
    pub plan: String,
    /// Every threshold with its value, as in the settings.
    pub thresholds: Vec<(String, String)>,
    /// Disabled rules.
    pub off: Vec<String>,
    /// Tables that no source delivers, which disables the rules that need them.
    pub absent_tables: Vec<String>,
}

/// Some changes of a batch, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Texts that no earlier part has.
    pub words: Words,
    /// The number of changes.
    pub count: u64,
    /// The changes in sequence.
    pub changes: Bytes,
    /// When the source changed some of the rows, in milliseconds since 1970, by table and key symbol.
    pub stamps: Vec<(Table, NonZeroU32, i64)>,
    /// Where the changes came from. Logged as a separate record, because version 1 logs have none.
    #[serde(skip)]
    pub places: Places,
}

impl Part {
    /// Adds a change.
    pub fn push(&mut self, change: &Change) {
        encode(change, &mut self.changes.0);
        self.count += 1;
    }

    /// Its approximate size in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.words.bytes() + self.changes.0.len() + 16 * self.stamps.len() + self.places.bytes()
    }

    /// The changes.
    pub fn changes(&self) -> impl Iterator<Item = Result<Change, Undecodable>> {
        let mut rest = &self.changes.0[..];
        (0..self.count).map(move |_| decode(&mut rest))
    }
}

/// Where the changes of a part came from (file and line), in order; without notes and acceptances, which rollcall
/// derives itself. A row on the next line takes one byte.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// File names rather than symbols, so that readers need no texts, which a pruned log lacks. The empty name is for
    /// changes that come from no file.
    files: Vec<String>,
    /// At which change the file changes, and to which file.
    switches: Vec<(u64, u32)>,
    /// For each change, the distance in lines from the previous change in its file.
    steps: Bytes,
}

impl Places {
    /// Whether there are no places.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps.0.is_empty()
    }

    /// Their approximate size in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.steps.0.len() + 8 * self.switches.len() + self.files.iter().map(|file| file.len() + 5).sum::<usize>()
    }

    /// File and line of each change.
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
                return Err(Undecodable::Invalid("a place refers to an unknown file".to_owned()));
            };
            let line = i64::from(*last).checked_add(step).and_then(|line| u32::try_from(line).ok());
            *last = line.ok_or_else(|| Undecodable::Invalid("a place has an invalid line number".to_owned()))?;
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

/// Builds places.
#[derive(Default)]
pub struct Placing {
    places: Places,
    /// The last line, by file.
    lasts: Vec<u32>,
    /// The current file.
    file: u32,
    count: u64,
}

impl Placing {
    /// Adds a file and returns its number.
    pub fn file(&mut self, name: &str) -> u32 {
        self.places.files.push(name.to_owned());
        self.lasts.push(0);
        self.lasts.len() as u32 - 1
    }

    /// Records that the next change came from this line of a file.
    pub fn push(&mut self, file: u32, line: u32) {
        if file != self.file {
            self.places.switches.push((self.count, file));
            self.file = file;
        }
        self.count += 1;
        let last = std::mem::replace(&mut self.lasts[file as usize], line);
        encode(&(i64::from(line) - i64::from(last)), &mut self.places.steps.0);
    }

    /// Returns the places and starts over.
    pub fn finish(&mut self) -> Places {
        std::mem::take(self).places
    }
}

/// The metadata of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its timestamp; see [`crate::model::timestamp`].
    pub time: u64,
    /// The source system.
    pub source: String,
    /// The label of the delivery, for example the name of its folder.
    pub label: String,
    /// The files that were read. Files without rows, such as the manifest, have only names and digests.
    pub files: Vec<FileReport>,
    /// Tables that had a file, even an empty one, and how many changes each had.
    pub tables: Vec<(Table, Counts)>,
    /// Rows without a readable key in full extracts of part of a table: the table, the scope of the extract, and the
    /// rows.
    pub doubtful: Vec<(Table, Scope, Vec<RowName>)>,
    /// Tables that were delivered again, which resolves their earlier rejected and superseded rows.
    pub delivered: Vec<Table>,
    /// The number of parts before it.
    pub parts: u32,
    /// Whether it is part of a stream; then its files are not recognized when they are delivered again.
    pub is_stream: bool,
    /// Whether its changes are events in order, so that a row may change more than once.
    pub is_ordered: bool,
    /// Why the delivery is on hold; then nothing of it takes effect except a note about that.
    pub held: Option<Quarantine>,
}

impl Header {
    /// The counts of all tables.
    pub(crate) fn counts(&self) -> Counts {
        self.tables.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts))
    }
}

/// How many changes of each kind a batch has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows stated.
    pub upserts: u64,
    /// Keys deleted.
    pub deletes: u64,
    /// Keys changed.
    pub key_changes: u64,
    /// Rejections.
    pub rejected: u64,
}

impl Counts {
    /// Counts a change.
    pub(crate) fn add(&mut self, change: &Change) {
        *match change {
            Change::Upsert(_) => &mut self.upserts,
            Change::Delete(..) => &mut self.deletes,
            Change::KeyChange(..) => &mut self.key_changes,
            Change::Reject(_) => &mut self.rejected,
            Change::Accept(..) | Change::Note(_) => return,
        } += 1;
    }

    /// The sum of both.
    pub(crate) const fn plus(self, other: Counts) -> Counts {
        Counts {
            upserts: self.upserts + other.upserts,
            deletes: self.deletes + other.deletes,
            key_changes: self.key_changes + other.key_changes,
            rejected: self.rejected + other.rejected,
        }
    }

    /// Row changes, without rejections.
    pub(crate) const fn changes(self) -> u64 {
        self.upserts + self.deletes + self.key_changes
    }

    /// All changes.
    pub(crate) const fn all(self) -> u64 {
        self.upserts + self.deletes + self.key_changes + self.rejected
    }
}

/// Bytes that are serialized in one piece.
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

/// Bytes with a valid checksum that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// Their content is invalid, which is a bug.
    #[error("invalid record: {0}")]
    Invalid(String),
    /// A name in their schema is unknown to this version.
    #[error("it has {0}, which this version does not know")]
    Unknown(String),
}

impl From<DecodeError> for Undecodable {
    fn from(error: DecodeError) -> Undecodable {
        Undecodable::Invalid(error.to_string())
    }
}

impl serde::de::Error for Undecodable {
    fn custom<T: fmt::Display>(why: T) -> Undecodable {
        Undecodable::Invalid(why.to_string())
    }
    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Undecodable {
        Undecodable::Unknown(format!("`{variant}`"))
    }
}

/// Limits what a damaged length can allocate.
const LIMITED: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ super::frame::LONGEST }>,
> = bincode::config::standard().with_limit::<{ super::frame::LONGEST }>();

/// The state in a snapshot may span several frames, whose checksums were verified.
const ROOMY: bincode::config::Configuration<
    bincode::config::LittleEndian,
    bincode::config::Varint,
    bincode::config::Limit<{ 1 << 40 }>,
> = bincode::config::standard().with_limit::<{ 1 << 40 }>();

/// Whether a record is short enough to be read again: what limits reading limits writing.
pub(crate) fn is_readable(record: &Logged) -> bool {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    // A quarter of the longest frame, because others may be written with it.
    bytes.len() <= super::frame::LONGEST / 4 && decode::<Logged>(&mut &bytes[..]).is_ok()
}

/// Reads a value that was split over several frames.
pub(crate) fn decode_long<T: DeserializeOwned>(from: &[u8]) -> Result<T, Undecodable> {
    bincode::serde::decode_from_slice(from, ROOMY).map(|(value, _)| value).map_err(Undecodable::from)
}

/// Appends a value.
pub fn encode(value: &impl Serialize, into: &mut Vec<u8>) {
    let written = bincode::serde::encode_into_std_write(value, into, bincode::config::standard());
    written.expect("invariant: everything that is logged can be written, and memory takes all that is written");
}

/// Reads a value from the beginning of some bytes and advances past it.
pub fn decode<T: DeserializeOwned>(from: &mut &[u8]) -> Result<T, Undecodable> {
    let (value, length) = bincode::serde::decode_from_slice(from, LIMITED)?;
    *from = &from[length..];
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Space, Texts};
    use proptest::prelude::*;

    #[test]
    fn what_is_too_long_to_be_read_is_not_written() {
        let header = |columns: usize| Header {
            time: 1,
            source: "sis".to_owned(),
            label: "day".to_owned(),
            files: vec![FileReport { ignored_columns: vec!["column".to_owned(); columns], ..FileReport::default() }],
            tables: Vec::new(),
            doubtful: Vec::new(),
            delivered: Vec::new(),
            parts: 0,
            is_stream: false,
            is_ordered: false,
            held: None,
        };
        for (columns, is_short) in [(0, true), (10_000, true), (5_000_000, false)] {
            let logged = Logged::Batch(header(columns));
            assert_eq!(is_readable(&logged), is_short, "{columns}");
            if is_short {
                let mut bytes = Vec::new();
                encode(&logged, &mut bytes);
                assert_eq!(decode::<Logged>(&mut &bytes[..]).unwrap(), logged);
            }
        }
    }

    proptest! {
        #[test]
        fn places_round_trip(locations in prop::collection::vec((0..3usize, any::<u32>()), 0..40)) {
            let mut placing = Placing::default();
            let files = ["a.csv", "", "b.csv"];
            let numbers = files.map(|file| placing.file(file));
            locations.iter().for_each(|(file, line)| placing.push(numbers[*file], *line));
            let places = placing.finish();
            let mut bytes = Vec::new();
            encode(&places, &mut bytes);
            let places: Places = decode(&mut &bytes[..]).unwrap();
            let read: Vec<(&str, u32)> = places.iter().map(|place| place.unwrap()).collect();
            let expected: Vec<(&str, u32)> = locations.iter().map(|(file, line)| (files[*file], *line)).collect();
            prop_assert_eq!(read, expected);
            prop_assert_eq!(places.is_empty(), locations.is_empty());
        }

        /// No bytes can cause a panic, or more places than bytes.
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
    fn a_row_on_the_next_line_takes_one_byte() {
        let mut placing = Placing::default();
        let file = placing.file("course.csv");
        (2..1_002).for_each(|line| placing.push(file, line));
        let mut bytes = Vec::new();
        encode(&placing.finish(), &mut bytes);
        assert!(bytes.len() < 1_020, "{} bytes", bytes.len());
    }

    #[test]
    fn changes_are_counted_by_kind() {
        let one = Counts { upserts: 1, deletes: 20, key_changes: 300, rejected: 4_000 };
        assert_eq!((one.changes(), one.all()), (321, 4_321));
        let both = Counts { upserts: 2, deletes: 40, key_changes: 600, rejected: 8_000 };
        assert_eq!(one.plus(one), both);
        let key = NonZeroU32::MIN;
        let mut counts = Counts::default();
        counts.add(&Change::Delete(Table::Course, key));
        counts.add(&Change::Accept(Table::Course, RowName::Key(key)));
        assert_eq!(counts, Counts { deletes: 1, ..Counts::default() });
    }

    #[test]
    fn the_size_of_a_part_is_neither_less_than_it_takes_nor_twice_that() {
        let mut texts = Texts::default();
        let marks = texts.marks();
        for number in 0..500 {
            texts.symbol(Space::ALL[0], &format!("text {number}"));
        }
        let mut placing = Placing::default();
        for number in 0..500 {
            // Each change in another file: names and switches count as much as the lines.
            let file = placing.file(&format!("{number}.csv"));
            placing.push(file, 1);
        }
        let places = placing.finish();
        let mut in_turn = Placing::default();
        let numbers = ["a.csv", "b.csv"].map(|file| in_turn.file(file));
        (0..5_000).for_each(|line| in_turn.push(numbers[line as usize % 2], line));
        let stamps = (1..=500).filter_map(NonZeroU32::new).map(|key| (Table::Course, key, 1_764_547_200_000)).collect();
        for part in [
            Part { words: texts.since(&marks), ..Part::default() },
            Part { changes: Bytes(vec![0; 5_000]), ..Part::default() },
            Part { stamps, ..Part::default() },
            Part { places: places.clone(), ..Part::default() },
            Part { places: in_turn.finish(), ..Part::default() },
            Part { words: texts.since(&marks), changes: Bytes(vec![0; 5_000]), places, ..Part::default() },
        ] {
            let mut bytes = Vec::new();
            encode(&part, &mut bytes);
            encode(&part.places, &mut bytes);
            // The fields themselves take a few bytes, which do not count.
            let taken = bytes.len() - 20..2 * bytes.len();
            assert!(taken.contains(&part.bytes()), "{} of {taken:?}", part.bytes());
        }
    }

    #[test]
    fn bytes_are_not_printed() {
        assert_eq!(format!("{:?}", Bytes(vec![7; 12])), "12 bytes");
    }

    #[test]
    fn bytes_are_read_wherever_they_come_from() {
        use serde::de::value::{BytesDeserializer, Error, U8Deserializer};
        assert!(Bytes::deserialize(BytesDeserializer::<Error>::new(b"ab")).unwrap() == Bytes(b"ab".to_vec()));
        let error = Bytes::deserialize(U8Deserializer::<Error>::new(7)).unwrap_err();
        assert_eq!(error.to_string(), "invalid type: integer `7`, expected bytes");
    }
}
