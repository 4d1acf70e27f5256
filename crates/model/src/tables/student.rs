//! `student`: person-level student record (no time-varying status).

use crate::codes::{Grade, RaceFlag, Sex};
use crate::{Codes, Date, Flaws, Projection, StateStudentId, StudentId, Text};

table! {
    /// A student as a person; time-varying data is in `student_status` and `school_enrollment`.
    Student "student" key(student_id) of StudentId
    watch(
        student_id: Id, state_student_id: StateId, first_name: PersonName, middle_name: PersonName,
        last_name: PersonName, suffix: Name
    )
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
        /// Current grade according to the source; the enrollment takes precedence.
        grade_level: Option<Grade> ["grade"],
        /// Whether the record is active in the source.
        is_enabled: Option<bool>,
    }
    derived {
        /// Flaws of its names and ids.
        flaws: Flaws = Flaws::of::<Student>,
    }
}

/// The columns of a student that views read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct StudentFacts {
    /// Birth date.
    pub birth_date: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Hispanic ethnicity.
    pub is_hispanic: Option<bool>,
    /// Races.
    pub race: Codes<RaceFlag>,
    /// Grade as the record states it.
    pub grade_level: Option<Grade>,
    /// Whether the record is active in the source.
    pub is_enabled: Option<bool>,
    /// Whether the question about race was declined.
    pub race_declined: bool,
    /// Whether there is a number of the state.
    pub has_state_id: bool,
}

impl Default for StudentFacts {
    fn default() -> Self {
        StudentFacts {
            birth_date: None,
            sex: None,
            is_hispanic: None,
            race: Codes::EMPTY,
            grade_level: None,
            is_enabled: None,
            race_declined: false,
            has_state_id: false,
        }
    }
}

impl Projection<StudentId, StudentFacts> for Student {
    fn project(&self, out: &mut impl FnMut(StudentId, StudentFacts)) {
        let facts = StudentFacts {
            birth_date: self.birth_date,
            sex: self.sex,
            is_hispanic: self.is_hispanic,
            race: self.race,
            grade_level: self.grade_level,
            is_enabled: self.is_enabled,
            race_declined: self.race_declined == Some(true),
            has_state_id: self.state_student_id.is_some(),
        };
        out(self.student_id, facts);
    }
}
