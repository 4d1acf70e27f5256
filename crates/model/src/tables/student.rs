//! `student`: person-level student record (no time-varying status).

use crate::codes::{Grade, RaceFlag, Sex};
use crate::{Codes, Date, Flaws, StateStudentId, StudentId, Text};

table! {
    /// A student as a person; what changes with time stands in `student_status` and `school_enrollment`.
    Student "student" key(student_id) of StudentId
    {
        /// The student.
        student_id: StudentId ["student_number", "student_unique_id", "local_student_id"],
        /// The state's number for the student.
        state_student_id: Option<StateStudentId> ["state_id", "ssid"],
        /// First name.
        first_name: Text ["given_name"],
        /// Middle name.
        middle_name: Option<Text>,
        /// Last name.
        last_name: Text ["family_name", "last_surname"],
        /// Generation suffix, such as Jr.
        suffix: Option<Text>,
        /// Birth date.
        birth_date: Option<Date> ["dob", "date_of_birth"],
        /// Sex as recorded.
        sex: Option<Sex> ["gender"],
        /// Hispanic or Latino ethnicity, asked apart from race; empty when not reported.
        is_hispanic: Option<bool> ["hispanic_or_latino_ethnicity"],
        /// Races reported; empty when none was.
        race: Codes<RaceFlag>,
        /// Whether the question about race was declined.
        race_declined: Option<bool>,
        /// Language spoken at home (ISO 639).
        home_language: Option<Text>,
        /// First us school date.
        first_us_school_date: Option<Date>,
        /// ACGR cohort.
        grade9_entry_year: Option<i32>,
        /// Current grade as the source states it; the enrollment has the last word.
        grade_level: Option<Grade> ["grade"],
        /// Whether the source holds the student as current.
        is_enabled: Option<bool>,
    }
    derived {
        /// What is wrong with its names and ids.
        flaws: Flaws = Flaws::of::<Student>,
    }
}
