//! `fct_assessment_expected`: who is expected to be tested.

use super::columns::{Of, columns_of, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::codes::{Code, Grade};
use crate::model::{AssessmentId, Field, Interval, OrgId, StudentId};
use crate::views::student::StudentView;
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_assessment_expected",
    grain: "one row per student and expected assessment",
    key: &["student_id", "assessment_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<FctAssessmentExpected>; 5] = [
    text("student_id", "the student", |row| row.student.value()),
    text("assessment_id", "the assessment", |row| row.assessment.value()),
    text("school_id", "the school on the first day of the window; empty if several claim the student", |row| {
        row.school.value()
    }),
    text("grade_level", "grade on that day", |row| Grade::from_rank(row.grade).value()),
    yes_no("was_tested", "whether there is a result with participation tested", |row| row.was_tested.value()),
];

/// An expected test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctAssessmentExpected {
    student: StudentId,
    assessment: AssessmentId,
    school: Option<OrgId>,
    grade: u8,
    was_tested: bool,
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for expected in view.expected_tests() {
        let row = FctAssessmentExpected {
            student: view.id,
            assessment: expected.test.assessment,
            school: expected.school,
            grade: expected.test.grade,
            was_tested: expected.was_tested,
        };
        out(RelationRow::FctAssessmentExpected(row), Interval::ALWAYS);
    }
}
