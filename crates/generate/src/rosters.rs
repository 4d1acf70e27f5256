//! Classes and class enrollments.
//!
//! Students are generated one at a time, so classes are not drawn from a list: each grade of a school has a planned
//! number of classes, students are assigned to them in turn, and additional classes open when those are full. All
//! students of a class take all courses of the grade together, so class number and course identify the section. For the
//! previous year only homerooms are kept, as student systems archive it.

use super::schools::{Level, Plan, school_id};
use super::sheet::Sheets;
use super::students::Enrollment;
use rollcall_model::date::{Date, SchoolYear};
use std::fmt;
use std::io::{self, Write};

/// A section as needed for class enrollments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Class {
    pub(super) school: u32,
    pub(super) year: SchoolYear,
    /// `None` for support classes, which have all grades.
    pub(super) grade: Option<u8>,
    pub(super) number: u32,
    /// The abbreviated course.
    pub(super) code: &'static str,
}

/// The id of the section.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (school, year) = (school_id(self.school), self.year.0 % 100);
        match self.grade {
            Some(grade) => write!(f, "{school}-{year:02}-{grade:02}-{}-{}", self.number + 1, self.code),
            None => write!(f, "{school}-{year:02}-{}-{}", self.number + 1, self.code),
        }
    }
}

/// A student in a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roster {
    pub(super) class: Class,
    pub(super) begin: Date,
    pub(super) end: Option<Date>,
    pub(super) dropped: bool,
    /// Whether a fault refers to a section that does not exist.
    pub(super) unknown_section: bool,
}

/// The courses of students in middle and high schools.
pub(super) const COURSES: [&str; 6] = ["ELA", "MTH", "SCI", "SOC", "PED", "ELC"];
/// The support classes for students with an IEP and for English learners, with their sizes.
pub(super) const SUPPORT: [(&str, u32); 2] = [("RES", 12), ("ELD", 18)];

/// Maximum size of a class.
pub(super) fn seats(grade: u8) -> u32 {
    if Level::of(grade) == Level::Elementary { 28 } else { 32 }
}

/// The special subject of an elementary class.
pub(super) fn special(grade: u8, number: u32) -> &'static str {
    if (u32::from(grade) + number).is_multiple_of(2) { "ART" } else { "PED" }
}

/// How full the classes are; its size depends on schools, not on students.
pub(super) struct Classes {
    /// Students assigned to a grade of a school, last year and this year.
    came: Vec<[[u32; 13]; 2]>,
    /// Students assigned to the support classes of a school.
    support: Vec<[u32; 2]>,
    /// Students in each class of this year on the day of the extract.
    today: Vec<[Vec<u32>; 13]>,
}

impl Classes {
    pub(super) fn new(plan: &Plan) -> Classes {
        let schools = plan.schools.len();
        Classes {
            came: vec![[[0; 13]; 2]; schools],
            support: vec![[0; 2]; schools],
            today: std::iter::repeat_with(Default::default).take(schools).collect(),
        }
    }

    /// The number of classes of a grade at a school; `current` for those of this year.
    pub(super) fn number(&self, plan: &Plan, school: u32, grade: u8, current: bool) -> u32 {
        let came = self.came[school as usize][usize::from(current)][grade as usize];
        let (planned, seats) = (plan.classes[grade as usize], seats(grade));
        came.min(planned) + came.saturating_sub(planned * seats).div_ceil(seats)
    }

    /// The number of support classes of a kind at a school.
    pub(super) fn support(&self, school: u32, kind: usize) -> u32 {
        self.support[school as usize][kind].div_ceil(SUPPORT[kind].1)
    }

    /// The number of students in a class on the day of the extract.
    pub(super) fn today(&self, school: u32, grade: u8, number: u32) -> u32 {
        self.today[school as usize][grade as usize].get(number as usize).copied().unwrap_or(0)
    }

    /// Enrolls a student in classes according to school enrollments and needs.
    pub(super) fn enter(&mut self, plan: &Plan, enrollments: &[Enrollment], needs: [bool; 2], rosters: &mut Vec<Roster>) {
        rosters.clear();
        for (index, row) in enrollments.iter().enumerate() {
            let current = row.year == plan.year;
            let again = enrollments[..index].iter().any(|other| other.school == row.school && other.year == row.year);
            let taught = row.school < plan.unstaffed.start && (current || row.year == plan.terms[1].year);
            if again || !taught || !row.is_membership() {
                continue;
            }
            let term = plan.term(row.year);
            let begin = row.entry.max(term.first_day);
            let end = row.exit.filter(|&exit| exit < term.last_day);
            let came = &mut self.came[row.school as usize][usize::from(current)][row.grade as usize];
            let (planned, seats) = (plan.classes[row.grade as usize], seats(row.grade));
            let place = *came;
            *came += 1;
            let full = planned * seats;
            let number = if place < full { place % planned } else { planned + (place - full) / seats };
            let mut add = |grade, number, code| {
                let class = Class { school: row.school, year: row.year, grade, number, code };
                rosters.push(Roster { class, begin, end, dropped: false, unknown_section: false });
            };
            let grade = Some(row.grade);
            match (current, Level::of(row.grade)) {
                (false, _) => add(grade, number, "HR"),
                (true, Level::Elementary) => {
                    add(grade, number, "HR");
                    add(grade, number, special(row.grade, number));
                }
                (true, _) => COURSES.into_iter().for_each(|code| add(grade, number, code)),
            }
            if !current {
                continue;
            }
            for (kind, (code, seats)) in SUPPORT.into_iter().enumerate() {
                if needs[kind] {
                    let came = &mut self.support[row.school as usize][kind];
                    add(None, *came / seats, code);
                    *came += 1;
                }
            }
            if begin <= plan.day && end.is_none_or(|end| plan.day < end) {
                let today = &mut self.today[row.school as usize][row.grade as usize];
                if today.len() <= number as usize {
                    today.resize(number as usize + 1, 0);
                }
                today[number as usize] += 1;
            }
        }
    }
}

/// Writes the class enrollments of one student.
pub(super) fn write<W: Write>(plan: &Plan, student: u32, rosters: &[Roster], sheets: &mut Sheets<W>) -> io::Result<()> {
    for (index, roster) in rosters.iter().enumerate() {
        let class = &roster.class;
        let row = &mut sheets.section_enrollment;
        row.show(format_args!("{student}-{:02}-{}", class.year.0 % 100, index + 1)).show(student);
        match roster.unknown_section {
            true => row.show(format_args!("{class}-X")),
            false => row.show(class),
        };
        row.show(school_id(class.school));
        // A student who is there from the first day has no begin date; the sessions of the section determine it.
        let first = plan.term(class.year).first_day;
        row.maybe_date((roster.begin != first).then_some(roster.begin)).maybe_date(roster.end);
        row.flag(class.code == "HR").flag(roster.dropped).end()?;
    }
    Ok(())
}
