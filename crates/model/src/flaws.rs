//! What is wrong with a name or an id as a text. Rules see symbols and never a text, so it is looked at when a row is read
//! and kept as bits in the row: what may not leave, does not even get as far as a rule.

use super::{Row, Table, Texts};
use serde::{Deserialize, Serialize};

/// What a watched column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// The key of a row that other rows refer to.
    Id,
    /// A state's number.
    StateId,
    /// A name of a thing, or a suffix: digits may be part of it.
    Name,
    /// A name of a person.
    PersonName,
}

/// The most columns of a table that can be watched: there is a bit for each, twice. References are not watched: the text of
/// one is that of a key, or its row does not exist.
pub const WATCHED_MOST: usize = 7;

/// Flaws of a row, a bit for each watched column: the low byte for characters that do not belong there, the high one for
/// values that stand for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flaws(u16);

/// Where the bits of placeholders begin.
const PLACEHOLDERS: u32 = 8;
/// The one bit that no column needs: a generation suffix stands in a name.
const SUFFIX: u16 = 1 << 15;

impl Flaws {
    /// The flaws of a row that is being read.
    pub fn of<'a, R: Row>(field: &impl Fn(usize) -> &'a str, _: &mut Texts) -> Flaws {
        const { assert!(!R::SPEC.watched.is_empty(), "a table with flaws declares the columns that it watches") };
        let mut bits = 0;
        for (bit, &(column, kind)) in (0..).zip(R::SPEC.watched) {
            let text = field(column);
            bits |= u16::from(has_odd_character(kind, text)) << bit;
            bits |= u16::from(stands_for_none(kind, text)) << (PLACEHOLDERS + bit);
        }
        Flaws(bits)
    }

    /// The same, and whether a generation suffix stands in a name.
    pub const fn and_suffix(self, has: bool) -> Flaws {
        if has { Flaws(self.0 | SUFFIX) } else { self }
    }

    /// Whether a generation suffix stands in a name.
    pub const fn has_suffix(self) -> bool {
        self.0 & SUFFIX != 0
    }

    /// The same flaws where the watched columns have other bits: the bit now by the bit then, none where a column is no longer
    /// watched.
    pub fn moved(self, now: &[Option<u32>]) -> Flaws {
        let bits = (0..).zip(now).filter_map(|(then, now)| Some((then, (*now)?)));
        let moved = bits.fold(self.0 & SUFFIX, |moved, (then, now)| {
            let both = self.0 >> then & (1 | 1 << PLACEHOLDERS);
            moved | both << now
        });
        Flaws(moved)
    }

    /// The columns with a character that does not belong there.
    pub fn odd_characters(self, table: Table) -> impl Iterator<Item = u8> {
        columns(table, self.0)
    }

    /// The columns with a value that stands for none.
    pub fn placeholders(self, table: Table) -> impl Iterator<Item = u8> {
        columns(table, (self.0 & !SUFFIX) >> PLACEHOLDERS)
    }
}

fn columns(table: Table, bits: u16) -> impl Iterator<Item = u8> {
    // Nearly no row has one, and no table is looked up for nothing.
    let watched = if bits == 0 { &[] } else { table.spec().watched };
    (0..).zip(watched).filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, &(column, _))| column as u8)
}

/// Whether a text has a character that does not belong into such a column. The joiners U+200C and U+200D do: names in
/// Persian and in Indian scripts are spelled with them.
fn has_odd_character(kind: Watched, text: &str) -> bool {
    // Most texts are of letters alone, and are done with here.
    if text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    text.chars().any(|c| match c {
        ' ' => matches!(kind, Watched::Id | Watched::StateId),
        '0'..='9' => kind == Watched::PersonName,
        '!'..='~' => false,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' => true,
        '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}' => true,
        other => other.is_control() || other.is_whitespace(),
    })
}

/// Words that stand for no name. Null, None and Na are names of people.
const WORDS: [&str; 14] = [
    "TEST",
    "TESTING",
    "DUMMY",
    "UNKNOWN",
    "UNK",
    "N/A",
    "NOT APPLICABLE",
    "NO NAME",
    "NONAME",
    "TBA",
    "TBD",
    "FNU",
    "LNU",
    "DO NOT USE",
];

/// Whether a text stands for no value: a word that says so, nothing but X, nothing but marks, or a number of one digit
/// repeated.
fn stands_for_none(kind: Watched, text: &str) -> bool {
    let bytes = text.as_bytes();
    // Most texts begin otherwise than what is looked for.
    let suspect =
        |first: &u8| b"tdunflxTDUNFLX-.?*_".contains(first) || (kind == Watched::StateId && first.is_ascii_digit());
    if kind == Watched::Id || !bytes.first().is_some_and(suspect) {
        return false;
    }
    let only = |marks: &[u8]| bytes.iter().all(|byte| marks.contains(byte));
    let repeated = || bytes.len() >= 6 && bytes[0].is_ascii_digit() && bytes.iter().all(|byte| *byte == bytes[0]);
    (kind == Watched::StateId && repeated())
        || (bytes.len() > 1 && only(b"xX"))
        || only(b"-.?*_")
        || WORDS.iter().any(|word| word.len() == text.len() && word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_do_not_belong() {
        for name in ["Jo3", "Anna\u{a0}Maria", "Anna\u{200b}", "\u{feff}Anna", "An\tna", "An\u{7f}na", "Nu\u{fffd}ez"] {
            assert!(has_odd_character(Watched::PersonName, name), "{name:?}");
        }
        for name in ["Anna Maria", "O’Brien", "Núñez-Ortega", "王", "Smith, Jr.", "می\u{200c}خواهم", ""] {
            assert!(!has_odd_character(Watched::PersonName, name), "{name:?}");
        }
        assert!(!has_odd_character(Watched::Name, "School 12") && has_odd_character(Watched::Id, "S 12"));
    }

    #[test]
    fn texts_that_stand_for_none() {
        for name in ["Test", "UNKNOWN", "n/a", "xxx", "XX", "-", "..", "Fnu"] {
            assert!(stands_for_none(Watched::PersonName, name), "{name}");
        }
        for name in ["", "X", "Tester", "Null", "Na", "Xu", "999999", "J."] {
            assert!(!stands_for_none(Watched::PersonName, name), "{name}");
        }
        for (id, stands) in [("9999999999", true), ("000000", true), ("99999", false), ("9999990", false), ("N/A", true)] {
            assert_eq!(stands_for_none(Watched::StateId, id), stands, "{id}");
        }
        assert!(!stands_for_none(Watched::Id, "999999"));
    }

    #[test]
    fn rows_have_room_for_their_flaws() {
        assert_eq!(size_of::<super::super::Record>(), size_of::<super::super::Staff>());
    }
}
