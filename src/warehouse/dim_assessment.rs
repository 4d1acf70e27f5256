//! `dim_assessment`: assessments.

use super::columns::{date, fixed3, int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_assessment",
    grain: "one row per assessment",
    key: &["assessment_id"],
    columns: &[
        text("assessment_id", "id of the assessment"),
        text("family", "family of assessments with comparable scores"),
        text("title", "title"),
        text("subject", "subject"),
        text("category", "kind of assessment"),
        text("period", "testing window within the year"),
        int("school_year", "school year, named by its spring"),
        date("window_begin", "first day of the window"),
        date("window_end", "first day after the window"),
        fixed3("score_min", "minimum score"),
        fixed3("score_max", "maximum score"),
        text("score_type", "type of score"),
        yes_no("is_accountability", "whether it counts for accountability"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_assessment", &["assessment_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
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
    current.rows().assessment.iter().flatten().map(describe).collect()
}
