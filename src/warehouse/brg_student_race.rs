//! `brg_student_race`: the races that students report.

use super::columns::text;
use super::{Relation, Source, Surrogate};
use crate::model::{Date, Field, Value};
use crate::register::Register;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_student_race",
    grain: "one row per student and race",
    key: &["student_id", "race"],
    columns: &[text("student_id", "the student"), text("race", "a race reported")],
    added: &[],
    surrogates: &[Surrogate::of("k_student_xyear", &["student_id"])],
    source: Source::Register(rows),
};

fn rows(register: &Register, _: Date) -> Vec<Vec<Value>> {
    let students = register.rows().student.iter().flatten();
    students.flat_map(|row| row.race.iter().map(|race| vec![row.student_id.value(), race.value()])).collect()
}
