//! The headlines as they were when the school year began, to show what has changed since. A headline first published
//! during a year counts from that day.

use crate::kpi::Headline;
use crate::model::{Date, SchoolYear};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The headlines at the start of a school year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    year: Option<SchoolYear>,
    /// By KPI and what it measures.
    lines: BTreeMap<(String, String), Then>,
}

/// A headline at the start of the year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Then {
    /// The day on which it was first published in the school year, usually the first day.
    pub day: Date,
    /// The year of the figure; empty for a figure of the day.
    pub year: String,
    /// The figure; none if it is suppressed.
    pub value: Option<String>,
}

/// The KPI of a headline, and what it measures.
fn key(of: &Headline) -> (String, String) {
    (of.kpi.id.to_owned(), of.what.clone())
}

impl Opening {
    /// Whether a day is in another school year than the stored one.
    pub(crate) fn turns(&self, day: Date) -> bool {
        self.year != Some(SchoolYear::of(day))
    }

    /// Applies the headlines after a timestamp of a day.
    pub(crate) fn follow(&mut self, day: Date, now: &[Headline]) {
        if self.turns(day) {
            self.lines.clear();
            self.year = Some(SchoolYear::of(day));
        }
        for line in now {
            let then = || Then { day, year: line.year.clone(), value: line.value.clone() };
            self.lines.entry(key(line)).or_insert_with(then);
        }
    }

    /// A headline at the start of the year.
    pub(crate) fn of(&self, line: &Headline) -> Option<&Then> {
        self.lines.get(&key(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_year_stays_until_the_next_year() {
        let day = |text: &str| Date::parse_iso(text.as_bytes()).unwrap();
        let mut opening = Opening::default();
        for (at, of, now, (since, year, value)) in [
            ("2025-09-02", "2025", "44.0", ("2025-09-02", "2025", "44.0")),
            ("2026-05-20", "2026", "45.1", ("2025-09-02", "2025", "44.0")),
            ("2026-07-01", "2026", "45.1", ("2026-07-01", "2026", "45.1")),
            ("2026-09-01", "2026", "46.0", ("2026-07-01", "2026", "45.1")),
        ] {
            let line = Headline {
                kpi: &crate::kpi::kpi_02_proficiency_rate::KPI,
                what: "ela".to_owned(),
                gap: None,
                year: of.to_owned(),
                value: Some(now.to_owned()),
                interval: None,
                n: String::new(),
            };
            opening.follow(day(at), std::slice::from_ref(&line));
            let then = Then { day: day(since), year: year.to_owned(), value: Some(value.to_owned()) };
            assert_eq!(opening.of(&line), Some(&then), "{at}");
        }
    }

    #[test]
    fn headlines_are_told_apart_by_kpi_and_by_what_they_measure() {
        use crate::kpi::{kpi_02_proficiency_rate as rate, kpi_04_participation_rate as participation};
        let line = |kpi, what: &str, value: &str| Headline {
            kpi,
            what: what.to_owned(),
            gap: None,
            year: String::new(),
            value: Some(value.to_owned()),
            interval: None,
            n: String::new(),
        };
        let lines = [line(&rate::KPI, "ela", "1"), line(&rate::KPI, "math", "2"), line(&participation::KPI, "ela", "3")];
        let mut opening = Opening::default();
        opening.follow(Date::ymd(2025, 9, 2).unwrap(), &lines);
        let values = lines.each_ref().map(|line| opening.of(line).and_then(|then| then.value.clone()));
        assert_eq!(values, lines.each_ref().map(|line| line.value.clone()));
        assert_eq!(opening.of(&line(&participation::KPI, "math", "")), None);
    }
}
