//! `fct_assessment_result`: test results, with proficiency from the cut scores and the school on the day of the test.

use super::columns::{Of, columns_of, date, fixed3, int, real, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::codes::Participation;
use crate::model::subgroup::Subgroup;
use crate::model::{Field, Interval, OrgId, Score, StudentId};
use crate::tallies::scores::{Cell, Measured};
use crate::views::assessment::GradeSlot;
use crate::views::student::{StudentView, TestResult};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_assessment_result",
    grain: "one row per student and assessment event",
    key: &["result_id"],
    columns: &columns_of(&COLUMNS),
    added: &[real(
        "z_score",
        "score minus the mean of the district's grade on the assessment in the school year (KPI-01), in standard deviations; \
         empty without a test, in other terms than the assessment's, and where that mean is not published",
        |row, context| match row {
            RelationRow::FctAssessmentResult(row) => {
                row.measured().map(|(cell, score)| (context.z_score)(&cell, score)).unwrap_or_default()
            }
            _ => String::new(),
        },
    )],
    surrogates: &[
        Surrogate { when: Some("has_student_year"), ..Surrogate::of("k_student", &["student_id", "school_year"]) },
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
        Surrogate::of("k_school_reported", &["school_reported"]),
        Surrogate::of("k_school_enrolled", &["school_enrolled"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<FctAssessmentResult>; 17] = [
    text("result_id", "id of the result", |row| row.result.id.value()),
    text("student_id", "the student", |row| row.student.value()),
    text("assessment_id", "the assessment", |row| row.result.assessment.value()),
    text("school_reported", "the school that reports it", |row| row.result.school.value()),
    text(
        "school_enrolled",
        "the school of the primary enrollment on the day; empty if none or several claim the student",
        |row| row.school_enrolled.value(),
    ),
    int("school_year", "school year, named by its spring", |row| row.result.school_year.value()),
    date("administration_date", "day of the test", |row| row.result.date.value()),
    text("grade_level", "grade when tested", |row| row.result.grade_level.value()),
    text("participation", "whether tested, and why not", |row| row.result.participation.value()),
    fixed3("score", "score", |row| row.result.score.value()),
    text("score_type", "type of score", |row| row.result.score_type.value()),
    text("level_code", "performance level from the cut scores; empty if two levels begin at the same score", |row| {
        row.result.scale.level.value()
    }),
    int("level_rank", "rank of the performance level", |row| row.result.scale.level_rank.value()),
    yes_no("is_proficient", "proficiency from the cut scores; empty without a score or cuts", |row| {
        row.result.scale.is_proficient.value()
    }),
    yes_no("is_proficient_reported", "proficiency as reported", |row| row.result.reported.value()),
    yes_no("is_retest", "whether it repeats an earlier test", |row| row.result.is_retest.value()),
    yes_no("has_student_year", "whether the student has an enrollment in that school year", |row| {
        row.has_student_year.value()
    }),
];

/// A result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctAssessmentResult {
    student: StudentId,
    result: TestResult,
    school_enrolled: Option<OrgId>,
    has_student_year: bool,
}

impl FctAssessmentResult {
    /// The score of a tested student, if it is of the score type of an accountability assessment, with the cell of its grade in
    /// the district.
    pub(crate) fn measured(&self) -> Option<(Cell, Score)> {
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
