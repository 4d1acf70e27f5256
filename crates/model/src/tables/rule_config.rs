//! `rule_config`: rules switched off, weighed differently or waived for a school.

use crate::codes::SeverityCode;
use crate::{Date, Text};

table! {
    /// Configuration of a rule: switched off, or with another severity, everywhere or for one organization, over
    /// [effective_from, effective_to).
    RuleConfig "rule_config" key(rule_id, scope_org_id) of RuleConfigId as key
    {
        /// The rule, such as ENR-003.
        rule_id: Text,
        /// The organization, or `*` for all.
        scope_org_id: Text,
        /// Whether the rule counts; a rule that does not is waived.
        enabled: bool,
        /// Severity instead of the rule's own.
        severity: Option<SeverityCode>,
        /// Parameters; not used, thresholds are set in rollcall.toml.
        params: Option<Text>,
        /// First day.
        effective_from: Option<Date>,
        /// First day no longer in effect (exclusive): the end of a waiver.
        effective_to: Option<Date>,
        /// The reason.
        reason: Option<Text>,
    }
}
