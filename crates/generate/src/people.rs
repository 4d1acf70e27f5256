//! Students: identity, enrollments and circumstances.
//!
//! Each student is generated, given a fault if one is due, and written before the next, so memory does not grow with the
//! district.

use super::calendar::calendar_id;
use super::dice::Dice;
use super::faults::{Answers, RowFault};
use super::names;
use super::participation::{self, Participation};
use super::programs::{self, Arms};
use super::rosters::{self, Classes, Roster};
use super::schools::{COHORTS, DISTRICT, GRADES, LAPSED_EXITS, LOCAL_EXITS, Level, Plan, school_day, school_id};
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
const ASIAN: u8 = 1 << 1;
const BLACK: u8 = 1 << 2;
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
        let (student, enrollments) = enroll(plan, index, &mut dice);
        let programs = Vec::new();
        let mut record = Record { student, enrollments, statuses: Vec::new(), results, programs, rosters };
        circumstances(plan, &mut record, &mut dice);
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

/// Probability, per 1,000, of repeating a grade.
const REPEATS: [u32; 13] = [23, 31, 24, 15, 8, 5, 6, 7, 6, 70, 50, 40, 30];

/// Generates a student and the enrollments.
fn enroll(plan: &Plan, index: u32, dice: &mut Dice) -> (Student, Vec<Enrollment>) {
    let cohort = dice.weighted(&COHORTS);
    // Years since graduation, or `None`.
    let gone = usize::from(cohort.saturating_sub(12));
    let graduated = gone > 0;
    let grade = cohort.min(12);
    let level = Level::of(grade);
    let school = plan.any_school(level, dice);
    let repeating = !graduated && dice.chance(f64::from(REPEATS[grade as usize]) / 1000.0);
    let returning = graduated || repeating || (grade > 0 && dice.chance(0.93));

    let mut rows = Vec::with_capacity(4);
    let calendar = dice.chance(0.3);
    let row = |school: u32, year: SchoolYear, grade: u8, entry: Date, entry_type: &'static str| Enrollment {
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
        names_calendar: calendar,
        spoil: RowFault::Nothing,
    };
    // The previous years, backward: each year the student was one grade lower or repeated, at the same school, another
    // one, or one at the level below.
    let mut repeats = u16::from(repeating);
    let (mut at, mut then, mut again) = (school, grade, repeating);
    let mut earliest = 2;
    for term in (0..2).rev() {
        let year = plan.terms[term].year;
        let last = graduated && term + gone == 2;
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
        again = repeats == 0 && dice.chance(f64::from(REPEATS[then as usize]) / 1000.0);
        repeats += u16::from(again);
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
        earliest = term;
    }
    rows.reverse();
    let returning = earliest < 2;
    if !graduated {
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
            if fate < 54 && plan.of_level(level).len() > 1 {
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

    // Ages: a repeater is a year older than usual for the grade, and some have repeated before.
    let mut extra = i64::from(repeats);
    extra += i64::from(extra < 1 && grade > 0 && dice.chance(0.015 + 0.008 * f64::from(grade)));
    extra += i64::from(grade > 2 && extra == 1 && dice.chance(0.06));
    // Graduates reached the grade a year ago.
    let years = 5 + i64::from(grade) + extra + gone as i64;
    let autumn = i32::from(plan.year.0) - 1;
    let birth = super::schools::day_of(autumn - years as i32, 9, 1).plus(-dice.between(0, 364));

    let poverty = plan.schools[school as usize].poverty;
    let ethnicity = dice.weighted(&[
        (0u8, (46.0 * (1.95 - 1.8 * poverty)) as u32 + 1),
        (1, (28.0 * (0.3 + 1.35 * poverty)) as u32 + 1),
        (2, (15.0 * (0.3 + 1.35 * poverty)) as u32 + 1),
        (3, (5.5 * (1.6 - 1.1 * poverty)) as u32 + 1),
        (4, 5),
        (5, 1),
        (6, 1),
    ]);
    let hispanic = ethnicity == 1;
    let races = match ethnicity {
        0 => WHITE,
        1 => dice.weighted(&[(WHITE, 88), (BLACK, 4), (1, 5), (WHITE | 1, 3)]),
        2 => BLACK,
        3 => ASIAN,
        4 => dice.pick(&[WHITE | BLACK, WHITE | ASIAN, WHITE | 1, WHITE | BLACK, BLACK | ASIAN]),
        5 => 1,
        _ => 1 << 3,
    };
    let races = if !hispanic && dice.chance(0.006) { 0 } else { races };
    let female = dice.chance(0.487);
    let sex = if dice.chance(0.001) {
        "nonbinary"
    } else if female {
        "female"
    } else {
        "male"
    };
    let year9 = (grade > 8).then(|| plan.year.0 - gone as u16 - u16::from(grade - 9) - repeats);
    let enabled = rows.iter().any(|row| row.is_active(plan.day));
    let student = Student {
        id: 1_000_001 + index,
        female,
        sex,
        first: names::first(dice),
        middle: dice.chance(0.7).then(|| names::first(dice)),
        last: names::last(hispanic, races == ASIAN, dice),
        suffix: if !female && dice.chance(0.02) { dice.pick(&["Jr", "III", "II"]) } else { "" },
        birth,
        hispanic,
        races,
        language: "en",
        first_us_date: None,
        grade,
        grade9: year9,
        enabled,
        ability: 0.68 * dice.normal(),
        circumstances: 0,
        spoil: RowFault::Nothing,
        missing: None,
        state_id_of: 1_000_001 + index,
    };
    (student, rows)
}

/// Generates the circumstances and their statuses.
fn circumstances(plan: &Plan, record: &mut Record, dice: &mut Dice) {
    let Some(home) = record.enrollments.last() else { return };
    let poverty = plan.schools[home.school as usize].poverty;
    let returning = record.enrollments[0].year < plan.year;
    let graduated = home.year < plan.year;
    let end = graduated.then(|| home.year.end());
    let student = &mut record.student;
    let grade = f64::from(student.grade);
    let asian = student.races & ASIAN != 0;

    let lean = if student.hispanic || student.races == BLACK {
        0.06
    } else if student.races == WHITE || asian {
        -0.06
    } else {
        0.0
    };
    let frl = dice.chance(poverty + lean);
    let learner = dice.chance(
        (0.155 - 0.008 * grade)
            * if student.hispanic {
                2.4
            } else if asian {
                1.6
            } else {
                0.3
            }
            * if frl { 1.25 } else { 0.7 },
    );
    let iep = dice.chance((if student.female { 0.10 } else { 0.185 }) * if frl { 1.15 } else { 0.85 });
    let drawn = [
        (StatusKind::Frl, frl),
        (StatusKind::EnglishLearner, learner),
        (StatusKind::Iep, iep),
        (StatusKind::S504, !iep && dice.chance(0.03)),
        (StatusKind::Homeless, dice.chance(if frl { 0.043 } else { 0.003 })),
        (StatusKind::Foster, dice.chance(0.005)),
        (StatusKind::Migrant, dice.chance(if frl { 0.008 } else { 0.001 })),
        (StatusKind::Military, dice.chance(0.02)),
        (StatusKind::Gifted, dice.chance(if student.ability > 0.95 { 0.6 } else { 0.02 })),
    ];
    if learner {
        student.language = match (student.hispanic, asian) {
            (true, _) => "es",
            (_, true) => dice.pick(&["zh", "vi", "ko", "hmn", "hi"]),
            _ => dice.pick(&["ar", "so", "ru", "pt", "ht"]),
        };
        if dice.chance(0.4) {
            student.first_us_date = Some(record.enrollments[0].entry);
        }
    }
    let this_year = plan.year.begin();
    let first_year = record.enrollments[0].year.begin();
    for (kind, has) in drawn {
        let status = |value, begin, end| Status {
            kind,
            value,
            begin,
            end,
            disability: "",
            inferred: false,
            spoil: RowFault::Nothing,
        };
        if has {
            student.circumstances |= 1 << kind as u16;
            let mut row = status("yes", first_year, end);
            match kind {
                StatusKind::Frl => {
                    row.value = dice.weighted(&[("free", 50), ("direct_cert", 34), ("reduced", 16)]);
                    // Eligibility is determined every year, and the value changes with household income.
                    if returning && !graduated && dice.chance(0.25) {
                        let before = if row.value == "reduced" { "free" } else { "reduced" };
                        record.statuses.push(status(before, first_year, Some(this_year)));
                        row.begin = this_year;
                    }
                }
                StatusKind::EnglishLearner => row.value = "el_current",
                StatusKind::Iep => {
                    row.disability = dice.weighted(&[
                        ("specific_learning_disability", 32),
                        ("speech_language", 19),
                        ("other_health_impairment", 15),
                        ("autism", 13),
                        ("developmental_delay", 7),
                        ("intellectual_disability", 6),
                        ("emotional_disturbance", 5),
                        ("multiple_disabilities", 3),
                    ]);
                }
                StatusKind::Military => row.inferred = true,
                // Identified during the year, or over before its end.
                StatusKind::Homeless if !graduated && dice.chance(0.3) => {
                    row.begin = plan.first_day.plus(dice.between(0, plan.day.since(plan.first_day)));
                }
                _ => {}
            }
            record.statuses.push(row);
        } else if returning
            && !graduated
            && dice.chance(if matches!(kind, StatusKind::Frl | StatusKind::Homeless) { 0.04 } else { 0.004 })
        {
            // A circumstance of last year that has ended.
            let value = match kind {
                StatusKind::Frl => "reduced",
                StatusKind::EnglishLearner => "el_current",
                _ => "yes",
            };
            record.statuses.push(status(value, first_year, Some(this_year)));
            if kind == StatusKind::EnglishLearner {
                record.statuses.push(status("el_monitor1", this_year, None));
            }
        }
    }
}

impl Record {
    fn write<W: Write>(&self, plan: &Plan, list: &[Assessment], sheets: &mut Sheets<W>) -> io::Result<()> {
        let student = &self.student;
        let missing = |what| student.missing == Some(what);
        for copy in 0..if student.spoil == RowFault::Twice { 2 } else { 1 } {
            let row = &mut sheets.student;
            row.show(student.id);
            match missing(Missing::StateId) {
                true => row.none(1),
                false => row.show(state_student_id(student.state_id_of)),
            };
            row.text(names::first_name(student.female, student.first));
            match student.middle {
                _ if student.spoil == RowFault::Placeholder => row.text("N/A"),
                // The second of two rows with one key omits the middle name.
                Some(middle) if copy == 0 => row.text(names::first_name(student.female, middle)),
                _ if copy == 1 && student.middle.is_none() => row.text("X"),
                _ => row.none(1),
            };
            let last = names::LAST[student.last as usize];
            match student.spoil {
                RowFault::OddCharacter => row.show(format_args!("{last}\u{200b}")),
                RowFault::Digit => row.show(format_args!("{last}1")),
                _ => row.text(last),
            };
            row.text(student.suffix);
            row.maybe_date((!missing(Missing::BirthDate)).then_some(student.birth));
            row.text(match student.sex {
                _ if missing(Missing::Sex) => "",
                _ if student.spoil == RowFault::UnknownCode => "Q7",
                sex => sex,
            });
            match missing(Missing::Race) {
                true => row.none(1),
                false => row.flag(student.hispanic),
            };
            let mut races = String::new();
            for (bit, race) in RACES.into_iter().enumerate() {
                if student.races >> bit & 1 == 1 && !missing(Missing::Race) {
                    if !races.is_empty() {
                        races.push(';');
                    }
                    races.push_str(race);
                }
            }
            if student.spoil == RowFault::UnknownMember {
                races.push_str(if races.is_empty() { "R77" } else { ";R77" });
            }
            row.text(&races)
                .flag(student.races == 0 && !missing(Missing::Race))
                .text(student.language)
                .maybe_date(student.first_us_date);
            row.maybe(student.grade9).text(GRADES[student.grade as usize]).flag(student.enabled).end()?;
        }
        for (index, enrollment) in self.enrollments.iter().enumerate() {
            for copy in 0..if enrollment.spoil == RowFault::Twice { 2 } else { 1 } {
                let row = &mut sheets.school_enrollment;
                row.show(format_args!("{}-{}", student.id, index + 1));
                match enrollment.spoil {
                    RowFault::Orphan => row.show(format_args!("{}9", student.id)),
                    _ => row.show(student.id),
                };
                match enrollment.spoil {
                    RowFault::Dangling => row.show(format_args!("X{}", student.id)),
                    _ => row.show(school_id(enrollment.school)),
                };
                row.show(enrollment.year.0).text(GRADES[enrollment.grade as usize]).date(enrollment.entry);
                let unknown = enrollment.spoil == RowFault::UnknownCode;
                row.text(if unknown && enrollment.exit.is_none() { "E77" } else { enrollment.entry_type });
                row.maybe_date(enrollment.exit);
                row.text(match enrollment.spoil {
                    RowFault::UnknownCode if enrollment.exit.is_some() => "W77",
                    RowFault::RetiredExitCode(which) => LAPSED_EXITS[which as usize],
                    _ => enrollment.exit_type,
                });
                row.none(1).text(enrollment.status).fraction(if copy == 0 { 10_000 } else { 5_000 });
                match enrollment.names_calendar && enrollment.school != plan.closed {
                    true => row.text(&calendar_id(enrollment.school, enrollment.year)),
                    false => row.none(1),
                };
                row.none(1);
                row.flag(enrollment.no_show).flag(enrollment.repeating);
                row.show(enrollment.year.0 + u16::from(12 - enrollment.grade)).flag(false).end()?;
            }
        }
        for (index, status) in self.statuses.iter().enumerate() {
            let row = &mut sheets.student_status;
            row.show(format_args!("{}-{}-{}", student.id, status.kind.code(), index + 1));
            match status.spoil {
                RowFault::Dangling => row.show(format_args!("{}9", student.id)),
                _ => row.show(student.id),
            };
            row.text(DISTRICT).text(status.kind.code());
            match status.spoil {
                RowFault::UnknownCode => row.text("V77"),
                RowFault::Missing(0) => row.none(1),
                _ => row.text(status.value),
            };
            match status.spoil {
                RowFault::Unreadable => row.show(format_args!("{}-13-01", status.begin.to_ymd().0)),
                RowFault::Missing(1) => row.none(1),
                _ => row.date(status.begin),
            };
            row.maybe_date(status.end).text(status.disability).flag(status.inferred).end()?;
        }
        for result in &self.results {
            testing::write_result(list, student, result, sheets)?;
        }
        rosters::write(plan, student.id, &self.rosters, sheets)?;
        programs::write_participations(plan, student, &self.programs, sheets)
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
