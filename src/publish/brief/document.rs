//! The content of the document in the order of the template. No figure is computed here.

use crate::insight::numbers::{Gap, Numbers, Rate, Rule, Staffed};
use crate::insight::words::{self, capital, count, list, many, real};
use crate::insight::{Advice, Chosen, gap_candidates, implausible, series};
use crate::qa::Severity;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Maximum number of subjects in a chart.
const PANELS: usize = 3;
/// Maximum number of pairs of groups in a chart.
const PAIRS: usize = 10;
/// Maximum number of schools in a chart.
const SCHOOLS: usize = 12;
/// Maximum number of rules in the table of what to fix first.
const FIRST: usize = 6;

/// The data of the template.
pub(crate) fn document(numbers: &Numbers, chosen: &Chosen) -> Value {
    let synthetic = if numbers.synthetic { "SYNTHETIC: " } else { "" };
    let findings = chosen.findings.iter().map(|finding| json!({"headline": finding.headline, "text": finding.text}));
    // A recommendation that several findings share is listed once.
    let mut advice: Vec<(&Advice, Vec<String>)> = Vec::new();
    for (place, finding) in chosen.findings.iter().enumerate() {
        let Some(asked) = &finding.advice else { continue };
        let number = (place + 1).to_string();
        match advice.iter_mut().find(|(other, _)| *other == asked) {
            Some((_, numbers)) => numbers.push(number),
            None => advice.push((asked, vec![number])),
        }
    }
    let recommendations = advice.iter().map(|(advice, numbers)| {
        let findings = if numbers.len() == 1 { "finding" } else { "findings" };
        // Keeps a number from starting a line.
        let findings = format!("{findings}\u{a0}{}", list(numbers));
        json!({"who": advice.who, "what": capital(&advice.what), "findings": findings})
    });
    json!({
        "title": format!("{synthetic}Policy brief, {}, {}", numbers.district, numbers.day),
        "district": numbers.district,
        "day": numbers.day,
        "rollcall": numbers.rollcall,
        "synthetic": numbers.synthetic,
        "facts": facts(numbers),
        "findings": findings.collect::<Vec<_>>(),
        "summary": summary(chosen),
        "recommendations": recommendations.collect::<Vec<_>>(),
        "fix_first": fix_first(numbers),
        "grades": grades(numbers),
        "gaps": gaps(numbers, chosen.critical),
        "ratios": ratios(numbers),
        "violations": violations(numbers),
        "methodology": methodology(numbers, chosen),
        "affected": affected(numbers),
        "limitations": limitations(numbers),
    })
}

/// The district at a glance.
fn facts(numbers: &Numbers) -> Vec<Value> {
    let mut facts = Vec::new();
    let mut fact = |value: String, label: &str| facts.push(json!({"value": value, "label": label}));
    if let Some(whole) = numbers.whole() {
        fact(count(whole.students), if whole.students == 1 { "student enrolled" } else { "students enrolled" });
        let schools = numbers.schools().count();
        fact(count(schools as i64), if schools == 1 { "school with students" } else { "schools with students" });
        fact(real(whole.teachers, 1), "teachers (full-time equivalents)");
    }
    let severe = numbers.of_severity(Severity::Critical) + numbers.of_severity(Severity::Error);
    fact(count(severe as i64), "critical and error violations");
    facts
}

/// The lines below the findings.
fn summary(chosen: &Chosen) -> Vec<String> {
    let mut lines = Vec::new();
    if chosen.findings.is_empty() {
        let compared = match chosen.comparisons {
            0 => "There were no figures to compare".to_owned(),
            1 => "The only comparison is not significant".to_owned(),
            n => format!("None of the {n} comparisons is significant"),
        };
        lines.push(format!("Nothing stands out. {compared}, and no count exceeds its limit."));
    }
    if !chosen.also.is_empty() {
        let more = chosen.also.len().saturating_sub(4);
        let more = if more > 0 { format!(" And {more} more.") } else { String::new() };
        let also = chosen.also.iter().take(4).map(|headline| format!(" {headline}."));
        lines.push(format!("Other results beyond their thresholds:{}{more}", also.collect::<String>()));
    }
    if !chosen.quiet.is_empty() {
        lines.push(format!("Checked, without a finding: {}.", chosen.quiet.join("; ")));
    }
    lines
}

