//! `dim_role`: roles of staff.

use super::columns::{Of, columns_of, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::Field;
use crate::model::codes::{Code, StaffRole};
use crate::views::staff::{is_certificated, is_student_facing, is_teacher};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_role",
    grain: "one row per role",
    key: &["role"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_role", &["role"])],
    source: Source::CurrentRows(|_, _| rows_of(&COLUMNS, (0..).map_while(StaffRole::from_rank))),
};

static COLUMNS: [Of<StaffRole>; 4] = [
    text("role", "the role", |role| role.value()),
    yes_no("is_teacher", "whether it counts as a teacher in staffing ratios", |role| is_teacher(*role).value()),
    yes_no("is_certificated", "whether it requires a credential", |role| is_certificated(*role).value()),
    yes_no("is_student_facing", "whether it involves working with students", |role| is_student_facing(*role).value()),
];
