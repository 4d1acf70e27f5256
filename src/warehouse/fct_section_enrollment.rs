//! `fct_section_enrollment`: class enrollments of students.

use super::columns::{Of, columns_of, date, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after};
use crate::model::{Field, Interval, StudentId};
use crate::views::student::{Roster, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_section_enrollment",
    grain: "one row per class enrollment",
    key: &["section_enrollment_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate { when: Some("school_year"), ..Surrogate::of("k_student", &["student_id", "school_year"]) },
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_section", &["section_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<FctSectionEnrollment>; 10] = [
    text("section_enrollment_id", "id of the class enrollment", |row| row.roster.id.value()),
    text("student_id", "the student", |row| row.student.value()),
    text("section_id", "the section", |row| row.roster.section.value()),
    text("school_id", "school of the section; empty if it is missing", |row| row.roster.school.value()),
    int("school_year", "school year of the section, named by its spring", |row| row.roster.school_year.value()),
    date("begin_date", "first day within the section; empty if there is none", |row| {
        row.days().map(|days| days.begin).value()
    }),
    date("end_date", "first day after it ends", |row| row.days().and_then(|days| days.end).value()),
    yes_no("is_homeroom", "whether it is the student's homeroom", |row| row.roster.is_homeroom.value()),
    yes_no("is_dropped", "whether the student dropped it", |row| row.roster.is_dropped.value()),
    yes_no("is_active", "whether it is not dropped and includes the as-of date", |row| row.is_active.value()),
];

/// A class enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctSectionEnrollment {
    student: StudentId,
    roster: Roster,
    is_active: bool,
}

impl FctSectionEnrollment {
    /// Its days within the section, if there are any.
    fn days(&self) -> Option<Interval> {
        Some(self.roster.interval).filter(|days| !days.is_empty())
    }
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &roster in view.rosters {
        for (is_active, holds) in before_during_after(roster.counts().then_some(roster.interval)) {
            out(RelationRow::FctSectionEnrollment(FctSectionEnrollment { student: view.id, roster, is_active }), holds);
        }
    }
}