/// The rules to clear first: critical ones, then errors, most violations first.
fn fix_first(numbers: &Numbers) -> Vec<Value> {
    let mut rules: Vec<&Rule> =
        numbers.rules.iter().filter(|rule| rule.open > 0 && rule.severity >= Severity::Error).collect();
    rules.sort_by_key(|rule| (Reverse((rule.severity, rule.open)), rule.id));
    let row = |rule: &&Rule| {
        json!({
            "id": rule.id,
            "title": capital(rule.title),
            "severity": rule.severity.name(),
            "open": count(rule.open as i64),
            "who": words::state(rule.family),
            "how": rule.fix,
        })
    };
    rules.iter().take(FIRST).map(row).collect()
}

/// The position of a grade in order: grades before first grade by name, then by number.
fn place_of_grade(grade: &str) -> (bool, u32, String) {
    match grade.parse() {
        Ok(number) => (true, number, String::new()),
        // The letters of pre-kindergarten, transitional kindergarten and kindergarten sort correctly except K.
        Err(_) => (false, u32::from(grade.starts_with('K')), grade.to_owned()),
    }
}

fn grades(numbers: &Numbers) -> Value {
    let mut mains: Vec<&Rate> =
        series(numbers).iter().filter(|series| series.is_main).map(|series| series.latest()).collect();
    mains.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.subject.cmp(&b.subject)));
    let mut panels = Vec::new();
    let mut alt = String::from("Share of students proficient, by grade.");
    let mut is_withheld = false;
    for main in mains.into_iter().take(PANELS) {
        let of = |rate: &&Rate| {
            rate.school.is_empty() && !rate.grade.is_empty() && rate.test == main.test && rate.year == main.year
        };
        let mut points: Vec<(&str, Option<&Rate>)> =
            numbers.rates.iter().filter(of).map(|r| (r.grade.as_str(), Some(r))).collect();
        if points.is_empty() {
            continue;
        }
        let withheld =
            numbers.withheld.iter().filter(|(test, _)| *test == main.test).map(|(_, grade)| (grade.as_str(), None));
        // A test may keep its id for years: a grade counts as withheld if no year of it is shown.
        let withheld: Vec<_> = withheld.filter(|(grade, _)| points.iter().all(|(shown, _)| shown != grade)).collect();
        is_withheld |= !withheld.is_empty();
        points.extend(withheld);
        points.sort_by_key(|(grade, _)| place_of_grade(grade));
        points.dedup_by_key(|(grade, _)| *grade);
        let described: Vec<String> = points
            .iter()
            .map(|(grade, rate)| match rate {
                Some(rate) => format!(
                    "grade {} {}% ({} to {}, {} students)",
                    words::grade(grade),
                    real(rate.rate, 1),
                    real(rate.low, 1),
                    real(rate.high, 1),
                    rate.n
                ),
                None => format!("grade {} not published", words::grade(grade)),
            })
            .collect();
        let subject = words::subject(&main.subject);
        alt.push_str(&format!(
            " {} {}: all grades {}%; {}.",
            capital(&subject),
            words::year(main.year),
            real(main.rate, 1),
            described.join(", ")
        ));
        let point = |(grade, rate): &(&str, Option<&Rate>)| match rate {
            Some(rate) => json!({"grade": words::grade(grade), "rate": rate.rate, "low": rate.low, "high": rate.high}),
            None => json!({"grade": words::grade(grade), "rate": null}),
        };
        panels.push(json!({
            "title": format!("{}, {}", capital(&subject), words::year(main.year)),
            "all": main.rate,
            "label": format!("all grades {}%", real(main.rate, 1)),
            "points": points.iter().map(point).collect::<Vec<_>>(),
        }));
    }
    if panels.is_empty() {
        return Value::Null;
    }
    let note = if is_withheld { " A dash marks a grade that is not published." } else { "" };
    let caption = format!("Percentage of students who are proficient, by grade, with 95% intervals.{note}");
    json!({"panels": panels, "caption": caption, "alt": alt})
}

