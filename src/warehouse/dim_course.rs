//! `dim_course`: courses of the catalogue.

use super::{Relation, Source, Surrogate};
use crate::model::{Date, Field, Value};
use crate::register::Register;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_course",
    grain: "one row per course",
    key: &["course_id"],
    columns: &[
        ("course_id", "id of the course"),
        ("org_id", "who offers it"),
        ("course_code", "local code"),
        ("title", "title"),
        ("subject", "subject"),
        ("state_course_code", "state code"),
        ("credits", "credits"),
        ("level", "level"),
        ("is_core", "whether it is a core course"),
        ("school_year", "school year, named by its spring"),
    ],
    surrogates: &[
        Surrogate::of("k_course", &["course_id"]),
        Surrogate::of("k_org", &["org_id"]),
    ],
    source: Source::Register(rows),
};

fn rows(register: &Register, _: Date) -> Vec<Vec<Value>> {
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
    register.rows().course.iter().flatten().map(describe).collect()
}
