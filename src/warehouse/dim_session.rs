//! `dim_session`: school years, semesters, terms and grading periods.

use super::columns::{date, int, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_session",
    grain: "one row per session",
    key: &["session_id"],
    columns: &[
        text("session_id", "id of the session"),
        text("school_id", "the school; empty for the whole district"),
        int("school_year", "school year, named by its spring"),
        text("session_type", "kind of session"),
        text("title", "title"),
        date("begin_date", "first day"),
        date("end_date", "first day after it ends"),
        text("parent_session_id", "the session it is part of"),
        int("instructional_days", "school days within it"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_session", &["session_id"]), Surrogate::of("k_school", &["school_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::AcademicSession| {
        vec![
            row.session_id.value(),
            row.school_id.value(),
            row.school_year.value(),
            row.session_type.value(),
            row.title.value(),
            row.begin_date.value(),
            row.end_date.value(),
            row.parent_session_id.value(),
            row.instructional_days.value(),
        ]
    };
    current.rows().academic_session.iter().flatten().map(describe).collect()
}
