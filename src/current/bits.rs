//! Sets of symbols, for the keys that a batch or a full extract has stated.

use std::num::NonZeroU32;

/// A set of symbols that is cheap to fill and to clear: a bitmap and a list of the set bits.
#[derive(Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
    set: Vec<u32>,
}

impl Bits {
    /// Adds a symbol; returns false if it was there.
    pub(crate) fn insert(&mut self, symbol: NonZeroU32) -> bool {
        let index = symbol.get() - 1;
        let (word, bit) = (index as usize / 64, 1u64 << (index % 64));
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        let new = self.words[word] & bit == 0;
        if new {
            self.words[word] |= bit;
            self.set.push(index);
        }
        new
    }

    /// Whether a symbol is in the set.
    pub(crate) fn contains(&self, symbol: NonZeroU32) -> bool {
        let index = symbol.get() - 1;
        self.words.get(index as usize / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    /// Empties the set.
    pub(crate) fn clear(&mut self) {
        for index in self.set.drain(..) {
            self.words[index as usize / 64] = 0;
        }
        self.set.shrink_to(1 << 16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Around the ends of words too.
        #[test]
        fn it_is_a_set(rounds in prop::collection::vec(prop::collection::vec(1..200u32, 0..60), 1..4)) {
            let mut bits = Bits::default();
            for symbols in rounds {
                let mut set = BTreeSet::new();
                for symbol in symbols.into_iter().filter_map(NonZeroU32::new) {
                    prop_assert_eq!(bits.insert(symbol), set.insert(symbol));
                }
                for symbol in (1..300).filter_map(NonZeroU32::new) {
                    prop_assert_eq!(bits.contains(symbol), set.contains(&symbol), "{}", symbol);
                }
                bits.clear();
            }
        }
    }
}
