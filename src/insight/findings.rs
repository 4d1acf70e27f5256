//! Selects findings for district leaders: candidates are derived from the numbers, tested, scored and ranked.
//!
//! # How findings are chosen
//!
//! A candidate is either *compared* (a change between years, a gap, a school and its peers, a program) or *counted*
//! (participation, staffing, qualification, violations: everybody is counted, so there is nothing to test).
//!
//! 1. A comparison is admitted if its |z| reaches a critical value that keeps the chance of even one false finding at
//!    5% over all comparisons (Bonferroni), and never less than 3. It is a filter, not a proof: tests of the same
//!    students are not independent.
//! 2. An admitted candidate is scored by the end of its 95% interval that is closer to zero, relative to a reference size:
//!    5 points of proficiency for a change, 10 for a gap (times one plus the share of students in the group) or a school,
//!    0.25 standard deviations for an effect (a gain counts half, because it is not an effect). Counts have reference
//!    sizes too: 5 points below 95% participation, 5% of teachers without full certification, half of the students
//!    in schools below a standard, 10% of records with errors; a critical violation adds one.
//! 3. The six candidates with the highest scores become findings, at most two of a kind, so no topic crowds out the
//!    others; other admitted candidates are listed in one line. Gaps of gifted students are left out: these students are
//!    chosen by achievement, so their gap means nothing.
//!
//! Every sentence is built from figures and contains at least one.

use super::numbers::{Gap, Numbers, Rate, Rule};
use super::words::{self, capital, count, list, many, real};
use crate::kpi::statistics::difference;
use crate::qa::Severity;
use std::collections::{BTreeMap, BTreeSet};

/// The maximum number of findings.
const MOST: usize = 6;
/// The minimum number, however long they are, if that many were admitted.
const FEWEST: usize = 3;
/// How many characters of findings and recommendations fit on a page.
const PAGE: usize = 2_900;
/// The maximum number of one kind.
const MOST_OF_A_KIND: usize = 2;

/// The topic of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Proficiency changed between two years.
    Change,
    /// Two groups differ in proficiency.
    Gap,
    /// A school stands out among those of its level.
    School,
    /// A program has an effect, or its participants gained.
    Program,
    /// Participation is too low.
    Participation,
    /// Staffing against standards.
    Staffing,
    /// Qualification of teachers.
    Qualification,
    /// The reliability of the records.
    Trust,
}

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its topic.
    pub kind: Kind,
    /// Its score.
    pub score: f64,
    /// The headline.
    pub headline: String,
    /// The sentences with its figures.
    pub text: String,
    /// The recommendation.
    pub advice: Option<Advice>,
}

/// A recommendation.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// Who is responsible.
    pub who: String,
    /// What to do.
    pub what: String,
}

/// What the brief says about a district.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// The findings, highest score first.
    pub findings: Vec<Finding>,
    /// Headlines of admitted candidates that did not fit.
    pub also: Vec<String>,
    /// Checks without a finding.
    pub quiet: Vec<String>,
    /// The number of comparisons tested.
    pub comparisons: usize,
    /// The |z| that they had to reach.
    pub critical: f64,
}

