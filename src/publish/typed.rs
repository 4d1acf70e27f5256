//! Reads texts of a rendered table back with the types of their columns, for sinks with typed files.

use crate::model::Date;
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::Kind;
use std::io;

/// The fields of some rows in a column, by its position.
pub(crate) fn column<'t>(
    table: &'t RenderedTable,
    position: usize,
    rows: std::ops::Range<usize>,
) -> impl Iterator<Item = io::Result<Typed<'t>>> {
    table.rows[rows].iter().map(move |row| field(table, position, &row[position]))
}

/// A field in a column, by its position.
pub(crate) fn field<'a>(table: &RenderedTable, position: usize, text: &'a str) -> io::Result<Typed<'a>> {
    let kind = table.kinds[position];
    Typed::read(kind, text).ok_or_else(|| {
        let (table, column) = (table.name, table.columns[position]);
        io::Error::new(io::ErrorKind::InvalidData, format!("{table}.{column} holds {kind:?}, not {text:?}"))
    })
}

/// A field with its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Typed<'a> {
    /// An empty field.
    Null,
    Text(&'a str),
    Int(i64),
    /// A decimal times 10^places, and the places.
    Decimal(i64, u32),
    Real(f64),
    YesNo(bool),
    Date(Date),
}

impl<'a> Typed<'a> {
    /// Reads a published text back, if it fits the type.
    pub(crate) fn read(kind: Kind, text: &'a str) -> Option<Typed<'a>> {
        if text.is_empty() {
            return Some(Typed::Null);
        }
        match kind {
            Kind::Text => Some(Typed::Text(text)),
            Kind::Int => text.parse().ok().map(Typed::Int),
            Kind::Decimal(places) => scaled(text, places).map(|scaled| Typed::Decimal(scaled, places)),
            Kind::Real => text.parse().ok().filter(|value: &f64| value.is_finite()).map(Typed::Real),
            Kind::YesNo => text.parse().ok().map(Typed::YesNo),
            Kind::Date => Date::parse_iso(text.as_bytes()).map(Typed::Date),
        }
    }
}

/// A published decimal times 10^places, if it is one with at most that many places.
fn scaled(text: &str, places: u32) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let missing = places.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let fraction: i64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let magnitude = whole.parse::<i64>().ok()?.checked_mul(10i64.pow(places))?;
    let magnitude = magnitude.checked_add(fraction * 10i64.pow(missing))?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_texts_are_read_back_with_their_types() {
        use crate::model::fields::decimal_text;
        for (value, places) in [(0, 3), (-1, 4), (10_500, 4), (12_345_678, 3), (-90_000, 4), (7, 0), (i64::MAX / 10, 4)] {
            let text = decimal_text(value, places);
            assert_eq!(Typed::read(Kind::Decimal(places), &text), Some(Typed::Decimal(value, places)), "{text}");
        }
        for (kind, text) in [
            (Kind::Decimal(3), "0.1234"),
            (Kind::Decimal(3), "."),
            (Kind::Decimal(3), "1e3"),
            (Kind::Decimal(4), "9223372036854775807"),
            (Kind::Int, "1.0"),
            (Kind::Real, "NaN"),
            (Kind::YesNo, "yes"),
            (Kind::Date, "2026-02-30"),
        ] {
            assert_eq!(Typed::read(kind, text), None, "{kind:?} {text}");
        }
        for kind in [Kind::Text, Kind::Int, Kind::Decimal(3), Kind::Real, Kind::YesNo, Kind::Date] {
            assert_eq!(Typed::read(kind, ""), Some(Typed::Null));
        }
        assert_eq!(Typed::read(Kind::Text, "=1+1"), Some(Typed::Text("=1+1")));
    }
}
