//! `dim_calendar_day`: days of school calendars.

use super::columns::{date, fixed4, int, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{CalendarDay, Fixed};
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_calendar_day",
    grain: "one row per calendar and day",
    key: &["calendar_id", "date"],
    columns: &[
        text("calendar_id", "the calendar or track"),
        date("date", "the day"),
        text("school_id", "the school"),
        int("school_year", "school year, named by its spring"),
        text("day_type", "kind of day"),
        yes_no("is_instructional", "whether there is instruction"),
        fixed4("membership_value", "membership that the day counts as"),
        int(
            "instructional_day",
            "number of the instructional day within its calendar and school year; empty for other days",
        ),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_calendar_day", &["calendar_id", "date"]), Surrogate::of("k_school", &["school_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let mut days: Vec<&CalendarDay> = current.rows().calendar_day.iter().flatten().collect();
    days.sort_by_key(|day| (day.calendar_id, day.school_year, day.date));
    let mut rows = Vec::new();
    for of_year in days.chunk_by(|a, b| (a.calendar_id, a.school_year) == (b.calendar_id, b.school_year)) {
        let mut ordinal = 0;
        for day in of_year {
            ordinal += i64::from(day.is_instructional);
            rows.push(vec![
                day.calendar_id.value(),
                day.date.value(),
                day.school_id.value(),
                day.school_year.value(),
                day.day_type.value(),
                day.is_instructional.value(),
                day.membership_value.unwrap_or(Fixed(10_000)).value(),
                if day.is_instructional { Value::Int(ordinal) } else { Value::Null },
            ]);
        }
    }
    rows
}
