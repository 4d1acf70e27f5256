//! Episodes of violations in words and texts, ready for reports and relations: with whom they concern, and whether they are
//! waived.

use super::history::Episode;
use super::standing::Standing;
use super::subjects::{Concerned, Whereabouts};
use crate::model::{Id, OrgId, Texts};
use crate::qa::{self, Rule, Severity};
use std::collections::BTreeMap;

/// What was seen: one entry per finding.
pub type Seen = Vec<BTreeMap<&'static str, String>>;

/// An episode of a violation, as rows and settings have it today: whom it concerns, how bad it is, and whether it is waived.
#[derive(Clone)]
pub struct Case {
    /// The violation, with when it was opened and closed.
    pub episode: Episode,
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
    /// What is seen; nothing of what is over.
    pub evidence: Seen,
    /// Whether the rule is switched off or waived for its organization.
    pub waived: bool,
}

impl Case {
    /// An episode, with what is seen of it.
    pub fn of(episode: Episode, evidence: Seen, whereabouts: &Whereabouts<'_>, standing: &Standing, texts: &Texts) -> Case {
        let (number, subject) = episode.violation;
        let rule = qa::numbered(number);
        let concerned = whereabouts.concerned(&subject);
        let org = concerned.org.map(|org| texts.text(org));
        Case {
            episode,
            rule,
            severity: standing.severity(rule, org),
            about: subject.kind(),
            subject: subject.key(texts),
            concerned,
            evidence,
            waived: standing.waives(rule, org),
        }
    }
}

/// How many of some violations there are at each organization; those of none are left out.
pub fn by_org<'a>(of: impl Iterator<Item = &'a Case>, texts: &Texts) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<OrgId, usize> = BTreeMap::new();
    of.filter_map(|case| case.concerned.org).for_each(|org| *counts.entry(org).or_default() += 1);
    counts.into_iter().map(|(org, count)| (texts.symbol_text(OrgId::SPACE, org.symbol()).to_owned(), count)).collect()
}
