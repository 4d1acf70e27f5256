//! `dim_performance_level`: performance levels of assessments.

use super::columns::{Of, columns_of, fixed3, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::{AssessmentCut, Field};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_performance_level",
    grain: "one row per assessment, grade and level",
    key: &["assessment_id", "grade", "level_code"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_level", &["assessment_id", "grade", "level_code"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
    ],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().assessment_cut.iter().flatten())),
};

static COLUMNS: [Of<AssessmentCut>; 7] = [
    text("assessment_id", "the assessment", |row| row.assessment_id.value()),
    text("grade", "the grade; OTHER applies to grades without their own levels", |row| row.grade.value()),
    text("level_code", "code of the level", |row| row.level_code.value()),
    int("level_rank", "rank; 1 is the lowest", |row| row.level_rank.value()),
    fixed3("min_score", "minimum score", |row| row.min_score.value()),
    fixed3("max_score", "maximum score", |row| row.max_score.value()),
    yes_no("is_proficient", "whether it counts as proficient", |row| row.is_proficient.value()),
];
