//! `dim_calendar_day`: days of school calendars.

use super::columns::{Of, columns_of, date, fixed4, int, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{CalendarDay, Field, Fixed};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_calendar_day",
    grain: "one row per calendar and day",
    key: &["calendar_id", "date"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_calendar_day", &["calendar_id", "date"]), Surrogate::of("k_school", &["school_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<(CalendarDay, Option<i32>)>; 8] = [
    text("calendar_id", "the calendar or track", |(day, _)| day.calendar_id.value()),
    date("date", "the day", |(day, _)| day.date.value()),
    text("school_id", "the school", |(day, _)| day.school_id.value()),
    int("school_year", "school year, named by its spring", |(day, _)| day.school_year.value()),
    text("day_type", "kind of day", |(day, _)| day.day_type.value()),
    yes_no("is_instructional", "whether there is instruction", |(day, _)| day.is_instructional.value()),
    fixed4("membership_value", "membership that the day counts as", |(day, _)| {
        day.membership_value.unwrap_or(Fixed(10_000)).value()
    }),
    int(
        "instructional_day",
        "number of the instructional day within its calendar and school year; empty for other days",
        |(_, number)| number.value(),
    ),
];

/// The days, each with its number if there is instruction.
fn rows(current: &CurrentRows) -> Vec<(CalendarDay, Option<i32>)> {
    let mut days: Vec<&CalendarDay> = current.rows().calendar_day.iter().flatten().collect();
    days.sort_by_key(|day| (day.calendar_id, day.school_year, day.date));
    let mut rows = Vec::new();
    for of_year in days.chunk_by(|a, b| (a.calendar_id, a.school_year) == (b.calendar_id, b.school_year)) {
        let mut number = 0;
        for &&day in of_year {
            number += i32::from(day.is_instructional);
            rows.push((day, day.is_instructional.then_some(number)));
        }
    }
    rows
}
