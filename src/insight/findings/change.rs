//! Changes of proficiency between the last two years of a test.

use super::{Advice, Candidate, Finding, Found, Series, Topic, at_least, significant};
use crate::insight::numbers::{Numbers, Rate};
use crate::insight::words::{self, count, interval, many, percent, real};
use crate::kpi::statistics::difference;

pub(super) const TOPIC: Topic = Topic { comparisons: |numbers, series| candidates(numbers, series).len(), find };

fn find(numbers: &Numbers, series: &[Series<'_>], critical: f64) -> Found {
    let candidates = candidates(numbers, series);
    let compared = many(candidates.len(), "subject or test", "subjects and tests");
    let any = !candidates.is_empty();
    let findings = significant(candidates, critical);
    let quiet = (any && findings.is_empty()).then(|| {
        format!("proficiency did not change significantly from one year to the next in any of the {compared} compared")
    });
    Found { findings, quiet }
}

fn candidates(numbers: &Numbers, series: &[Series<'_>]) -> Vec<Candidate> {
    series.iter().filter_map(|series| candidate(numbers, series)).collect()
}

fn candidate(numbers: &Numbers, series: &Series<'_>) -> Option<Candidate> {
    let [.., before, now] = series.years[..] else { return None };
    let change = difference((now.hits, now.n), (before.hits, before.n))?;
    let [value, low, high] = [change.value, change.low, change.high].map(|share| 100.0 * share);
    let verb = if value < 0.0 { "fell" } else { "rose" };
    let text = format!(
        "{} of {} students tested in {} are proficient, compared with {} of {} in {} (change: {} points; {}). \
         Each year counts the students tested in it; they are not the same students.",
        percent(now.rate),
        count(now.n),
        words::year(now.year),
        percent(before.rate),
        count(before.n),
        words::year(before.year),
        real(value, 1),
        interval(low, high),
    );
    let what = match (steepest(numbers, now, before, value), value < 0.0) {
        (Some(grade), true) => format!("start with {grade}, which fell most; ask its teachers what changed."),
        (Some(grade), false) => format!("find out what changed in {grade}, which rose most, and build on it."),
        (None, _) => "review with principals what changed, grade by grade.".to_owned(),
    };
    let finding = Finding {
        score: at_least(low, high) / 5.0,
        headline: format!("Proficiency in {} {verb} by {} points", series.label, real(value.abs(), 1)),
        text,
        advice: Some(Advice::to(format!("Head of curriculum, {}", series.label), what)),
    };
    Some(Candidate { z: change.z, finding })
}

/// The grade that changed most in the direction of `value`.
fn steepest(numbers: &Numbers, now: &Rate, before: &Rate, value: f64) -> Option<String> {
    let of = |test: &str, year: i32| {
        let grades = numbers.rates.iter().filter(|rate| rate.school.is_empty() && !rate.grade.is_empty());
        let test = test.to_owned();
        grades.filter(move |rate| rate.test == test && rate.year == year)
    };
    let change = |rate: &Rate| {
        let earlier = of(&before.test, before.year).find(|earlier| earlier.grade == rate.grade)?;
        Some((value.signum() * (rate.rate - earlier.rate), earlier.rate, rate.rate, rate.grade.clone()))
    };
    let most = of(&now.test, now.year).filter_map(change).max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.3.cmp(&a.3)))?;
    let (size, from, to, grade) = most;
    (size > 0.0).then(|| format!("grade {} ({} to {})", words::grade(&grade), percent(from), percent(to)))
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::choose;
    use crate::insight::findings::tests::{only, quiet, rate};

    #[test]
    fn a_change_is_told_when_it_is_significant() {
        let mut numbers = quiet();
        numbers.rates[1] = rate("S-2025-ELA", 2025, "", 400, 1000);
        let finding = only(&numbers);
        assert_eq!(finding.headline, "Proficiency in English language arts fell by 10.0 points");
        for words in ["40.0% of 1,000", "50.0% of 1,000 in 2023–24", "95% interval −14.3 to −5.6"] {
            assert!(finding.text.contains(words), "{words}: {}", finding.text);
        }
        assert!((finding.score - 5.6 / 5.0).abs() < 0.02, "{}", finding.score);
        // Too few students for a change of five points to be significant.
        numbers.rates[1] = rate("S-2025-ELA", 2025, "", 45, 100);
        assert!(choose(&numbers).findings.is_empty());
    }
}
