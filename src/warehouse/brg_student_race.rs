//! `brg_student_race`: the races that students report.

use super::columns::{Of, columns_of, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::RaceFlag;
use crate::model::{Field, StudentId};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_student_race",
    grain: "one row per student and race",
    key: &["student_id", "race"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_student_xyear", &["student_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<(StudentId, RaceFlag)>; 2] = [
    text("student_id", "the student", |(student, _)| student.value()),
    text("race", "a race reported", |(_, race)| race.value()),
];

fn rows(current: &CurrentRows) -> impl Iterator<Item = (StudentId, RaceFlag)> {
    let students = current.rows().student.iter().flatten();
    students.flat_map(|row| row.race.iter().map(|race| (row.student_id, race)))
}
