//! The open violations in words and texts, ready for reports and relations: with whom they concern, and whether they are
//! waived.

use super::standing::Standing;
use super::subjects::{Concerned, Whereabouts};
use super::violations::Violations;
use crate::model::{Id, OrgId, Texts};
use crate::qa::{self, Rule, Severity};
use std::collections::BTreeMap;

/// An open violation.
#[derive(Clone)]
pub struct Open {
    /// The rule.
    pub rule: &'static Rule,
    /// Its severity, where nothing is configured the rule's own.
    pub severity: Severity,
    /// What kind of thing it is about.
    pub about: &'static str,
    /// The key of that thing.
    pub subject: String,
    /// Whom it concerns.
    pub concerned: Concerned,
    /// What was seen: one entry per finding.
    pub evidence: Vec<BTreeMap<&'static str, String>>,
    /// Whether the rule is switched off or waived for its organization.
    pub waived: bool,
}

/// The open violations, by rule and subject.
pub fn open(violations: &Violations, whereabouts: &Whereabouts<'_>, standing: &Standing, texts: &Texts) -> Vec<Open> {
    let mut all: Vec<(u16, Open)> = Vec::with_capacity(violations.len());
    for ((number, subject), findings) in violations.open() {
        let rule = qa::numbered(*number);
        let evidence = findings.map(|values| {
            let named = rule.evidence.iter().zip(values).map(|(name, value)| (*name, value.text(texts)));
            named.filter(|(_, text)| !text.is_empty()).collect()
        });
        let mut evidence: Vec<BTreeMap<&'static str, String>> = evidence.collect();
        // Findings are kept by symbols, which are numbered by arrival.
        evidence.sort();
        let concerned = whereabouts.concerned(subject);
        let org = concerned.org.map(|org| texts.text(org));
        let open = Open {
            rule,
            severity: standing.severity(rule, org),
            about: subject.kind(),
            subject: subject.key(texts),
            concerned,
            evidence,
            waived: standing.waives(rule, org),
        };
        all.push((number.0, open));
    }
    all.sort_by(|(a, one), (b, other)| (a, &one.subject).cmp(&(b, &other.subject)));
    all.into_iter().map(|(_, open)| open).collect()
}

/// How many of some violations there are at each organization; those of none are left out.
pub fn by_org<'a>(of: impl Iterator<Item = &'a Open>, texts: &Texts) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<OrgId, usize> = BTreeMap::new();
    of.filter_map(|open| open.concerned.org).for_each(|org| *counts.entry(org).or_default() += 1);
    counts.into_iter().map(|(org, count)| (texts.symbol_text(OrgId::SPACE, org.symbol()).to_owned(), count)).collect()
}
