//! `fct_program_participation`: students in programs, with scores before and after.

use super::columns::{date, fixed3, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use super::{before_during_after, flag};
use crate::model::{Field, Interval, StudentId, Value};
use crate::views::pre_post::{PrePost, pre_post};
use crate::views::student::{Participation, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "fct_program_participation",
    grain: "one row per participation",
    key: &["participation_id"],
    columns: &[
        text("participation_id", "id of the participation"),
        text("student_id", "the student"),
        text("program_id", "the program"),
        text("school_id", "the school"),
        date("begin_date", "first day"),
        date("end_date", "first day after it ends"),
        text("arm", "group in the evaluation: treatment or comparison"),
        int("dosage_minutes", "minutes received"),
        text("exit_reason", "why the student left the program"),
        yes_no("is_active", "whether it includes the as-of date"),
        fixed3("pre_score", "score before, as used in KPI-08"),
        fixed3("post_score", "score after"),
        fixed3("gain", "the score after minus the score before"),
    ],
    added: &[],
    surrogates: &[
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_program", &["program_id"]),
        Surrogate::of("k_school", &["school_id"]),
    ],
    source: Source::Student(rows),
};

/// A participation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FctProgramParticipation {
    student: StudentId,
    participation: Participation,
    is_active: bool,
    scores: Option<PrePost>,
}

impl FctProgramParticipation {
    /// The natural columns.
    pub fn values(&self) -> Vec<Value> {
        let of = &self.participation;
        let gain = self.scores.map(|scores| i64::from(scores.post.0) - i64::from(scores.pre.0));
        vec![
            of.id.value(),
            self.student.value(),
            of.program.value(),
            of.school.value(),
            of.interval.begin.value(),
            of.interval.end.value(),
            of.arm.value(),
            of.dosage_minutes.value(),
            of.exit_reason.value(),
            flag(self.is_active),
            self.scores.map(|scores| scores.pre).value(),
            self.scores.map(|scores| scores.post).value(),
            gain.map_or(Value::Null, |gain| Value::Decimal(gain, 3)),
        ]
    }
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
