//! Data quality: severe violations, and implausible staffing, which make other figures unreliable.

use super::{Advice, Finding, Found, Series, Topic};
use crate::insight::numbers::{Clean, Numbers, Rule, Staffed};
use crate::insight::words::{self, capital, count, many, percent, real};
use crate::qa::Severity;
use std::cmp::Reverse;

pub(super) const TOPIC: Topic = Topic { comparisons: |_, _| 0, find };

fn find(numbers: &Numbers, _: &[Series<'_>], _: f64) -> Found {
    let violations = violations(numbers);
    let quiet = (violations.is_none() && numbers.rows > 0).then(|| "no critical or error violation is open".to_owned());
    Found { findings: violations.into_iter().chain(implausible_ratios(numbers)).collect(), quiet }
}

fn violations(numbers: &Numbers) -> Option<Finding> {
    let [critical, error] = [Severity::Critical, Severity::Error].map(|severity| numbers.of_severity(severity));
    if critical + error == 0 {
        return None;
    }
    let mut rules: Vec<&Rule> =
        numbers.rules.iter().filter(|rule| rule.severity == Severity::Critical && rule.open > 0).collect();
    rules.sort_by_key(|rule| (Reverse(rule.open), rule.id));
    let named = |rule: &&Rule| format!("{} ({})", rule.title, count(rule.open as i64));
    let mut text = match rules.len() {
        0 => "None of them is critical.".to_owned(),
        _ => format!("Critical violations: {}.", rules.iter().take(4).map(named).collect::<Vec<_>>().join("; ")),
    };
    let faulty = |of: &Clean| of.faulty as f64 / of.records as f64;
    // A district has few schools and calendars: one with an error would be a large share.
    let few = |of: &Clean| matches!(of.family.as_str(), "staffing_ratio" | "calendar");
    let with_errors = numbers.clean.iter().filter(|of| of.records > 0 && of.faulty > 0 && !few(of));
    let most = with_errors.min_by(|a, b| faulty(b).total_cmp(&faulty(a)).then_with(|| a.family.cmp(&b.family)));
    if let Some(of) = most {
        text.push_str(&format!(
            " The largest share of records with errors is in {}: {} of {} {} ({}).",
            words::family(&of.family),
            count(of.faulty),
            count(of.records),
            words::records(&of.family),
            percent(100.0 * faulty(of)),
        ));
    }
    let headline = match critical {
        0 => format!("{} {} open in the records", count(error as i64), if error == 1 { "error is" } else { "errors are" }),
        _ => {
            let [critical, error] = [(critical, "critical violation"), (error, "error")]
                .map(|(open, what)| format!("{} {what}{}", count(open as i64), if open == 1 { "" } else { "s" }));
            format!("{critical} and {error} are open in the records")
        }
    };
    let what = match rules.first() {
        Some(rule) => format!("clear the critical rules first, starting with {}; see “Records to correct first”.", rule.id),
        None => "clear the rules with the most errors; see “Records to correct first”.".to_owned(),
    };
    Some(Finding {
        score: if critical > 0 { 1.0 } else { 0.0 } + most.map_or(0.0, |of| faulty(of) * 10.0),
        headline,
        text,
        advice: Some(Advice::to("Data office", what)),
    })
}

/// Schools whose students per teacher are implausible (RAT-002).
pub fn implausible(numbers: &Numbers) -> Vec<&str> {
    numbers.open("RAT-002").map_or(Vec::new(), |rule| rule.subjects.iter().map(|(org, _)| org.as_str()).collect())
}

fn implausible_ratios(numbers: &Numbers) -> Option<Finding> {
    let teachers = numbers.whole().map_or(0.0, |whole| whole.teachers);
    let staffed = |org: &str| numbers.staffed.iter().find(|of| of.org == org);
    let schools: Vec<&Staffed> = implausible(numbers).into_iter().filter_map(staffed).collect();
    let first = schools.first()?;
    let share = schools.iter().map(|of| of.teachers).sum::<f64>() / teachers.max(f64::MIN_POSITIVE);
    let ratio = first.ratio.map_or(String::new(), |ratio| format!(", {} per teacher", real(ratio, 1)));
    let mut text = format!(
        "{}{} teacher FTE are on record for {} students{ratio}",
        if schools.len() == 1 { String::new() } else { format!("At {} ", first.name) },
        real(first.teachers, 1),
        count(first.students)
    );
    if schools.len() > 1 {
        text.push_str(&format!(", and {} like it", many(schools.len() - 1, "school is", "schools are")));
    }
    text.push_str(". This also affects the district's ratio and the shares of qualified teachers.");
    if let Some(rule) = numbers.open("FTE-002") {
        let who = capital(&many(rule.open, "person is", "persons are"));
        text.push_str(&format!(" {who} assigned far more than full time (FTE-002)."));
    }
    Some(Finding {
        score: 1.0 + share.min(1.0),
        headline: match schools.len() {
            1 => format!("Students per teacher are implausible at {}", first.name),
            all => format!("Students per teacher are implausible at {}", many(all, "school", "schools")),
        },
        text,
        advice: Some(Advice::to(
            "Human resources, payroll",
            "correct the FTE of assignments (FTE-001 to FTE-003) before any staffing figure is used.",
        )),
    })
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::tests::{only, quiet, rule};
    use crate::qa::Severity;

    #[test]
    fn violations_and_implausible_ratios_are_named() {
        let mut numbers = quiet();
        numbers.rules = vec![rule("RAT-002", Severity::Warning, &["N"])];
        assert_eq!(only(&numbers).headline, "Students per teacher are implausible at North");
        numbers.rules = vec![rule("ENR-001", Severity::Critical, &["1", "2"])];
        numbers.by_severity = vec![(Severity::Critical, 2)];
        numbers.clean[0].faulty = 100;
        let finding = only(&numbers);
        assert_eq!(finding.headline, "2 critical violations and 0 errors are open in the records");
        assert!(finding.text.contains("100 of 1,000 students (10.0%)"), "{}", finding.text);
        assert!((finding.score - 2.0).abs() < 1e-9);
        assert!(finding.advice.unwrap().what.contains("starting with ENR-001"));
    }
}
