//! Qualification: the share of teachers without full certification.

use super::{Advice, Finding, Found, Series, Topic};
use crate::insight::numbers::{Numbers, Qualified};
use crate::insight::words::{percent, real};

pub(super) const TOPIC: Topic = Topic { comparisons: |_, _| 0, find };

/// The smallest share of teachers without full certification that is a finding, in percent.
const MIN_UNCERTIFIED: f64 = 2.0;

fn find(numbers: &Numbers, _: &[Series<'_>], _: f64) -> Found {
    let whole = numbers.qualified.iter().find(|of| of.org.is_empty() && !of.name.contains("quarter"));
    match whole {
        None => Found::default(),
        Some(whole) if lacking(whole) < MIN_UNCERTIFIED => {
            let quiet = format!("{} of teacher FTE are fully certified", percent(whole.certified));
            Found { quiet: Some(quiet), ..Found::default() }
        }
        Some(whole) => Found { findings: vec![finding(numbers, whole)], quiet: None },
    }
}

fn lacking(of: &Qualified) -> f64 {
    100.0 - of.certified
}

fn finding(numbers: &Numbers, whole: &Qualified) -> Finding {
    let mut text = format!(
        "Of {} teacher FTE, {} have no valid credential, {} have only an emergency or provisional one, and {} \
         teach a section out of field.",
        real(whole.teachers, 1),
        percent(whole.not_certified),
        percent(whole.emergency),
        percent(whole.out_of_field),
    );
    let quarter = |name: &str| numbers.qualified.iter().find(|of| of.name.contains(name)).map(lacking);
    if let (Some(poor), Some(rich)) = (quarter("poorest quarter"), quarter("richest quarter"))
        && poor > rich
    {
        let [poor, rich] = [poor, rich].map(percent);
        text.push_str(&format!(
            " In the poorest quarter of schools, {poor} lack full certification; in the richest, {rich}."
        ));
    }
    let schools = numbers.qualified.iter().filter(|of| !of.org.is_empty() && of.certified < whole.certified);
    let first = schools.min_by(|a, b| a.certified.total_cmp(&b.certified).then_with(|| a.org.cmp(&b.org)));
    let begin = first.map_or(String::new(), |of| format!("start at {} ({} lack it); ", of.name, percent(lacking(of))));
    let what = format!("{begin}enter missing credentials, and agree with each remaining teacher on a plan and a date.");
    Finding {
        score: lacking(whole) / 5.0,
        headline: format!("{} of teacher FTE are not fully certified", percent(lacking(whole))),
        text,
        advice: Some(Advice::to("Human resources", what)),
    }
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::choose;
    use crate::insight::findings::tests::{only, quiet};
    use crate::insight::numbers::Qualified;

    #[test]
    fn teachers_without_certification_are_told_from_two_percent() {
        let mut numbers = quiet();
        numbers.qualified[0].certified = 98.1;
        assert!(choose(&numbers).findings.is_empty());
        numbers.qualified[0].certified = 92.0;
        numbers.qualified.push(Qualified {
            org: "S".to_owned(),
            name: "South".to_owned(),
            certified: 80.0,
            ..Qualified::default()
        });
        let finding = only(&numbers);
        assert_eq!(finding.headline, "8.0% of teacher FTE are not fully certified");
        assert!(finding.advice.unwrap().what.starts_with("start at South (20.0% lack it)"));
    }
}
