//! Selects findings for district leaders: candidates are derived from the numbers, tested, scored and ranked. A topic is a
//! file here and a line in the list `topics!`.
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
//! 3. The six candidates with the highest scores become findings, at most two of a topic, so that none crowds out the
//!    others; other admitted candidates are listed in one line. Gaps of gifted students are left out: these students are
//!    chosen by achievement, so their gap means nothing.
//!
//! Every sentence is built from figures and contains at least one.

mod series;
#[cfg(test)]
mod tests;

pub use data_quality::implausible;
pub use gap::gap_candidates;
pub use series::{Series, series};

use super::numbers::Numbers;

/// The maximum number of findings.
const MOST: usize = 6;
/// The minimum number, however long they are, if that many were admitted.
const FEWEST: usize = 3;
/// How many characters of findings and recommendations fit on a page.
const PAGE: usize = 2_900;
/// The maximum number on one topic.
const MOST_OF_A_TOPIC: usize = 2;

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
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

impl Advice {
    fn to(who: impl Into<String>, what: impl Into<String>) -> Advice {
        Advice { who: who.into(), what: what.into() }
    }
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

/// What findings can be about.
struct Topic {
    /// The number of comparisons to test; none if everybody is counted. The critical value depends on those of all topics.
    comparisons: fn(&Numbers, &[Series<'_>]) -> usize,
    /// The findings, given the critical value.
    find: fn(&Numbers, &[Series<'_>], f64) -> Found,
}

/// What a topic says about a district.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    /// A check without a finding, as part of a sentence.
    quiet: Option<String>,
}

macro_rules! topics {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+
        /// All topics, in the order in which checks without a finding are listed.
        static TOPICS: &[Topic] = &[$($module::TOPIC),+];
    };
}

topics! {
    change,
    school,
    program,
    gap,
    participation,
    staffing,
    qualification,
    data_quality,
}

/// A comparison that would be a finding, with the z of its test.
struct Candidate {
    z: Option<f64>,
    finding: Finding,
}

/// Chooses the findings.
pub fn choose(numbers: &Numbers) -> Chosen {
    let series = series(numbers);
    let comparisons = TOPICS.iter().map(|topic| (topic.comparisons)(numbers, &series)).sum();
    let critical = critical(comparisons);
    let mut chosen = Chosen { comparisons, critical, ..Chosen::default() };
    let mut admitted: Vec<(usize, Finding)> = Vec::new();
    for (topic, Topic { find, .. }) in TOPICS.iter().enumerate() {
        let Found { findings, quiet } = find(numbers, &series, critical);
        admitted.extend(findings.into_iter().map(|finding| (topic, finding)));
        chosen.quiet.extend(quiet);
    }

    // Highest score first; ties by headline, so the same district gives the same brief.
    admitted.sort_by(|(_, a), (_, b)| b.score.total_cmp(&a.score).then_with(|| a.headline.cmp(&b.headline)));
    let mut of_topic = [0; TOPICS.len()];
    for (topic, finding) in admitted {
        if chosen.findings.len() < MOST && of_topic[topic] < MOST_OF_A_TOPIC {
            of_topic[topic] += 1;
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
fn critical(comparisons: usize) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    let tail = 0.05 / (2.0 * comparisons.max(1) as f64);
    Normal::standard().inverse_cdf(1.0 - tail).max(3.0)
}

fn is_significant(z: Option<f64>, critical: f64) -> bool {
    z.is_some_and(|z| z.abs() >= critical)
}

/// The findings of the significant ones among candidates.
fn significant(candidates: Vec<Candidate>, critical: f64) -> Vec<Finding> {
    let significant = candidates.into_iter().filter(|candidate| is_significant(candidate.z, critical));
    significant.map(|candidate| candidate.finding).collect()
}

/// The end of an interval that is closer to zero.
fn at_least(low: f64, high: f64) -> f64 {
    if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) }
}
