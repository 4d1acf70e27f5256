//! Rule configuration on a day: what the `rule_config` table disables, waives or changes the severity of. It is joined
//! to the findings afterwards, so a waiver never hides that a violation exists.

use crate::current::CurrentRows;
use crate::model::codes::SeverityCode;
use crate::model::{Date, Interval};
use crate::qa::{Rule, Severity};
use std::collections::BTreeMap;

/// The configuration of a rule in one scope.
#[derive(Clone, Copy, Debug)]
struct Config {
    enabled: bool,
    severity: Option<Severity>,
}

/// The configuration of all rules on a day.
#[derive(Debug, Default)]
pub struct RuleStatus {
    /// By rule and scope; the scope is the id of an organization, or `*`.
    configs: BTreeMap<(String, String), Config>,
}

impl RuleStatus {
    /// As of a day.
    pub fn on(day: Date, current: &CurrentRows) -> RuleStatus {
        let texts = &current.texts;
        let in_effect = |row: &&crate::model::RuleConfig| {
            Interval::new(row.effective_from.unwrap_or(Date::MIN), row.effective_to).contains(day)
        };
        let configs = current.rows().rule_config.iter().flatten().filter(in_effect).map(|row| {
            let scope = (texts.text(row.rule_id).to_uppercase(), texts.text(row.scope_org_id).to_owned());
            let severity = row.severity.and_then(|severity| match severity {
                SeverityCode::Critical => Some(Severity::Critical),
                SeverityCode::Error => Some(Severity::Error),
                SeverityCode::Warning => Some(Severity::Warning),
                SeverityCode::Info => Some(Severity::Info),
                SeverityCode::Unknown(_) => None,
            });
            (scope, Config { enabled: row.enabled, severity })
        });
        RuleStatus { configs: configs.collect() }
    }

    /// Whether nothing is configured.
    pub fn is_empty(&self) -> bool {
        self.configs.is_empty()
    }

    fn of(&self, rule: &Rule, scope: &str) -> Option<Config> {
        self.configs.get(&(rule.id.to_owned(), scope.to_owned())).copied()
    }

    /// Whether a violation at an organization is waived; configuration for the organization takes precedence over `*`.
    pub fn waives(&self, rule: &Rule, org: Option<&str>) -> bool {
        let config = org.and_then(|org| self.of(rule, org)).or_else(|| self.of(rule, "*"));
        config.is_some_and(|config| !config.enabled)
    }

    /// The severity of a violation at an organization.
    pub fn severity(&self, rule: &Rule, org: Option<&str>) -> Severity {
        let own = org.and_then(|org| self.of(rule, org)).and_then(|config| config.severity);
        own.or_else(|| self.of(rule, "*").and_then(|config| config.severity)).unwrap_or(rule.severity)
    }
}
