//! `fct_section_enrollment`: class enrollments of students.

use super::columns::{date, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use super::{before_during_after, day, flag};
use crate::model::{Field, Interval, StudentId, Value};
use crate::views::student::{Roster, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_section_enrollment",
    grain: "one row per class enrollment",
    key: &["section_enrollment_id"],
    columns: &[
        text("section_enrollment_id", "id of the class enrollment"),
        text("student_id", "the student"),
        text("section_id", "the section"),
        text("school_id", "school of the section; empty if it is missing"),
        int("school_year", "school year of the section, named by its spring"),
        date("begin_date", "first day within the section; empty if there is none"),
        date("end_date", "first day after it ends"),
        yes_no("is_homeroom", "whether it is the student's homeroom"),
        yes_no("is_dropped", "whether the student dropped it"),
        yes_no("is_active", "whether it is not dropped and includes the as-of date"),
    ],
    added: &[],
    surrogates: &[
        Surrogate { when: Some("school_year"), ..Surrogate::of("k_student", &["student_id", "school_year"]) },
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_section", &["section_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

/// A class enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctSectionEnrollment {
    student: StudentId,
    roster: Roster,
    is_active: bool,
}

impl FctSectionEnrollment {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let Roster { section, interval, id, school, school_year, is_homeroom, is_dropped } = self.roster;
        let stated = (!interval.is_empty()).then_some(interval);
        vec![
            id.value(),
            self.student.value(),
            section.value(),
            school.value(),
            school_year.value(),
            day(stated.map(|interval| interval.begin)),
            day(stated.and_then(|interval| interval.end)),
            flag(is_homeroom),
            flag(is_dropped),
            flag(self.is_active),
        ]
    }
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &roster in view.rosters {
        for (is_active, holds) in before_during_after(roster.counts().then_some(roster.interval)) {
            out(RelationRow::FctSectionEnrollment(FctSectionEnrollment { student: view.id, roster, is_active }), holds);
        }
    }
}
