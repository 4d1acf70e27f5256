//! `brg_student_race`: the races that students report.

use super::columns::text;
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_student_race",
    grain: "one row per student and race",
    key: &["student_id", "race"],
    columns: &[text("student_id", "the student"), text("race", "a race reported")],
    added: &[],
    surrogates: &[Surrogate::of("k_student_xyear", &["student_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let students = current.rows().student.iter().flatten();
    students.flat_map(|row| row.race.iter().map(|race| vec![row.student_id.value(), race.value()])).collect()
}