fn gaps(numbers: &Numbers, critical: f64) -> Value {
    let all_series = series(numbers);
    let all = gap_candidates(numbers, &all_series);
    let mut mains: Vec<&Rate> = all_series.iter().filter(|series| series.is_main).map(|series| series.latest()).collect();
    mains.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.subject.cmp(&b.subject)));
    mains.retain(|main| all.iter().any(|gap| gap.subject == main.subject));
    mains.truncate(PANELS);
    let mut pairs: Vec<(&str, &str, &str)> = Vec::new();
    for gap in all.iter().filter(|gap| mains.iter().any(|main| main.subject == gap.subject)) {
        let pair = (gap.category.as_str(), gap.reference.as_str(), gap.focal.as_str());
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    let of = |pair: &(&str, &str, &str), subject: &str| -> Option<&Gap> {
        let same = |gap: &&&Gap| (gap.category.as_str(), gap.reference.as_str(), gap.focal.as_str()) == *pair;
        all.iter().filter(same).find(|gap| gap.subject == subject).copied()
    };
    let largest = |pair: &(&str, &str, &str)| {
        let gaps = mains.iter().filter_map(|main| of(pair, &main.subject)).map(|gap| gap.gap);
        gaps.fold(f64::NEG_INFINITY, f64::max)
    };
    pairs.sort_by(|a, b| largest(b).total_cmp(&largest(a)).then_with(|| a.cmp(b)));
    if pairs.is_empty() {
        return Value::Null;
    }
    let of_them = match pairs.len() {
        all if all > PAIRS => format!(" The {PAIRS} largest of {all} pairs."),
        _ => String::new(),
    };
    pairs.truncate(PAIRS);
    let mut alt = String::from("Gaps in the proficiency rate, in percentage points; positive means behind.");
    let (mut lowest, mut highest) = (0.0_f64, 0.0_f64);
    let mut panels = Vec::new();
    for main in &mains {
        let mut points = Vec::new();
        let mut described = Vec::new();
        for pair in &pairs {
            let Some(gap) = of(pair, &main.subject) else {
                points.push(Value::Null);
                continue;
            };
            (lowest, highest) = (lowest.min(gap.low), highest.max(gap.high));
            let is_significant = gap.z.is_some_and(|z| z.abs() >= critical);
            let mark = if is_significant { ", significant" } else { "" };
            described.push(format!(
                "{} {} ({} to {}{mark})",
                words::pair(pair.0, pair.1, pair.2),
                real(gap.gap, 1),
                real(gap.low, 1),
                real(gap.high, 1)
            ));
            points.push(json!({
                "gap": gap.gap, "low": gap.low, "high": gap.high, "significant": is_significant, "text": real(gap.gap, 1),
            }));
        }
        let title = format!("{}, {}", capital(&words::subject(&main.subject)), words::year(main.year));
        alt.push_str(&format!(" {title}: {}.", described.join("; ")));
        panels.push(json!({"title": title, "points": points}));
    }
    let tens = |value: f64| (value.abs() / 20.0).ceil() * 20.0;
    json!({
        "rows": pairs.iter().map(|(category, reference, focal)| words::pair(category, reference, focal)).collect::<Vec<_>>(),
        "panels": panels,
        "low": -tens(lowest),
        "high": tens(highest).max(20.0),
        "caption": format!(
            "Gaps in proficiency: percentage points by which a group is behind its comparison group, with 95% \
             intervals. Filled dots are significant.{of_them}"
        ),
        "alt": alt,
    })
}

