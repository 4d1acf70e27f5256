//! How the text of a column is computed: the conditions, texts, dates, numbers and codes of a profile, applied to one
//! row of a file. Nothing here can fail: a text that cannot be converted stays as it is, and the validation of its
//! column decides.

use super::dates::{self, Pattern};
use crate::model::SchoolYear;
use crate::model::fields::{decimal_text, items};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::rc::Rc;

/// What lookups found, as text by key for each lookup of the profile. Many keys may share one text, however long it is.
pub(super) type Found = Vec<HashMap<String, Rc<str>>>;

/// Decimal places for computations.
const PLACES: u32 = 9;

/// A condition on a row.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) column: usize,
    /// Whether rows of a file without the column meet the condition.
    pub(super) optional: bool,
    pub(super) test: Test,
}

/// The test applied to a field.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Is(Vec<String>),
    Not(Vec<String>),
    Starts(String),
    Empty(bool),
}

/// Where the text of a column comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The first of several that is not empty.
    First(Vec<Source>),
    One(Box<One>),
}

/// One source of a text and how it is converted, in the order of these fields.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub(super) when: Vec<Condition>,
    pub(super) base: Base,
    pub(super) empty: Vec<String>,
    pub(super) day: Option<Day>,
    pub(super) number: Option<Number>,
    pub(super) split: Option<String>,
    pub(super) codes: Vec<(String, String)>,
    pub(super) otherwise: String,
}

#[derive(Clone, Debug)]
pub(super) enum Base {
    Text(Template),
    Value(String),
    Lookup(usize, Template),
    /// Columns that each add an item to a list if they are true.
    Flags(Vec<(usize, String)>),
}

/// How a day is parsed.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) patterns: Vec<Pattern>,
    /// Whether it is the last day, where rollcall stores the first day after it.
    pub(super) inclusive: bool,
    /// Whether to convert the day to its school year.
    pub(super) year: bool,
}

/// How a number is converted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) abs: bool,
    pub(super) divide: i64,
    pub(super) whole: bool,
    pub(super) plus: i64,
}

/// Texts and columns in sequence.
#[derive(Clone, Debug)]
pub(super) struct Template(pub(super) Vec<Part>);

#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(String),
    Column(usize),
}

/// A row of a file with the columns numbered as in the profile.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) places: &'a [Option<usize>],
    pub(super) fields: &'a [&'a str],
}

impl<'a> Line<'a> {
    /// The trimmed text of a column; empty if the column is missing.
    pub(super) fn get(&self, column: usize) -> &'a str {
        self.places[column].and_then(|place| self.fields.get(place)).map_or("", |field| field.trim())
    }

    /// The position of a column's field, from 1; 0 if the column is missing.
    pub(super) fn position(&self, column: usize) -> u16 {
        self.places[column].map_or(0, |place| place as u16 + 1)
    }

    /// Whether the row meets all conditions.
    pub(super) fn holds(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|Condition { column, optional, test }| {
            if *optional && self.places[*column].is_none() {
                return true;
            }
            let text = self.get(*column);
            match test {
                Test::Is(words) => one_of(text, words),
                Test::Not(words) => !one_of(text, words),
                Test::Starts(start) => text.starts_with(start.as_str()),
                Test::Empty(is_empty) => text.is_empty() == *is_empty,
            }
        })
    }
}

/// Whether a text is one of some words, in any case.
pub(super) fn one_of(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

impl Template {
    /// The text; empty unless every column has one, because part of an id is not an id.
    pub(super) fn text<'a>(&self, line: &Line<'a>) -> Cow<'a, str> {
        if let [Part::Column(column)] = self.0[..] {
            return Cow::Borrowed(line.get(column));
        }
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Column(column) => match line.get(*column) {
                    "" => return Cow::Borrowed(""),
                    part => text.push_str(part),
                },
            }
        }
        Cow::Owned(text)
    }

    /// The columns that it uses.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.0.iter().filter_map(|part| if let Part::Column(column) = part { Some(*column) } else { None })
    }
}

impl Source {
    /// The text of a column, and the position of the field that it comes from.
    pub(super) fn text<'a>(&'a self, line: &Line<'a>, found: &'a Found) -> (Cow<'a, str>, u16) {
        match self {
            Source::One(one) => (one.text(line, found), one.columns().next().map_or(0, |column| line.position(column))),
            Source::First(sources) => {
                let mut place = 0;
                for source in sources {
                    let (text, position) = source.text(line, found);
                    if !text.is_empty() {
                        return (text, position);
                    }
                    place = if place == 0 { position } else { place };
                }
                (Cow::Borrowed(""), place)
            }
        }
    }

    /// Whether a file with these columns can provide a text.
    pub(super) fn is_fed(&self, places: &[Option<usize>]) -> bool {
        let has = |column: usize| places[column].is_some();
        match self {
            Source::First(sources) => sources.iter().any(|source| source.is_fed(places)),
            Source::One(one) if !one.otherwise.is_empty() => true,
            Source::One(one) => {
                let fed = match &one.base {
                    Base::Text(template) | Base::Lookup(_, template) => template.columns().all(has),
                    Base::Value(_) => true,
                    Base::Flags(flags) => flags.iter().any(|(column, _)| has(*column)),
                };
                fed && one.when.iter().all(|condition| condition.optional || has(condition.column))
            }
        }
    }

    /// The columns that it uses.
    pub(super) fn columns(&self) -> Vec<usize> {
        match self {
            Source::First(sources) => sources.iter().flat_map(Source::columns).collect(),
            Source::One(one) => one.columns().collect(),
        }
    }

    /// The lookups that it uses.
    pub(super) fn lookups(&self) -> Vec<usize> {
        match self {
            Source::First(sources) => sources.iter().flat_map(Source::lookups).collect(),
            Source::One(one) => match &one.base {
                Base::Lookup(lookup, _) => vec![*lookup],
                _ => Vec::new(),
            },
        }
    }
}

