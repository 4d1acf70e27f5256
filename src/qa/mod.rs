//! Data quality: one file per rule, which says what it checks, why it matters and how to fix it, and checks it by a
//! pure function. A rule never asks what day it is; it says during which days its finding is open.

mod overlap;
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
    family! {
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
    family! {
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
    family! {
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
    family! {
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
    family! {
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
    family! {
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
    family! {
        prg_001_impossible_dates,
        prg_002_not_enrolled,
        prg_003_overlapping,
    }
}
/// Sessions and calendars.
pub mod calendar {
    family! {
        cal_002_impossible_session,
        cal_005_impossible_day,
    }
}
/// References and deliveries.
pub mod reference {
    family! {
        ref_001_not_as_announced,
        ref_002_header,
        ref_003_unreadable_row,
        ref_004_required_missing,
        ref_005_unknown_code,
        ref_006_lapsed_code,
        ref_007_dangling_reference,
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

/// What the records are that a family of rules is about, when their share that is clean is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Students.
    Students,
    /// Members of staff.
    Staff,
    /// Schools.
    Schools,
    /// Rows of any table.
    Rows,
}

/// Rules that belong together.
pub struct Family {
    /// The name that reports use for it.
    pub name: &'static str,
    /// What its rules are about.
    pub about: About,
    /// Its rules.
    pub rules: &'static [&'static Rule],
}

/// The families.
pub static FAMILIES: &[Family] = &[
    Family { name: "duplicate_educators", about: About::Staff, rules: duplicate_educators::RULES },
    Family { name: "certification", about: About::Staff, rules: certification::RULES },
    Family { name: "fte", about: About::Staff, rules: fte::RULES },
    Family { name: "enrollment", about: About::Students, rules: enrollment::RULES },
    Family { name: "staffing_ratio", about: About::Schools, rules: staffing_ratio::RULES },
    Family { name: "assessment", about: About::Students, rules: assessment::RULES },
    Family { name: "program", about: About::Students, rules: program::RULES },
    Family { name: "calendar", about: About::Schools, rules: calendar::RULES },
    Family { name: "reference", about: About::Rows, rules: reference::RULES },
];

/// Every rule; a [`crate::model::RuleNumber`] is a position in it.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.rules.iter().copied())
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
    FAMILIES.iter().find(|family| family.rules.iter().any(|of| of.id == rule.id)).map_or("", |family| family.name)
}