fn ratios(numbers: &Numbers) -> Value {
    let mut schools: Vec<(&Staffed, f64)> = numbers.schools().filter_map(|of| Some((of, of.ratio?))).collect();
    schools.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.org.cmp(&b.0.org)));
    let all = schools.len();
    // A single school is not a comparison.
    let Some(most) = schools.first().map(|(_, ratio)| *ratio).filter(|ratio| all > 1 && *ratio > 0.0) else {
        return Value::Null;
    };
    if all > SCHOOLS {
        schools.drain(SCHOOLS / 2..all - SCHOOLS / 2);
    }
    let unsound = implausible(numbers);
    let is_unsound = |of: &Staffed| unsound.contains(&of.org.as_str());
    let row = |(of, ratio): &(&Staffed, f64)| {
        let name = of.name.strip_suffix(" School").unwrap_or(&of.name);
        json!({"name": name, "ratio": ratio, "text": real(*ratio, 1), "unsound": is_unsound(of)})
    };
    let whole = numbers.whole().and_then(|whole| whole.ratio);
    let described = schools.iter().map(|(of, ratio)| {
        let mark = if is_unsound(of) { ", implausible" } else { "" };
        format!("{} {}{mark}", of.name, real(*ratio, 1))
    });
    let described = described.collect::<Vec<_>>().join("; ");
    let district = whole.map_or(String::new(), |ratio| format!(" The district has {}.", real(ratio, 1)));
    let of_them =
        if all > SCHOOLS { format!(", the six highest and the six lowest of {all} schools") } else { String::new() };
    // A limit beyond the scale would squeeze all bars.
    let limit = Some(numbers.most_students as f64).filter(|limit| *limit > 0.0 && *limit < 4.0 * most);
    let against = match numbers.most_students {
        ..=0 => String::new(),
        most => format!(" The standard is at most {most} (RAT-001)."),
    };
    let hollow = if schools.iter().any(|(of, _)| is_unsound(of)) { " A hollow bar is implausible (RAT-002)." } else { "" };
    json!({
        "rows": schools.iter().map(row).collect::<Vec<_>>(),
        "most": most.max(whole.unwrap_or_default()).max(limit.unwrap_or_default()),
        "limit": limit,
        "limit_label": format!("standard {}", numbers.most_students),
        "district": whole,
        "label": whole.map(|ratio| format!("district {}", real(ratio, 1))),
        "caption": format!("Students per full-time teacher{of_them}.{against}{hollow}"),
        "alt": format!("Students per full-time teacher by school{of_them}: {described}.{district}{against}"),
    })
}

fn violations(numbers: &Numbers) -> Value {
    let of = |family: &str, severity: Severity| -> usize {
        numbers.rules.iter().filter(|rule| rule.family == family && rule.severity == severity).map(|rule| rule.open).sum()
    };
    let families: BTreeSet<&str> = numbers.rules.iter().filter(|rule| rule.open > 0).map(|rule| rule.family).collect();
    let mut rows: Vec<(&str, [usize; 4])> =
        families.into_iter().map(|family| (family, Severity::ALL.map(|severity| of(family, severity)))).collect();
    rows.sort_by_key(|(family, counts)| (Reverse(counts.iter().sum::<usize>()), *family));
    let Some(most) = rows.first().map(|(_, counts)| counts.iter().sum::<usize>()) else { return Value::Null };
    let row = |(family, counts): &(&str, [usize; 4])| {
        let total = counts.iter().sum::<usize>();
        json!({"name": capital(&words::family(family)), "counts": counts, "total": total, "text": count(total as i64)})
    };
    let described = rows.iter().map(|(family, counts)| {
        let named = Severity::ALL.iter().zip(counts).filter(|(_, count)| **count > 0);
        let named: Vec<String> = named.map(|(severity, count)| format!("{count} {}", severity.name())).collect();
        format!("{}: {}", capital(&words::family(family)), named.join(", "))
    });
    json!({
        "alt": format!("Open violations by rule group and severity. {}.", described.collect::<Vec<_>>().join("; ")),
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "most": most,
        "severities": Severity::ALL.map(Severity::name),
        "caption": "Open violations by rule group and severity.",
    })
}

