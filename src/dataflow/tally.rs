//! Sums stored in the difference. A KPI or a count is a collection with one entry per grain whose *difference* is a
//! tally of integers: adding a record adds to it, retracting one subtracts, and a group without records disappears. A
//! difference is never a float, because float sums do not cancel.

/// Declares a struct of integers as a difference.
macro_rules! tally {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        $vis struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl differential_dataflow::difference::IsZero for $name {
            fn is_zero(&self) -> bool { *self == $name::default() }
        }
        impl differential_dataflow::difference::Semigroup for $name {
            fn plus_equals(&mut self, other: &Self) { $(self.$field += other.$field;)+ }
        }
        impl differential_dataflow::difference::Monoid for $name {
            fn zero() -> Self { $name::default() }
        }
        impl differential_dataflow::difference::Abelian for $name {
            fn negate(&mut self) { $(self.$field = -self.$field;)+ }
        }
        impl differential_dataflow::difference::Multiply<$crate::dataflow::Diff> for $name {
            type Output = $name;
            fn multiply(self, times: &$crate::dataflow::Diff) -> $name {
                $name { $($field: self.$field * <$type>::from(*times)),+ }
            }
        }
    };
}
pub(crate) use tally;

#[cfg(test)]
mod tests {
    use differential_dataflow::difference::{Abelian, IsZero, Multiply, Semigroup};

    tally! {
        struct Pair { count: i64, sum: i64 }
    }

    #[test]
    fn adding_and_subtracting_leaves_zero() {
        let mut total = Pair::default();
        let one = Pair { count: 1, sum: 40 };
        total.plus_equals(&one.multiply(&3));
        assert_eq!(total, Pair { count: 3, sum: 120 });
        let mut back = total;
        back.negate();
        total.plus_equals(&back);
        assert!(total.is_zero());
    }
}
