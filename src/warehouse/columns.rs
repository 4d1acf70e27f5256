//! Columns of published tables: name, type, meaning, and how the value follows from a row, each stated once. The type is
//! declared, not derived from values, so files keep their types when a column or a table is empty.

use crate::model::Value;
use std::borrow::Borrow;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, id, code, or list of them.
    Text,
    /// A whole number.
    Int,
    /// An exact decimal with this many places.
    Decimal(u32),
    /// A computed and rounded figure.
    Real,
    /// True or false.
    YesNo,
    /// A day.
    Date,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its meaning.
    pub meaning: &'static str,
}

/// A column, and how its value follows from a row.
pub struct Computed<F> {
    /// The column.
    pub column: Column,
    /// The function from a row to its value.
    pub value: F,
}

/// A column of a relation with rows of this type.
pub(crate) type Of<R> = Computed<fn(&R) -> Value>;

/// The columns without their values.
pub(crate) const fn columns_of<F, const N: usize>(of: &[Computed<F>; N]) -> [Column; N] {
    let mut columns = [of[0].column; N];
    let mut place = 1;
    while place < N {
        columns[place] = of[place].column;
        place += 1;
    }
    columns
}

/// The values of a row.
pub(crate) fn values_of<R>(columns: &[Of<R>], row: &R) -> Vec<Value> {
    columns.iter().map(|of| (of.value)(row)).collect()
}

/// The values of each row.
pub(crate) fn rows_of<R>(columns: &[Of<R>], rows: impl IntoIterator<Item: Borrow<R>>) -> Vec<Vec<Value>> {
    rows.into_iter().map(|row| values_of(columns, row.borrow())).collect()
}

const fn computed<F>(name: &'static str, kind: Kind, meaning: &'static str, value: F) -> Computed<F> {
    Computed { column: Column { name, kind, meaning }, value }
}

/// Texts, ids, codes, and lists of them.
pub(crate) const fn text<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Text, meaning, value)
}

/// Whole numbers.
pub(crate) const fn int<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Int, meaning, value)
}

/// Decimals with three places, as for scores.
pub(crate) const fn fixed3<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Decimal(3), meaning, value)
}

/// Decimals with four places, as for full-time equivalents.
pub(crate) const fn fixed4<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Decimal(4), meaning, value)
}

/// Computed and rounded figures.
pub(crate) const fn real<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Real, meaning, value)
}

/// Booleans.
pub(crate) const fn yes_no<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::YesNo, meaning, value)
}

/// Days.
pub(crate) const fn date<F>(name: &'static str, meaning: &'static str, value: F) -> Computed<F> {
    computed(name, Kind::Date, meaning, value)
}
