//! Tests that belong together over the years: findings compare years and name the main test of each subject.

use crate::insight::numbers::{Numbers, Rate};
use crate::insight::words;
use std::collections::{BTreeMap, BTreeSet};

/// The results of one kind of test over the years.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// The subject.
    pub subject: &'a str,
    /// Its label: the subject, and the test if it is not the main one of the subject.
    pub label: String,
    /// Whether it is the test of its subject that most students take.
    pub is_main: bool,
    /// Rates of the district over all grades, by year.
    pub years: Vec<&'a Rate>,
}

impl<'a> Series<'a> {
    /// The latest year.
    pub fn latest(&self) -> &'a Rate {
        self.years.last().expect("invariant: a series is made of rates")
    }
}

/// Groups the tests of the district into series: tests of a subject whose ids differ only by the year belong together, as do
/// all tests of a subject that has one per year.
pub fn series(numbers: &Numbers) -> Vec<Series<'_>> {
    let mut by_key: BTreeMap<(&str, String), Vec<&Rate>> = BTreeMap::new();
    for rate in numbers.rates.iter().filter(|rate| rate.school.is_empty() && rate.grade.is_empty()) {
        by_key.entry((&rate.subject, without_year(rate))).or_default().push(rate);
    }
    let subjects: BTreeSet<&str> = by_key.keys().map(|(subject, _)| *subject).collect();
    let mut all = Vec::new();
    for subject in subjects {
        let mut groups: Vec<(String, Vec<&Rate>)> = by_key
            .iter()
            .filter(|((of, _), _)| *of == subject)
            .map(|((_, key), rates)| (key.clone(), rates.clone()))
            .collect();
        let years: Vec<i32> = groups.iter().flat_map(|(_, rates)| rates.iter().map(|rate| rate.year)).collect();
        let one_a_year = years.iter().collect::<BTreeSet<_>>().len() == years.len();
        if one_a_year && groups.len() > 1 {
            groups = vec![(String::new(), groups.into_iter().flat_map(|(_, rates)| rates).collect())];
        }
        let most = |rates: &[&Rate]| rates.iter().map(|rate| rate.n).max().unwrap_or_default();
        // The main test first; ties by name.
        groups.sort_by(|(key, a), (other, b)| most(b).cmp(&most(a)).then_with(|| key.cmp(other)));
        for (place, (key, mut years)) in groups.into_iter().enumerate() {
            years.sort_by_key(|rate| rate.year);
            let label = words::subject(subject);
            let label = if place == 0 { label } else { format!("{label} ({key})") };
            all.push(Series { subject, label, is_main: place == 0, years });
        }
    }
    all
}

/// The id of a test without its year.
pub(super) fn without_year(rate: &Rate) -> String {
    let text = rate.test.replace(&rate.year.to_string(), " ");
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::series;
    use crate::insight::findings::tests::rate;
    use crate::insight::numbers::{Numbers, Rate};

    #[test]
    fn series_join_tests_over_the_years() {
        let rates = [
            ("S-2024-ELA", 2024, 900),
            ("S-2025-ELA", 2025, 950),
            ("B-2025-ELA", 2025, 100),
            ("M9", 2024, 50),
            ("X7", 2025, 60),
        ];
        let rates = rates.map(|(test, year, n)| Rate {
            subject: if test.len() > 2 { "ela" } else { "math" }.to_owned(),
            ..rate(test, year, "", n / 2, n)
        });
        let numbers = Numbers { rates: rates.to_vec(), ..Numbers::default() };
        let found: Vec<(String, bool, usize)> =
            series(&numbers).iter().map(|series| (series.label.clone(), series.is_main, series.years.len())).collect();
        let main = ("English language arts".to_owned(), true, 2);
        let other = ("English language arts (B ELA)".to_owned(), false, 1);
        assert_eq!(found, [main, other, ("mathematics".to_owned(), true, 2)]);
    }
}
