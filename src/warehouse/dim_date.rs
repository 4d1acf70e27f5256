//! `dim_date`: the days of the school years that have enrollments.

use super::columns::{date, int, yes_no};
use super::{Relation, Source};
use crate::current::CurrentRows;
use crate::model::SchoolYear;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_date",
    grain: "one row per day",
    key: &["date"],
    columns: &[
        date("date", "the day"),
        int("date_key", "the day as an eight-digit number"),
        int("year", "calendar year"),
        int("month", "month of the year"),
        int("day_of_month", "day of the month"),
        int("weekday", "1 for Monday to 7 for Sunday"),
        yes_no("is_weekend", "whether it is a Saturday or Sunday"),
        int("school_year", "school year, named by its spring"),
    ],
    added: &[],
    surrogates: &[],
    source: Source::CurrentRows(rows),
};

/// Years further in the past than this, or further ahead than [`AHEAD`], are typing errors and must not create 100,000 days.
const BACK: u16 = 30;
/// See [`BACK`].
const AHEAD: u16 = 5;

fn rows(current: &CurrentRows, today: Date) -> Vec<Vec<Value>> {
    let now = SchoolYear::of(today).0;
    let plausible = now.saturating_sub(BACK)..=now + AHEAD;
    let years = || {
        let years = current.rows().school_enrollment.iter().flatten().map(|row| row.school_year);
        years.filter(|year| plausible.contains(&year.0))
    };
    let (Some(first), Some(last)) = (years().min(), years().max()) else { return Vec::new() };
    let days = last.end().since(first.begin());
    let describe = |offset| {
        let day = first.begin().plus(offset);
        let (year, month, day_of_month) = day.to_ymd();
        let number = |number: u32| Value::Int(number.into());
        vec![
            day.value(),
            Value::Int(i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day_of_month)),
            Value::Int(year.into()),
            number(month),
            number(day_of_month),
            number(day.weekday()),
            Value::Bool(day.weekday() > 5),
            SchoolYear::of(day).value(),
        ]
    };
    (0..days).map(describe).collect()
}
