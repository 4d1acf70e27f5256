//! `dim_program`: programs and interventions.

use super::columns::{date, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_program",
    grain: "one row per program",
    key: &["program_id"],
    columns: &[
        text("program_id", "id of the program"),
        text("org_id", "organization that runs it"),
        text("name", "its name"),
        text("program_type", "kind of program"),
        text("target_subject", "subject whose scores measure its effect"),
        date("begin_date", "first day"),
        date("end_date", "first day after it ends"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_program", &["program_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::Program| {
        vec![
            row.program_id.value(),
            row.org_id.value(),
            row.name.value(),
            row.program_type.value(),
            row.target_subject.value(),
            row.begin_date.value(),
            row.end_date.value(),
        ]
    };
    current.rows().program.iter().flatten().map(describe).collect()
}
