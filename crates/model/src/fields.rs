//! The types of columns: how each is read from text, and how its value is passed to writers.

use super::codes::{Code, CodeMaps, CodeSet, Codes, UnrecognizedCode};
use super::date::{Date, SchoolYear};
use super::ids::{Id, Space, Text};
use super::texts::Texts;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// An exact decimal: the value times 10^`DECIMALS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fixed<const DECIMALS: u32>(pub i32);

/// Full-time equivalents, credits, shares and years: 1/10,000 (Ed-Fi stores FTE as DECIMAL(5,4)).
pub type Fte = Fixed<4>;
/// Scores and their errors: 1/1,000.
pub type Score = Fixed<3>;

/// Texts in one field, stored as one text separated by `;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct List(pub Text);

/// Ids in one field, in the stated order; at most eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "(Vec<Option<I>>, List)", from = "(Vec<Option<I>>, List)", bound(serialize = "I: Copy + Serialize"))]
pub struct Ids<I> {
    ids: [Option<I>; 8],
    /// The stated order.
    list: List,
}

impl<I> From<Ids<I>> for (Vec<Option<I>>, List) {
    fn from(ids: Ids<I>) -> Self {
        (ids.ids.into_iter().filter(Option::is_some).collect(), ids.list)
    }
}

impl<I> From<(Vec<Option<I>>, List)> for Ids<I> {
    fn from((stored, list): (Vec<Option<I>>, List)) -> Self {
        let mut stored = stored.into_iter();
        Ids { ids: std::array::from_fn(|_| stored.next().flatten()), list }
    }
}

impl<I: Copy> Ids<I> {
    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = I> {
        self.ids.into_iter().flatten()
    }
}

/// The type of a column; the SQL type and the documentation follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Free text.
    Text,
    /// An id of this space.
    Id(Space),
    /// A code of this set.
    Code(CodeSet),
    /// A calendar day.
    Day,
    /// An exact decimal with this many places.
    Decimal(u32),
    /// A whole number.
    Int,
    /// A spring year.
    Year,
    /// True or false.
    Bool,
    /// A set of codes.
    Codes(CodeSet),
    /// A list of texts.
    List,
    /// A list of ids of this space.
    Ids(Space),
}

/// A value of a row for output; writers resolve ids and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// An empty field.
    Null,
    /// A text or id.
    Symbol(Space, NonZeroU32),
    /// A known code: its position in the set.
    Code(CodeSet, u8),
    /// An unrecognized code.
    UnrecognizedCode(CodeSet, UnrecognizedCode),
    /// A day.
    Day(Date),
    /// A decimal: value times 10^places, and the places.
    Decimal(i64, u32),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// A set of codes.
    Codes(CodeSet, u32, [Option<UnrecognizedCode>; 3]),
    /// A list of texts.
    List(NonZeroU32),
}

/// Why a text is not a value of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Unreadable {
    /// Not a day of the calendar in the form `YYYY-MM-DD`.
    Date,
    /// Not a decimal number within range.
    Decimal,
    /// Not a whole number within range.
    Int,
    /// Not a spring year from 1900 to 2200.
    Year,
    /// Neither true nor false.
    Bool,
    /// More ids than fit in a list.
    Ids,
}

impl Unreadable {
    /// What would have been accepted.
    pub const fn hint(self) -> &'static str {
        match self {
            Unreadable::Date => "dates are written YYYY-MM-DD, as in 2025-09-02",
            Unreadable::Decimal => "decimals are plain digits with a point, as in 0.75",
            Unreadable::Int => "whole numbers are plain digits, as in 28",
            Unreadable::Year => "school years are the spring year, as in 2026 for 2025-26",
            Unreadable::Ids => "a list holds at most eight different ids, separated by `;`",
            Unreadable::Bool => "write true or false (1 and 0, yes and no are read too)",
        }
    }
}

/// A column type.
pub trait Field: Copy + 'static {
    /// Its kind.
    const TYPE: FieldType;
    /// Whether a row without it is rejected.
    const REQUIRED: bool = true;
    /// Reads a trimmed text that is not empty.
    fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable>;
    /// The value of an empty text, unless the column is required.
    #[inline]
    fn absent() -> Option<Self> {
        None
    }
    /// The value for output.
    fn value(self) -> Value;
    /// Visits the ids, unrecognized codes and days in the field.
    #[inline]
    fn visit(self, _column: usize, _visit: &mut impl FnMut(usize, Visited)) {}
    /// The field with its unrecognized codes replaced by mapped ones.
    #[inline]
    fn map_codes(self, _map: &CodeMaps) -> Self {
        self
    }
}

/// What rules over all tables look for in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visited {
    /// An id.
    Id(Space, NonZeroU32),
    /// An unrecognized code.
    UnrecognizedCode(CodeSet, UnrecognizedCode),
    /// A day.
    Day(Date),
}

