//! How rules stand on a day: what the `rule_config` table switches off, waives or weighs differently. It is joined to what
//! is found, so that a waiver never hides that the violation is there.

use crate::current::CurrentRows;
use crate::model::codes::SeverityCode;
use crate::model::{Date, Interval};
use crate::qa::{Rule, Severity};
use std::collections::BTreeMap;

/// What the table says of a rule in one scope.
#[derive(Clone, Copy, Debug)]
struct Said {
    enabled: bool,
    severity: Option<Severity>,
}

/// The rules as configured on a day.
#[derive(Debug, Default)]
pub struct Standing {
    /// By rule and scope: the id of an organization, or `*`.
    said: BTreeMap<(String, String), Said>,
}

impl Standing {
    /// As of a day.
    pub fn on(day: Date, current: &CurrentRows) -> Standing {
        let texts = &current.texts;
        let in_effect = |row: &&crate::model::RuleConfig| {
            Interval::new(row.effective_from.unwrap_or(Date::MIN), row.effective_to).contains(day)
        };
        let said = current.rows().rule_config.iter().flatten().filter(in_effect).map(|row| {
            let scope = (texts.text(row.rule_id).to_uppercase(), texts.text(row.scope_org_id).to_owned());
            let severity = row.severity.and_then(|severity| match severity {
                SeverityCode::Critical => Some(Severity::Critical),
                SeverityCode::Error => Some(Severity::Error),
                SeverityCode::Warning => Some(Severity::Warning),
                SeverityCode::Info => Some(Severity::Info),
                SeverityCode::Unknown(_) => None,
            });
            (scope, Said { enabled: row.enabled, severity })
        });
        Standing { said: said.collect() }
    }

    /// Whether nothing is said of any rule.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    fn of(&self, rule: &Rule, scope: &str) -> Option<Said> {
        self.said.get(&(rule.id.to_owned(), scope.to_owned())).copied()
    }

    /// Whether a violation at an organization is waived: what is said of the organization goes before what is said of all.
    pub fn waives(&self, rule: &Rule, org: Option<&str>) -> bool {
        let said = org.and_then(|org| self.of(rule, org)).or_else(|| self.of(rule, "*"));
        said.is_some_and(|said| !said.enabled)
    }

    /// The severity of a violation at an organization.
    pub fn severity(&self, rule: &Rule, org: Option<&str>) -> Severity {
        let own = org.and_then(|org| self.of(rule, org)).and_then(|said| said.severity);
        own.or_else(|| self.of(rule, "*").and_then(|said| said.severity)).unwrap_or(rule.severity)
    }
}
