//! `dim_performance_level`: performance levels of assessments.

use super::columns::{fixed3, int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_performance_level",
    grain: "one row per assessment, grade and level",
    key: &["assessment_id", "grade", "level_code"],
    columns: &[
        text("assessment_id", "the assessment"),
        text("grade", "the grade; OTHER applies to grades without their own levels"),
        text("level_code", "code of the level"),
        int("level_rank", "rank; 1 is the lowest"),
        fixed3("min_score", "minimum score"),
        fixed3("max_score", "maximum score"),
        yes_no("is_proficient", "whether it counts as proficient"),
    ],
    added: &[],
    surrogates: &[
        Surrogate::of("k_level", &["assessment_id", "grade", "level_code"]),
        Surrogate::of("k_assessment", &["assessment_id"]),
    ],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::AssessmentCut| {
        vec![
            row.assessment_id.value(),
            row.grade.value(),
            row.level_code.value(),
            row.level_rank.value(),
            row.min_score.value(),
            row.max_score.value(),
            row.is_proficient.value(),
        ]
    };
    current.rows().assessment_cut.iter().flatten().map(describe).collect()
}
