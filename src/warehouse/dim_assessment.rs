//! `dim_assessment`: assessments.

use super::columns::{Of, columns_of, date, fixed3, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::{Assessment, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_assessment",
    grain: "one row per assessment",
    key: &["assessment_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_assessment", &["assessment_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().assessment.iter().flatten())),
};

static COLUMNS: [Of<Assessment>; 13] = [
    text("assessment_id", "id of the assessment", |row| row.assessment_id.value()),
    text("family", "family of assessments with comparable scores", |row| row.family.value()),
    text("title", "title", |row| row.title.value()),
    text("subject", "subject", |row| row.subject.value()),
    text("category", "kind of assessment", |row| row.category.value()),
    text("period", "testing window within the year", |row| row.period.value()),
    int("school_year", "school year, named by its spring", |row| row.school_year.value()),
    date("window_begin", "first day of the window", |row| row.window_begin.value()),
    date("window_end", "first day after the window", |row| row.window_end.value()),
    fixed3("score_min", "minimum score", |row| row.score_min.value()),
    fixed3("score_max", "maximum score", |row| row.score_max.value()),
    text("score_type", "type of score", |row| row.score_type.value()),
    yes_no("is_accountability", "whether it counts for accountability", |row| {
        Value::Bool(row.is_accountability == Some(true))
    }),
];
