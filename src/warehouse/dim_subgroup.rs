//! `dim_subgroup`: the subgroups of students.

use super::columns::{int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::subgroup::Subgroup;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_subgroup",
    grain: "one row per category and value",
    key: &["category", "value"],
    columns: &[
        text("category", "category of the subgroup"),
        text("value", "the value"),
        yes_no("is_reference", "whether it is the reference group of the category"),
        int("sort", "sort order"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_subgroup", &["category", "value"])],
    source: Source::CurrentRows(rows),
};

fn rows(_: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |number: u8| {
        let subgroup = Subgroup(number);
        let (category, value) = subgroup.codes();
        vec![category.value(), value, Value::Bool(subgroup.is_reference()), Value::Int(number.into())]
    };
    (0..Subgroup::COUNT).map(describe).collect()
}
