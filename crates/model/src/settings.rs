//! The thresholds of rules and KPIs. They belong to a plan: changing one means a new plan over the same records. All are
//! integers in the unit of the values they are compared with. Each is declared once; the declaration produces the field,
//! its default, its parsing from `rollcall.toml`, and its entry in the commented file of `rollcall init`.

use super::{Fixed, Fte, Table};

/// Why a value is not valid for a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoThreshold(pub String);

/// A type of thresholds.
pub trait Threshold: Copy {
    /// Reads a number of the file.
    fn read(number: f64) -> Result<Self, NoThreshold>;
    /// The text for the file.
    fn text(self) -> String;
}

/// A whole number from 0 to one billion.
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
            /// Tables that no source delivers: references to them are not checked. Not in the file: it follows from the
            /// input.
            pub absent_tables: Vec<Table>,
            /// Whether each Delta contains changed rows of relations, for sinks that follow the warehouse live. Not in the file:
            /// the sinks decide.
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

            /// Sets a threshold; none if the name is unknown.
            #[inline]
            pub fn set(&mut self, name: &str, number: f64) -> Option<Result<(), NoThreshold>> {
                match name {
                    $($( stringify!($name) => Some(Threshold::read(number).map(|value| self.$name = value)), )+)+
                    _ => None,
                }
            }

            /// Every threshold: its group, meaning, name, and value as text.
            #[inline]
            pub fn list(&self) -> Vec<(&'static str, &'static str, &'static str, String)> {
                vec![$($( ($group, concat!($($doc),+), stringify!($name), Threshold::text(self.$name)), )+)+]
            }
        }
    };
}

settings! {
    "Staffing" {
        /// Maximum FTE of one person on a day, over all assignments (FTE-001).
        fte_cap: Fte = Fixed(10_500),
        /// Maximum FTE of one person on a day before it can only be an error (FTE-002).
        fte_hard_cap: Fte = Fixed(20_000),
        /// Maximum FTE of one assignment (FTE-003).
        fte_single_cap: Fte = Fixed(10_000),
        /// How far assignments may exceed the contract, in FTE (FTE-005).
        fte_over_contract: Fte = Fixed(500),
        /// How far assignments may fall short of the contract, in FTE (FTE-006).
        fte_under_contract: Fte = Fixed(2_000),
        /// Days after the hire date during which assignments may fall short of the contract (FTE-006).
        employment_grace_days: i64 = 30,
        /// Maximum students per full-time teacher (RAT-001).
        students_per_teacher_max: i64 = 35,
        /// Minimum plausible students per full-time teacher (RAT-002).
        students_per_teacher_min: i64 = 5,
        /// Schools with fewer students are not checked for too few students per teacher (RAT-002).
        students_per_teacher_min_headcount: i64 = 50,
        /// Maximum students in a section if neither it nor a staffing standard sets a limit (RAT-004).
        section_size_max: i32 = 40,
        /// Maximum students per counselor if no standard is set; 0 is no limit, ASCA recommends 250 (RAT-006).
        students_per_counselor_max: Fte = Fixed(2_500_000),
    }
    "Credentials and duplicates" {
        /// How many days ahead the expiration of a credential is reported (CRT-003).
        credential_warning_days: i64 = 90,
        /// Maximum days that a credential may take effect before it is issued (CRT-008).
        credential_backdating_days: i64 = 366,
        /// How many days ahead a credential may be issued (CRT-008).
        credential_issue_ahead_days: i64 = 180,
        /// Maximum share of teachers without full certification, from 0 to 1 (CRT-013).
        uncertified_share_max: Fte = Fixed(200),
        /// Minimum similarity of first names of possible duplicates, from 0 to 100 (DUP-003).
        duplicate_likeness_min: i64 = 90,
        /// Match blocks with more persons are not compared (DUP-003).
        duplicate_block_max: usize = 50,
    }
    "Enrollment and programs" {
        /// Minimum age above the number of the grade, in half years (ENR-011).
        age_for_grade_min_half_years: i64 = 8,
        /// Maximum age above the number of the grade, in half years (ENR-011).
        age_for_grade_max_half_years: i64 = 17,
        /// Maximum age in pre-kindergarten, in half years (ENR-011).
        age_prekindergarten_max_half_years: i64 = 12,
        /// Minimum age in adult education, in half years (ENR-011).
        age_adult_min_half_years: i64 = 36,
        /// Days after the end of a school year during which its enrollments may stay open (ENR-005).
        open_enrollment_grace_days: i64 = 30,
        /// How many days ahead an entry date may be (ENR-008, PRG-001).
        entry_ahead_days: i64 = 183,
        /// How many days ahead an exit date other than the end of the year may be (ENR-008).
        exit_ahead_days: i64 = 30,
    }
    "Assessment and calendars" {
        /// Minimum share of expected students who are tested, from 0 to 1 (ASM-010).
        participation_min: Fte = Fixed(9_500),
        /// Maximum length of a session, in days (CAL-002).
        session_days_max: i64 = 400,
    }
    "Deliveries" {
        /// Deliveries that would delete more than this share of a table's rows, from 0 to 1, are put on hold (REF-012) ...
        mass_delete_share: Fte = Fixed(1_000),
        /// ... if they would also delete more rows than this (REF-012).
        mass_delete_rows: i64 = 50,
        /// Weekdays that a source may go without a delivery (REF-013).
        feed_age_max_weekdays: i64 = 2,
        /// Number of earlier deliveries that determine the usual number of changes; at most 400 (REF-019).
        volume_deliveries: usize = 20,
        /// Standard deviations by which a delivery may differ from the usual number of changes (REF-019).
        volume_deviations: i64 = 4,
    }
    "Publication" {
        /// Minimum number of students behind a published figure.
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
