//! `dim_school_year`: the school years that have enrollments.

use super::columns::{Of, columns_of, date, int, rows_of, yes_no};
use super::{Relation, Source};
use crate::current::CurrentRows;
use crate::model::{Clock, Date, Field, SchoolYear};
use std::collections::BTreeSet;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_school_year",
    grain: "one row per school year with an enrollment",
    key: &["school_year"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[],
    source: Source::CurrentRows(|current, today| rows_of(&COLUMNS, rows(current, today))),
};

static COLUMNS: [Of<DimSchoolYear>; 7] = [
    int("school_year", "school year, named by its spring", |row| row.year.value()),
    date("begin_date", "first day, July 1", |row| row.year.begin().value()),
    date("end_date", "first day after it", |row| row.year.end().value()),
    date("first_instructional_day", "first day of instruction in any calendar", |row| row.first_day.value()),
    date("last_instructional_day", "last day of instruction in any calendar", |row| row.last_day.value()),
    date("census_fall", "fall census day, from the clock table", |row| row.census.value()),
    yes_no("is_current", "whether it is the current one", |row| row.is_current.value()),
];

/// A school year, with its days of instruction and its census.
struct DimSchoolYear {
    year: SchoolYear,
    first_day: Option<Date>,
    last_day: Option<Date>,
    census: Option<Date>,
    is_current: bool,
}

fn rows(current: &CurrentRows, today: Date) -> Vec<DimSchoolYear> {
    let rows = current.rows();
    let years: BTreeSet<SchoolYear> = rows.school_enrollment.iter().flatten().map(|row| row.school_year).collect();
    let describe = |year: SchoolYear| {
        let days = || {
            let days = rows.calendar_day.iter().flatten();
            days.filter(move |day| day.school_year == year && day.is_instructional).map(|day| day.date)
        };
        let is_census = |row: &&Clock| {
            let id = current.texts.text(row.clock_id);
            row.school_year == year && (id == "census_fall" || id.starts_with("census_fall:"))
        };
        DimSchoolYear {
            year,
            first_day: days().min(),
            last_day: days().max(),
            census: rows.clock.iter().flatten().filter(is_census).map(|row| row.date).min(),
            is_current: SchoolYear::of(today) == year,
        }
    };
    years.into_iter().map(describe).collect()
}
