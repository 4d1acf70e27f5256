//! Participation in tests, against the 95% that federal law requires.

use super::series::without_year;
use super::{Advice, Finding, Found, Series, Topic};
use crate::insight::numbers::{Numbers, Rate};
use crate::insight::words::{self, count, interval, many, percent};
use std::collections::BTreeMap;

pub(super) const TOPIC: Topic = Topic { comparisons: |_, _| 0, find };

/// Participation below 95% on the latest year of each test, once its window is over.
fn find(numbers: &Numbers, series: &[Series<'_>], _: f64) -> Found {
    // Rules about untested students run only after the window; before that, the rate is provisional.
    let has_violation = |test: &str| {
        let rules = ["ASM-009", "ASM-010"].into_iter().filter_map(|id| numbers.open(id));
        rules.flat_map(|rule| &rule.subjects).any(|(subject, _)| subject.split('|').any(|part| part == test))
    };
    let is_over = |rate: &&Rate| rate.year < numbers.school_year || has_violation(&rate.test);
    let mut latest: BTreeMap<(&str, String), &Rate> = BTreeMap::new();
    for rate in numbers.participation.iter().filter(is_over) {
        let best = latest.entry((&rate.subject, without_year(rate))).or_insert(rate);
        if rate.year > best.year {
            *best = rate;
        }
    }
    let mut findings = Vec::new();
    for rate in latest.values().filter(|rate| rate.rate < 95.0) {
        let of = series.iter().find(|series| series.years.iter().any(|year| year.test == rate.test));
        let label = of.map_or_else(|| words::subject(&rate.subject), |series| series.label.clone());
        let text = format!(
            "{} of {} expected students were tested in {}, {} ({}). Federal law requires 95%, and untested students may differ.",
            count(rate.hits),
            count(rate.n),
            words::year(rate.year),
            percent(rate.rate),
            interval(rate.low, rate.high),
        );
        let what = match numbers.open("ASM-009") {
            Some(rule) => format!(
                "enter a result or a reason for the {} without a record (ASM-009); list who else was not tested, and why.",
                many(rule.open, "student", "students")
            ),
            None => "list who was not tested and why, and plan make-up days for the next window.".to_owned(),
        };
        findings.push(Finding {
            score: (95.0 - rate.rate) / 5.0,
            headline: format!("Participation in {label} is below 95%"),
            text,
            advice: Some(Advice::to("Assessment coordinator", what)),
        });
    }
    let quiet = (findings.is_empty() && !latest.is_empty())
        .then(|| "participation reaches 95% on every test whose window is over".to_owned());
    Found { findings, quiet }
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::tests::{only, quiet, rate, rule};
    use crate::qa::Severity;

    #[test]
    fn participation_counts_once_the_window_is_over() {
        let mut numbers = quiet();
        numbers.participation = vec![rate("S-2025-ELA", 2025, "", 850, 1000)];
        assert!(only(&numbers).headline.contains("Participation in English language arts is below 95%"));
        // The window of this year may still be open, unless a rule that waits for its end has a violation.
        numbers.participation.push(rate("S-2026-ELA", 2026, "", 400, 1000));
        assert!(only(&numbers).text.starts_with("850 of 1,000"));
        numbers.rules = vec![rule("ASM-010", Severity::Warning, &["S-2026-ELA|N|all|all"])];
        assert!(only(&numbers).text.starts_with("400 of 1,000"));
    }
}
