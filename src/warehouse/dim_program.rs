//! `dim_program`: programs and interventions.

use super::columns::{Of, columns_of, date, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::model::{Field, Program};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_program",
    grain: "one row per program",
    key: &["program_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_program", &["program_id"]), Surrogate::of("k_org", &["org_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().program.iter().flatten())),
};

static COLUMNS: [Of<Program>; 7] = [
    text("program_id", "id of the program", |row| row.program_id.value()),
    text("org_id", "organization that runs it", |row| row.org_id.value()),
    text("name", "its name", |row| row.name.value()),
    text("program_type", "kind of program", |row| row.program_type.value()),
    text("target_subject", "subject whose scores measure its effect", |row| row.target_subject.value()),
    date("begin_date", "first day", |row| row.begin_date.value()),
    date("end_date", "first day after it ends", |row| row.end_date.value()),
];