fn methodology(numbers: &Numbers, chosen: &Chosen) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut line = |head: &str, text: String| lines.push(json!({"head": head, "text": text}));
    let whose = if numbers.synthetic { "synthetic records" } else { "the district's own records" };
    let read = count(numbers.rows as i64);
    let day = &numbers.day;
    line("Source.", format!("All figures are computed from {read} rows of {whose}, as of {day}. No other data is used."));
    if !numbers.rates.is_empty() {
        let text = "Proficiency follows from the test's cut scores. A student counts at the school of enrollment on the day of \
                    the test, in the groups of that day. Intervals are at 95%: Wilson's for a share, Newcombe's for the \
                    difference of two shares, Student's t for a mean.";
        line("Figures.", text.to_owned());
    }
    let sieve = match chosen.comparisons {
        0 => String::new(),
        n => format!(
            "{} tested; a comparison is reported only if |z| is at least {}, which keeps the chance of even one false \
             finding among them at 5% or less (Bonferroni, and never below 3). ",
            capital(&many(n, "comparison was", "comparisons were")),
            real(chosen.critical, 2),
        ),
    };
    let text = format!(
        "{sieve}Findings are ranked by the end of their interval closest to zero, relative to a reference size for their kind; \
         counts are ranked by how far they exceed their limit. At most two findings are of the same kind."
    );
    line("Choice of findings.", text);
    if !numbers.rates.is_empty() || !numbers.suppressed.is_empty() {
        let text = format!(
            "Rates and gaps based on fewer than {} students are omitted, as are others from which they could be \
             calculated.",
            numbers.minimum_n
        );
        line("Privacy.", text);
    }
    let text = "Definitions are in reports/rules.md and kpis.md, tables in reports/analysis_tables, and the evidence of every \
                violation in reports/data_quality_report.json.";
    line("References.", text.to_owned());
    lines
}

/// Published figures: their KPIs, whether there are any, and which rules affect them.
struct Touched {
    figures: &'static str,
    kpis: &'static str,
    are_there: fn(&Numbers) -> bool,
    affects: fn(&Rule) -> bool,
}

/// Which violations affect which figures: those of rules about the records behind a figure. A rule that only reads a
/// figure, such as ASM-010, affects none.
const TOUCHED: [Touched; 7] = [
    Touched {
        figures: "Proficiency, scores, levels",
        kpis: "KPI-01 to 03, 14",
        are_there: |numbers| !numbers.rates.is_empty(),
        affects: |rule| judged(rule) || matches!(rule.id, "ENR-001" | "ENR-012"),
    },
    Touched {
        figures: "Gaps between groups",
        kpis: "KPI-05, 06",
        are_there: |numbers| !numbers.gaps.is_empty(),
        affects: |rule| judged(rule) || matches!(rule.id, "ENR-022" | "ENR-024"),
    },
    Touched {
        figures: "Participation",
        kpis: "KPI-04",
        are_there: |numbers| !numbers.participation.is_empty(),
        affects: |rule| {
            let enrolled = ["ENR-001", "ENR-002", "ENR-003", "ENR-005", "ENR-008", "ENR-012", "ENR-025"];
            enrolled.contains(&rule.id) || matches!(rule.id, "ASM-004" | "ASM-005" | "ASM-009")
        },
    },
    Touched {
        figures: "Programs",
        kpis: "KPI-08, 09",
        are_there: |numbers| !numbers.gains.is_empty() || !numbers.effects.is_empty(),
        affects: |rule| rule.family == "program" || judged(rule),
    },
    Touched {
        figures: "Students per teacher, staffing",
        kpis: "KPI-10, 11",
        are_there: |numbers| numbers.whole().is_some(),
        affects: |rule| {
            let enrolled = ["ENR-001", "ENR-002", "ENR-003", "ENR-005", "ENR-012", "ENR-013"];
            enrolled.contains(&rule.id) || staffed(rule) || matches!(rule.id, "RAT-002" | "RAT-003" | "RAT-012")
        },
    },
    Touched {
        figures: "Teacher qualification",
        kpis: "KPI-13",
        are_there: |numbers| !numbers.qualified.is_empty(),
        affects: |rule| staffed(rule) || rule.family == "certification" && !matches!(rule.id, "CRT-003" | "CRT-013"),
    },
    Touched {
        figures: "Any figure",
        kpis: "rows and days",
        are_there: |_| true,
        affects: |rule| matches!(rule.family, "reference" | "calendar"),
    },
];

