//! Columns of what is published: name, kind and meaning, declared once. The kind is declared and not read off the values, so
//! that files keep their types when a column or a whole table is empty.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, id, code, or list of them.
    Text,
    /// A whole number.
    Int,
    /// An exact decimal of so many places.
    Decimal(u32),
    /// A figure that was computed and rounded.
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
    /// What it holds.
    pub kind: Kind,
    /// What it means.
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

/// Decimals as scores are: of three places.
pub const fn fixed3(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Decimal(3), meaning)
}

/// Decimals as full-time equivalents are: of four places.
pub const fn fixed4(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Decimal(4), meaning)
}

/// Figures that were computed and rounded.
pub const fn real(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Real, meaning)
}

/// What is true or false.
pub const fn yes_no(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::YesNo, meaning)
}

/// Days.
pub const fn date(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Date, meaning)
}
