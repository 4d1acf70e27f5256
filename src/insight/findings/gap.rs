//! Gaps in proficiency between two groups of students.

use super::{Advice, Finding, Found, Series, Topic, at_least, is_significant};
use crate::insight::numbers::{Gap, Numbers};
use crate::insight::words::{self, capital, count, distance, list, many, real};
use std::collections::BTreeMap;

pub(super) const TOPIC: Topic = Topic { comparisons: |numbers, series| gap_candidates(numbers, series).len(), find };

fn find(numbers: &Numbers, series: &[Series<'_>], critical: f64) -> Found {
    let compared = gap_candidates(numbers, series);
    let significant: Vec<&Gap> = compared.iter().copied().filter(|gap| is_significant(gap.z, critical)).collect();
    let quiet = (!compared.is_empty() && significant.is_empty()).then(|| {
        format!("none of the {} is significant", many(compared.len(), "gap between groups", "gaps between groups"))
    });
    Found { findings: findings(numbers, series, &significant), quiet }
}

/// The gaps that are compared: those of the district on the latest year of the main test of each subject.
pub fn gap_candidates<'a>(numbers: &'a Numbers, series: &[Series<'_>]) -> Vec<&'a Gap> {
    let is_latest = |gap: &&Gap| {
        let mut main = series.iter().filter(|series| series.is_main).map(Series::latest);
        main.any(|latest| latest.test == gap.test && latest.year == gap.year)
    };
    let of_district = numbers.gaps.iter().filter(|gap| gap.school.is_empty() && gap.category != "gifted");
    of_district.filter(is_latest).filter(|gap| gap.z.is_some()).collect()
}

/// One finding per pair of groups, over the subjects in which they differ in the same direction.
fn findings(numbers: &Numbers, series: &[Series<'_>], significant: &[&Gap]) -> Vec<Finding> {
    let tested = |gap: &Gap| series.iter().any(|s| s.is_main && s.subject == gap.subject);
    let subjects = series.iter().filter(|series| series.is_main).count();
    let weight = |gap: &Gap| {
        let share = gap.n_focal as f64 / (gap.n_focal + gap.n_reference).max(1) as f64;
        at_least(gap.low, gap.high) / 10.0 * (1.0 + share)
    };
    let mut pairs: BTreeMap<(&str, &str, &str, bool), Vec<&Gap>> = BTreeMap::new();
    for gap in significant.iter().filter(|gap| tested(gap)) {
        pairs.entry((&gap.category, &gap.reference, &gap.focal, gap.gap > 0.0)).or_default().push(gap);
    }
    let mut findings = Vec::new();
    for ((category, reference, focal, is_behind), mut gaps) in pairs {
        gaps.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.subject.cmp(&b.subject)));
        let Some((first, others)) = gaps.split_first() else { continue };
        let (focal, reference) = (words::group(category, focal), words::group(category, reference));
        let where_ = match others.len() + 1 {
            n if n == subjects && n > 2 => format!("all {}", many(n, "subject", "subjects")),
            n if n > 2 => many(n, "subject", "subjects"),
            _ => list(&gaps.iter().map(|gap| words::subject(&gap.subject)).collect::<Vec<_>>()),
        };
        let verb = if is_behind { "trail" } else { "lead" };
        let fewer = if is_behind { "lower" } else { "higher" };
        let mut text = format!(
            "In {} in {}, their proficiency rate is {} points {fewer} ({}; {} students compared with {})",
            words::subject(&first.subject),
            words::year(first.year),
            real(first.gap.abs(), 1),
            distance(first.gap, first.low, first.high),
            count(first.n_focal),
            count(first.n_reference),
        );
        if let Some(g) = first.g {
            text.push_str(&format!(", or {} standard deviations of the scores", real(g.abs(), 2)));
        }
        let other = |gap: &&Gap| format!("{} points in {}", real(gap.gap.abs(), 1), words::subject(&gap.subject));
        match others {
            [] => text.push('.'),
            others => text.push_str(&format!("; the gap is {}.", list(&others.iter().map(other).collect::<Vec<_>>()))),
        }
        let what = match widest(numbers, first) {
            Some(school) => format!(
                "start at {school}; agree with its principal on support for these students and on a date to review it."
            ),
            None => {
                "find out with principals in which grades the gap opens, and agree on support for these students.".to_owned()
            }
        };
        findings.push(Finding {
            score: weight(first),
            headline: format!("{} {verb} {reference} in {where_}", capital(&focal)),
            text,
            advice: is_behind.then(|| Advice::to(words::advocate(category), what)),
        });
    }
    findings
}

/// The school with the widest published gap of the same groups on the same test, if it is wider than the district's and
/// its interval excludes zero.
fn widest(numbers: &Numbers, of: &Gap) -> Option<String> {
    let same = |gap: &&Gap| {
        let is_same = compared(gap) == compared(of) && gap.year == of.year;
        !gap.school.is_empty() && is_same && gap.low > 0.0 && gap.gap > of.gap
    };
    let schools = numbers.gaps.iter().filter(same);
    let gap = schools.min_by(|a, b| b.gap.total_cmp(&a.gap).then_with(|| a.school.cmp(&b.school)))?;
    let (name, points) = (numbers.name(&gap.school), real(gap.gap, 1));
    Some(format!("{name}, where the gap in {} is widest ({points} points)", words::subject(&of.subject)))
}

/// What a gap compares.
fn compared(gap: &Gap) -> [&str; 4] {
    [&gap.test, &gap.category, &gap.reference, &gap.focal]
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::choose;
    use crate::insight::findings::tests::{gap, only, quiet};
    use crate::insight::numbers::{Gap, Numbers};

    #[test]
    fn a_significant_gap_is_found_and_an_insignificant_one_is_not() {
        let mut numbers = quiet();
        numbers.gaps = vec![gap("S-2025-ELA", (150, 500), (250, 500))];
        let finding = only(&numbers);
        assert_eq!(finding.headline, "Economically disadvantaged students trail other students in English language arts");
        assert!(
            finding.text.contains("20.0 points lower (95% interval 14.0 to 25.8; 500 students compared with 500)"),
            "{}",
            finding.text
        );
        assert_eq!(finding.advice.as_ref().map(|advice| advice.who.as_str()), Some("Title I coordinator"));
        // The school with the widest gap is named, if the gap is wider than the district's.
        let at_north = Gap { school: "N".to_owned(), ..gap("S-2025-ELA", (50, 250), (150, 250)) };
        numbers.gaps.push(at_north);
        assert!(
            only(&numbers).advice.unwrap().what.contains("North, where the gap in English language arts is widest (40.0")
        );
        // Not with few students, in another year, or for students chosen by achievement.
        for other in [
            gap("S-2025-ELA", (15, 50), (25, 50)),
            Gap { year: 2024, test: "S-2024-ELA".to_owned(), ..numbers.gaps[0].clone() },
            Gap { category: "gifted".to_owned(), ..numbers.gaps[0].clone() },
        ] {
            assert!(choose(&Numbers { gaps: vec![other], ..quiet() }).findings.is_empty());
        }
    }

    #[test]
    fn a_gap_the_other_way_round_is_told_without_advice() {
        let numbers = Numbers { gaps: vec![gap("S-2025-ELA", (300, 500), (200, 500))], ..quiet() };
        let finding = only(&numbers);
        assert!(finding.headline.contains("lead other students") && finding.advice.is_none());
        assert!(finding.text.contains("20.0 points higher (95% interval 13.8 to 25.9;"), "{}", finding.text);
    }
}
