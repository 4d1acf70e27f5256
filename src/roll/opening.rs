//! How the headlines stood when the school year began, so that what has moved since can be told. What is stated in a year
//! for the first time stands there as it was stated then.

use crate::kpi::Headline;
use crate::model::{Date, SchoolYear};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The headlines at the begin of a school year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    year: Option<SchoolYear>,
    /// By KPI and what is measured: the year that it is of, and the figure.
    lines: BTreeMap<(String, String), (String, Option<String>)>,
}

/// The KPI of a headline, and what is measured.
fn key(of: &Headline) -> (String, String) {
    (of.kpi.id.to_owned(), of.what.clone())
}

impl Opening {
    /// Whether a day is of another year than the one that is told of.
    pub fn turns(&self, day: Date) -> bool {
        self.year != Some(SchoolYear::of(day))
    }

    /// Takes the headlines as they stand after a moment of a day.
    pub fn follow(&mut self, day: Date, now: &[Headline]) {
        if self.turns(day) {
            self.lines.clear();
            self.year = Some(SchoolYear::of(day));
        }
        for line in now {
            self.lines.entry(key(line)).or_insert_with(|| (line.year.clone(), line.value.clone()));
        }
    }

    /// How a headline stood: the year that it was of, and the figure, or none where it must not be shown.
    pub fn of(&self, line: &Headline) -> Option<(&str, Option<&str>)> {
        self.lines.get(&key(line)).map(|(year, value)| (year.as_str(), value.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_statement_of_a_year_stays_until_the_next() {
        let day = |text: &str| Date::parse_iso(text.as_bytes()).unwrap();
        let mut opening = Opening::default();
        for (at, of, now, then) in [
            ("2025-09-02", "2025", "44.0", ("2025", "44.0")),
            ("2026-05-20", "2026", "45.1", ("2025", "44.0")),
            ("2026-07-01", "2026", "45.1", ("2026", "45.1")),
            ("2026-09-01", "2026", "46.0", ("2026", "45.1")),
        ] {
            let line = Headline {
                kpi: &crate::kpi::kpi_02_proficiency_rate::KPI,
                what: "ela".to_owned(),
                year: of.to_owned(),
                value: Some(now.to_owned()),
                interval: None,
                n: String::new(),
            };
            opening.follow(day(at), std::slice::from_ref(&line));
            assert_eq!(opening.of(&line), Some((then.0, Some(then.1))), "{at}");
        }
    }
}
