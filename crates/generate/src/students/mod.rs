//! Students: identity, enrollments and circumstances.
//!
//! Each student is generated, given a fault if one is due, and written before the next, so memory does not grow with the
//! district.

mod circumstances;
mod enrollments;
mod identity;
mod rows;

use super::dice::Dice;
use super::faults::{Answers, RowFault};
use super::participation::{self, Participation};
use super::programs::{self, Arms};
use super::rosters::{Classes, Roster};
use super::schools::Plan;
use super::sheet::Sheets;
use super::student_faults::{Missing, Planter};
use super::testing::{self, Assessment, TestResult, Testing};
use rollcall_model::date::{Date, SchoolYear};
use std::io::{self, Write};

/// A circumstance that is recorded as a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StatusKind {
    Frl,
    EnglishLearner,
    Iep,
    S504,
    Homeless,
    Foster,
    Migrant,
    Military,
    Gifted,
}

impl StatusKind {
    pub(super) fn code(self) -> &'static str {
        match self {
            StatusKind::Frl => "frl",
            StatusKind::EnglishLearner => "english_learner",
            StatusKind::Iep => "iep",
            StatusKind::S504 => "s504",
            StatusKind::Homeless => "homeless",
            StatusKind::Foster => "foster",
            StatusKind::Migrant => "migrant",
            StatusKind::Military => "military",
            StatusKind::Gifted => "gifted",
        }
    }
}

/// Race codes; the races of a student are a bit set over them.
const RACES: [&str; 5] = ["american_indian", "asian", "black", "pacific_islander", "white"];
const AMERICAN_INDIAN: u8 = 1;
const ASIAN: u8 = 1 << 1;
const BLACK: u8 = 1 << 2;
const PACIFIC_ISLANDER: u8 = 1 << 3;
const WHITE: u8 = 1 << 4;

/// A student.
pub(super) struct Student {
    pub(super) id: u32,
    pub(super) female: bool,
    sex: &'static str,
    first: u8,
    middle: Option<u8>,
    last: u8,
    suffix: &'static str,
    pub(super) birth: Date,
    pub(super) hispanic: bool,
    pub(super) races: u8,
    language: &'static str,
    pub(super) first_us_date: Option<Date>,
    pub(super) grade: u8,
    grade9: Option<u16>,
    pub(super) enabled: bool,
    /// The general part of the ability that determines scores, in standard deviations.
    pub(super) ability: f64,
    /// The circumstances of this year, as a bit set over [`StatusKind`].
    circumstances: u16,
    pub(super) spoil: RowFault,
    /// Data that a fault omits.
    pub(super) missing: Option<Missing>,
    /// The student whose state id is used: the student's own unless a fault changes it.
    pub(super) state_id_of: u32,
}

impl Student {
    /// Whether the student has this circumstance.
    pub(super) fn has(&self, kind: StatusKind) -> bool {
        self.circumstances >> kind as u16 & 1 == 1
    }
}

/// A membership at a school.
#[derive(Clone)]
pub(super) struct Enrollment {
    pub(super) school: u32,
    pub(super) year: SchoolYear,
    pub(super) grade: u8,
    pub(super) entry: Date,
    pub(super) entry_type: &'static str,
    pub(super) exit: Option<Date>,
    pub(super) exit_type: &'static str,
    pub(super) status: &'static str,
    no_show: bool,
    pub(super) repeating: bool,
    /// Whether the row states its calendar; most leave it to the school.
    names_calendar: bool,
    pub(super) spoil: RowFault,
}

impl Enrollment {
    /// Whether it is the student's school on that day.
    pub(super) fn is_active(&self, day: Date) -> bool {
        !self.no_show && self.entry <= day && self.exit.is_none_or(|exit| day < exit)
    }

    /// Whether it is a primary membership of a student who actually came.
    pub(super) fn is_membership(&self) -> bool {
        self.status == "primary" && !self.no_show && self.exit.is_none_or(|exit| self.entry < exit)
    }
}

/// A status over time.
#[derive(Clone)]
pub(super) struct Status {
    pub(super) kind: StatusKind,
    value: &'static str,
    pub(super) begin: Date,
    end: Option<Date>,
    disability: &'static str,
    inferred: bool,
    pub(super) spoil: RowFault,
}

impl Status {
    /// Whether the status puts the student into its group on a day.
    fn holds(&self, day: Date) -> bool {
        let counts = matches!(self.spoil, RowFault::Nothing) && self.value != "el_monitor1";
        counts && self.begin <= day && self.end.is_none_or(|end| day < end)
    }
}

