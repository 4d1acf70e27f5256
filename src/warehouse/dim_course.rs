//! `dim_course`: courses of the catalog.

use super::columns::{Of, columns_of, fixed4, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::{Course, Field};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_course",
    grain: "one row per course",
    key: &["course_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_course", &["course_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().course.iter().flatten())),
};

static COLUMNS: [Of<Course>; 10] = [
    text("course_id", "id of the course", |row| row.course_id.value()),
    text("org_id", "organization that offers it", |row| row.org_id.value()),
    text("course_code", "local code", |row| row.course_code.value()),
    text("title", "title", |row| row.title.value()),
    text("subject", "subject", |row| row.subject.value()),
    text("state_course_code", "state code", |row| row.state_course_code.value()),
    fixed4("credits", "credits", |row| row.credits.value()),
    text("level", "level", |row| row.level.value()),
    yes_no("is_core", "whether it is a core course", |row| row.is_core.value()),
    int("school_year", "school year, named by its spring", |row| row.school_year.value()),
];
