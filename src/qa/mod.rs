//! Data quality: one file per rule, with its documentation (what it checks, why it matters, how to fix it) and a pure
//! function that checks it. A rule never asks for the current day; a finding states the days on which it is open.

mod overlap;
mod rule;

use crate::model::RuleNumber;
pub(crate) use rule::rule;
pub use rule::{Check, Checks, Findings, Rule, Severity};

/// Lists the rules of a group.
macro_rules! rule_group {
    ($($module:ident),+ $(,)?) => {
        $(pub mod $module;)+
        /// The rules of the group.
        pub static RULES: &[&crate::qa::Rule] = &[$(&$module::RULE),+];
    };
}

/// Duplicate educator records.
pub mod duplicate_educators {
    rule_group! {
        dup_001_shared_state_id,
        dup_002_same_name_and_birth_date,
        dup_003_alike,
        dup_004_shared_login,
        dup_005_same_assignment_twice,
        dup_006_overlapping_assignments,
        dup_007_same_educator_twice,
        dup_009_suffix_in_name,
    }
}
/// Missing or invalid certifications.
pub mod certification {
    rule_group! {
        crt_001_no_credential,
        crt_002_no_valid_credential,
        crt_003_expires_soon,
        crt_004_lapsed,
        crt_005_out_of_field,
        crt_006_grade_span,
        crt_007_population,
        crt_008_impossible_dates,
        crt_010_shared_number,
        crt_011_incomplete,
        crt_012_revoked,
        crt_013_uncertified_share,
        crt_014_no_authorization,
        crt_016_unknown_holder,
    }
}
/// FTE over-allocation.
pub mod fte {
    rule_group! {
        fte_001_over_allocation,
        fte_002_hard_limit,
        fte_003_out_of_range,
        fte_004_missing,
        fte_005_over_contract,
        fte_006_under_contract,
        fte_007_outside_employment,
        fte_009_unknown_person,
        fte_012_no_assignment_at_school,
        fte_014_double_booked,
        fte_019_two_primary,
    }
}
/// Student enrollment inconsistencies.
pub mod enrollment {
    rule_group! {
        enr_001_overlapping_primary,
        enr_002_overlapping_at_school,
        enr_003_exit_before_entry,
        enr_004_exit_without_reason,
        enr_005_left_open,
        enr_008_implausible_dates,
        enr_009_school_not_open,
        enr_010_grade_not_offered,
        enr_011_age_for_grade,
        enr_012_unknown_student_or_school,
        enr_013_not_enrolled,
        enr_014_roster_outside_enrollment,
        enr_015_no_section,
        enr_018_no_teacher_of_record,
        enr_021_overlapping_in_section,
        enr_022_shared_state_id,
        enr_024_incomplete_student,
        enr_025_grade_disagrees,
        enr_026_grade_jump,
    }
}
/// Staffing ratio validation.
pub mod staffing_ratio {
    rule_group! {
        rat_001_too_many_students,
        rat_002_too_few_students,
        rat_003_no_teacher,
        rat_004_section_too_large,
        rat_006_role_below_standard,
        rat_012_nobody_there,
    }
}
/// Assessment.
pub mod assessment {
    rule_group! {
        asm_001_score_off_scale,
        asm_003_level_disagrees,
        asm_004_duplicate_result,
        asm_005_unknown_student_or_assessment,
        asm_006_not_enrolled_on_test_date,
        asm_009_expected_no_record,
        asm_010_participation,
    }
}
/// Programs.
pub mod program {
    rule_group! {
        prg_001_impossible_dates,
        prg_002_not_enrolled,
        prg_003_overlapping,
    }
}
/// Sessions and calendars.
pub mod calendar {
    rule_group! {
        cal_002_impossible_session,
        cal_005_impossible_day,
    }
}
/// References and deliveries.
pub mod reference {
    rule_group! {
        ref_001_not_as_announced,
        ref_002_header,
        ref_003_unreadable_row,
        ref_004_required_missing,
        ref_005_unknown_code,
        ref_006_lapsed_code,
        ref_007_id_not_found,
        ref_008_duplicate_natural_key,
        ref_009_stated_twice,
        ref_010_stale_change,
        ref_011_unknown_delete,
        ref_012_mass_delete,
        ref_013_late_feed,
        ref_017_placeholder,
        ref_018_odd_character,
        ref_019_unusual_volume,
    }
}

/// The kind of records that a rule group is about, for the share of records without errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Students.
    Students,
    /// Staff.
    Staff,
    /// Schools.
    Schools,
    /// Rows of any table.
    Rows,
}

/// A group of rules.
pub struct RuleGroup {
    /// Its name in reports.
    pub name: &'static str,
    /// The kind of records it is about.
    pub about: About,
    /// Its rules.
    pub rules: &'static [&'static Rule],
}

/// All rule groups.
pub static RULE_GROUPS: &[RuleGroup] = &[
    RuleGroup { name: "duplicate_educators", about: About::Staff, rules: duplicate_educators::RULES },
    RuleGroup { name: "certification", about: About::Staff, rules: certification::RULES },
    RuleGroup { name: "fte", about: About::Staff, rules: fte::RULES },
    RuleGroup { name: "enrollment", about: About::Students, rules: enrollment::RULES },
    RuleGroup { name: "staffing_ratio", about: About::Schools, rules: staffing_ratio::RULES },
    RuleGroup { name: "assessment", about: About::Students, rules: assessment::RULES },
    RuleGroup { name: "program", about: About::Students, rules: program::RULES },
    RuleGroup { name: "calendar", about: About::Schools, rules: calendar::RULES },
    RuleGroup { name: "reference", about: About::Rows, rules: reference::RULES },
];

/// All rules; a [`RuleNumber`] is an index into this list.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    RULE_GROUPS.iter().flat_map(|group| group.rules.iter().copied())
}

/// Whether a number is that of a rule of the list, and not of a plan's caller.
pub(crate) fn is_listed(number: RuleNumber) -> bool {
    usize::from(number.0) < RULE_GROUPS.iter().map(|group| group.rules.len()).sum()
}

/// The rule with this number.
pub fn numbered(number: RuleNumber) -> &'static Rule {
    rules().nth(usize::from(number.0)).expect("invariant: rule numbers are positions in the list of rules")
}

/// The rule with this id, in any case.
pub fn find(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// The name of the group of a rule.
pub fn group(rule: &Rule) -> &'static str {
    RULE_GROUPS.iter().find(|group| group.rules.iter().any(|of| of.id == rule.id)).map_or("", |group| group.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_a_plan_come_after_the_listed_ones() {
        let number = u16::try_from(rules().count()).unwrap();
        assert!(is_listed(RuleNumber(number - 1)));
        assert!(!is_listed(RuleNumber(number)));
    }
}
