//! `fct_school_enrollment`: enrollments of students at schools.

use super::columns::{date, fixed4, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after, flag};
use crate::model::codes::{EnrollmentStatus, SchoolLevel};
use crate::model::{CalendarId, Field, Interval, StudentId, Value};
use crate::views::student::{Enrollment, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_school_enrollment",
    grain: "one row per enrollment",
    key: &["enrollment_id"],
    columns: &[
        text("enrollment_id", "id of the enrollment"),
        text("student_id", "the student"),
        text("school_id", "the school"),
        int("school_year", "school year, named by its spring"),
        text("grade_level", "grade"),
        date("entry_date", "first day"),
        date("exit_date", "first day after it ends"),
        text("entry_type", "how the student entered"),
        text("exit_type", "why the student left"),
        text("status", "role among the student's enrollments"),
        fixed4("membership_fte", "share of full membership"),
        yes_no("is_active", "whether it counts and includes the as-of date"),
        yes_no("is_primary", "whether it is the student's main enrollment"),
        text("school_level", "level of the school; empty if the school is missing"),
        text("calendar_id", "the calendar used to count its days: the stated one, or the only one of school and year"),
        int("days_enrolled", "instructional days of that calendar within the enrollment; empty without a calendar"),
    ],
    added: &[],
    surrogates: &[
        Surrogate::of("k_student", &["student_id", "school_year"]),
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

/// An enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctSchoolEnrollment {
    student: StudentId,
    enrollment: Enrollment,
    is_active: bool,
    school_level: Option<SchoolLevel>,
    calendar: Option<CalendarId>,
    days_enrolled: Option<u16>,
}

impl FctSchoolEnrollment {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let Enrollment { id, school, school_year, grade_level, entry_date, exit_date, .. } = self.enrollment;
        vec![
            id.value(),
            self.student.value(),
            school.value(),
            school_year.value(),
            grade_level.value(),
            entry_date.value(),
            exit_date.value(),
            self.enrollment.entry_type.value(),
            self.enrollment.exit_type.value(),
            self.enrollment.status.value(),
            self.enrollment.membership_fte.value(),
            flag(self.is_active),
            flag(self.enrollment.status == EnrollmentStatus::Primary),
            self.school_level.value(),
            self.calendar.value(),
            self.days_enrolled.map_or(Value::Null, |days| Value::Int(days.into())),
        ]
    }
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &enrollment in view.enrollments {
        let schooling = view.schooling_of(&enrollment);
        let school_level = schooling.and_then(|schooling| schooling.level);
        let calendar = schooling.and_then(|schooling| schooling.calendar);
        let days_enrolled = schooling.and_then(|schooling| schooling.days_enrolled);
        let active = enrollment.counts().then(|| enrollment.interval());
        for (is_active, holds) in before_during_after(active) {
            let row = FctSchoolEnrollment { student: view.id, enrollment, is_active, school_level, calendar, days_enrolled };
            out(RelationRow::FctSchoolEnrollment(row), holds);
        }
    }
}
