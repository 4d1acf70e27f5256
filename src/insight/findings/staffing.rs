//! Staffing against standards: schools without a teacher, with too many students per teacher, or without required staff.

use super::{Advice, Finding, Found, Series, Topic};
use crate::insight::numbers::{Numbers, Rule};
use crate::insight::words::{capital, count, list, many, real};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const TOPIC: Topic = Topic { comparisons: |_, _| 0, find };

fn find(numbers: &Numbers, _: &[Series<'_>], _: f64) -> Found {
    let of = |rule: &str, finding: fn(&Numbers, &Rule) -> Finding| numbers.open(rule).map(|rule| finding(numbers, rule));
    let findings = [of("RAT-003", no_teacher), of("RAT-001", too_many_students), of("RAT-006", required_staff)];
    let findings: Vec<Finding> = findings.into_iter().flatten().collect();
    let quiet = (findings.is_empty() && numbers.whole().is_some_and(|whole| whole.teachers > 0.0))
        .then(|| "no school is above the limit of students per teacher or below a staffing standard".to_owned());
    Found { findings, quiet }
}

fn no_teacher(numbers: &Numbers, rule: &Rule) -> Finding {
    let orgs = orgs(rule);
    let named: Vec<String> =
        orgs.iter().take(3).map(|org| format!("{} ({})", numbers.name(org), count(students_at(numbers, org)))).collect();
    let is_empty =
        numbers.open("RAT-012").is_some_and(|rule| rule.subjects.iter().any(|(org, _)| orgs.contains(&org.as_str())));
    let closed = if is_empty { " It also has no sections or staff: check whether it is open." } else { "" };
    Finding {
        score: 0.5 + share_of_students(numbers, &orgs, 3.0),
        headline: headline(orgs.len(), "enrolled students but no teacher"),
        text: format!(
            "Students are enrolled today at {}, without a teacher on record.{closed}",
            first_of(&named, orgs.len())
        ),
        advice: Some(Advice::to(
            "Human resources, principal",
            "enter its teachers, or move the enrollments to the schools that teach them (RAT-003).",
        )),
    }
}

fn too_many_students(numbers: &Numbers, rule: &Rule) -> Finding {
    let orgs = orgs(rule);
    let ratio = |org: &&str| {
        let staffed = numbers.staffed.iter().find(|staffed| staffed.org == **org)?;
        Some(format!("{} ({} students per teacher)", staffed.name, real(staffed.ratio?, 1)))
    };
    let named: Vec<String> = orgs.iter().take(3).filter_map(ratio).collect();
    Finding {
        score: 0.5 + share_of_students(numbers, &orgs, 2.0),
        headline: headline(orgs.len(), "too many students per teacher"),
        text: format!("Above the limit: {}.", first_of(&named, orgs.len())),
        advice: Some(Advice::to(
            "Human resources",
            "enter missing assignments; if none are missing, staff these schools first (RAT-001).",
        )),
    }
}

fn required_staff(numbers: &Numbers, rule: &Rule) -> Finding {
    let mut orgs: BTreeSet<&str> = BTreeSet::new();
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (subject, evidence) in &rule.subjects {
        let (org, role) = subject.split_once('|').unwrap_or((subject, ""));
        let fte = evidence.get("fte").map_or("0", String::as_str);
        let students = students_at(numbers, org);
        let unit = if students == 1 { "student" } else { "students" };
        orgs.insert(org);
        let place = format!("{} ({fte} FTE for {} {unit})", numbers.name(org), count(students));
        roles.entry(role.replace('_', " ")).or_default().push(place);
    }
    let orgs: Vec<&str> = orgs.into_iter().collect();
    let line = |(role, places): (&String, &Vec<String>)| {
        format!("{role} at {}", first_of(&places[..places.len().min(2)], places.len()))
    };
    let mut text = format!("Below the standard: {}.", roles.iter().map(line).collect::<Vec<_>>().join("; "));
    let counselors = numbers.roles.iter().find(|(role, _, _)| role == "counselor").and_then(|(_, _, ratio)| *ratio);
    if let Some(ratio) = counselors.filter(|ratio| *ratio > 250.0 && roles.contains_key("counselor")) {
        let ratio = real(ratio, 0);
        text.push_str(&format!(" The district has {ratio} students per counselor; ASCA recommends 250."));
    }
    Finding {
        score: share_of_students(numbers, &orgs, 2.0),
        headline: headline(orgs.len(), "required staff below the standard"),
        text,
        advice: Some(Advice::to(
            "Human resources",
            "enter missing assignments; add remaining shortages to the staffing plan (RAT-006).",
        )),
    }
}

/// The organizations that a rule is about.
fn orgs(rule: &Rule) -> Vec<&str> {
    rule.subjects.iter().map(|(org, _)| org.as_str()).collect()
}

fn students_at(numbers: &Numbers, org: &str) -> i64 {
    numbers.staffed.iter().find(|staffed| staffed.org == org).map_or(0, |staffed| staffed.students)
}

/// The share of the district's students at these organizations, with a weight.
fn share_of_students(numbers: &Numbers, orgs: &[&str], weight: f64) -> f64 {
    let all = numbers.whole().map_or(0, |whole| whole.students).max(1);
    weight * orgs.iter().map(|org| students_at(numbers, org)).sum::<i64>() as f64 / all as f64
}

fn headline(schools: usize, what: &str) -> String {
    format!("{} {what}", capital(&many(schools, "school has", "schools have")))
}

/// Names, and the number of others.
fn first_of(named: &[String], all: usize) -> String {
    match all.saturating_sub(named.len()) {
        0 => list(named),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::tests::{only, quiet, rule};
    use crate::qa::Severity;

    #[test]
    fn schools_without_a_teacher_are_named() {
        let mut numbers = quiet();
        numbers.rules = vec![rule("RAT-003", Severity::Warning, &["S"])];
        let finding = only(&numbers);
        assert_eq!(finding.headline, "One school has enrolled students but no teacher");
        assert!(finding.text.contains("South (400)"), "{}", finding.text);
    }
}