impl<F: Field> Field for Option<F> {
    const TYPE: FieldType = F::TYPE;
    const REQUIRED: bool = false;
    #[inline]
    fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> {
        F::read(text, texts).map(Some)
    }
    #[inline]
    fn absent() -> Option<Self> {
        Some(None)
    }
    #[inline]
    fn value(self) -> Value {
        self.map_or(Value::Null, F::value)
    }
    #[inline]
    fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
        if let Some(field) = self {
            field.visit(column, visit);
        }
    }
    #[inline]
    fn map_codes(self, map: &CodeMaps) -> Self {
        self.map(|field| field.map_codes(map))
    }
}

impl Field for Date {
    const TYPE: FieldType = FieldType::Day;
    #[inline]
    fn read(text: &str, _: &mut Texts) -> Result<Self, Unreadable> {
        Date::parse_iso(text.as_bytes()).ok_or(Unreadable::Date)
    }
    #[inline]
    fn value(self) -> Value {
        Value::Day(self)
    }
    #[inline]
    fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
        visit(column, Visited::Day(self));
    }
}

impl Field for SchoolYear {
    const TYPE: FieldType = FieldType::Year;
    #[inline]
    fn read(text: &str, _: &mut Texts) -> Result<Self, Unreadable> {
        let year = text.parse().ok().filter(|year| (1900..=2200).contains(year));
        year.map(SchoolYear).ok_or(Unreadable::Year)
    }
    #[inline]
    fn value(self) -> Value {
        Value::Int(self.0.into())
    }
}

impl Field for bool {
    const TYPE: FieldType = FieldType::Bool;
    #[inline]
    fn read(text: &str, _: &mut Texts) -> Result<Self, Unreadable> {
        let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match () {
            () if is(&["true", "1", "yes", "y", "t"]) => Ok(true),
            () if is(&["false", "0", "no", "n", "f"]) => Ok(false),
            () => Err(Unreadable::Bool),
        }
    }
    #[inline]
    fn value(self) -> Value {
        Value::Bool(self)
    }
}

impl Field for i32 {
    const TYPE: FieldType = FieldType::Int;
    #[inline]
    fn read(text: &str, _: &mut Texts) -> Result<Self, Unreadable> {
        text.parse().map_err(|_| Unreadable::Int)
    }
    #[inline]
    fn value(self) -> Value {
        Value::Int(self.into())
    }
}

impl<const DECIMALS: u32> Field for Fixed<DECIMALS> {
    const TYPE: FieldType = FieldType::Decimal(DECIMALS);
    /// Digits beyond the last place are rounded half away from zero: thirds are often written `0.33333`.
    fn read(text: &str, _: &mut Texts) -> Result<Self, Unreadable> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || whole.len() > 9 || !numeric(whole) || !numeric(fraction) {
            return Err(Unreadable::Decimal);
        }
        let mut scaled: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Unreadable::Decimal)? };
        let mut places = fraction.bytes();
        for _ in 0..DECIMALS {
            scaled = scaled * 10 + i64::from(places.next().unwrap_or(b'0') - b'0');
        }
        scaled += i64::from(places.next().is_some_and(|next| next >= b'5'));
        i32::try_from(if negative { -scaled } else { scaled }).map(Fixed).map_err(|_| Unreadable::Decimal)
    }
    #[inline]
    fn value(self) -> Value {
        Value::Decimal(self.0.into(), DECIMALS)
    }
}

impl<C: Code> Field for Codes<C> {
    const TYPE: FieldType = FieldType::Codes(C::SET);
    const REQUIRED: bool = false;
    #[inline]
    fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> {
        Ok(Codes::read(text, texts))
    }
    #[inline]
    fn absent() -> Option<Self> {
        Some(Codes::EMPTY)
    }
    #[inline]
    fn value(self) -> Value {
        if self.is_empty() { Value::Null } else { Value::Codes(C::SET, self.bits, self.unrecognized) }
    }
    #[inline]
    fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
        self.unrecognized
            .into_iter()
            .flatten()
            .for_each(|unrecognized| visit(column, Visited::UnrecognizedCode(C::SET, unrecognized)));
    }
    #[inline]
    fn map_codes(self, map: &CodeMaps) -> Self {
        Codes::map_codes(self, map)
    }
}

impl<I: Id + Ord> Field for Ids<I> {
    const TYPE: FieldType = FieldType::Ids(I::SPACE);
    fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> {
        let mut ids = [None; 8];
        for item in items(text) {
            let id = texts.id(item);
            if !ids.contains(&Some(id)) {
                let slot = ids.iter_mut().find(|slot| slot.is_none());
                *slot.ok_or(Unreadable::Ids)? = Some(id);
            }
        }
        Ok(Ids { ids, list: List::read(text, texts)? })
    }
    #[inline]
    fn value(self) -> Value {
        self.list.value()
    }
    #[inline]
    fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
        self.iter().for_each(|id| visit(column, Visited::Id(I::SPACE, id.symbol())));
    }
}

