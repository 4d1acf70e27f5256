//! `fct_school_enrollment`: enrollments of students at schools.

use super::columns::{Of, columns_of, date, fixed4, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after};
use crate::model::codes::{EnrollmentStatus, SchoolLevel};
use crate::model::{CalendarId, Field, Interval, StudentId, Value};
use crate::views::student::{Enrollment, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_school_enrollment",
    grain: "one row per enrollment",
    key: &["enrollment_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_student", &["student_id", "school_year"]),
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<FctSchoolEnrollment>; 16] = [
    text("enrollment_id", "id of the enrollment", |row| row.enrollment.id.value()),
    text("student_id", "the student", |row| row.student.value()),
    text("school_id", "the school", |row| row.enrollment.school.value()),
    int("school_year", "school year, named by its spring", |row| row.enrollment.school_year.value()),
    text("grade_level", "grade", |row| row.enrollment.grade_level.value()),
    date("entry_date", "first day", |row| row.enrollment.entry_date.value()),
    date("exit_date", "first day after it ends", |row| row.enrollment.exit_date.value()),
    text("entry_type", "how the student entered", |row| row.enrollment.entry_type.value()),
    text("exit_type", "why the student left", |row| row.enrollment.exit_type.value()),
    text("status", "role among the student's enrollments", |row| row.enrollment.status.value()),
    fixed4("membership_fte", "share of full membership", |row| row.enrollment.membership_fte.value()),
    yes_no("is_active", "whether it counts and includes the as-of date", |row| row.is_active.value()),
    yes_no("is_primary", "whether it is the student's main enrollment", |row| {
        Value::Bool(row.enrollment.status == EnrollmentStatus::Primary)
    }),
    text("school_level", "level of the school; empty if the school is missing", |row| row.school_level.value()),
    text("calendar_id", "the calendar used to count its days: the stated one, or the only one of school and year", |row| {
        row.calendar.value()
    }),
    int("days_enrolled", "instructional days of that calendar within the enrollment; empty without a calendar", |row| {
        row.days_enrolled.map(i32::from).value()
    }),
];

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
