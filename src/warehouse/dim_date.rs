//! `dim_date`: the days of the school years that have enrollments.

use super::columns::{Of, columns_of, date, int, rows_of, yes_no};
use super::{Relation, Source};
use crate::current::CurrentRows;
use crate::model::{Date, Field, SchoolYear, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_date",
    grain: "one row per day",
    key: &["date"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[],
    source: Source::CurrentRows(|current, today| rows_of(&COLUMNS, rows(current, today))),
};

static COLUMNS: [Of<Date>; 8] = [
    date("date", "the day", |day| day.value()),
    int("date_key", "the day as an eight-digit number", |day| {
        let (year, month, day_of_month) = day.to_ymd();
        Value::Int(i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day_of_month))
    }),
    int("year", "calendar year", |day| Value::Int(day.to_ymd().0.into())),
    int("month", "month of the year", |day| Value::Int(day.to_ymd().1.into())),
    int("day_of_month", "day of the month", |day| Value::Int(day.to_ymd().2.into())),
    int("weekday", "1 for Monday to 7 for Sunday", |day| Value::Int(day.weekday().into())),
    yes_no("is_weekend", "whether it is a Saturday or Sunday", |day| Value::Bool(day.weekday() > 5)),
    int("school_year", "school year, named by its spring", |day| SchoolYear::of(*day).value()),
];

/// Years further in the past than this, or further ahead than [`AHEAD`], are typing errors and must not create 100,000 days.
const BACK: u16 = 30;
/// See [`BACK`].
const AHEAD: u16 = 5;

fn rows(current: &CurrentRows, today: Date) -> Vec<Date> {
    let now = SchoolYear::of(today).0;
    let plausible = now.saturating_sub(BACK)..=now + AHEAD;
    let years = || {
        let years = current.rows().school_enrollment.iter().flatten().map(|row| row.school_year);
        years.filter(|year| plausible.contains(&year.0))
    };
    let (Some(first), Some(last)) = (years().min(), years().max()) else { return Vec::new() };
    let days = last.end().since(first.begin());
    (0..days).map(|offset| first.begin().plus(offset)).collect()
}
