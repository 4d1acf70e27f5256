//! `fct_program_participation`: students in programs, with scores before and after.

use super::columns::{Of, columns_of, date, fixed3, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate, before_during_after};
use crate::model::{Field, Interval, StudentId, Value};
use crate::views::pre_post::{PrePost, pre_post};
use crate::views::student::{Participation, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_program_participation",
    grain: "one row per participation",
    key: &["participation_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_program", &["program_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<FctProgramParticipation>; 13] = [
    text("participation_id", "id of the participation", |row| row.participation.id.value()),
    text("student_id", "the student", |row| row.student.value()),
    text("program_id", "the program", |row| row.participation.program.value()),
    text("school_id", "the school", |row| row.participation.school.value()),
    date("begin_date", "first day", |row| row.participation.interval.begin.value()),
    date("end_date", "first day after it ends", |row| row.participation.interval.end.value()),
    text("arm", "group in the evaluation: treatment or comparison", |row| row.participation.arm.value()),
    int("dosage_minutes", "minutes received", |row| row.participation.dosage_minutes.value()),
    text("exit_reason", "why the student left the program", |row| row.participation.exit_reason.value()),
    yes_no("is_active", "whether it includes the as-of date", |row| row.is_active.value()),
    fixed3("pre_score", "score before, as used in KPI-08", |row| row.scores.map(|scores| scores.pre).value()),
    fixed3("post_score", "score after", |row| row.scores.map(|scores| scores.post).value()),
    fixed3("gain", "the score after minus the score before", |row| {
        let gain = row.scores.map(|scores| i64::from(scores.post.0) - i64::from(scores.pre.0));
        gain.map_or(Value::Null, |gain| Value::Decimal(gain, 3))
    }),
];

/// A participation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctProgramParticipation {
    student: StudentId,
    participation: Participation,
    is_active: bool,
    scores: Option<PrePost>,
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    for &participation in view.participations {
        let scores = pre_post(view, &participation);
        for (is_active, holds) in before_during_after(Some(participation.interval)) {
            let row = FctProgramParticipation { student: view.id, participation, is_active, scores };
            out(RelationRow::FctProgramParticipation(row), holds);
        }
    }
}
