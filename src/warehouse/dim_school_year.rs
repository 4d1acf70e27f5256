//! `dim_school_year`: the school years that have enrollments.

use super::columns::{date, int, yes_no};
use super::{Relation, Source};
use crate::current::CurrentRows;
use crate::model::SchoolYear;
use crate::model::{Date, Field, Value};
use std::collections::BTreeSet;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_school_year",
    grain: "one row per school year with an enrollment",
    key: &["school_year"],
    columns: &[
        int("school_year", "school year, named by its spring"),
        date("begin_date", "first day, July 1"),
        date("end_date", "first day after it"),
        date("first_instructional_day", "first day of instruction in any calendar"),
        date("last_instructional_day", "last day of instruction in any calendar"),
        date("census_fall", "fall census day, from the clock table"),
        yes_no("is_current", "whether it is the current one"),
    ],
    added: &[],
    surrogates: &[],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, today: Date) -> Vec<Vec<Value>> {
    let rows = current.rows();
    let years: BTreeSet<SchoolYear> = rows.school_enrollment.iter().flatten().map(|row| row.school_year).collect();
    let describe = |year: SchoolYear| {
        let days = || {
            let days = rows.calendar_day.iter().flatten();
            days.filter(move |day| day.school_year == year && day.is_instructional).map(|day| day.date)
        };
        let is_census = |row: &&crate::model::Clock| {
            let id = current.texts.text(row.clock_id);
            row.school_year == year && (id == "census_fall" || id.starts_with("census_fall:"))
        };
        let census = rows.clock.iter().flatten().filter(is_census).map(|row| row.date).min();
        vec![
            year.value(),
            year.begin().value(),
            year.end().value(),
            days().min().value(),
            days().max().value(),
            census.value(),
            Value::Bool(SchoolYear::of(today) == year),
        ]
    };
    years.into_iter().map(describe).collect()
}