/// A comparison, with the z of its test.
struct Candidate {
    z: Option<f64>,
    finding: Finding,
    /// The figure as a short sentence, for use within another finding.
    short: String,
}

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
fn without_year(rate: &Rate) -> String {
    let text = rate.test.replace(&rate.year.to_string(), " ");
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Chooses the findings.
pub fn choose(numbers: &Numbers) -> Chosen {
    let series = series(numbers);
    let mut candidates = Vec::new();
    changes(numbers, &series, &mut candidates);
    let changed = candidates.len();
    schools(numbers, &series, &mut candidates);
    programs(numbers, &mut candidates);
    let gaps = gap_candidates(numbers, &series);
    let comparisons = candidates.len() + gaps.len();
    let critical = critical(comparisons);
    let significant = |z: Option<f64>| z.is_some_and(|z| z.abs() >= critical);

    let mut admitted: Vec<Finding> = Vec::new();
    let mut quiet = Vec::new();
    if changed > 0 && !candidates[..changed].iter().any(|candidate| significant(candidate.z)) {
        let what = many(changed, "subject or test", "subjects and tests");
        quiet.push(format!(
            "proficiency did not change significantly from one year to the next in any of the {what} compared"
        ));
    }
    let kind = |kind: Kind| candidates.iter().filter(move |candidate| candidate.finding.kind == kind);
    if kind(Kind::School).count() > 0 && !kind(Kind::School).any(|candidate| significant(candidate.z)) {
        quiet.push("no school differs significantly from the schools of its level".to_owned());
    }
    if !numbers.effects.is_empty() && !kind(Kind::Program).any(|candidate| significant(candidate.z)) {
        quiet.push("no program has a significant effect".to_owned());
    }
    if !gaps.is_empty() && !gaps.iter().any(|gap| significant(gap.z)) {
        let compared = many(gaps.len(), "gap between groups", "gaps between groups");
        quiet.push(format!("none of the {compared} is significant"));
    }
    let beyond: Vec<&Gap> = gaps.into_iter().filter(|gap| significant(gap.z)).collect();
    admitted.extend(gap_findings(numbers, &series, &beyond));
    let beyond = candidates.into_iter().filter(|candidate| significant(candidate.z));
    let (schools, others): (Vec<_>, Vec<_>) = beyond.partition(|candidate| candidate.finding.kind == Kind::School);
    admitted.extend(others.into_iter().map(|candidate| candidate.finding));
    admitted.extend(once_a_school(schools));
    admitted.extend(participation(numbers, &series, &mut quiet));
    admitted.extend(staffing(numbers, &mut quiet));
    admitted.extend(qualification(numbers, &mut quiet));
    admitted.extend(trust(numbers, &mut quiet));

    // Highest score first; ties by headline, so the same district gives the same brief.
    admitted.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.headline.cmp(&b.headline)));
    let mut chosen = Chosen { comparisons, critical, quiet, ..Chosen::default() };
    for finding in admitted {
        let same = chosen.findings.iter().filter(|other| other.kind == finding.kind).count();
        if chosen.findings.len() < MOST && same < MOST_OF_A_KIND {
            chosen.findings.push(finding);
        } else {
            chosen.also.push(finding.headline);
        }
    }
    // One page holds all findings and their recommendations.
    let length = |finding: &Finding| {
        let advice = finding.advice.as_ref().map_or(0, |advice| advice.who.len() + advice.what.len());
        finding.headline.len() + finding.text.len() + advice
    };
    while chosen.findings.len() > FEWEST && chosen.findings.iter().map(length).sum::<usize>() > PAGE {
        chosen.also.splice(0..0, chosen.findings.pop().map(|finding| finding.headline));
    }
    chosen
}

/// The |z| that each of this many comparisons must reach: Bonferroni at 5%, and never less than 3.
pub fn critical(comparisons: usize) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    let tail = 0.05 / (2.0 * comparisons.max(1) as f64);
    Normal::standard().inverse_cdf(1.0 - tail).max(3.0)
}

/// The end of an interval that is closer to zero.
fn at_least(low: f64, high: f64) -> f64 {
    if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) }
}

/// An interval in words.
fn interval(low: f64, high: f64, decimals: usize) -> String {
    format!("95% interval {} to {}", real(low, decimals), real(high, decimals))
}

/// The interval of a difference that is stated as a size and a direction.
fn distance(value: f64, low: f64, high: f64) -> String {
    if value < 0.0 { interval(-high, -low, 1) } else { interval(low, high, 1) }
}

