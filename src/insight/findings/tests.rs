//! The district that tests of findings begin with, and tests of the choice.

use super::{Finding, choose, critical};
use crate::insight::numbers::{Clean, Gap, Numbers, Qualified, Rate, Rule, Staffed};
use crate::kpi::statistics::{difference, share};
use crate::qa::Severity;
use std::collections::BTreeMap;

pub(super) fn rate(test: &str, year: i32, school: &str, hits: i64, n: i64) -> Rate {
    let share = share(hits, n).unwrap();
    let [rate, low, high] = [share.value, share.low, share.high].map(|share| 100.0 * share);
    let subject = if test.contains("MATH") { "math" } else { "ela" };
    let (test, subject, school) = (test.to_owned(), subject.to_owned(), school.to_owned());
    Rate { test, subject, year, school, n, hits, rate, low, high, ..Rate::default() }
}

/// A gap between the economically disadvantaged and others on the test of 2025.
pub(super) fn gap(test: &str, behind: (i64, i64), reference: (i64, i64)) -> Gap {
    let found = difference(reference, behind).unwrap();
    let [gap, low, high] = [found.value, found.low, found.high].map(|share| 100.0 * share);
    Gap {
        test: test.to_owned(),
        subject: "ela".to_owned(),
        year: 2025,
        category: "econ".to_owned(),
        reference: "no".to_owned(),
        focal: "yes".to_owned(),
        n_reference: reference.1,
        n_focal: behind.1,
        gap,
        low,
        high,
        z: found.z,
        ..Gap::default()
    }
}

pub(super) fn rule(id: &'static str, severity: Severity, subjects: &[&str]) -> Rule {
    let fix = "Correct it.".to_owned();
    let subjects: Vec<_> = subjects.iter().map(|subject| ((*subject).to_owned(), BTreeMap::new())).collect();
    Rule { id, family: "enrollment", severity, title: "something is wrong", fix, open: subjects.len(), subjects }
}

/// A district of two schools without problems or findings.
pub(super) fn quiet() -> Numbers {
    let staffed = |org: &str, name: &str, students, teachers: f64| {
        let ratio = Some(students as f64 / teachers);
        Staffed { org: org.to_owned(), name: name.to_owned(), students, teachers, ratio }
    };
    Numbers {
        district: "Hill District".to_owned(),
        day: "2026-03-16".to_owned(),
        school_year: 2026,
        minimum_n: 10,
        rows: 1000,
        rates: vec![rate("S-2024-ELA", 2024, "", 500, 1000), rate("S-2025-ELA", 2025, "", 505, 1000)],
        participation: vec![rate("S-2025-ELA", 2025, "", 1000, 1005)],
        staffed: vec![
            staffed("", "(whole district)", 1000, 60.0),
            staffed("N", "North", 600, 36.0),
            staffed("S", "South", 400, 24.0),
        ],
        qualified: vec![Qualified { teachers: 60.0, certified: 99.5, not_certified: 0.5, ..Qualified::default() }],
        clean: vec![Clean { family: "enrollment".to_owned(), records: 1000, faulty: 0 }],
        ..Numbers::default()
    }
}

pub(super) fn only(numbers: &Numbers) -> Finding {
    let chosen = choose(numbers);
    assert_eq!(chosen.findings.len(), 1, "{:?}", chosen.findings);
    chosen.findings[0].clone()
}

#[test]
fn nothing_wrong_is_said_plainly_and_nothing_follows_from_it() {
    let chosen = choose(&quiet());
    assert_eq!((chosen.findings.len(), chosen.also.len(), chosen.comparisons), (0, 0, 1));
    for words in ["did not change", "participation reaches 95%", "standard", "99.5%", "no critical or error"] {
        assert!(chosen.quiet.iter().any(|line| line.contains(words)), "{words}: {:?}", chosen.quiet);
    }
}

#[test]
fn an_empty_district_and_one_school_are_no_trouble() {
    let chosen = choose(&Numbers::default());
    assert_eq!((chosen.findings.len(), chosen.comparisons), (0, 0));
    let mut one = quiet();
    one.staffed.truncate(2);
    one.rates.push(rate("S-2025-ELA", 2025, "N", 505, 1000));
    assert!(choose(&one).findings.is_empty());
}

#[test]
fn the_sieve_is_finer_the_more_is_compared() {
    assert_eq!(critical(0), 3.0);
    assert_eq!(critical(10), 3.0);
    assert!((critical(100) - 3.4808).abs() < 1e-3);
}
