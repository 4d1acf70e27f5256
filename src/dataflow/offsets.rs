//! The layout of batches: vectors of keys, values, times and differences, with 32-bit offsets. Differential's own
//! offsets can grow beyond 32 bits and store an initial run of zeros in no space; every cursor step pays for that with a
//! call that is not inlined, which was prominent in profiles of small batches.

use super::Time;
use differential_dataflow::trace::implementations::BatchContainer;

/// The layout of a batch.
pub type Plain<K, V, R> = (Vec<K>, Vec<V>, Vec<Time>, Vec<R>, Offsets);

/// Offsets into a batch.
#[derive(Debug, Default)]
pub struct Offsets(Vec<u32>);

impl Offsets {
    /// Returns unused capacity.
    pub fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }

    fn push(&mut self, offset: usize) {
        let offset = u32::try_from(offset);
        self.0.push(offset.expect("invariant: a batch has fewer than 2^32 updates, which would need over 64 GB"));
    }
}

impl BatchContainer for Offsets {
    type Owned = usize;
    type ReadItem<'a> = usize;

    #[inline]
    fn into_owned(item: usize) -> usize {
        item
    }
    #[inline]
    fn push_ref(&mut self, item: usize) {
        self.push(item);
    }
    #[inline]
    fn push_own(&mut self, item: &usize) {
        self.push(*item);
    }
    fn clear(&mut self) {
        self.0.clear();
    }
    fn with_capacity(size: usize) -> Self {
        Offsets(Vec::with_capacity(size))
    }
    fn merge_capacity(one: &Self, other: &Self) -> Self {
        Offsets(Vec::with_capacity(one.0.len() + other.0.len()))
    }
    #[inline]
    fn reborrow<'b, 'a: 'b>(item: usize) -> usize {
        item
    }
    #[inline]
    fn index(&self, index: usize) -> usize {
        self.0[index] as usize
    }
    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }
}