impl One {
    fn columns(&self) -> impl Iterator<Item = usize> {
        let base: Vec<usize> = match &self.base {
            Base::Text(template) | Base::Lookup(_, template) => template.columns().collect(),
            Base::Value(_) => Vec::new(),
            Base::Flags(flags) => flags.iter().map(|(column, _)| *column).collect(),
        };
        base.into_iter().chain(self.when.iter().map(|condition| condition.column))
    }

    fn text<'a>(&'a self, line: &Line<'a>, found: &'a Found) -> Cow<'a, str> {
        let text = if line.holds(&self.when) { self.base(line, found) } else { Cow::Borrowed("") };
        let text = if one_of(&text, &self.empty) { Cow::Borrowed("") } else { text };
        let text = if text.is_empty() { text } else { self.changed(text) };
        if text.is_empty() { Cow::Borrowed(&self.otherwise) } else { text }
    }

    fn base<'a>(&'a self, line: &Line<'a>, found: &'a Found) -> Cow<'a, str> {
        match &self.base {
            Base::Text(template) => template.text(line),
            Base::Value(value) => Cow::Borrowed(value),
            Base::Lookup(lookup, by) => {
                let texts = found.get(*lookup);
                Cow::Borrowed(texts.and_then(|texts| texts.get(by.text(line).as_ref())).map_or("", |text| &**text))
            }
            Base::Flags(flags) => {
                let is = |text: &str, words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
                let item = |(column, item): &(usize, String)| match line.get(*column) {
                    text if is(text, &["", "false", "0", "no", "n", "f"]) => None,
                    text if is(text, &["true", "1", "yes", "y", "t", "x"]) => Some(item.clone()),
                    // Neither true nor false: produce an unrecognized code that shows the text.
                    text => Some(format!("{item}={text}")),
                };
                Cow::Owned(flags.iter().filter_map(item).collect::<Vec<_>>().join(";"))
            }
        }
    }

    fn changed<'a>(&'a self, text: Cow<'a, str>) -> Cow<'a, str> {
        let text = match &self.day {
            Some(day) => day.text(&text).map_or(text, Cow::Owned),
            None => text,
        };
        let text = match &self.number {
            Some(number) => number.text(&text).map_or(text, Cow::Owned),
            None => text,
        };
        if self.codes.is_empty() && self.split.is_none() {
            return text;
        }
        let code = |word: &str| -> String {
            let same = |(code, _): &&(String, String)| code.eq_ignore_ascii_case(word);
            self.codes.iter().find(same).map_or(word, |(_, code)| code).to_owned()
        };
        let is_same = |(code, _): &&(String, String)| code.eq_ignore_ascii_case(&text);
        match (&self.split, self.codes.iter().find(is_same)) {
            (Some(split), _) => {
                let words = text.split(split.as_str()).map(str::trim).filter(|word| !word.is_empty()).map(code);
                Cow::Owned(words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(";"))
            }
            (None, Some((_, code))) => Cow::Borrowed(code),
            (None, None) if text.contains(';') => {
                Cow::Owned(items(&text).map(code).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(";"))
            }
            (None, None) => text,
        }
    }
}

impl Day {
    /// The day in ISO format, or its school year.
    fn text(&self, text: &str) -> Option<String> {
        let day = dates::day(text, &self.patterns)?;
        let day = if self.inclusive { day.plus(1) } else { day };
        Some(if self.year { SchoolYear::of(day).to_string() } else { day.to_string() })
    }
}

impl Number {
    /// The number, computed exactly and rounded to nine decimal places.
    fn text(self, text: &str) -> Option<String> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        if whole.is_empty() || whole.len() > 9 || fraction.len() > PLACES as usize || !is_number {
            return None;
        }
        let unit = 10i64.pow(PLACES);
        let after: i64 = format!("{fraction:0<width$}", width = PLACES as usize).parse().ok()?;
        let magnitude = whole.parse::<i64>().ok()? * unit + after;
        let rounded = magnitude.checked_add(self.divide / 2)? / self.divide;
        let magnitude = if self.whole { rounded / unit * unit } else { rounded };
        let number = if text.starts_with('-') && !self.abs { -magnitude } else { magnitude };
        let number = number.checked_add(self.plus.checked_mul(unit)?)?;
        Some(decimal_text(number, PLACES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_computed_exactly() {
        let as_is = Number { abs: false, divide: 1, whole: false, plus: 0 };
        let text = |number: Number, text: &str| number.text(text);
        assert_eq!(text(Number { divide: 100, ..as_is }, "62.5").as_deref(), Some("0.625"));
        assert_eq!(text(Number { abs: true, ..as_is }, "-4711").as_deref(), Some("4711"));
        assert_eq!(text(Number { plus: 1991, ..as_is }, "35").as_deref(), Some("2026"));
        assert_eq!(text(Number { divide: 100, whole: true, plus: 1991, ..as_is }, "3501").as_deref(), Some("2026"));
        assert_eq!(text(Number { divide: 3, ..as_is }, "-1").as_deref(), Some("-0.333333333"));
        assert_eq!(text(Number { plus: 1_000_000_000, ..as_is }, "999999999").as_deref(), Some("1999999999"));
        for bad in ["", "-", "x", "1e3", "1234567890", "1.2.3", "--1", "9.9999999999", "１"] {
            assert_eq!(text(as_is, bad), None, "{bad}");
        }
    }
}
