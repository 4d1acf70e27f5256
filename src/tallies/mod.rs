//! Tallies: sums by grain, stored in the difference of a collection with one entry per grain. One file each, and one line in
//! the list at the end of this file.

pub mod demographics;
pub mod scores;
pub mod staffing;

use crate::dataflow::{SumsTrace, Time, walk_sums};
use differential_dataflow::trace::TraceReader;
use scores::{BaseGrain, Scores};
use serde::{Deserialize, Serialize};
use staffing::{OrgScope, Staffing};
use timely::progress::Antichain;

macro_rules! tallies {
    ($( $(#[doc = $doc:literal])+ $name:ident, $variant:ident: $grain:ty => $sum:ty ; )+) => {
        /// The sum of a grain of any tally.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Tally { $( $(#[doc = $doc])+ $variant($grain, $sum) ),+ }

        /// The traces of all tallies of a worker.
        pub struct Traces { $( $(#[doc = $doc])+ pub $name: SumsTrace<$grain, $sum> ),+ }

        /// All current tallies, in no particular order.
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        pub struct Sums { $( $(#[doc = $doc])+ pub $name: Vec<($grain, $sum)> ),+ }

        impl Traces {
            /// Compacts the traces up to a time.
            pub fn compact(&mut self, now: &Antichain<Time>) {
                $(
                    self.$name.set_logical_compaction(now.borrow());
                    self.$name.set_physical_compaction(now.borrow());
                )+
            }

            /// The current sums.
            pub fn sums(&mut self) -> Sums {
                let mut sums = Sums::default();
                $( walk_sums(&mut self.$name, |grain, sum| sums.$name.push((*grain, sum))); )+
                sums
            }
        }

        impl Sums {
            /// Adds the sums of another worker, which has other grains.
            pub fn extend(&mut self, other: Sums) {
                $( self.$name.extend(other.$name); )+
            }
        }
    };
}

// The list of tallies.
tallies! {
    /// Students, staff and sections of the district or a school today.
    staffing, Staffing: OrgScope => Staffing;
    /// Scores by base grain.
    scores, Scores: BaseGrain => Scores;
}
