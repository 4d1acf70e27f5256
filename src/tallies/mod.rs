//! Tallies: sums by grain, stored in the difference of a collection with one entry per grain. A tally of today is a file that
//! implements [`Tallied`], and a line in the list at the end of this file; the plan, the board and the KPIs follow the list.
//! Scores are the exception: a student adds many of them, they hold on every day, and cells are rolled up from them, so the
//! plan sums them up without the days of the others.

pub mod demographics;
pub mod scores;

use crate::dataflow::{Diff, SumsTrace, Time, Updates, ports, split, sums, walk_sums};
use crate::model::{Interval, Settings, Texts};
use crate::views::school::SchoolView;
use crate::views::section::SectionView;
use crate::views::staff::StaffView;
use crate::views::student::StudentView;
use differential_dataflow::VecCollection;
use differential_dataflow::difference::{IsZero, Multiply, Semigroup};
use differential_dataflow::operators::CountTotal;
use differential_dataflow::trace::TraceReader;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use timely::progress::Antichain;

/// Takes what a view adds to a tally: of which grain, what, on which days, and how many times.
pub type Add<'a, T> = &'a mut dyn FnMut(<T as Tallied>::Grain, <T as Tallied>::Measure, Interval, Diff);

/// The sum of a tally of today, declared with `tally!`. It states what each view adds to it; most views add nothing.
pub trait Tallied: Sized {
    /// What there is a sum of, such as a school.
    type Grain;
    /// What a view adds to a sum on some days. Small, because it waits for its days.
    type Measure;

    /// A measure as a sum, `times` times.
    fn of(measure: Self::Measure, times: Diff) -> Self;

    /// The grain as texts, by which sums are ordered; symbols depend on the order of arrival.
    fn keys(grain: &Self::Grain, texts: &Texts) -> Vec<String>;

    /// What a student adds.
    fn of_student(_: &StudentView<'_>, _: &Settings, _: Add<'_, Self>) {}
    /// What a staff member adds.
    fn of_staff(_: &StaffView<'_>, _: &Settings, _: Add<'_, Self>) {}
    /// What a section adds.
    fn of_section(_: &SectionView<'_>, _: &Settings, _: Add<'_, Self>) {}
    /// What a school adds.
    fn of_school(_: &SchoolView<'_>, _: &Settings, _: Add<'_, Self>) {}
}

