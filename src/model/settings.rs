//! The thresholds that rules and KPIs compute with. They belong to a plan: changing one means a new plan over the same
//! records. All are integers in the unit of what they are compared with.

use super::Fte;

/// Thresholds and definition choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Most FTE that one person may hold on a day, over all assignments (FTE-001).
    pub fte_cap: Fte,
    /// Most FTE of one assignment (FTE-003).
    pub fte_single_cap: Fte,
    /// How many days ahead the end of a credential is announced (CRT-003).
    pub credential_warning_days: i64,
    /// Most days that a credential may take effect before it is issued (CRT-008).
    pub credential_backdating_days: i64,
    /// How many days ahead a credential may be issued (CRT-008).
    pub credential_issue_ahead_days: i64,
    /// Most students per full-time teacher (RAT-001).
    pub students_per_teacher_max: i64,
    /// Least age above the number of the grade, in half years (ENR-011).
    pub age_for_grade_min_half_years: i64,
    /// Greatest age above the number of the grade, in half years (ENR-011).
    pub age_for_grade_max_half_years: i64,
    /// Greatest age in pre-kindergarten, in half years (ENR-011).
    pub age_prekindergarten_max_half_years: i64,
    /// Least age in adult education, in half years (ENR-011).
    pub age_adult_min_half_years: i64,
    /// Least number of students that a published figure may rest on.
    pub minimum_n: i64,
    /// Whether changed rows of relations are part of each Delta, for sinks that follow the warehouse live.
    pub deltas_with_rows: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            fte_cap: super::Fixed(10_500),
            fte_single_cap: super::Fixed(10_000),
            credential_warning_days: 90,
            credential_backdating_days: 366,
            credential_issue_ahead_days: 180,
            students_per_teacher_max: 35,
            age_for_grade_min_half_years: 8,
            age_for_grade_max_half_years: 17,
            age_prekindergarten_max_half_years: 12,
            age_adult_min_half_years: 36,
            minimum_n: 10,
            deltas_with_rows: false,
        }
    }
}
