//! `fct_assessment_result`: test results, with proficiency from the cut scores and the school on the day of the test.

use super::columns::{date, fixed3, int, real, text, yes_no};
use super::{Added, Relation, RelationRow, Source, Surrogate, flag};
use crate::model::codes::Participation;
use crate::model::subgroup::Subgroup;
use crate::model::{Field, Interval, OrgId, Score, StudentId, Value};
use crate::tallies::scores::{Cell, Measured};
use crate::views::assessment::GradeSlot;
use crate::views::student::{StudentView, TestResult};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_assessment_result",
    grain: "one row per student and assessment event",
    key: &["result_id"],
    columns: &[
        text("result_id", "id of the result"),
        text("student_id", "the student"),
        text("assessment_id", "the assessment"),
        text("school_reported", "the school that reports it"),
        text(
            "school_enrolled",
            "the school of the primary enrollment on the day; empty if none or several claim the student",
        ),
        int("school_year", "school year, named by its spring"),
        date("administration_date", "day of the test"),
        text("grade_level", "grade when tested"),
        text("participation", "whether tested, and why not"),
        fixed3("score", "score"),
        text("score_type", "type of score"),
        text("level_code", "performance level from the cut scores; empty if two levels begin at the same score"),
        int("level_rank", "rank of the performance level"),
        yes_no("is_proficient", "proficiency from the cut scores; empty without a score or cuts"),
        yes_no("is_proficient_reported", "proficiency as reported"),
        yes_no("is_retest", "whether it repeats an earlier test"),
        yes_no("has_student_year", "whether the student has an enrollment in that school year"),
    ],
    added: &[Added {
        column: real(
            "z_score",
            "score minus the mean of the district's grade on the assessment in the school year (KPI-01), in standard deviations; \
         empty without a test, in other terms than the assessment's, and where that mean is not published",
        ),
        text: |row, context| match row {
            RelationRow::FctAssessmentResult(row) => {
                row.measured().map(|(cell, score)| (context.z_score)(&cell, score)).unwrap_or_default()
            }
            _ => String::new(),
        },
    }],
    surrogates: &[
        Surrogate { when: Some("has_student_year"), ..Surrogate::of("k_student", &["student_id", "school_year"]) },
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
        Surrogate::of("k_school_reported", &["school_reported"]),
        Surrogate::of("k_school_enrolled", &["school_enrolled"]),
    ],
    source: Source::Student(rows),
};

/// A result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctAssessmentResult {
    student: StudentId,
    result: TestResult,
    school_enrolled: Option<OrgId>,
    has_student_year: bool,
}

impl FctAssessmentResult {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let result = &self.result;
        vec![
            result.id.value(),
            self.student.value(),
            result.assessment.value(),
            result.school.value(),
            self.school_enrolled.value(),
            result.school_year.value(),
            result.date.value(),
            result.grade_level.value(),
            result.participation.value(),
            result.score.value(),
            result.score_type.value(),
            result.scale.level.value(),
            result.scale.level_rank.map_or(Value::Null, |rank| Value::Int(rank.into())),
            result.scale.is_proficient.value(),
            result.reported.value(),
            flag(result.is_retest),
            flag(self.has_student_year),
        ]
    }

    /// The score of a tested student, if it is of the score type of an accountability assessment, with the cell of its grade in
    /// the district.
    pub fn measured(&self) -> Option<(Cell, Score)> {
        let result = &self.result;
        let grade = GradeSlot::of(result.grade_level);
        let of = Measured::Test(result.assessment, result.school_year);
        let cell = Cell { of, school: None, grade: Some(grade.0), subgroup: Subgroup::ALL };
        let was_tested = result.participation == Participation::Tested;
        let is_measured = was_tested && result.scale.is_counted && grade != GradeSlot::NONE;
        result.score.filter(|_| is_measured).map(|score| (cell, score))
    }
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &result in view.results {
        let row = FctAssessmentResult {
            student: view.id,
            result,
            school_enrolled: view.school_on(result.date),
            has_student_year: view.enrollments.iter().any(|e| e.school_year == result.school_year),
        };
        out(RelationRow::FctAssessmentResult(row), Interval::ALWAYS);
    }
}
