//! Programs: reading tutoring and a math intervention every year, each with a comparison group.
//!
//! Students with low scores in the fall are selected; of two students with the same score, one participates and the
//! other is in the comparison group, so that both groups start alike. The effect of a program appears in the spring
//! scores.

use super::dice::Dice;
use super::schools::{DISTRICT, Plan, day_of, school_id};
use super::sheet::Sheets;
use super::students::Student;
use rollcall_model::date::{Date, SchoolYear};
use std::io::{self, Write};

/// The effect of a program on the scores of participants, in standard deviations of all students; it is about 0.2 of the
/// participants' own, who differ less.
pub(super) const EFFECT: f64 = 0.14;
/// A program as it runs each year.
struct Kind {
    code: &'static str,
    name: &'static str,
    program_type: &'static str,
    subject: &'static str,
    /// Lowest and highest grade.
    grades: (u8, u8),
}

const PROGRAMS: [Kind; 2] = [
    Kind {
        code: "READ",
        name: "SYNTHETIC Riverbend Reading Tutors",
        program_type: "tutoring",
        subject: "ela",
        grades: (3, 5),
    },
    Kind {
        code: "MATH",
        name: "SYNTHETIC Riverbend Math Boost",
        program_type: "intervention",
        subject: "math",
        grades: (6, 8),
    },
];

/// A student in a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Participation {
    /// The subject, 0 for reading and 1 for math, and the year as an index into [`Plan::terms`].
    pub(super) subject: usize,
    pub(super) term: usize,
    pub(super) school: u32,
    pub(super) begin: Date,
    pub(super) end: Option<Date>,
    pub(super) treated: bool,
    minutes: u32,
    exit: &'static str,
}

/// Which group is next, by program and starting score.
pub(super) struct Arms([[bool; 512]; 4]);

impl Default for Arms {
    /// Every other score begins with the other group, so that both end up alike.
    fn default() -> Arms {
        Arms([std::array::from_fn(|score| score.is_multiple_of(2)); 4])
    }
}

impl Arms {
    /// Whether a student participates after the fall test, and in which group. `z` is the score in standard deviations.
    pub(super) fn place(
        &mut self,
        plan: &Plan,
        (subject, term): (usize, usize),
        (grade, school): (u8, u32),
        (score, z): (i32, f64),
        dice: &mut Dice,
    ) -> Option<Participation> {
        let (low, high) = PROGRAMS[subject].grades;
        let begin = begin(plan, term).plus(dice.between(0, 7));
        let (left, minutes) = (dice.chance(0.06), dice.between(9, 30));
        let drawn = dice.chance(0.45);
        if !(low..=high).contains(&grade) || z > -0.3 || !drawn || begin > plan.day {
            return None;
        }
        let next = &mut self.0[2 * (term - 1) + subject][score as usize & 511];
        *next = !*next;
        let treated = *next;
        let over = day_of(i32::from(plan.terms[term].year.0), 4, 10);
        let (end, exit) = match (term, left) {
            (2, _) => (None, ""),
            (_, false) => (Some(over.plus(dice.between(0, 7))), "completed"),
            (_, true) => (Some(over.plus(-dice.between(20, 60))), "withdrew"),
        };
        let minutes = if treated { 60 * minutes as u32 } else { 0 };
        Some(Participation { subject, term, school, begin, end, treated, minutes, exit })
    }
}

/// First day of the programs in a year: after the first report cards, and so long after the spring state tests that only
/// the fall scores count as starting scores.
fn begin(plan: &Plan, term: usize) -> Date {
    day_of(i32::from(plan.terms[term].year.0) - 1, 11, 17)
}

/// A membership in this year's program, entered at the beginning of the year for a student who is not enrolled.
pub(super) fn astray(plan: &Plan, school: u32) -> Participation {
    let begin = plan.first_day.plus(7);
    Participation { subject: 0, term: 2, school, begin, end: None, treated: true, minutes: 0, exit: "" }
}

/// The id of a program.
pub(super) fn program_id(plan: &Plan, participation: &Participation) -> String {
    id(participation.subject, plan.terms[participation.term].year)
}

/// The id of the program of a subject in a year.
pub(super) fn id(subject: usize, year: SchoolYear) -> String {
    format!("P-{}-{}", PROGRAMS[subject].code, year.0)
}

/// Writes the programs.
pub(super) fn write<W: Write>(plan: &Plan, sheets: &mut Sheets<W>) -> io::Result<()> {
    let row = &mut sheets.program;
    for term in [1, 2] {
        let year = plan.terms[term].year;
        for Kind { code, name, program_type, subject, .. } in PROGRAMS {
            row.show(format_args!("P-{code}-{}", year.0)).text(DISTRICT).show(format_args!("{name} {}", year.0));
            row.text(program_type).text(subject).date(begin(plan, term)).date(day_of(i32::from(year.0), 6, 1)).end()?;
        }
    }
    row.text("P-MENTOR").text(DISTRICT).text("SYNTHETIC Riverbend Mentors").text("mentoring").none(1);
    row.date(plan.terms[0].year.begin()).none(1).end()
}

/// Writes the participations of one student.
pub(super) fn write_participations<W: Write>(
    plan: &Plan,
    student: &Student,
    list: &[Participation],
    sheets: &mut Sheets<W>,
) -> io::Result<()> {
    for (index, part) in list.iter().enumerate() {
        let row = &mut sheets.program_participation;
        row.show(format_args!("{}-P{}", student.id, index + 1)).show(student.id).text(&program_id(plan, part));
        row.show(school_id(part.school)).date(part.begin).maybe_date(part.end);
        row.text(if part.treated { "treatment" } else { "comparison" });
        row.maybe((part.minutes > 0).then_some(part.minutes)).text(part.exit).end()?;
    }
    Ok(())
}
