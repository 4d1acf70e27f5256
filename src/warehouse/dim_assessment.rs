//! `dim_assessment`: assessments.

use super::{Relation, Source, Surrogate};
use crate::model::{Date, Field, Value};
use crate::register::Register;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_assessment",
    grain: "one row per assessment",
    key: &["assessment_id"],
    columns: &[
        ("assessment_id", "id of the assessment"),
        ("family", "the family that its scores can be compared within"),
        ("title", "title"),
        ("subject", "subject"),
        ("category", "kind of assessment"),
        ("period", "testing window within the year"),
        ("school_year", "school year, named by its spring"),
        ("window_begin", "first day of the window"),
        ("window_end", "first day after the window"),
        ("score_min", "least score"),
        ("score_max", "greatest score"),
        ("score_type", "what scores are expressed in"),
        ("is_accountability", "whether it counts for accountability"),
    ],
    surrogates: &[
        Surrogate::of("k_assessment", &["assessment_id"]),
    ],
    source: Source::Register(rows),
};

fn rows(register: &Register, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::Assessment| {
        vec![
            row.assessment_id.value(),
            row.family.value(),
            row.title.value(),
            row.subject.value(),
            row.category.value(),
            row.period.value(),
            row.school_year.value(),
            row.window_begin.value(),
            row.window_end.value(),
            row.score_min.value(),
            row.score_max.value(),
            row.score_type.value(),
            Value::Bool(row.is_accountability == Some(true)),
        ]
    };
    register.rows().assessment.iter().flatten().map(describe).collect()
}
