//! A synthetic school district: realistic rows about nobody.
//!
//! Tests, benchmarks and demonstrations need a district whose size can be chosen and whose errors are known.
//! [`district`] writes one CSV file per canonical table, row by row, and returns the answer key: every finding
//! that the rules must report because of the faults planted, and nothing else. The same options give the
//! same bytes everywhere.
//!
//! The plan comes first (`schools`, `calendar`), then the students one at a time with their scores and schools
//! (`students`, `testing`, `participation`, `programs`, `rosters`), then the staff for these students and the sections
//! they teach (`staffing`, `employees`, `sections`). `faults` decides who gets which fault; `student_faults` and
//! `staffing` plant them.
//!
//! [`feed`] continues from there: the changes on each weekday of the school year, including faults that arrive and are
//! repaired, with the days on which every violation opens and closes (`year`).

mod calendar;
mod dice;
mod employees;
mod faults;
mod names;
pub mod oneroster;
mod participation;
mod programs;
mod rosters;
mod schools;
mod sections;
mod sheet;
mod staffing;
mod student_faults;
mod students;
mod testing;
mod year;

pub use faults::Planted;
pub use year::{Extracts, FeedKey, FeedOptions, Violation, feed};

use rollcall_model::date::Date;
use std::io::{self, Write};

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Rows of the student table, including students who have left.
    pub students: u32,
    /// Another seed makes another district.
    pub seed: u64,
    /// The day of the extract; becomes `as_of` in the clock. Schools must be in session: September 15 to May 31.
    pub day: Date,
    /// Whether to plant faults. The students are the same either way.
    pub faults: bool,
}

/// The findings that a correct engine reports for the district, and the size of the district.
#[derive(Clone, Debug, Default)]
pub struct AnswerKey {
    /// Every finding caused by the planted faults, including indirect ones.
    pub faults: Vec<Planted>,
    /// Data rows of each table.
    pub rows: Vec<(&'static str, u64)>,
}

/// Writes one CSV file per table; `open` returns the writer for a table name. Returns the answer key.
pub fn district<W: Write>(options: &Options, open: impl FnMut(&'static str) -> io::Result<W>) -> io::Result<AnswerKey> {
    let plan = schools::Plan::new(options)?;
    let mut sheets = sheet::Sheets::open(open)?;
    let mut answers = faults::Answers::default();
    schools::write(&plan, &mut sheets, &mut dice::Dice::new(options.seed, 0), &mut answers)?;
    calendar::write(&plan, &mut sheets, &mut dice::Dice::new(options.seed, 6), &mut answers)?;
    programs::write(&plan, &mut sheets)?;
    let assessments = testing::assessments(&plan);
    testing::write_assessments(&assessments, &mut sheets)?;
    let tally = students::write(&plan, options.students, options.seed, &assessments, &mut sheets, &mut answers)?;
    staffing::write(&plan, &tally, options.students, options.seed, &mut sheets, &mut answers)?;
    Ok(AnswerKey { faults: answers.0, rows: sheets.close()? })
}

#[cfg(test)]
mod tests;
