//! `dim_role`: roles of staff.

use super::columns::{text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::{Code, StaffRole};
use crate::model::{Date, Field, Value};
use crate::views::staff::{is_certificated, is_student_facing, is_teacher};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_role",
    grain: "one row per role",
    key: &["role"],
    columns: &[
        text("role", "the role"),
        yes_no("is_teacher", "whether it counts as a teacher in staffing ratios"),
        yes_no("is_certificated", "whether it requires a credential"),
        yes_no("is_student_facing", "whether it involves working with students"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_role", &["role"])],
    source: Source::CurrentRows(rows),
};

fn rows(_: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let roles = (0..).map_while(StaffRole::from_rank);
    let describe = |role: StaffRole| {
        let flags = [is_teacher(role), is_certificated(role), is_student_facing(role)];
        [vec![role.value()], flags.map(Value::Bool).to_vec()].concat()
    };
    roles.map(describe).collect()
}