macro_rules! tallies {
    ($( $module:ident::$sum:ident ),+ $(,)?) => {
        $( pub mod $module; )+
        $( use $module::$sum; )+

        /// A tally of today. Snapshots hold its position in the list: a new one is added at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum TallyKind { $( #[doc = concat!("[`", stringify!($module), "`]")] $sum ),+ }

        impl TallyKind {
            /// Every tally of today.
            pub(crate) const ALL: &[TallyKind] = &[$( TallyKind::$sum ),+];
        }

        /// The sum of a grain of a tally of today.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(clippy::large_enum_variant, reason = "sums are moved by value in batches; a box would cost more")]
        pub enum Tally { $( #[doc = concat!("[`", stringify!($module), "`]")] $sum(<$sum as Tallied>::Grain, $sum) ),+ }

        impl Tally {
            /// The grain as texts, and the sum.
            pub fn text(&self, texts: &Texts) -> String {
                match self {
                    $( Tally::$sum(grain, sum) => {
                        format!("{} {} {sum:?}", stringify!($module), <$sum as Tallied>::keys(grain, texts).join(" "))
                    } )+
                }
            }
        }

        /// What a view adds to a grain of a tally of today.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Addend {
            $( #[doc = concat!("[`", stringify!($module), "`]")] $sum(<$sum as Tallied>::Grain, <$sum as Tallied>::Measure) ),+
        }

        tallies!(of_view $( $sum )+: of_student, "What a student adds to all of them.", StudentView<'_>);
        tallies!(of_view $( $sum )+: of_staff, "What a staff member adds to all of them.", StaffView<'_>);
        tallies!(of_view $( $sum )+: of_section, "What a section adds to all of them.", SectionView<'_>);
        tallies!(of_view $( $sum )+: of_school, "What a school adds to all of them.", SchoolView<'_>);

        ports! {
            /// What is added to each tally.
            pub(crate) struct Added => AddedReads, AddedStreams {
                $( #[doc = concat!("[`", stringify!($module), "`]")] $module: (<$sum as Tallied>::Grain, Time, $sum) ),+
            }
        }

        /// The current sums of the dataflow, and their traces.
        pub(crate) struct Summed<'s> {
            $( pub $module: VecCollection<'s, Time, (<$sum as Tallied>::Grain, $sum), Diff>, )+
            pub traces: Traces,
        }

        /// Adds up what holds today.
        pub(crate) fn sum_up(addends: Updates<'_, Addend>) -> Summed<'_> {
            let mut added = split(addends, "Tallies", Added::reads()$( .$module() )+, |(addend, time, times), out: &mut Added| {
                match addend {
                    $( Addend::$sum(grain, measure) => out.$module.push((grain, time, <$sum as Tallied>::of(measure, times))) ),+
                }
            });
            $( let $module = sums(added.$module(), stringify!($sum)); )+
            let traces = Traces { $( $module: $module.trace.clone() ),+ };
            Summed { $( $module: $module.count_total_core::<Diff>(), )+ traces }
        }

        impl<'s> Summed<'s> {
            /// The sums of all tallies as outputs.
            pub fn outputs<O: Clone + 'static>(&self, output: fn(Tally) -> O) -> Vec<Updates<'s, O>> {
                vec![$( self.$module.clone().map(move |(grain, sum)| output(Tally::$sum(grain, sum))).inner ),+]
            }
        }

        /// The traces of a worker.
        pub struct Traces {
            $( #[doc = concat!("[`", stringify!($module), "`]")] pub $module: SumsTrace<<$sum as Tallied>::Grain, $sum> ),+
        }

        impl Traces {
            /// Compacts the traces up to a time.
            pub fn compact(&mut self, now: &Antichain<Time>) {
                $(
                    self.$module.set_logical_compaction(now.borrow());
                    self.$module.set_physical_compaction(now.borrow());
                )+
            }

            /// The current sums.
            pub fn sums(&mut self) -> Sums {
                let mut sums = Sums::default();
                $( walk_sums(&mut self.$module, |grain, sum| sums.$module.push((*grain, sum))); )+
                sums
            }
        }

        /// The current sums of the tallies of today.
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        pub struct Sums {
            $( #[doc = concat!("[`", stringify!($module), "`]")] pub $module: Vec<(<$sum as Tallied>::Grain, $sum)> ),+
        }

        impl Sums {
            /// Adds the sums of another worker, which has other grains.
            pub fn extend(&mut self, other: Sums) {
                $( self.$module.extend(other.$module); )+
            }

            /// Orders them by the texts of their grains.
            pub(crate) fn sort(&mut self, texts: &Texts) {
                $( self.$module.sort_by_cached_key(|(grain, _)| <$sum as Tallied>::keys(grain, texts)); )+
            }

            /// Each sum.
            pub fn iter(&self) -> impl Iterator<Item = Tally> {
                std::iter::empty()$( .chain(self.$module.iter().map(|(grain, sum)| Tally::$sum(*grain, *sum))) )+
            }
        }

        /// The sums of the tallies of today, added up from Deltas.
        #[derive(Default)]
        pub(crate) struct RunningSums { $( $module: BTreeMap<<$sum as Tallied>::Grain, $sum> ),+ }

        impl RunningSums {
            /// Follows a change, and says which tally it is of.
            pub(crate) fn apply(&mut self, tally: &Tally, diff: Diff) -> TallyKind {
                match tally {
                    $( Tally::$sum(grain, change) => {
                        let sum = self.$module.entry(*grain).or_default();
                        sum.plus_equals(&change.multiply(&diff));
                        if sum.is_zero() {
                            self.$module.remove(grain);
                        }
                        TallyKind::$sum
                    } )+
                }
            }

            /// The sums of one tally.
            pub(crate) fn of(&self, kind: TallyKind) -> Sums {
                let mut sums = Sums::default();
                match kind {
                    $( TallyKind::$sum => sums.$module = self.$module.iter().map(|(grain, sum)| (*grain, *sum)).collect() ),+
                }
                sums
            }
        }
    };
    (of_view $( $sum:ident )+: $name:ident, $doc:literal, $view:ty) => {
        #[doc = $doc]
        pub(crate) fn $name(view: &$view, settings: &Settings, add: &mut impl FnMut(Addend, Interval, Diff)) {
            $( <$sum as Tallied>::$name(view, settings, &mut |grain, measure, holds, times| {
                add(Addend::$sum(grain, measure), holds, times);
            }); )+
        }
    };
}

// The list of the tallies of today.
tallies! {
    staffing::Staffing,
}