/// Enrollment on the day of the extract, which determines staffing.
pub(super) struct Tally {
    /// Students by school and grade.
    pub(super) heads: Vec<[u32; 13]>,
    /// Classes and how full they are.
    pub(super) classes: Classes,
}

/// One student with all rows; reused for the next.
pub(super) struct Record {
    pub(super) student: Student,
    pub(super) enrollments: Vec<Enrollment>,
    pub(super) statuses: Vec<Status>,
    pub(super) results: Vec<TestResult>,
    pub(super) programs: Vec<programs::Participation>,
    pub(super) rosters: Vec<Roster>,
}

/// Writes all students; returns the resulting headcounts.
pub(super) fn write<W: Write>(
    plan: &Plan,
    students: u32,
    seed: u64,
    list: &[Assessment],
    sheets: &mut Sheets<W>,
    answers: &mut Answers,
) -> io::Result<Tally> {
    let mut dice = Dice::new(seed, 2);
    // Faults have a separate random stream, so that the rest of the district is the same with and without them.
    let mut fault_dice = Dice::new(seed, 3);
    let mut planter = plan.faults.then(|| Planter::new(plan, list, students));
    let mut tally = Tally { heads: vec![[0; 13]; plan.schools.len()], classes: Classes::new(plan) };
    let mut testing = Testing { plan, list, arms: Arms::default(), participation: Participation::new(plan, list) };
    // The counts of students as generated decide who may be absent; the counts of students as written decide the
    // findings.
    let mut written = Participation::new(plan, list);
    let (mut results, mut rosters) = (Vec::new(), Vec::new());
    for index in 0..students {
        let (progress, enrollments) = enrollments::enroll(plan, &mut dice);
        let student = identity::draw(plan, index, &progress, &enrollments, &mut dice);
        let programs = Vec::new();
        let mut record = Record { student, enrollments, statuses: Vec::new(), results, programs, rosters };
        circumstances::draw(plan, &mut record, &mut dice);
        let (student, statuses) = (&record.student, &record.statuses);
        let groups = |day| student.groups(statuses, day);
        let results_of = &mut record.results;
        record.programs = testing::results(&mut testing, student, &record.enrollments, groups, &mut dice, results_of);
        let due = planter.as_mut().and_then(|planter| planter.plant(&mut record, answers, &mut fault_dice));
        let needs = [StatusKind::Iep, StatusKind::EnglishLearner].map(|kind| record.student.has(kind));
        tally.classes.enter(plan, &record.enrollments, needs, &mut record.rosters);
        if let Some(planter) = &mut planter {
            planter.plant_on_rosters(&mut record, due, answers);
            planter.follow(&mut record, answers, &mut written);
        }
        for (index, row) in record.enrollments.iter().enumerate() {
            // A school counts a student once, regardless of the number of enrollments.
            let again = record.enrollments[..index].iter().any(|other| other.school == row.school && other.counts(plan.day));
            if row.counts(plan.day) && !again {
                tally.heads[row.school as usize][row.grade as usize] += 1;
            }
        }
        record.write(plan, list, sheets)?;
        (results, rosters) = (record.results, record.rosters);
    }
    written.note(plan, list, answers);
    Ok(tally)
}

impl Student {
    /// The groups in which the student counts on a day, according to the rows.
    pub(super) fn groups(&self, statuses: &[Status], day: Date) -> [u8; 12] {
        let race = match self.races {
            _ if self.missing == Some(Missing::Race) => "unknown",
            _ if self.hispanic => "hispanic",
            0 => "unknown",
            races if races.count_ones() > 1 => "two_or_more",
            races => RACES[races.trailing_zeros() as usize],
        };
        let nameless = self.spoil == RowFault::UnknownCode || self.missing == Some(Missing::Sex);
        let sex = if nameless { "unknown" } else { self.sex };
        participation::groups(race, sex, |kind| statuses.iter().any(|row| row.kind == kind && row.holds(day)))
    }
}

impl Enrollment {
    /// Whether it counts in the headcount of its school.
    fn counts(&self, day: Date) -> bool {
        self.status == "primary" && self.is_active(day)
    }
}

/// A unique state number for students: multiplication modulo a prime.
pub(super) fn state_student_id(id: u32) -> String {
    format!("4{:09}", u64::from(id) * 48_271 % 999_999_937)
}

/// Whether a birth date is implausible for an enrollment: rule ENR-011, for findings that follow from a wrong birth
/// date.
pub(super) fn age_is_implausible(birth: Date, row: &Enrollment) -> bool {
    let days = row.year.first_of_september().since(birth);
    let grade = i64::from(row.grade);
    days >= 0 && (4 * days < 1461 * (4 + grade) || 8 * days > 1461 * (17 + 2 * grade))
}
