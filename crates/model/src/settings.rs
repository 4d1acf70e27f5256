//! The thresholds that rules and KPIs compute with. They belong to a plan: changing one means a new plan over the same
//! records. All are integers in the unit of what they are compared with. Each is declared once: from the declaration come
//! the field, its default, how it is read from `rollcall.toml`, and the commented file that `rollcall init` writes.

use super::{Fixed, Fte, Table};

/// Why a value is no value of a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoThreshold(pub String);

/// A type that thresholds have.
pub trait Threshold: Copy {
    /// From a number as the file states it.
    fn read(number: f64) -> Result<Self, NoThreshold>;
    /// As the file states it.
    fn text(self) -> String;
}

/// A whole number from 0 to a thousand million.
#[inline]
fn whole(number: f64) -> Result<i64, NoThreshold> {
    let fits = number.fract() == 0.0 && (0.0..=1e9).contains(&number);
    if fits { Ok(number as i64) } else { Err(NoThreshold("a whole number, 0 or more".to_owned())) }
}

macro_rules! whole_numbers {
    ($($type:ty),+) => { $(
        impl Threshold for $type {
            #[inline]
            fn read(number: f64) -> Result<Self, NoThreshold> {
                Ok(whole(number)? as $type)
            }
            #[inline]
            fn text(self) -> String {
                self.to_string()
            }
        }
    )+ };
}
whole_numbers!(i64, i32, usize);

impl Threshold for Fte {
    #[inline]
    fn read(number: f64) -> Result<Self, NoThreshold> {
        let scaled = (number * 10_000.0).round();
        let exact = (scaled / 10_000.0 - number).abs() < 1e-9 && (0.0..=2e9).contains(&scaled);
        if exact { Ok(Fixed(scaled as i32)) } else { Err(NoThreshold("a number with at most four decimals".to_owned())) }
    }
    #[inline]
    fn text(self) -> String {
        super::fields::decimal_text(self.0.into(), 4)
    }
}

