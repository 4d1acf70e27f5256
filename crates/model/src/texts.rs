//! The interned texts: one table of symbols per id space and per code set. Owned by the single ingesting thread; the
//! dataflow sees only symbols, and sinks resolve the texts.

use super::codes::{CodeSet, UnrecognizedCode};
use super::ids::{Id, Space};
use hashbrown::HashTable;
use serde::de::{EnumAccess, Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::hash::BuildHasher;
use std::num::{NonZeroU16, NonZeroU32};

/// Texts and their symbols, numbered from 1 in order of arrival. Texts are never forgotten, because an id may come back
/// in any later batch.
#[derive(Default)]
pub struct Interner {
    bytes: String,
    ends: Vec<usize>,
    symbols: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
}

impl Interner {
    fn slice<'a>(bytes: &'a str, ends: &[usize], index: usize) -> &'a str {
        let begin = if index == 0 { 0 } else { ends[index - 1] };
        &bytes[begin..ends[index]]
    }

    /// The symbol of this text, if known.
    #[inline]
    pub fn find(&self, text: &str) -> Option<NonZeroU32> {
        let hash = self.hasher.hash_one(text);
        let index = *self.symbols.find(hash, |&index| Self::slice(&self.bytes, &self.ends, index as usize) == text)?;
        NonZeroU32::new(index + 1)
    }

    /// The symbol of this text, new if unknown.
    pub fn intern(&mut self, text: &str) -> NonZeroU32 {
        if let Some(symbol) = self.find(text) {
            return symbol;
        }
        let index = u32::try_from(self.ends.len()).ok().filter(|&index| index < u32::MAX);
        let index = index.expect("invariant: fewer than 2^32 - 1 distinct ids, which would need over 64 GB of rows");
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let rehash = |&index: &u32| hasher.hash_one(Self::slice(bytes, ends, index as usize));
        self.symbols.insert_unique(hasher.hash_one(text), index, rehash);
        NonZeroU32::new(index + 1).expect("invariant: a symbol is an index plus one")
    }

    /// Forgets all texts after the first ones. Nothing may refer to the symbols of forgotten texts.
    fn truncate(&mut self, length: usize) {
        while self.ends.len() > length {
            let index = self.ends.len() - 1;
            let hash = self.hasher.hash_one(Self::slice(&self.bytes, &self.ends, index));
            if let Ok(entry) = self.symbols.find_entry(hash, |&of| of as usize == index) {
                entry.remove();
            }
            self.ends.pop();
            self.bytes.truncate(self.ends.last().copied().unwrap_or(0));
        }
    }

    /// The text of a symbol of this interner.
    #[inline]
    pub fn text(&self, symbol: NonZeroU32) -> &str {
        Self::slice(&self.bytes, &self.ends, symbol.get() as usize - 1)
    }

    /// The number of texts.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it is empty.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Heap memory in bytes.
    #[inline]
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<usize>() + self.symbols.allocation_size()
    }
}

/// The number of texts of each space and each code set at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks(Vec<usize>);

/// Texts of some spaces and code sets, each with the number of texts before it. They give symbols the same meaning in
/// another process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(Vec<(TextSpace, u32, Vec<String>)>);

/// A space or a code set, by its position: the spaces are first. The schema of what is stored states their [names](text_spaces).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct TextSpace(u16);

/// The names of the spaces and code sets that have texts, in the order of their positions.
pub fn text_spaces() -> impl Iterator<Item = String> {
    let spaces = Space::ALL.iter().map(|space| space.name().to_owned());
    spaces.chain(CodeSet::ALL.iter().map(|set| format!("codes of {}", set.name())))
}

/// Read by position, or, when it was stored by another version, by name.
impl<'de> Deserialize<'de> for TextSpace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TextSpace, D::Error> {
        struct Named;
        impl<'de> Visitor<'de> for Named {
            type Value = TextSpace;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a space or a code set")
            }
            fn visit_u64<E: Error>(self, position: u64) -> Result<TextSpace, E> {
                u16::try_from(position).map(TextSpace).map_err(E::custom)
            }
            fn visit_enum<A: EnumAccess<'de>>(self, named: A) -> Result<TextSpace, A::Error> {
                let (name, _) = named.variant::<String>()?;
                let position = text_spaces().position(|space| space == name);
                position.map(|position| TextSpace(position as u16)).ok_or_else(|| A::Error::unknown_variant(&name, &[]))
            }
        }
        deserializer.deserialize_u16(Named)
    }
}

