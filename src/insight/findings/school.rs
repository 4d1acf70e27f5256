//! Schools that stand out among the schools of their level.

use super::{Advice, Finding, Found, Series, Topic, at_least, is_significant};
use crate::insight::numbers::{Numbers, Rate, Standing};
use crate::insight::words::{self, count, distance, many, percent, real};
use crate::kpi::statistics::difference;
use std::collections::BTreeMap;

pub(super) const TOPIC: Topic = Topic { comparisons: |numbers, series| candidates(numbers, series).len(), find };

/// A school compared with its peers in a subject.
struct Compared {
    z: Option<f64>,
    finding: Finding,
    /// The figure as a short sentence, for use within the finding of another subject.
    short: String,
}

fn find(numbers: &Numbers, series: &[Series<'_>], critical: f64) -> Found {
    let mut candidates = candidates(numbers, series);
    let any = !candidates.is_empty();
    candidates.retain(|compared| is_significant(compared.z, critical));
    let quiet = any && candidates.is_empty();
    Found {
        findings: once_a_school(candidates),
        quiet: quiet.then(|| "no school differs significantly from the schools of its level".to_owned()),
    }
}

fn candidates(numbers: &Numbers, series: &[Series<'_>]) -> Vec<Compared> {
    let mut candidates = Vec::new();
    for series in series.iter().filter(|series| series.is_main) {
        let latest = series.latest();
        let is_latest = |test: &str, year: i32| test == latest.test && year == latest.year;
        let peers: Vec<&Standing> =
            numbers.standings.iter().filter(|s| s.kpi == "KPI-02" && is_latest(&s.test, s.year)).collect();
        let mut rates: BTreeMap<&str, &Rate> = BTreeMap::new();
        for rate in numbers.rates.iter().filter(|rate| rate.grade.is_empty() && is_latest(&rate.test, rate.year)) {
            rates.entry(&rate.school).or_insert(rate);
        }
        let rate = |standing: &&Standing| rates.get(standing.school.as_str()).copied();
        for standing in &peers {
            let is_peer = |other: &&&Standing| other.level == standing.level && other.school != standing.school;
            let others: Vec<&Rate> = peers.iter().filter(is_peer).filter_map(rate).collect();
            candidates.extend(rate(standing).and_then(|own| compared(series, standing, own, &others)));
        }
    }
    candidates
}

fn compared(series: &Series<'_>, standing: &Standing, own: &Rate, others: &[&Rate]) -> Option<Compared> {
    let sum = others.iter().fold((0, 0), |(hits, n), rate| (hits + rate.hits, n + rate.n));
    let difference = difference((own.hits, own.n), sum)?;
    let [value, low, high] = [difference.value, difference.low, difference.high].map(|share| 100.0 * share);
    let (name, points) = (&standing.name, real(value.abs(), 1));
    let side = if value < 0.0 { "below" } else { "above" };
    let level = standing.level.replace('_', " ");
    let text = format!(
        "In {} in {}, {} of its {} students tested are proficient, {points} points {side} the other {} ({}); it ranks \
         {} of {}. Poverty is not taken into account.",
        series.label,
        words::year(own.year),
        percent(own.rate),
        count(own.n),
        many(others.len(), &format!("{level} school"), &format!("{level} schools")),
        distance(value, low, high),
        standing.rank,
        standing.schools,
    );
    let what = match value < 0.0 {
        true => format!("visit {name} first; compare its programs with its peers'."),
        false => format!("ask {name} what it does differently, and share it with other schools."),
    };
    let finding = Finding {
        score: at_least(low, high) / 10.0,
        headline: format!("{name} stands out, {side} its peers"),
        text,
        advice: Some(Advice::to("Head of schools", what)),
    };
    let short = format!(" In {} it is {points} points {side} them.", series.label);
    Some(Compared { z: difference.z, finding, short })
}

/// A school that stands out in several subjects in the same direction is one finding: the strongest subject, with the others
/// named.
fn once_a_school(mut schools: Vec<Compared>) -> Vec<Finding> {
    schools.sort_by(|Compared { finding: a, .. }, Compared { finding: b, .. }| {
        b.score.total_cmp(&a.score).then_with(|| a.headline.cmp(&b.headline)).then_with(|| a.text.cmp(&b.text))
    });
    let mut once: Vec<Finding> = Vec::new();
    for Compared { finding, short, .. } in schools {
        match once.iter_mut().find(|other| other.headline == finding.headline) {
            Some(other) => other.text.push_str(&short),
            None => once.push(finding),
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::choose;
    use crate::insight::findings::tests::{quiet, rate};
    use crate::insight::numbers::Standing;

    #[test]
    fn a_school_stands_out_among_its_peers_only() {
        let mut numbers = quiet();
        let standing = |school: &str, rank| Standing {
            kpi: "KPI-02".to_owned(),
            test: "S-2025-ELA".to_owned(),
            year: 2025,
            level: "elementary".to_owned(),
            school: school.to_owned(),
            name: school.to_owned(),
            rank,
            schools: 3,
            ..Standing::default()
        };
        numbers.standings = vec![standing("N", 1), standing("S", 2), standing("E", 3)];
        for (school, hits) in [("N", 160), ("S", 150), ("E", 60)] {
            numbers.rates.push(rate("S-2025-ELA", 2025, school, hits, 300));
        }
        let chosen = choose(&numbers);
        assert_eq!(chosen.findings[0].headline, "E stands out, below its peers");
        assert!(chosen.findings[0].text.contains("ranks 3 of 3"), "{}", chosen.findings[0].text);
        assert_eq!(chosen.findings.len(), 2, "at most two of a kind: {:?}", chosen.findings);
        assert_eq!(chosen.also.len(), 1);
        // Standing out in another subject too is the same finding.
        for standing in numbers.standings.clone() {
            numbers.standings.push(Standing { test: "S-2025-MATH".to_owned(), ..standing });
        }
        numbers.rates.push(rate("S-2025-MATH", 2025, "", 370, 900));
        for (school, hits) in [("N", 160), ("S", 150), ("E", 60)] {
            numbers.rates.push(rate("S-2025-MATH", 2025, school, hits, 300));
        }
        let twice = choose(&numbers);
        assert_eq!((twice.findings.len(), twice.also.len()), (chosen.findings.len(), chosen.also.len()));
        assert!(
            twice.findings[0].text.ends_with(" In mathematics it is 31.7 points below them."),
            "{}",
            twice.findings[0].text
        );
        // Without other schools of its level it has no peers.
        numbers.standings.clear();
        assert!(choose(&numbers).findings.is_empty());
    }
}
