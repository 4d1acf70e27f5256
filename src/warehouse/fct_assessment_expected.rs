//! `fct_assessment_expected`: who is expected to be tested.

use super::columns::{text, yes_no};
use super::flag;
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::codes::{Code, Grade};
use crate::model::{AssessmentId, Field, Interval, OrgId, StudentId, Value};
use crate::views::student::StudentView;
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_assessment_expected",
    grain: "one row per student and expected assessment",
    key: &["student_id", "assessment_id"],
    columns: &[
        text("student_id", "the student"),
        text("assessment_id", "the assessment"),
        text("school_id", "the school on the first day of the window; empty if several claim the student"),
        text("grade_level", "grade on that day"),
        yes_no("was_tested", "whether there is a result with participation tested"),
    ],
    added: &[],
    surrogates: &[
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

/// An expected test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctAssessmentExpected {
    student: StudentId,
    assessment: AssessmentId,
    school: Option<OrgId>,
    grade: u8,
    was_tested: bool,
}

impl FctAssessmentExpected {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        vec![
            self.student.value(),
            self.assessment.value(),
            self.school.value(),
            Grade::from_rank(self.grade).value(),
            flag(self.was_tested),
        ]
    }
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
