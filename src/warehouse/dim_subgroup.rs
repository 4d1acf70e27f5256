//! `dim_subgroup`: the subgroups of students.

use super::columns::{Of, columns_of, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::subgroup::Subgroup;
use crate::model::{Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_subgroup",
    grain: "one row per category and value",
    key: &["category", "value"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_subgroup", &["category", "value"])],
    source: Source::CurrentRows(|_, _| rows_of(&COLUMNS, (0..Subgroup::COUNT).map(Subgroup))),
};

static COLUMNS: [Of<Subgroup>; 4] = [
    text("category", "category of the subgroup", |subgroup| subgroup.codes().0.value()),
    text("value", "the value", |subgroup| subgroup.codes().1),
    yes_no("is_reference", "whether it is the reference group of the category", |subgroup| subgroup.is_reference().value()),
    int("sort", "sort order", |subgroup| Value::Int(subgroup.0.into())),
];