fn judged(rule: &Rule) -> bool {
    matches!(rule.id, "ASM-001" | "ASM-003" | "ASM-004" | "ASM-005" | "ASM-006")
}

fn staffed(rule: &Rule) -> bool {
    let fte = ["FTE-001", "FTE-002", "FTE-003", "FTE-004", "FTE-007", "FTE-009"];
    rule.family == "duplicate_educators" || fte.contains(&rule.id)
}

fn affected(numbers: &Numbers) -> Vec<Value> {
    let row = |Touched { figures, kpis, affects, .. }: &Touched| {
        let mut rules: Vec<&Rule> = numbers.rules.iter().filter(|rule| rule.open > 0 && affects(rule)).collect();
        rules.sort_by_key(|rule| (Reverse((rule.severity, rule.open)), rule.id));
        let of = |severity| rules.iter().filter(|rule| rule.severity == severity).map(|rule| rule.open).sum::<usize>();
        let counts = [Severity::Critical, Severity::Error, Severity::Warning].map(|severity| count(of(severity) as i64));
        let worst: Vec<String> =
            rules.iter().take(3).map(|rule| format!("{} ({})", rule.id, count(rule.open as i64))).collect();
        let more = rules.len().saturating_sub(3);
        let more = if more > 0 { format!(", {more} more") } else { String::new() };
        json!({"figures": figures, "kpis": kpis, "counts": counts, "worst": format!("{}{more}", worst.join(", "))})
    };
    let is_touched =
        |of: &&Touched| (of.are_there)(numbers) && numbers.rules.iter().any(|rule| rule.open > 0 && (of.affects)(rule));
    TOUCHED.iter().filter(is_touched).map(row).collect()
}

fn limitations(numbers: &Numbers) -> Vec<String> {
    let mut lines = Vec::new();
    if numbers.synthetic {
        lines.push("The records are synthetic. Nothing here describes a real district, school, or person.".to_owned());
    }
    if numbers.rejected > 0 {
        let rows = many(numbers.rejected as usize, "row", "rows");
        lines.push(format!(
            "{} of {} could not be read and {} not included in any figure.",
            capital(&rows),
            count(numbers.rows as i64),
            if numbers.rejected == 1 { "is" } else { "are" }
        ));
    }
    if !numbers.not_run.is_empty() {
        let tables: BTreeSet<&str> = numbers.not_run.iter().map(|(_, table)| *table).collect();
        let named: Vec<String> = tables.iter().take(6).map(|table| (*table).to_owned()).collect();
        let more = if tables.len() > 6 { format!(" and {} more", tables.len() - 6) } else { String::new() };
        let rules = capital(&many(numbers.not_run.len(), "rule was", "rules were"));
        lines.push(format!("{rules} not run because tables are missing: {}{more}.", list(&named)));
    }
    if numbers.switched_off > 0 {
        let rules = capital(&many(numbers.switched_off, "rule is", "rules are"));
        lines.push(format!("{rules} switched off by the district's settings."));
    }
    if numbers.waived > 0 {
        let violations = capital(&many(numbers.waived, "violation is", "violations are"));
        lines.push(format!("{violations} waived by the district, and not counted or shown here."));
    }
    if !numbers.suppressed.is_empty() {
        let (suppressed, all) = numbers.suppressed.iter().fold((0, 0), |sum, (_, hidden, of)| (sum.0 + hidden, sum.1 + of));
        lines.push(format!(
            "{} of {} rows of {} are suppressed: they are based on fewer than {} students or would reveal such rows.",
            count(suppressed as i64),
            count(all as i64),
            many(numbers.suppressed.len(), "KPI", "KPIs"),
            numbers.minimum_n
        ));
    }
    if numbers.rates.is_empty() {
        lines.push("No assessment results are published, so there are no findings about achievement.".to_owned());
    } else {
        lines.push(
            "Gaps and comparisons do not show causes. They are not adjusted for poverty or other circumstances.".to_owned(),
        );
    }
    if !numbers.gains.is_empty() || !numbers.effects.is_empty() {
        lines.push(
            "Treatment and comparison groups were not randomized: comparable groups may differ in unmeasured ways."
                .to_owned(),
        );
    }
    lines
}
