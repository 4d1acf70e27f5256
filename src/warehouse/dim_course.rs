//! `dim_course`: courses of the catalog.

use super::columns::{fixed4, int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_course",
    grain: "one row per course",
    key: &["course_id"],
    columns: &[
        text("course_id", "id of the course"),
        text("org_id", "organization that offers it"),
        text("course_code", "local code"),
        text("title", "title"),
        text("subject", "subject"),
        text("state_course_code", "state code"),
        fixed4("credits", "credits"),
        text("level", "level"),
        yes_no("is_core", "whether it is a core course"),
        int("school_year", "school year, named by its spring"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_course", &["course_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::Course| {
        vec![
            row.course_id.value(),
            row.org_id.value(),
            row.course_code.value(),
            row.title.value(),
            row.subject.value(),
            row.state_course_code.value(),
            row.credits.value(),
            row.level.value(),
            row.is_core.value(),
            row.school_year.value(),
        ]
    };
    current.rows().course.iter().flatten().map(describe).collect()
}