macro_rules! settings {
    ($( $group:literal { $( $(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr ),+ $(,)? } )+) => {
        /// Thresholds and definition choices.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings {
            $($( $(#[doc = $doc])+ pub $name: $type, )+)+
            /// Tables that no source delivers: what refers to them refers to nothing that could be missing. Not in the file:
            /// it follows from what is read.
            pub absent_tables: Vec<Table>,
            /// Whether changed rows of relations are part of each Delta, for sinks that follow the warehouse live. Not in the
            /// file: it is a matter of the sinks.
            pub deltas_with_rows: bool,
        }

        impl Default for Settings {
            #[inline]
            fn default() -> Self {
                Settings { $($( $name: $default, )+)+ absent_tables: Vec::new(), deltas_with_rows: false }
            }
        }

        impl Settings {
            /// The names of the thresholds.
            pub const NAMES: &[&str] = &[$($( stringify!($name) ),+),+];

            /// Sets a threshold; none when there is no such.
            #[inline]
            pub fn set(&mut self, name: &str, number: f64) -> Option<Result<(), NoThreshold>> {
                match name {
                    $($( stringify!($name) => Some(Threshold::read(number).map(|value| self.$name = value)), )+)+
                    _ => None,
                }
            }

            /// Every threshold: the group, what it means, its name, its value as the file states it.
            #[inline]
            pub fn list(&self) -> Vec<(&'static str, &'static str, &'static str, String)> {
                vec![$($( ($group, concat!($($doc),+), stringify!($name), Threshold::text(self.$name)), )+)+]
            }
        }
    };
}

settings! {
    "Staffing" {
        /// Most FTE that one person may hold on a day, over all assignments (FTE-001).
        fte_cap: Fte = Fixed(10_500),
        /// Most FTE that one person may hold on a day before it can only be an error (FTE-002).
        fte_hard_cap: Fte = Fixed(20_000),
        /// Most FTE of one assignment (FTE-003).
        fte_single_cap: Fte = Fixed(10_000),
        /// How far assignments may exceed the contract, in FTE (FTE-005).
        fte_over_contract: Fte = Fixed(500),
        /// How far assignments may fall short of the contract, in FTE (FTE-006).
        fte_under_contract: Fte = Fixed(2_000),
        /// For how many days after the hire assignments may fall short of the contract (FTE-006).
        employment_grace_days: i64 = 30,
        /// Most students per full-time teacher (RAT-001).
        students_per_teacher_max: i64 = 35,
        /// Fewest students per full-time teacher that are plausible (RAT-002).
        students_per_teacher_min: i64 = 5,
        /// Schools with fewer students are not looked at for too few students per teacher (RAT-002).
        students_per_teacher_min_headcount: i64 = 50,
        /// Most students in a section where neither it nor a staffing standard says so (RAT-004).
        section_size_max: i32 = 40,
        /// Most students for one counselor where no standard is set; 0 is no limit, 250 is what ASCA recommends (RAT-006).
        students_per_counselor_max: Fte = Fixed(2_500_000),
    }
    "Credentials and duplicates" {
        /// How many days ahead the end of a credential is announced (CRT-003).
        credential_warning_days: i64 = 90,
        /// Most days that a credential may take effect before it is issued (CRT-008).
        credential_backdating_days: i64 = 366,
        /// How many days ahead a credential may be issued (CRT-008).
        credential_issue_ahead_days: i64 = 180,
        /// Greatest share of teachers without full certification, of 1 (CRT-013).
        uncertified_share_max: Fte = Fixed(200),
        /// How alike first names are of what may be one person, of 100 (DUP-003).
        duplicate_likeness_min: i64 = 90,
        /// Blocks of more persons are not compared (DUP-003).
        duplicate_block_max: usize = 50,
    }
    "Enrollment and programs" {
        /// Least age above the number of the grade, in half years (ENR-011).
        age_for_grade_min_half_years: i64 = 8,
        /// Greatest age above the number of the grade, in half years (ENR-011).
        age_for_grade_max_half_years: i64 = 17,
        /// Greatest age in pre-kindergarten, in half years (ENR-011).
        age_prekindergarten_max_half_years: i64 = 12,
        /// Least age in adult education, in half years (ENR-011).
        age_adult_min_half_years: i64 = 36,
        /// How many days after the end of a school year its enrollments may stay open (ENR-005).
        open_enrollment_grace_days: i64 = 30,
        /// How many days ahead an entry may lie (ENR-008, PRG-001).
        entry_ahead_days: i64 = 183,
        /// How many days ahead an exit may lie that is not the end of the year (ENR-008).
        exit_ahead_days: i64 = 30,
    }
    "Assessment and calendars" {
        /// Least share of expected students who are tested, of 1 (ASM-010).
        participation_min: Fte = Fixed(9_500),
        /// Longest session, in days (CAL-002).
        session_days_max: i64 = 400,
    }
    "Deliveries" {
        /// Deliveries that would delete more than this share of the rows of a table, of 1, are held (REF-012) ...
        mass_delete_share: Fte = Fixed(1_000),
        /// ... when they would delete more rows than this (REF-012).
        mass_delete_rows: i64 = 50,
        /// For how many weekdays a source may deliver nothing (REF-013).
        feed_age_max_weekdays: i64 = 2,
        /// How many deliveries tell how many changes are usual; 400 at most (REF-019).
        volume_deliveries: usize = 20,
        /// By how many standard deviations a delivery may differ from the usual number of changes (REF-019).
        volume_deviations: i64 = 4,
    }
    "Publication" {
        /// Least number of students that a published figure may rest on.
        minimum_n: i64 = 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_as_they_are_written() {
        let mut settings = Settings::default();
        for (_, _, name, text) in Settings::default().list() {
            let number = text.parse().expect("a number");
            assert_eq!(settings.set(name, number), Some(Ok(())), "{name}");
        }
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.set("minimum", 3.0), None);
        assert!(matches!(settings.set("minimum_n", 2.5), Some(Err(_))));
        assert!(matches!(settings.set("minimum_n", -1.0), Some(Err(_))));
        assert!(matches!(settings.set("fte_cap", 1.05001), Some(Err(_))));
        assert_eq!(settings.set("fte_cap", 1.1), Some(Ok(())));
        assert_eq!(settings.fte_cap, Fixed(11_000));
    }
}
