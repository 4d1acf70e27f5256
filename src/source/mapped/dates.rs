//! Dates in export formats: `strftime` patterns, as far as dates need them. By `%Y`, jiff's `strptime` reads 1/1/25 as year 25.

use crate::model::Date;

/// A pattern, such as `%m/%d/%Y`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Item>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Literal(char),
    Year,
    ShortYear,
    Month,
    MonthName,
    Day,
    /// A number of the time of day, with at most this many digits; it is skipped.
    Time(usize),
    /// `AM` or `PM`.
    Half,
}

/// What a pattern may contain, as a hint.
pub(super) const HINT: &str = "use %Y %y %m %b %d for the date, %H %I %M %S %f %p for a time to skip, and punctuation";

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl Pattern {
    /// Parses a pattern, which must have year, month and day.
    pub(super) fn read(text: &str) -> Option<Pattern> {
        let mut items = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            items.push(match c {
                '%' => match chars.next()? {
                    'Y' => Item::Year,
                    'y' => Item::ShortYear,
                    'm' => Item::Month,
                    'b' | 'B' => Item::MonthName,
                    'd' | 'e' => Item::Day,
                    'H' | 'I' | 'M' | 'S' => Item::Time(2),
                    'f' => Item::Time(9),
                    'p' => Item::Half,
                    '%' => Item::Literal('%'),
                    _ => return None,
                },
                c => Item::Literal(c),
            });
        }
        let has = |wanted: &[Item]| items.iter().any(|item| wanted.contains(item));
        let whole = has(&[Item::Year, Item::ShortYear]) && has(&[Item::Month, Item::MonthName]) && has(&[Item::Day]);
        whole.then_some(Pattern(items))
    }

    /// The day in a text that matches the whole pattern.
    pub(super) fn day(&self, text: &str) -> Option<Date> {
        let (mut year, mut month, mut day) = (None, None, None);
        let mut rest = text;
        for item in &self.0 {
            match *item {
                Item::Literal(c) => rest = rest.strip_prefix(c)?,
                Item::Year => year = Some(number(&mut rest, 4, 4)? as i32),
                Item::ShortYear => {
                    // As in POSIX: 69 to 99 are in the last century.
                    let short = number(&mut rest, 2, 2)? as i32;
                    year = Some(if short >= 69 { 1900 + short } else { 2000 + short });
                }
                Item::Month => month = Some(number(&mut rest, 1, 2)?),
                Item::Day => day = Some(number(&mut rest, 1, 2)?),
                Item::MonthName => {
                    let length = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                    let (word, after) = rest.split_at(length);
                    let word = word.to_ascii_lowercase();
                    let named = |name: &str| word.len() >= 3 && name.starts_with(&word);
                    month = Some(MONTHS.iter().position(|name| named(name))? as u32 + 1);
                    rest = after;
                }
                Item::Time(most) => drop(number(&mut rest, 1, most)?),
                Item::Half => {
                    let half =
                        rest.get(..2).filter(|half| ["am", "pm"].iter().any(|word| half.eq_ignore_ascii_case(word)))?;
                    rest = &rest[half.len()..];
                }
            }
        }
        if rest.is_empty() { Date::ymd(year?, month?, day?) } else { None }
    }
}

/// Takes a number with `least` to `most` digits off the front of a text.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at(length);
    *rest = after;
    (length >= least).then(|| digits.parse().ok()).flatten()
}

/// The day in a text, by the first pattern that matches.
pub(super) fn day(text: &str, patterns: &[Pattern]) -> Option<Date> {
    patterns.iter().find_map(|pattern| pattern.day(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_parse_days() {
        let read = |pattern: &str, text: &str| Pattern::read(pattern).unwrap().day(text).map(|day| day.to_string());
        for (pattern, text) in [
            ("%Y-%m-%d", "2025-09-02"),
            ("%m/%d/%Y", "9/2/2025"),
            ("%m/%d/%y", "09/02/25"),
            ("%d-%b-%Y", "02-SEP-2025"),
            ("%b %d, %Y", "September 2, 2025"),
            ("%Y-%m-%d %H:%M:%S.%f", "2025-09-02 00:00:00.000"),
            ("%m/%d/%Y %I:%M:%S %p", "9/2/2025 12:00:00 AM"),
            ("%Y%m%d", "20250902"),
        ] {
            assert_eq!(read(pattern, text).as_deref(), Some("2025-09-02"), "{pattern}");
        }
        for (pattern, text) in [
            ("%Y-%m-%d", "2025-09-02 "),
            ("%Y-%m-%d", "2025-02-30"),
            ("%m/%d/%Y", "13/01/2025"),
            ("%m/%d/%Y", "1/1/25"),
            ("%d-%b-%Y", "02-se-2025"),
            ("%d-%b-%Y", "02-Ä-2025"),
            ("%m/%d/%Y", "0/0/0000"),
        ] {
            assert_eq!(read(pattern, text), None, "{pattern}");
        }
        assert_eq!(read("%y-%m-%d", "99-01-31").as_deref(), Some("1999-01-31"));
        for bad in ["", "%Y", "%Y-%m", "%Y-%m-%d %", "%Y-%m-%d %Z", "%j"] {
            assert_eq!(Pattern::read(bad), None, "{bad}");
        }
    }
}
