//! Data quality: one file per rule, which says what it checks, why it matters and how to fix it, and checks it by a
//! pure function. A rule never asks what day it is; it says during which days its finding is open.

mod rule;

pub(crate) use rule::rule;
pub use rule::{Check, Checks, Findings, Rule, Severity};

/// Lists a family's rules.
macro_rules! family {
    ($($module:ident),+ $(,)?) => {
        $(pub mod $module;)+
        /// The rules of the family.
        pub static RULES: &[&crate::qa::Rule] = &[$(&$module::RULE),+];
    };
}

/// Duplicate educator records.
pub mod duplicate_educators {
    family! { dup_001_shared_state_id, dup_002_same_name_and_birth_date }
}
/// Missing or invalid certifications.
pub mod certification {
    family! {
        crt_001_no_credential,
        crt_002_no_valid_credential,
        crt_003_expires_soon,
        crt_005_out_of_field,
        crt_008_impossible_dates,
    }
}
/// FTE over-allocation.
pub mod fte {
    family! { fte_001_over_allocation, fte_003_out_of_range }
}
/// Student enrollment inconsistencies.
pub mod enrollment {
    family! {
        enr_001_overlapping_primary,
        enr_002_overlapping_at_school,
        enr_003_exit_before_entry,
        enr_004_exit_without_reason,
        enr_011_age_for_grade,
        enr_013_not_enrolled,
        enr_025_grade_disagrees,
    }
}
/// Staffing ratio validation.
pub mod staffing_ratio {
    family! { rat_001_too_many_students, rat_003_no_teacher }
}
/// Assessment.
pub mod assessment {
    family! { asm_001_score_off_scale }
}
/// References and deliveries.
pub mod reference {
    family! {
        ref_003_unreadable_row,
        ref_004_required_missing,
        ref_005_unknown_code,
        ref_007_dangling_reference,
        ref_009_stated_twice,
    }
}

/// The families, each with the name that reports use for it.
pub static FAMILIES: &[(&str, &[&Rule])] = &[
    ("duplicate_educators", duplicate_educators::RULES),
    ("certification", certification::RULES),
    ("fte", fte::RULES),
    ("enrollment", enrollment::RULES),
    ("staffing_ratio", staffing_ratio::RULES),
    ("assessment", assessment::RULES),
    ("reference", reference::RULES),
];

/// Every rule; a [`crate::model::RuleNumber`] is a position in it.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|(_, rules)| rules.iter().copied())
}

/// The rule with this number.
pub fn numbered(number: crate::model::RuleNumber) -> &'static Rule {
    rules().nth(usize::from(number.0)).expect("invariant: rule numbers are positions in the list of rules")
}

/// The rule with this id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// The family that a rule belongs to.
pub fn family(rule: &Rule) -> &'static str {
    FAMILIES.iter().find(|(_, rules)| rules.iter().any(|of| of.id == rule.id)).map_or("", |(name, _)| name)
}
