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
pub(crate) struct RuleStatus {
    /// By rule and scope; the scope is the id of an organization, or `*`.
    configs: BTreeMap<(String, String), Config>,
}

impl RuleStatus {
    /// As of a day.
    pub(crate) fn on(day: Date, current: &CurrentRows) -> RuleStatus {
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
    pub(crate) fn is_empty(&self) -> bool {
        self.configs.is_empty()
    }

    fn of(&self, rule: &Rule, scope: &str) -> Option<Config> {
        self.configs.get(&(rule.id.to_owned(), scope.to_owned())).copied()
    }

    /// Whether a violation at an organization is waived; configuration for the organization takes precedence over `*`.
    pub(crate) fn waives(&self, rule: &Rule, org: Option<&str>) -> bool {
        let config = org.and_then(|org| self.of(rule, org)).or_else(|| self.of(rule, "*"));
        config.is_some_and(|config| !config.enabled)
    }

    /// The severity of a violation at an organization.
    pub(crate) fn severity(&self, rule: &Rule, org: Option<&str>) -> Severity {
        let own = org.and_then(|org| self.of(rule, org)).and_then(|config| config.severity);
        own.or_else(|| self.of(rule, "*").and_then(|config| config.severity)).unwrap_or(rule.severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::qa;
    use crate::testing::run;
    use expect_test::expect;

    #[test]
    fn what_is_said_of_a_school_goes_before_what_is_said_of_all() {
        let changes = "
            rule_config | rule_id scope_org_id enabled severity effective_from effective_to
            2025-09-02 + ENR-001 * false . . .
            2025-09-02 + ENR-001 N true . . .
            2025-09-02 + enr-002 N false info . .
            2025-09-02 + ENR-003 * true info . .
            2025-09-02 + ENR-003 N true . . .
            2025-09-02 + ENR-003 S true critical . .
            2025-09-02 + ENR-004 * false . 2025-09-03 2025-09-05
            2025-09-02 + ENR-005 * false . . 2025-09-04
            2025-09-02 + ENR-008 * true odd . .
        ";
        let (engine, _) = run(changes, Plan::default());
        let day = |number: u32| Date::ymd(2025, 9, number).unwrap();
        let mut lines = String::new();
        for id in ["ENR-001", "ENR-002", "ENR-003", "ENR-004", "ENR-005", "ENR-008", "ENR-009"] {
            let rule = qa::find(id).unwrap();
            lines += id;
            for day in (2..=5).map(day) {
                let standing = RuleStatus::on(day, &engine.current);
                let word = |org: Option<&str>| {
                    let severity = standing.severity(rule, org);
                    if standing.waives(rule, org) { format!("{severity:?}, waived") } else { format!("{severity:?}") }
                };
                lines += &format!("\n  {day} N: {}; S: {}; none: {}", word(Some("N")), word(Some("S")), word(None));
            }
            lines += "\n";
        }
        expect![[r#"
            ENR-001
              2025-09-02 N: Critical; S: Critical, waived; none: Critical, waived
              2025-09-03 N: Critical; S: Critical, waived; none: Critical, waived
              2025-09-04 N: Critical; S: Critical, waived; none: Critical, waived
              2025-09-05 N: Critical; S: Critical, waived; none: Critical, waived
            ENR-002
              2025-09-02 N: Info, waived; S: Error; none: Error
              2025-09-03 N: Info, waived; S: Error; none: Error
              2025-09-04 N: Info, waived; S: Error; none: Error
              2025-09-05 N: Info, waived; S: Error; none: Error
            ENR-003
              2025-09-02 N: Info; S: Critical; none: Info
              2025-09-03 N: Info; S: Critical; none: Info
              2025-09-04 N: Info; S: Critical; none: Info
              2025-09-05 N: Info; S: Critical; none: Info
            ENR-004
              2025-09-02 N: Error; S: Error; none: Error
              2025-09-03 N: Error, waived; S: Error, waived; none: Error, waived
              2025-09-04 N: Error, waived; S: Error, waived; none: Error, waived
              2025-09-05 N: Error; S: Error; none: Error
            ENR-005
              2025-09-02 N: Error, waived; S: Error, waived; none: Error, waived
              2025-09-03 N: Error, waived; S: Error, waived; none: Error, waived
              2025-09-04 N: Error; S: Error; none: Error
              2025-09-05 N: Error; S: Error; none: Error
            ENR-008
              2025-09-02 N: Error; S: Error; none: Error
              2025-09-03 N: Error; S: Error; none: Error
              2025-09-04 N: Error; S: Error; none: Error
              2025-09-05 N: Error; S: Error; none: Error
            ENR-009
              2025-09-02 N: Error; S: Error; none: Error
              2025-09-03 N: Error; S: Error; none: Error
              2025-09-04 N: Error; S: Error; none: Error
              2025-09-05 N: Error; S: Error; none: Error
        "#]]
        .assert_eq(&lines);
        assert!(!RuleStatus::on(day(2), &engine.current).is_empty() && RuleStatus::default().is_empty());
    }
}