fn changes(numbers: &Numbers, series: &[Series<'_>], candidates: &mut Vec<Candidate>) {
    for series in series {
        let [.., before, now] = series.years[..] else { continue };
        let Some(change) = difference((now.hits, now.n), (before.hits, before.n)) else { continue };
        let [value, low, high] = [change.value, change.low, change.high].map(|share| 100.0 * share);
        let verb = if value < 0.0 { "fell" } else { "rose" };
        let year = words::year(now.year);
        let text = format!(
            "{} of {} students tested in {year} are proficient, compared with {} of {} in {} (change: {} points; {}). \
             Each year counts the students tested in it; they are not the same students.",
            percent(now.rate),
            count(now.n),
            percent(before.rate),
            count(before.n),
            words::year(before.year),
            real(value, 1),
            interval(low, high, 1),
        );
        let advice = Advice {
            who: format!("Head of curriculum, {}", series.label),
            what: match (steepest(numbers, now, before, value), value < 0.0) {
                (Some(grade), true) => format!("start with {grade}, which fell most; ask its teachers what changed."),
                (Some(grade), false) => format!("find out what changed in {grade}, which rose most, and build on it."),
                (None, _) => "review with principals what changed, grade by grade.".to_owned(),
            },
        };
        let finding = Finding {
            kind: Kind::Change,
            score: at_least(low, high) / 5.0,
            headline: format!("Proficiency in {} {verb} by {} points", series.label, real(value.abs(), 1)),
            text,
            advice: Some(advice),
        };
        candidates.push(Candidate { z: change.z, finding, short: String::new() });
    }
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
fn gap_findings(numbers: &Numbers, series: &[Series<'_>], beyond: &[&Gap]) -> Vec<Finding> {
    let tested = |gap: &Gap| series.iter().any(|s| s.is_main && s.subject == gap.subject);
    let subjects = series.iter().filter(|series| series.is_main).count();
    let weight = |gap: &Gap| {
        let share = gap.n_focal as f64 / (gap.n_focal + gap.n_reference).max(1) as f64;
        at_least(gap.low, gap.high) / 10.0 * (1.0 + share)
    };
    let mut pairs: BTreeMap<(&str, &str, &str, bool), Vec<&Gap>> = BTreeMap::new();
    for gap in beyond.iter().filter(|gap| tested(gap)) {
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
            kind: Kind::Gap,
            score: weight(first),
            headline: format!("{} {verb} {reference} in {where_}", capital(&focal)),
            text,
            advice: is_behind.then(|| Advice { who: words::advocate(category).to_owned(), what }),
        });
    }
    findings
}

/// The school with the widest published gap of the same groups on the same test, if it is wider than the district's and
/// its interval excludes zero.
fn widest(numbers: &Numbers, of: &Gap) -> Option<String> {
    let same = |gap: &&Gap| {
        let names = |gap: &Gap| [&gap.test, &gap.category, &gap.reference, &gap.focal].map(String::clone);
        !gap.school.is_empty() && gap.year == of.year && names(gap) == names(of) && gap.low > 0.0 && gap.gap > of.gap
    };
    let mut schools: Vec<&Gap> = numbers.gaps.iter().filter(same).collect();
    schools.sort_by(|a, b| b.gap.total_cmp(&a.gap).then_with(|| a.school.cmp(&b.school)));
    let gap = schools.first()?;
    let (name, points) = (numbers.name(&gap.school), real(gap.gap, 1));
    Some(format!("{name}, where the gap in {} is widest ({points} points)", words::subject(&of.subject)))
}

fn schools(numbers: &Numbers, series: &[Series<'_>], candidates: &mut Vec<Candidate>) {
    for series in series.iter().filter(|series| series.is_main) {
        let latest = series.latest();
        let is_latest = |test: &str, year: i32| test == latest.test && year == latest.year;
        let peers: Vec<_> = numbers.standings.iter().filter(|s| s.kpi == "KPI-02" && is_latest(&s.test, s.year)).collect();
        let rate = |school: &str| {
            let mut rates = numbers.rates.iter().filter(|rate| rate.grade.is_empty() && is_latest(&rate.test, rate.year));
            rates.find(|rate| rate.school == school)
        };
        for standing in &peers {
            let Some(own) = rate(&standing.school) else { continue };
            let others = peers.iter().filter(|other| other.level == standing.level && other.school != standing.school);
            let others: Vec<&Rate> = others.filter_map(|other| rate(&other.school)).collect();
            let sum = others.iter().fold((0, 0), |(hits, n), rate| (hits + rate.hits, n + rate.n));
            let Some(difference) = difference((own.hits, own.n), sum) else { continue };
            let [value, low, high] = [difference.value, difference.low, difference.high].map(|share| 100.0 * share);
            let side = if value < 0.0 { "below" } else { "above" };
            let level = standing.level.replace('_', " ");
            let text = format!(
                "In {} in {}, {} of its {} students tested are proficient, {} points {side} the other {} ({}); it ranks \
                 {} of {}. Poverty is not taken into account.",
                series.label,
                words::year(own.year),
                percent(own.rate),
                count(own.n),
                real(value.abs(), 1),
                many(others.len(), &format!("{level} school"), &format!("{level} schools")),
                distance(value, low, high),
                standing.rank,
                standing.schools,
            );
            let advice = Advice {
                who: "Head of schools".to_owned(),
                what: match value < 0.0 {
                    true => format!("visit {} first; compare its programs with its peers'.", standing.name),
                    false => format!("ask {} what it does differently, and share it with other schools.", standing.name),
                },
            };
            let finding = Finding {
                kind: Kind::School,
                score: at_least(low, high) / 10.0,
                headline: format!("{} stands out, {side} its peers", standing.name),
                text,
                advice: Some(advice),
            };
            let short = format!(" In {} it is {} points {side} them.", series.label, real(value.abs(), 1));
            candidates.push(Candidate { z: difference.z, finding, short });
        }
    }
}

/// A school that stands out in several subjects in the same direction is one finding: the strongest subject, with the others
/// named.
fn once_a_school(mut candidates: Vec<Candidate>) -> Vec<Finding> {
    candidates.sort_by(|Candidate { finding: a, .. }, Candidate { finding: b, .. }| {
        b.score.total_cmp(&a.score).then_with(|| a.headline.cmp(&b.headline)).then_with(|| a.text.cmp(&b.text))
    });
    let mut once: Vec<Finding> = Vec::new();
    for Candidate { finding, short, .. } in candidates {
        match once.iter_mut().find(|other| other.headline == finding.headline) {
            Some(other) => other.text.push_str(&short),
            None => once.push(finding),
        }
    }
    once
}

fn programs(numbers: &Numbers, candidates: &mut Vec<Candidate>) {
    let name = |id: &str| numbers.programs.get(id).cloned().unwrap_or_else(|| id.to_owned());
    for effect in numbers.effects.iter().filter(|effect| effect.standing == "comparable") {
        let se = (effect.high - effect.low) / (2.0 * crate::kpi::statistics::Z95);
        let z = (se > 0.0).then(|| effect.effect / se);
        let size = effect.g.unwrap_or_default().abs();
        let least = if effect.effect == 0.0 { 0.0 } else { at_least(effect.low, effect.high) / effect.effect.abs() };
        let (more, verb) =
            if effect.effect < 0.0 { ("less", "did not help its students") } else { ("more", "shows an effect") };
        let text = format!(
            "Its {} participants gained {} points {more} than {} comparison students ({}), or {} standard deviations.",
            count(effect.n.0),
            real(effect.effect.abs(), 1),
            count(effect.n.1),
            distance(effect.effect, effect.low, effect.high),
            real(size, 2),
        );
        let what = match effect.effect < 0.0 {
            true => "review the program before offering it again.",
            false => "report the cost per student, and whether the program can reach more students.",
        };
        let finding = Finding {
            kind: Kind::Program,
            score: size * least / 0.25,
            headline: format!("{} {verb}", name(&effect.program)),
            text,
            advice: Some(Advice { who: "Program office".to_owned(), what: what.to_owned() }),
        };
        candidates.push(Candidate { z, finding, short: String::new() });
    }
    let has_effect = |program: &str| numbers.effects.iter().any(|effect| effect.program == program);
    for gain in numbers.gains.iter().filter(|gain| gain.arm == "treatment" && !has_effect(&gain.program)) {
        let least = if gain.gain == 0.0 { 0.0 } else { at_least(gain.low, gain.high) / gain.gain.abs() };
        let mut text = format!(
            "Its {} participants with scores before and after the program gained {} points ({}).",
            count(gain.n),
            real(gain.gain, 1),
            interval(gain.low, gain.high, 1),
        );
        let compared = numbers.gains.iter().find(|other| other.program == gain.program && other.arm == "comparison");
        if let Some(other) = compared {
            let (points, n) = (real(other.gain, 1), count(other.n));
            text.push_str(&format!(
                " The {n} students in the comparison group gained {points}, but the groups are too small to estimate an effect."
            ));
        }
        text.push_str(" A gain is not an effect: students also gain without a program.");
        let finding = Finding {
            kind: Kind::Program,
            score: gain.d.unwrap_or_default().abs().min(1.0) * least * 0.5,
            headline: format!("Participants of {} gained", name(&gain.program)),
            text,
            advice: Some(Advice {
                who: "Program office".to_owned(),
                what: "form groups of at least 30 students with similar starting scores, so its effect can be estimated."
                    .to_owned(),
            }),
        };
        candidates.push(Candidate { z: gain.t, finding, short: String::new() });
    }
}

/// Participation below 95% on the latest year of each test, once its window is over.
fn participation(numbers: &Numbers, series: &[Series<'_>], quiet: &mut Vec<String>) -> Vec<Finding> {
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
            interval(rate.low, rate.high, 1),
        );
        let what = match numbers.open("ASM-009") {
            Some(rule) => format!(
                "enter a result or a reason for the {} without a record (ASM-009); list who else was not tested, and why.",
                many(rule.open, "student", "students")
            ),
            None => "list who was not tested and why, and plan make-up days for the next window.".to_owned(),
        };
        findings.push(Finding {
            kind: Kind::Participation,
            score: (95.0 - rate.rate) / 5.0,
            headline: format!("Participation in {label} is below 95%"),
            text,
            advice: Some(Advice { who: "Assessment coordinator".to_owned(), what }),
        });
    }
    if findings.is_empty() && !latest.is_empty() {
        quiet.push("participation reaches 95% on every test whose window is over".to_owned());
    }
    findings
}

fn staffing(numbers: &Numbers, quiet: &mut Vec<String>) -> Vec<Finding> {
    let students = numbers.whole().map_or(0, |whole| whole.students).max(1) as f64;
    let at = |org: &str| numbers.staffed.iter().find(|staffed| staffed.org == org).map_or(0, |staffed| staffed.students);
    let mut findings = Vec::new();
    if let Some(rule) = numbers.open("RAT-003") {
        let orgs: Vec<&str> = rule.subjects.iter().map(|(org, _)| org.as_str()).collect();
        let there: i64 = orgs.iter().map(|org| at(org)).sum();
        let named: Vec<String> =
            orgs.iter().take(3).map(|org| format!("{} ({})", numbers.name(org), count(at(org)))).collect();
        let empty =
            numbers.open("RAT-012").is_some_and(|rule| rule.subjects.iter().any(|(org, _)| orgs.contains(&org.as_str())));
        let closed = if empty { " It also has no sections or staff: check whether it is open." } else { "" };
        findings.push(Finding {
            kind: Kind::Staffing,
            score: 0.5 + 3.0 * there as f64 / students,
            headline: format!(
                "{} enrolled students but no teacher",
                capital(&many(orgs.len(), "school has", "schools have"))
            ),
            text: format!(
                "Students are enrolled today at {}, without a teacher on record.{closed}",
                first_of(&named, orgs.len())
            ),
            advice: Some(Advice {
                who: "Human resources, principal".to_owned(),
                what: "enter its teachers, or move the enrollments to the schools that teach them (RAT-003).".to_owned(),
            }),
        });
    }
    if let Some(rule) = numbers.open("RAT-001") {
        let orgs: Vec<&str> = rule.subjects.iter().map(|(org, _)| org.as_str()).collect();
        let ratio = |org: &&str| {
            let staffed = numbers.staffed.iter().find(|staffed| staffed.org == **org)?;
            Some(format!("{} ({} students per teacher)", staffed.name, real(staffed.ratio?, 1)))
        };
        let named: Vec<String> = orgs.iter().take(3).filter_map(ratio).collect();
        let there: i64 = orgs.iter().map(|org| at(org)).sum();
        findings.push(Finding {
            kind: Kind::Staffing,
            score: 0.5 + 2.0 * there as f64 / students,
            headline: format!("{} too many students per teacher", capital(&many(orgs.len(), "school has", "schools have"))),
            text: format!("Above the limit: {}.", first_of(&named, orgs.len())),
            advice: Some(Advice {
                who: "Human resources".to_owned(),
                what: "enter missing assignments; if none are missing, staff these schools first (RAT-001).".to_owned(),
            }),
        });
    }
    if let Some(rule) = numbers.open("RAT-006") {
        let place = |(subject, seen): &(String, BTreeMap<&'static str, String>)| {
            let (org, role) = subject.split_once('|').unwrap_or((subject, ""));
            let fte = seen.get("fte").map_or("0", String::as_str).to_owned();
            (org.to_owned(), words_of(role), fte)
        };
        let places: Vec<(String, String, String)> = rule.subjects.iter().map(place).collect();
        let orgs: BTreeSet<&str> = places.iter().map(|(org, _, _)| org.as_str()).collect();
        let there: i64 = orgs.iter().map(|org| at(org)).sum();
        let mut roles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (org, role, fte) in &places {
            let students = at(org);
            let unit = if students == 1 { "student" } else { "students" };
            let place = format!("{} ({fte} FTE for {} {unit})", numbers.name(org), count(students));
            roles.entry(role).or_default().push(place);
        }
        let role = |(role, named): (&&str, &Vec<String>)| {
            format!("{role} at {}", first_of(&named[..named.len().min(2)], named.len()))
        };
        let mut text = format!("Below the standard: {}.", roles.iter().map(role).collect::<Vec<_>>().join("; "));
        let counselors = numbers.roles.iter().find(|(role, _, _)| role == "counselor").and_then(|(_, _, ratio)| *ratio);
        if let Some(ratio) = counselors.filter(|ratio| *ratio > 250.0 && roles.contains_key("counselor")) {
            let ratio = real(ratio, 0);
            text.push_str(&format!(" The district has {ratio} students per counselor; ASCA recommends 250."));
        }
        findings.push(Finding {
            kind: Kind::Staffing,
            score: 2.0 * there as f64 / students,
            headline: format!(
                "{} required staff below the standard",
                capital(&many(orgs.len(), "school has", "schools have"))
            ),
            text,
            advice: Some(Advice {
                who: "Human resources".to_owned(),
                what: "enter missing assignments; add remaining shortages to the staffing plan (RAT-006).".to_owned(),
            }),
        });
    }
    if findings.is_empty() && numbers.whole().is_some_and(|whole| whole.teachers > 0.0) {
        quiet.push("no school is above the limit of students per teacher or below a staffing standard".to_owned());
    }
    findings
}

/// A role within a sentence.
fn words_of(role: &str) -> String {
    role.replace('_', " ")
}

/// Names, and the number of others.
fn first_of(named: &[String], all: usize) -> String {
    match all.saturating_sub(named.len()) {
        0 => list(named),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn percent(value: f64) -> String {
    format!("{}%", real(value, 1))
}

/// Teachers without full certification, if the rule about their share has open violations.
const UNCERTIFIED_WORTH_TELLING: f64 = 2.0;

fn qualification(numbers: &Numbers, quiet: &mut Vec<String>) -> Option<Finding> {
    let whole = numbers.qualified.iter().find(|of| of.org.is_empty() && !of.name.contains("quarter"))?;
    let lacking = 100.0 - whole.certified;
    if lacking < UNCERTIFIED_WORTH_TELLING {
        quiet.push(format!("{} of teacher FTE are fully certified", percent(whole.certified)));
        return None;
    }
    let mut text = format!(
        "Of {} teacher FTE, {} have no valid credential, {} have only an emergency or provisional one, and {} \
         teach a section out of field.",
        real(whole.teachers, 1),
        percent(whole.not_certified),
        percent(whole.emergency),
        percent(whole.out_of_field),
    );
    let quarter = |name: &str| numbers.qualified.iter().find(|of| of.name.contains(name));
    if let (Some(poor), Some(rich)) = (quarter("poorest quarter"), quarter("richest quarter")) {
        let [poor, rich] = [poor, rich].map(|of| 100.0 - of.certified);
        if poor > rich {
            let [poor, rich] = [poor, rich].map(percent);
            text.push_str(&format!(
                " In the poorest quarter of schools, {poor} lack full certification; in the richest, {rich}."
            ));
        }
    }
    let mut schools: Vec<_> = numbers.qualified.iter().filter(|of| !of.org.is_empty()).collect();
    schools.sort_by(|a, b| a.certified.total_cmp(&b.certified).then_with(|| a.org.cmp(&b.org)));
    let first = schools.first().filter(|of| of.certified < whole.certified);
    let begin =
        first.map_or(String::new(), |of| format!("start at {} ({} lack it); ", of.name, percent(100.0 - of.certified)));
    Some(Finding {
        kind: Kind::Qualification,
        score: lacking / 5.0,
        headline: format!("{} of teacher FTE are not fully certified", percent(lacking)),
        text,
        advice: Some(Advice {
            who: "Human resources".to_owned(),
            what: format!("{begin}enter missing credentials, and agree with each remaining teacher on a plan and a date."),
        }),
    })
}

/// Schools whose students per teacher are implausible (RAT-002).
pub fn implausible(numbers: &Numbers) -> Vec<&str> {
    numbers.open("RAT-002").map_or(Vec::new(), |rule| rule.subjects.iter().map(|(org, _)| org.as_str()).collect())
}

fn trust(numbers: &Numbers, quiet: &mut Vec<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let [critical, error] = [Severity::Critical, Severity::Error].map(|severity| numbers.of_severity(severity));
    let mut clean: Vec<_> = numbers.clean.iter().filter(|of| of.records > 0).collect();
    let faulty = |of: &super::numbers::Clean| of.faulty as f64 / of.records as f64;
    clean.sort_by(|a, b| faulty(b).total_cmp(&faulty(a)).then_with(|| a.family.cmp(&b.family)));
    // A district has few schools and calendars: one with an error would be a large share.
    let few = |of: &super::numbers::Clean| matches!(of.family.as_str(), "staffing_ratio" | "calendar");
    let worst = clean.iter().find(|of| !few(of) && of.faulty > 0);
    if critical + error > 0 {
        let mut rules: Vec<&Rule> =
            numbers.rules.iter().filter(|rule| rule.severity == Severity::Critical && rule.open > 0).collect();
        rules.sort_by_key(|rule| (std::cmp::Reverse(rule.open), rule.id));
        let named = |rule: &&Rule| format!("{} ({})", rule.title, count(rule.open as i64));
        let mut text = match rules.len() {
            0 => "None of them is critical.".to_owned(),
            _ => format!("Critical violations: {}.", rules.iter().take(4).map(named).collect::<Vec<_>>().join("; ")),
        };
        if let Some(of) = worst {
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
            0 => {
                format!("{} {} open in the records", count(error as i64), if error == 1 { "error is" } else { "errors are" })
            }
            _ => {
                let [critical, error] = [(critical, "critical violation"), (error, "error")]
                    .map(|(open, what)| format!("{} {what}{}", count(open as i64), if open == 1 { "" } else { "s" }));
                format!("{critical} and {error} are open in the records")
            }
        };
        let first = rules.first().map(|rule| rule.id);
        let what = match first {
            Some(id) => format!("clear the critical rules first, starting with {id}; see “Records to correct first”."),
            None => "clear the rules with the most errors; see “Records to correct first”.".to_owned(),
        };
        findings.push(Finding {
            kind: Kind::Trust,
            score: if critical > 0 { 1.0 } else { 0.0 } + worst.map_or(0.0, |of| faulty(of) * 10.0),
            headline,
            text,
            advice: Some(Advice { who: "Data office".to_owned(), what }),
        });
    } else if numbers.rows > 0 {
        quiet.push("no critical or error violation is open".to_owned());
    }
    let teachers = numbers.whole().map_or(0.0, |whole| whole.teachers);
    let unsound: Vec<_> =
        implausible(numbers).into_iter().filter_map(|org| numbers.staffed.iter().find(|of| of.org == org)).collect();
    if let Some(first) = unsound.first() {
        let share = unsound.iter().map(|of| of.teachers).sum::<f64>() / teachers.max(f64::MIN_POSITIVE);
        let ratio = first.ratio.map_or(String::new(), |ratio| format!(", {} per teacher", real(ratio, 1)));
        let mut text = format!(
            "{}{} teacher FTE are on record for {} students{ratio}",
            if unsound.len() == 1 { String::new() } else { format!("At {} ", first.name) },
            real(first.teachers, 1),
            count(first.students)
        );
        if unsound.len() > 1 {
            text.push_str(&format!(", and {} like it", many(unsound.len() - 1, "school is", "schools are")));
        }
        text.push_str(". This also affects the district's ratio and the shares of qualified teachers.");
        if let Some(rule) = numbers.open("FTE-002") {
            let who = capital(&many(rule.open, "person is", "persons are"));
            text.push_str(&format!(" {who} assigned far more than full time (FTE-002)."));
        }
        findings.push(Finding {
            kind: Kind::Trust,
            score: 1.0 + share.min(1.0),
            headline: match unsound.len() {
                1 => format!("Students per teacher are implausible at {}", first.name),
                schools => format!("Students per teacher are implausible at {}", many(schools, "school", "schools")),
            },
            text,
            advice: Some(Advice {
                who: "Human resources, payroll".to_owned(),
                what: "correct the FTE of assignments (FTE-001 to FTE-003) before any staffing figure is used.".to_owned(),
            }),
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::numbers::{Clean, Effect, Gain, Qualified, Staffed, Standing};
    use super::*;

    fn rate(test: &str, year: i32, school: &str, hits: i64, n: i64) -> Rate {
        let share = crate::kpi::statistics::share(hits, n).unwrap();
        let [rate, low, high] = [share.value, share.low, share.high].map(|share| 100.0 * share);
        let subject = if test.contains("MATH") { "math" } else { "ela" };
        let (test, subject, school) = (test.to_owned(), subject.to_owned(), school.to_owned());
        Rate { test, subject, year, school, n, hits, rate, low, high, ..Rate::default() }
    }

    /// A gap between the economically disadvantaged and others on the test of 2025.
    fn gap(test: &str, behind: (i64, i64), reference: (i64, i64)) -> Gap {
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

    fn rule(id: &'static str, severity: Severity, subjects: &[&str]) -> Rule {
        let fix = "Correct it.".to_owned();
        let subjects: Vec<_> = subjects.iter().map(|subject| ((*subject).to_owned(), BTreeMap::new())).collect();
        Rule { id, family: "enrollment", severity, title: "something is wrong", fix, open: subjects.len(), subjects }
    }

    /// A district of two schools without problems or findings.
    fn quiet() -> Numbers {
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

    fn only(numbers: &Numbers) -> Finding {
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

    #[test]
    fn an_effect_needs_comparable_arms_and_a_gain_is_no_effect() {
        let effect = Effect {
            program: "P".to_owned(),
            n: (120, 130),
            standing: "comparable".to_owned(),
            effect: 5.0,
            low: 3.0,
            high: 7.0,
            g: Some(0.4),
        };
        let programs = BTreeMap::from([("P".to_owned(), "Reading Tutors".to_owned())]);
        let finding = only(&Numbers { effects: vec![effect.clone()], programs: programs.clone(), ..quiet() });
        assert_eq!(finding.headline, "Reading Tutors shows an effect");
        assert!((finding.score - 0.4 * 0.6 / 0.25).abs() < 1e-9);
        let adjusted = Effect { standing: "needs adjustment".to_owned(), ..effect.clone() };
        assert!(choose(&Numbers { effects: vec![adjusted], ..quiet() }).findings.is_empty());
        let unsure = Effect { low: -1.0, high: 11.0, ..effect };
        let chosen = choose(&Numbers { effects: vec![unsure], ..quiet() });
        assert!(chosen.findings.is_empty() && chosen.quiet.iter().any(|line| line.contains("no program")));
        let gain = Gain {
            program: "P".to_owned(),
            arm: "treatment".to_owned(),
            n: 40,
            gain: 12.0,
            low: 9.0,
            high: 15.0,
            t: Some(8.0),
            d: Some(0.8),
        };
        let finding = only(&Numbers { gains: vec![gain], programs, ..quiet() });
        assert!(finding.text.contains("A gain is not an effect"), "{}", finding.text);
    }

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

    #[test]
    fn staffing_and_violations_are_told_with_their_places() {
        let mut numbers = quiet();
        numbers.rules = vec![rule("RAT-003", Severity::Warning, &["S"])];
        let finding = only(&numbers);
        assert_eq!(finding.headline, "One school has enrolled students but no teacher");
        assert!(finding.text.contains("South (400)"), "{}", finding.text);
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

    #[test]
    fn the_sieve_is_finer_the_more_is_compared() {
        assert_eq!(critical(0), 3.0);
        assert_eq!(critical(10), 3.0);
        assert!((critical(100) - 3.4808).abs() < 1e-3);
    }
}
