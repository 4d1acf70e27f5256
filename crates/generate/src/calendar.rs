//! Sessions and calendar days of the schools.
//!
//! Every school has one calendar per year: each weekday from the first day of the teachers to the last day of the
//! students, about 177 of them instructional. A school year is one session, and its two semesters are two more.

use super::dice::Dice;
use super::faults::Answers;
use super::schools::{Plan, day_of, on_weekday, school_id};
use super::sheet::Sheets;
use rollcall_model::date::{Date, SchoolYear};
use std::io::{self, Write};

/// A school year with its dates.
pub(super) struct Term {
    pub(super) year: SchoolYear,
    /// First day of school.
    pub(super) first_day: Date,
    /// The day after the last day of school.
    pub(super) last_day: Date,
    /// First day of the second semester.
    second_half: Date,
}

impl Term {
    pub(super) fn new(year: SchoolYear) -> Term {
        let spring = i32::from(year.0);
        Term {
            year,
            first_day: on_weekday(day_of(spring - 1, 8, 17), 1),
            last_day: on_weekday(day_of(spring, 6, 1), 5).plus(1),
            second_half: on_weekday(day_of(spring, 1, 12), 1),
        }
    }

    /// The type of a weekday, and whether there is instruction. `storms` are the days lost to weather at the school.
    fn kind(&self, day: Date, storms: &[Date; 2]) -> (&'static str, bool) {
        let spring = i32::from(self.year.0);
        let autumn = spring - 1;
        let week = |monday: Date| (monday..monday.plus(5)).contains(&day);
        let thanksgiving = on_weekday(day_of(autumn, 11, 22), 4);
        if day < self.first_day {
            return ("teacher_only", false);
        }
        let holiday = day == on_weekday(day_of(autumn, 9, 1), 1)
            || day == day_of(autumn, 11, 11)
            || week(thanksgiving.plus(-3))
            || (day_of(autumn, 12, 22)..=day_of(spring, 1, 2)).contains(&day)
            || day == on_weekday(day_of(spring, 1, 15), 1)
            || day == on_weekday(day_of(spring, 2, 15), 1)
            || week(on_weekday(day_of(spring, 3, 24), 1))
            || day == on_weekday(day_of(spring, 4, 15), 5)
            || day == on_weekday(day_of(spring, 5, 25), 1);
        let teachers = [
            on_weekday(day_of(autumn, 10, 8), 1),
            on_weekday(day_of(autumn, 10, 25), 5).plus(-1),
            on_weekday(day_of(autumn, 10, 25), 5),
            on_weekday(day_of(spring, 2, 4), 5),
            self.second_half.plus(-3),
            on_weekday(day_of(spring, 3, 1), 5),
        ];
        match () {
            _ if holiday => ("holiday", false),
            _ if teachers.contains(&day) => ("teacher_only", false),
            _ if storms.contains(&day) => ("weather", false),
            _ => ("instructional", true),
        }
    }
}

/// The calendar of a school in a year.
pub(super) fn calendar_id(school: u32, year: SchoolYear) -> String {
    format!("CAL-{}-{}", school_id(school), year.0)
}

/// Writes the sessions and calendars of all open schools.
pub(super) fn write<W: Write>(
    plan: &Plan,
    sheets: &mut Sheets<W>,
    dice: &mut Dice,
    answers: &mut Answers,
) -> io::Result<()> {
    for school in 0..plan.closed {
        let id = school_id(school);
        for term in &plan.terms {
            let year = term.year.0;
            let row = &mut sheets.academic_session;
            let mut session = |code: &str, kind: &str, title: &str, begin: Date, end: Date, days: Option<u32>| {
                row.show(format_args!("{id}-{year}-{code}")).show(id).show(year).text(kind).text(title);
                row.date(begin).date(end);
                match code {
                    "S1" | "S2" => row.show(format_args!("{id}-{year}-FY")),
                    _ => row.none(1),
                };
                row.maybe(days).end()
            };
            let storms: [Date; 2] =
                std::array::from_fn(|month| day_of(i32::from(year), 1 + month as u32, 20).plus(dice.between(0, 7)));
            let instructional = |begin: Date, end: Date| {
                let days = (0..end.since(begin)).map(|day| begin.plus(day)).filter(|day| day.weekday() < 6);
                days.filter(|&day| term.kind(day, &storms).1).count() as u32
            };
            let (first, half, last) = (term.first_day, term.second_half, term.last_day);
            session("FY", "school_year", "Full Year", first, last, Some(instructional(first, last)))?;
            session("S1", "semester", "Semester 1", first, half, Some(instructional(first, half)))?;
            session("S2", "semester", "Semester 2", half, last, Some(instructional(half, last)))?;
            if plan.afflicts(school, 0) && year == plan.year.0 {
                // Entered again by a clerk who did not find it.
                session("S2B", "semester", "Semester 2", half, last, None)?;
                answers.note("REF-008", format!("academic_session|{id}|{year}|Semester 2"));
            }
            if plan.afflicts(school, 1) && year == plan.year.0 {
                session("SU", "summer", "Summer Session", last.plus(20), last.plus(10), None)?;
                answers.note("CAL-002", format!("{id}-{year}-SU"));
            }
            let calendar = calendar_id(school, term.year);
            let mut day = first.plus(-7);
            while day < last {
                let saturday = plan.afflicts(school, 2) && term.year == plan.year && day == first.plus(5);
                if day.weekday() < 6 || saturday {
                    let (kind, taught) = if saturday { ("instructional", true) } else { term.kind(day, &storms) };
                    let row = &mut sheets.calendar_day;
                    row.text(&calendar).show(id).show(year).date(day).text(kind).flag(taught);
                    row.none(1).text(if taught { "regular" } else { "" }).end()?;
                    if saturday {
                        let (year, month, date) = day.to_ymd();
                        answers.note("CAL-005", format!("{calendar}/{year}-{month:02}-{date:02}"));
                    }
                }
                day = day.plus(1);
            }
        }
    }
    Ok(())
}