impl Words {
    /// Their approximate size in bytes.
    #[inline]
    pub fn bytes(&self) -> usize {
        self.0.iter().flat_map(|(.., texts)| texts).map(|text| text.len() + 5).sum()
    }
}

/// All texts, by id space and by code set.
pub struct Texts {
    spaces: Vec<Interner>,
    unrecognized_codes: Vec<Interner>,
}

impl Default for Texts {
    #[inline]
    fn default() -> Self {
        let tables = |count| std::iter::repeat_with(Interner::default).take(count).collect();
        Texts { spaces: tables(Space::ALL.len()), unrecognized_codes: tables(CodeSet::ALL.len()) }
    }
}

impl Texts {
    /// The id of this text, new or known.
    pub fn id<I: Id>(&mut self, text: &str) -> I {
        I::from_symbol(self.spaces[I::SPACE as usize].intern(text))
    }

    /// The symbol of this text in a space, new or known.
    #[inline]
    pub fn symbol(&mut self, space: Space, text: &str) -> NonZeroU32 {
        self.spaces[space as usize].intern(text)
    }

    /// The id of this text, if known.
    pub fn find<I: Id>(&self, text: &str) -> Option<I> {
        self.spaces[I::SPACE as usize].find(text).map(I::from_symbol)
    }

    /// The symbol of this text in a space, if known.
    #[inline]
    pub fn find_symbol(&self, space: Space, text: &str) -> Option<NonZeroU32> {
        self.spaces[space as usize].find(text)
    }

    /// The number of symbols of a space.
    pub fn symbols(&self, space: Space) -> impl Iterator<Item = NonZeroU32> + use<> {
        (1..=self.spaces[space as usize].len() as u32).filter_map(NonZeroU32::new)
    }

    /// The text of an id.
    pub fn text<I: Id>(&self, id: I) -> &str {
        self.symbol_text(I::SPACE, id.symbol())
    }

    /// The text of a symbol of a space.
    #[inline]
    pub fn symbol_text(&self, space: Space, symbol: NonZeroU32) -> &str {
        self.spaces[space as usize].text(symbol)
    }

    /// The symbol of an unrecognized code. If a set meets more than 65,534 different ones, the rest share a single
    /// symbol: a shifted column must not use unlimited memory.
    pub fn unrecognized(&mut self, set: CodeSet, code: &str) -> UnrecognizedCode {
        let interner = &mut self.unrecognized_codes[set as usize];
        let limit = usize::from(u16::MAX) - 1;
        let known = interner.find(code);
        let symbol = match known {
            Some(symbol) => symbol,
            None if interner.len() < limit => interner.intern(code),
            None => interner.intern("(more than 65,534 unknown codes)"),
        };
        let narrow = u16::try_from(symbol.get()).ok().and_then(NonZeroU16::new);
        UnrecognizedCode(narrow.expect("invariant: at most 65,535 unrecognized codes are interned"))
    }

    /// The text of an unrecognized code.
    #[inline]
    pub fn unrecognized_text(&self, set: CodeSet, unrecognized: UnrecognizedCode) -> &str {
        self.unrecognized_codes[set as usize].text(unrecognized.0.into())
    }

    /// Forgets the texts after some marks. Nothing may refer to the symbols of forgotten texts.
    #[inline]
    pub fn forget_since(&mut self, marks: &Marks) {
        let interners = self.spaces.iter_mut().chain(&mut self.unrecognized_codes);
        interners.zip(&marks.0).for_each(|(interner, mark)| interner.truncate(*mark));
    }

    /// The numbers of texts of each space and each code set.
    #[inline]
    pub fn marks(&self) -> Marks {
        Marks(self.spaces.iter().chain(&self.unrecognized_codes).map(Interner::len).collect())
    }

    /// The size in bytes of the texts after some marks.
    #[inline]
    pub fn bytes_since(&self, marks: &Marks) -> usize {
        let interners = self.spaces.iter().chain(&self.unrecognized_codes).zip(&marks.0);
        let begin = |interner: &Interner, mark: usize| if mark == 0 { 0 } else { interner.ends[mark - 1] };
        interners.map(|(interner, &mark)| interner.bytes.len() - begin(interner, mark)).sum()
    }

