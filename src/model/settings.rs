//! The thresholds that rules and KPIs compute with. They belong to a plan: changing one means a new plan over the same
//! records. All are integers in the unit of what they are compared with.

use super::{Fte, Table};

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
    /// Most FTE that one person may hold on a day before it can only be an error (FTE-002).
    pub fte_hard_cap: Fte,
    /// How far assignments may exceed the contract (FTE-005).
    pub fte_over_contract: Fte,
    /// How far assignments may fall short of the contract (FTE-006).
    pub fte_under_contract: Fte,
    /// For how many days after the hire assignments may fall short of the contract (FTE-006).
    pub employment_grace_days: i64,
    /// Most students for one counselor where no standard is set, 250 as the American School Counselor Association
    /// recommends; 0 is none (RAT-006).
    pub students_per_counselor_max: Fte,
    /// Fewest students per full-time teacher that are plausible (RAT-002).
    pub students_per_teacher_min: i64,
    /// Schools smaller than that are not looked at for too few students per teacher (RAT-002).
    pub students_per_teacher_min_headcount: i64,
    /// Most students in a section where neither it nor a standard says so (RAT-004).
    pub section_size_max: i32,
    /// Greatest share of teachers without full certification, in 1/10,000 (CRT-013).
    pub uncertified_share_max: i64,
    /// How alike first names are of what may be one person, in 1/100 (DUP-003).
    pub duplicate_likeness_min: i64,
    /// Blocks of more persons are not compared (DUP-003).
    pub duplicate_block_max: usize,
    /// How many days after the end of a school year its enrollments may stay open (ENR-005).
    pub open_enrollment_grace_days: i64,
    /// How many days ahead an entry may lie (ENR-008, PRG-001).
    pub entry_ahead_days: i64,
    /// How many days ahead an exit may lie that is not the end of the year (ENR-008).
    pub exit_ahead_days: i64,
    /// Least share of expected students who are tested, in 1/10,000 (ASM-010).
    pub participation_min: i64,
    /// Longest session, in days (CAL-002).
    pub session_days_max: i64,
    /// Tables that no source delivers: what refers to them refers to nothing that could be missing.
    pub absent_tables: Vec<Table>,
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
            fte_hard_cap: super::Fixed(20_000),
            fte_over_contract: super::Fixed(500),
            fte_under_contract: super::Fixed(2_000),
            employment_grace_days: 30,
            students_per_counselor_max: super::Fixed(2_500_000),
            students_per_teacher_min: 5,
            students_per_teacher_min_headcount: 50,
            section_size_max: 40,
            uncertified_share_max: 200,
            duplicate_likeness_min: 90,
            duplicate_block_max: 50,
            open_enrollment_grace_days: 30,
            entry_ahead_days: 183,
            exit_ahead_days: 30,
            participation_min: 9_500,
            session_days_max: 400,
            absent_tables: Vec::new(),
            minimum_n: 10,
            deltas_with_rows: false,
        }
    }
}