impl Field for List {
    const TYPE: FieldType = FieldType::List;
    #[inline]
    fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> {
        let joined = items(text).collect::<Vec<_>>().join(";");
        Ok(List(texts.id(&joined)))
    }
    #[inline]
    fn value(self) -> Value {
        Value::List(self.0.0)
    }
}

/// The offset of unrecognized codes in the parts of natural keys.
const UNRECOGNIZED_PART: u32 = 1 << 16;

/// The items of a list field, separated by `;`, `,` or `|`.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', ',', '|']).map(str::trim).filter(|item| !item.is_empty())
}

/// Writes a decimal with `places` places, without trailing zeros.
#[inline]
pub fn decimal_text(scaled: i64, places: u32) -> String {
    let unit = 10u64.pow(places);
    let magnitude = scaled.unsigned_abs();
    let sign = if scaled < 0 { "-" } else { "" };
    let fraction = format!("{:0width$}", magnitude % unit, width = places as usize);
    let fraction = if places == 0 { "" } else { fraction.trim_end_matches('0') };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", magnitude / unit)
}

impl Value {
    /// The value as a part of a natural key; 0 for an empty field, and for types that no natural key uses.
    pub fn part(self) -> u32 {
        match self {
            Value::Symbol(_, symbol) => symbol.get(),
            Value::Code(_, rank) => u32::from(rank) + 1,
            Value::UnrecognizedCode(_, unrecognized) => u32::from(unrecognized.0.get()) + UNRECOGNIZED_PART,
            Value::Day(date) => date.number() as u32,
            Value::Int(number) => u32::try_from(number).unwrap_or(0),
            _ => 0,
        }
    }

    /// The value of a part of a natural key with this type.
    pub fn of_part(kind: FieldType, part: u32) -> Value {
        let symbol = |space| NonZeroU32::new(part).map_or(Value::Null, |symbol| Value::Symbol(space, symbol));
        match kind {
            FieldType::Id(space) => symbol(space),
            FieldType::Text => symbol(Space::Text),
            FieldType::Day => Date::from_number(part.into()).map_or(Value::Null, Value::Day),
            FieldType::Int | FieldType::Year => Value::Int(part.into()),
            FieldType::Code(set) if part > UNRECOGNIZED_PART => {
                let unrecognized = u16::try_from(part - UNRECOGNIZED_PART).ok().and_then(std::num::NonZeroU16::new);
                unrecognized.map_or(Value::Null, |unrecognized| Value::UnrecognizedCode(set, UnrecognizedCode(unrecognized)))
            }
            FieldType::Code(set) if part > 0 => Value::Code(set, (part - 1) as u8),
            _ => Value::Null,
        }
    }

    /// The published text; a list is joined with `;`, an empty field is an empty text.
    pub fn text(self, texts: &Texts) -> String {
        match self {
            Value::Null => String::new(),
            Value::Symbol(space, symbol) => texts.symbol_text(space, symbol).to_owned(),
            Value::Code(set, rank) => set.values()[usize::from(rank)].to_owned(),
            Value::UnrecognizedCode(set, unrecognized) => texts.unrecognized_text(set, unrecognized).to_owned(),
            Value::Day(date) => date.to_string(),
            Value::Decimal(scaled, places) => decimal_text(scaled, places),
            Value::Int(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Codes(..) | Value::List(_) => self.items(texts).join(";"),
        }
    }

    /// The members of a list or set; other values have none.
    pub fn items(self, texts: &Texts) -> Vec<&str> {
        match self {
            Value::Codes(set, bits, unrecognized) => {
                let known = set.values().iter().enumerate().filter(|(rank, _)| bits >> rank & 1 == 1);
                let unrecognized =
                    unrecognized.into_iter().flatten().map(|unrecognized| texts.unrecognized_text(set, unrecognized));
                known.map(|(_, &value)| value).chain(unrecognized).collect()
            }
            Value::List(symbol) => items(texts.symbol_text(Space::Text, symbol)).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_round_at_the_last_place() {
        let mut texts = Texts::default();
        let mut read = |text| Fte::read(text, &mut texts).map(|fte| fte.0);
        assert_eq!(read("1"), Ok(10_000));
        assert_eq!(read("0.3333"), Ok(3_333));
        assert_eq!(read(".66666"), Ok(6_667));
        assert_eq!(read("-0.00005"), Ok(-1));
        assert_eq!(read("214748.3647"), Ok(i32::MAX));
        for bad in ["214748.3648", "1e3", "1,5", ".", "-", "0.5.", "９", "1234567890", "NaN", "0x1"] {
            assert_eq!(read(bad), Err(Unreadable::Decimal), "{bad}");
        }
        for (scaled, text) in [(0, "0"), (10_500, "1.05"), (-3_333, "-0.3333"), (20_000, "2")] {
            assert_eq!(decimal_text(scaled, 4), text);
        }
        assert_eq!(decimal_text(7, 0), "7");
    }
}
