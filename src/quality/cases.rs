//! Episodes of violations as texts, ready for reports and relations: with whom they concern, and whether they are
//! waived.

use super::history::Episode;
use super::rule_status::RuleStatus;
use super::subjects::{Concerned, Whereabouts};
use crate::model::{Id, OrgId, Texts};
use crate::qa::{self, Rule, Severity};
use std::collections::BTreeMap;

/// Evidence as texts, one entry per finding.
pub(crate) type Observed = Vec<BTreeMap<&'static str, String>>;

/// An episode of a violation with current data and settings: whom it concerns, its severity, and whether it is waived.
#[derive(Clone)]
pub(crate) struct Case {
    /// The violation, and when it opened and closed.
    pub episode: Episode,
    /// The rule.
    pub rule: &'static Rule,
    /// Its configured severity, by default that of the rule.
    pub severity: Severity,
    /// The kind of its subject.
    pub about: &'static str,
    /// The key of its subject.
    pub subject: String,
    /// Whom it concerns.
    pub concerned: Concerned,
    /// Its evidence; empty once it is closed.
    pub evidence: Observed,
    /// Whether the rule is disabled or waived for its organization.
    pub waived: bool,
}

impl Case {
    /// The case of an episode with its evidence.
    pub(crate) fn of(
        episode: Episode,
        evidence: Observed,
        whereabouts: &Whereabouts<'_>,
        rule_status: &RuleStatus,
        texts: &Texts,
    ) -> Case {
        let (number, subject) = episode.violation;
        let rule = qa::numbered(number);
        let concerned = whereabouts.concerned(&subject);
        let org = concerned.org.map(|org| texts.text(org));
        Case {
            episode,
            rule,
            severity: rule_status.severity(rule, org),
            about: subject.kind(),
            subject: subject.key(texts),
            concerned,
            evidence,
            waived: rule_status.waives(rule, org),
        }
    }
}

/// The number of violations at each organization; those without an organization are omitted.
pub(crate) fn by_org<'a>(of: impl Iterator<Item = &'a Case>, texts: &Texts) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<OrgId, usize> = BTreeMap::new();
    of.filter_map(|case| case.concerned.org).for_each(|org| *counts.entry(org).or_default() += 1);
    counts.into_iter().map(|(org, count)| (texts.symbol_text(OrgId::SPACE, org.symbol()).to_owned(), count)).collect()
}
