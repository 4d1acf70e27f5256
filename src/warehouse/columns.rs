//! Columns of published tables: name, type and meaning, declared once. The type is declared, not derived from values, so files
//! keep their types when a column or a table is empty.

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

const fn column(name: &'static str, kind: Kind, meaning: &'static str) -> Column {
    Column { name, kind, meaning }
}

/// Texts, ids, codes, and lists of them.
pub const fn text(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Text, meaning)
}

/// Whole numbers.
pub const fn int(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Int, meaning)
}

/// Decimals with three places, as for scores.
pub const fn fixed3(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Decimal(3), meaning)
}

/// Decimals with four places, as for full-time equivalents.
pub const fn fixed4(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Decimal(4), meaning)
}

/// Computed and rounded figures.
pub const fn real(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Real, meaning)
}

/// Booleans.
pub const fn yes_no(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::YesNo, meaning)
}

/// Days.
pub const fn date(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Date, meaning)
}
