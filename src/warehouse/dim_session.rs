//! `dim_session`: school years, semesters, terms and grading periods.

use super::columns::{Of, columns_of, date, int, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::model::{AcademicSession, Field};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_session",
    grain: "one row per session",
    key: &["session_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_session", &["session_id"]), Surrogate::of("k_school", &["school_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().academic_session.iter().flatten())),
};

static COLUMNS: [Of<AcademicSession>; 9] = [
    text("session_id", "id of the session", |row| row.session_id.value()),
    text("school_id", "the school; empty for the whole district", |row| row.school_id.value()),
    int("school_year", "school year, named by its spring", |row| row.school_year.value()),
    text("session_type", "kind of session", |row| row.session_type.value()),
    text("title", "title", |row| row.title.value()),
    date("begin_date", "first day", |row| row.begin_date.value()),
    date("end_date", "first day after it ends", |row| row.end_date.value()),
    text("parent_session_id", "the session it is part of", |row| row.parent_session_id.value()),
    int("instructional_days", "school days within it", |row| row.instructional_days.value()),
];
