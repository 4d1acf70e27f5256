//! Enrollments: the schools that a student went to in the last two years and this one.

use super::Enrollment;
use crate::dice::Dice;
use crate::faults::RowFault;
use crate::schools::{COHORTS, LOCAL_EXITS, Level, Plan, school_day};
use rollcall_model::date::{Date, SchoolYear};

/// Probability, per 1,000, of repeating a grade.
const REPEATS: [u32; 13] = [23, 31, 24, 15, 8, 5, 6, 7, 6, 70, 50, 40, 30];

/// What decides the enrollments of a student.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    pub(super) school: u32,
    /// The grade this year; graduates stay in the last.
    pub(super) grade: u8,
    /// Years since graduation; 0 for those who have not graduated.
    pub(super) gone: usize,
    /// Grades repeated.
    pub(super) repeats: u16,
    /// Repeating the grade this year.
    repeating: bool,
}

/// Generates the enrollments of a student.
pub(super) fn enroll(plan: &Plan, dice: &mut Dice) -> (Progress, Vec<Enrollment>) {
    let cohort = dice.weighted(&COHORTS);
    let gone = usize::from(cohort.saturating_sub(12));
    let grade = cohort.min(12);
    let school = plan.any_school(Level::of(grade), dice);
    let repeating = gone == 0 && dice.chance(f64::from(REPEATS[grade as usize]) / 1000.0);
    let returning = gone > 0 || repeating || (grade > 0 && dice.chance(0.93));
    let mut progress = Progress { school, grade, gone, repeats: u16::from(repeating), repeating };

    let names_calendar = dice.chance(0.3);
    let mut rows = past_years(plan, &mut progress, returning, dice);
    if gone == 0 {
        this_year(plan, &progress, &mut rows, dice);
    }
    rows.iter_mut().for_each(|row| row.names_calendar = names_calendar);
    (progress, rows)
}

fn row(school: u32, year: SchoolYear, grade: u8, entry: Date, entry_type: &'static str) -> Enrollment {
    Enrollment {
        school,
        year,
        grade,
        entry,
        entry_type,
        exit: None,
        exit_type: "",
        status: "primary",
        no_show: false,
        repeating: false,
        names_calendar: false,
        spoil: RowFault::Nothing,
    }
}

/// The previous years. They are generated backward: each year the student was one grade lower or repeated, at the same
/// school, another one, or one at the level below.
fn past_years(plan: &Plan, progress: &mut Progress, returning: bool, dice: &mut Dice) -> Vec<Enrollment> {
    let Progress { school, grade, gone, repeating, .. } = *progress;
    let mut rows = Vec::with_capacity(4);
    let (mut at, mut then, mut again) = (school, grade, repeating);
    for term in (0..2).rev() {
        let year = plan.terms[term].year;
        let last = gone > 0 && term + gone == 2;
        if term + gone > 2 {
            continue;
        }
        if !last {
            // Nobody has enrollments before kindergarten, and some came from elsewhere.
            let came = if term == 1 { returning } else { rows.len() + gone > 0 && dice.chance(0.93) };
            if !came || then == 0 && !again {
                break;
            }
            let before = if again { then } else { then - 1 };
            let (lowest, _) = Level::of(then).grades();
            at = if before < lowest {
                plan.feeder(at, dice)
            } else if dice.chance(0.92) || plan.of_level(Level::of(before)).len() == 1 {
                at
            } else {
                plan.other_school(at, dice)
            };
            then = before;
        }
        let oldest = then == 0;
        again = progress.repeats == 0 && dice.chance(f64::from(REPEATS[then as usize]) / 1000.0);
        progress.repeats += u16::from(again);
        let entry_type = if oldest && !again { "new_to_system" } else { "promotion" };
        let mut last_row = row(at, year, then, plan.terms[term].first_day, entry_type);
        last_row.repeating = again;
        last_row.exit = Some(plan.terms[term].last_day);
        last_row.exit_type = if last { "graduated" } else { "end_of_year" };
        let moved = dice.chance(0.04) && plan.of_level(Level::of(then)).len() > 1;
        if moved {
            // Came from another school of the district during the year.
            let mut first_row = last_row.clone();
            at = plan.other_school(at, dice);
            first_row.school = at;
            let date = school_day(first_row.entry.plus(dice.between(10, 250)), plan.terms[term].last_day.plus(-5));
            (first_row.exit, first_row.exit_type) = (Some(date), "transfer_in_district");
            (last_row.entry, last_row.entry_type) = (date, "transfer_in_district");
            rows.extend([last_row, first_row]);
        } else {
            rows.push(last_row);
        }
    }
    rows.reverse();
    rows
}

/// The enrollments of this year, after those of the previous years.
fn this_year(plan: &Plan, progress: &Progress, rows: &mut Vec<Enrollment>, dice: &mut Dice) {
    let Progress { school, grade, repeating, .. } = *progress;
    let returning = !rows.is_empty();
    let soon = plan.first_day.plus(5);
    let late = !returning && dice.chance(0.35);
    let entry = match late {
        true => school_day(soon.plus(dice.between(0, plan.day.since(soon) - 7)), plan.day),
        false => plan.first_day,
    };
    let entry_type = match (returning, grade) {
        (true, _) if repeating => "next_year",
        (true, _) => "promotion",
        (false, 0) if !late => "new_to_system",
        _ => dice.weighted(&[
            ("transfer_from_public", 70),
            ("transfer_from_private", 12),
            ("from_homeschool", 6),
            ("from_out_of_country", 12),
        ]),
    };
    let mut current = row(school, plan.year, grade, entry, entry_type);
    current.repeating = repeating;
    let fate = dice.below(1000);
    if fate < 4 && returning {
        current.no_show = true;
        current.exit = Some(entry);
        current.exit_type = "no_show";
        rows.push(current);
    } else if fate < 84 && !late {
        // Moves during the year: within the district if there is another school, otherwise out of it.
        let date = school_day(soon.plus(dice.between(0, plan.day.since(soon) - 3)), plan.day);
        current.exit = Some(date);
        if fate < 54 && plan.of_level(Level::of(grade)).len() > 1 {
            current.exit_type = "transfer_in_district";
            let mut next = row(plan.other_school(school, dice), plan.year, grade, date, "transfer_in_district");
            next.repeating = repeating;
            rows.push(current);
            rows.push(next);
        } else if fate >= 54 {
            let leaving = [
                ("transfer_out_public", 68),
                ("transfer_private", 10),
                ("homeschool", 8),
                ("moved_out_of_country", 6),
                ("dropout", if grade > 8 { 25 } else { 0 }),
            ];
            current.exit_type = dice.weighted(&leaving);
            // Some clerks use local codes.
            if let Some((code, _)) = LOCAL_EXITS.iter().find(|(_, standard)| *standard == current.exit_type) {
                current.exit_type = if dice.chance(0.3) { code } else { current.exit_type };
            }
            rows.push(current);
        } else {
            current.exit = None;
            rows.push(current);
        }
    } else {
        rows.push(current);
    }
}