    /// Texts after some marks, up to about this many bytes; the marks move behind them.
    pub fn some_since(&self, marks: &mut Marks, bytes: usize) -> Words {
        let mut left = bytes;
        let interners = self.spaces.iter().chain(&self.unrecognized_codes).zip(&mut marks.0).enumerate();
        let words = interners.filter_map(|(place, (interner, mark))| {
            let from = *mark;
            let texts = (from..interner.len()).map_while(|index| {
                let text = Interner::slice(&interner.bytes, &interner.ends, index);
                let is_wanted = left > 0;
                left = left.saturating_sub(text.len());
                is_wanted.then(|| text.to_owned())
            });
            let texts: Vec<String> = texts.collect();
            *mark += texts.len();
            (!texts.is_empty()).then_some((TextSpace(place as u16), from as u32, texts))
        });
        Words(words.collect())
    }

    /// The texts after some marks.
    pub fn since(&self, marks: &Marks) -> Words {
        let interners = self.spaces.iter().chain(&self.unrecognized_codes).zip(&marks.0).enumerate();
        let new = interners.filter(|(_, (interner, mark))| interner.len() > **mark);
        let words = new.map(|(place, (interner, &mark))| {
            let texts =
                (mark..interner.len()).map(|index| Interner::slice(&interner.bytes, &interner.ends, index).to_owned());
            (TextSpace(place as u16), mark as u32, texts.collect())
        });
        Words(words.collect())
    }

    /// The texts before some marks, in portions.
    pub fn up_to(&self, marks: &Marks) -> impl Iterator<Item = Words> {
        const AT_ONCE: usize = 4096;
        /// Portions of long texts are smaller.
        const BYTES: usize = 4 << 20;
        let interners = self.spaces.iter().chain(&self.unrecognized_codes).zip(marks.0.clone()).enumerate();
        interners.flat_map(|(place, (interner, mark))| {
            let mut begin = 0;
            std::iter::from_fn(move || {
                let from = begin;
                let mut bytes = 0;
                let texts = (from..mark.min(from + AT_ONCE)).map_while(|index| {
                    let text = Interner::slice(&interner.bytes, &interner.ends, index);
                    bytes += text.len();
                    (bytes <= BYTES || index == from).then(|| text.to_owned())
                });
                let texts: Vec<String> = texts.collect();
                begin += texts.len();
                (!texts.is_empty()).then(|| Words(vec![(TextSpace(place as u16), from as u32, texts)]))
            })
        })
    }

    /// Restores numbered texts; false if their numbers differ here.
    pub fn take(&mut self, words: &Words) -> bool {
        words.0.iter().all(|(place, mark, texts)| {
            let place = usize::from(place.0);
            let of_codes = place.checked_sub(self.spaces.len());
            let interner = match of_codes {
                None => self.spaces.get_mut(place),
                Some(place) => self.unrecognized_codes.get_mut(place),
            };
            interner.is_some_and(|interner| {
                (u64::from(*mark)..).zip(texts).all(|(index, text)| u64::from(interner.intern(text).get()) == index + 1)
            })
        })
    }

    /// Heap memory of all texts in bytes.
    #[inline]
    pub fn heap_bytes(&self) -> usize {
        self.spaces.iter().chain(&self.unrecognized_codes).map(Interner::heap_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_symbols() {
        let mut interner = Interner::default();
        let symbols: Vec<_> = (0..10_000).map(|n| interner.intern(&format!("id-{n}"))).collect();
        for (n, &symbol) in symbols.iter().enumerate() {
            assert_eq!(interner.intern(&format!("id-{n}")), symbol);
            assert_eq!(interner.text(symbol), format!("id-{n}"));
        }
        assert_eq!(interner.len(), 10_000);
        assert_eq!(interner.find("id-10000"), None);
        assert_eq!(interner.intern(""), NonZeroU32::new(10_001).unwrap());
    }

    #[test]
    fn a_flood_of_odd_codes_is_bounded() {
        let mut texts = Texts::default();
        let last = (0..70_000).map(|n| texts.unrecognized(CodeSet::Sex, &format!("odd {n}"))).last().unwrap();
        assert_eq!(texts.unrecognized_text(CodeSet::Sex, last), "(more than 65,534 unknown codes)");
        let first = texts.unrecognized(CodeSet::Sex, "odd 0");
        assert_eq!(texts.unrecognized_text(CodeSet::Sex, first), "odd 0");
    }
}
