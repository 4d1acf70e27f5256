//! Students: who they are, where they are enrolled, what their circumstances are.
//!
//! One student is drawn, given a fault if one is due, written and forgotten before the next, so memory does
//! not grow with the district.

use super::dice::Dice;
use super::faults::{Answers, Deal, Spoil, StudentFault};
use super::names;
use super::schools::{DISTRICT, GRADES, Level, Plan, school_day, school_id};
use super::sheet::Sheets;
use super::testing::{self, Assessment, TestResult};
use crate::model::date::{Date, SchoolYear};
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
    fn code(self) -> &'static str {
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

/// Race codes; a student's races are a set of bits over them.
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
    birth: Date,
    hispanic: bool,
    races: u8,
    language: &'static str,
    first_us_date: Option<Date>,
    grade: u8,
    grade9: Option<u16>,
    enabled: bool,
    /// The general part of the ability that shows in scores, in standard deviations.
    pub(super) ability: f64,
    /// The circumstances of this year, as bits over [`StatusKind`].
    circumstances: u16,
    spoil: Spoil,
}

impl Student {
    /// Whether the student has this circumstance.
    pub(super) fn has(&self, kind: StatusKind) -> bool {
        self.circumstances >> kind as u16 & 1 == 1
    }
}

/// A membership of a school.
#[derive(Clone)]
pub(super) struct Enrollment {
    pub(super) school: u32,
    pub(super) year: SchoolYear,
    pub(super) grade: u8,
    pub(super) entry: Date,
    entry_type: &'static str,
    pub(super) exit: Option<Date>,
    exit_type: &'static str,
    status: &'static str,
    no_show: bool,
    repeating: bool,
    spoil: Spoil,
}

impl Enrollment {
    /// Whether it counts as the student's school on that day.
    fn is_active(&self, day: Date) -> bool {
        !self.no_show && self.entry <= day && self.exit.is_none_or(|exit| day < exit)
    }
}

/// A status over time.
struct Status {
    kind: StatusKind,
    value: &'static str,
    begin: Date,
    end: Option<Date>,
    disability: &'static str,
    inferred: bool,
    spoil: Spoil,
}

/// Who is where on the day of the extract: what staffing goes by.
pub(super) struct Tally {
    /// Students by school and grade.
    pub(super) heads: Vec<[u32; 13]>,
}

/// One student with all rows, reused for the next.
struct Record {
    student: Student,
    enrollments: Vec<Enrollment>,
    statuses: Vec<Status>,
    results: Vec<TestResult>,
}

/// Writes all students; gives the headcounts that result.
pub(super) fn write<W: Write>(
    plan: &Plan,
    students: u32,
    seed: u64,
    list: &[Assessment],
    sheets: &mut Sheets<W>,
    answers: &mut Answers,
) -> io::Result<Tally> {
    let mut dice = Dice::new(seed, 2);
    // Faults have draws of their own, so that the rest of the district is the same with and without them.
    let mut fault_dice = Dice::new(seed, 3);
    let mut planter = (!plan.unstaffed.is_empty()).then(|| Planter {
        plan,
        list,
        deal: Deal::new(&StudentFault::ALL, students, 4),
        seats: (plan.unstaffed.end - plan.unstaffed.start) * SEATS,
    });
    let mut tally = Tally { heads: vec![[0; 13]; plan.schools.len()] };
    let mut results = Vec::new();
    for index in 0..students {
        let (student, enrollments) = enroll(plan, index, &mut dice);
        let mut record = Record { student, enrollments, statuses: Vec::new(), results };
        circumstances(plan, &mut record, &mut dice);
        testing::results(plan, list, &record.student, &record.enrollments, &mut dice, &mut record.results);
        if let Some(planter) = &mut planter {
            planter.plant(&mut record, answers, &mut fault_dice);
        }
        for (index, row) in record.enrollments.iter().enumerate() {
            // A school counts a student once, however often enrolled.
            let again = record.enrollments[..index].iter().any(|other| other.school == row.school && other.counts(plan.day));
            if row.counts(plan.day) && !again {
                tally.heads[row.school as usize][row.grade as usize] += 1;
            }
        }
        record.write(list, sheets)?;
        results = record.results;
    }
    Ok(tally)
}

impl Enrollment {
    /// Whether it adds to its school's headcount.
    fn counts(&self, day: Date) -> bool {
        self.status == "primary" && self.is_active(day)
    }
}

/// Chance in per mille of repeating a grade.
const REPEATS: [u32; 13] = [23, 31, 24, 15, 8, 5, 6, 7, 6, 70, 50, 40, 30];

/// Draws a student and the enrollments.
fn enroll(plan: &Plan, index: u32, dice: &mut Dice) -> (Student, Vec<Enrollment>) {
    const GRADUATED: u8 = 13;
    #[rustfmt::skip]
    const COHORTS: [(u8, u32); 14] = [
        (0, 70), (1, 72), (2, 72), (3, 72), (4, 72), (5, 72), (6, 72), (7, 72), (8, 72), (9, 80), (10, 75), (11, 70), (12, 68),
        (GRADUATED, 61),
    ];
    let cohort = dice.weighted(&COHORTS);
    let graduated = cohort == GRADUATED;
    let grade = cohort.min(12);
    let level = Level::of(grade);
    let school = plan.any_school(level, dice);
    let (lowest, _) = level.grades();
    let repeating = !graduated && dice.chance(f64::from(REPEATS[grade as usize]) / 1000.0);
    let returning = graduated || repeating || (grade > 0 && dice.chance(0.93));

    let mut rows = Vec::with_capacity(4);
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
        spoil: Spoil::Nothing,
    };
    if returning {
        let (before, stays) = if graduated || repeating { (grade, true) } else { (grade - 1, grade > lowest) };
        let from = if !stays {
            plan.feeder(school, dice)
        } else if dice.chance(0.92) || plan.of_level(level).len() == 1 {
            school
        } else {
            plan.other_school(school, dice)
        };
        let entry_type = if before == 0 && !repeating { "new_to_system" } else { "promotion" };
        let mut last = row(from, plan.previous(), before, plan.previous_first_day, entry_type);
        last.exit = Some(plan.previous_last_day);
        last.exit_type = if graduated { "graduated" } else { "end_of_year" };
        rows.push(last);
    }
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
            // In-year moves: within the district where there is a school to move to, else out of it.
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
                rows.push(current);
            } else {
                current.exit = None;
                rows.push(current);
            }
        } else {
            rows.push(current);
        }
    }

    // Ages: a repeater is a year older than the grade, and some have repeated before.
    let mut extra = i64::from(repeating);
    extra += i64::from(extra < 1 && grade > 0 && dice.chance(0.015 + 0.008 * f64::from(grade)));
    extra += i64::from(grade > 2 && extra == 1 && dice.chance(0.06));
    // The grade was reached a year ago by those who have graduated.
    let years = 5 + i64::from(grade) + extra + i64::from(graduated);
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
    let year9 = (grade > 8).then(|| plan.year.0 - u16::from(graduated) - u16::from(grade - 9) - u16::from(repeating));
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
        spoil: Spoil::Nothing,
    };
    (student, rows)
}

/// Draws the circumstances and their statuses.
fn circumstances(plan: &Plan, record: &mut Record, dice: &mut Dice) {
    let Some(home) = record.enrollments.last() else { return };
    let poverty = plan.schools[home.school as usize].poverty;
    let returning = record.enrollments[0].year < plan.year;
    let graduated = home.year < plan.year;
    let end = graduated.then(|| plan.year.begin());
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
    let first_year = if returning { plan.previous().begin() } else { this_year };
    for (kind, has) in drawn {
        let status =
            |value, begin, end| Status { kind, value, begin, end, disability: "", inferred: false, spoil: Spoil::Nothing };
        if has {
            student.circumstances |= 1 << kind as u16;
            let mut row = status("yes", first_year, end);
            match kind {
                StatusKind::Frl => {
                    row.value = dice.weighted(&[("free", 50), ("direct_cert", 34), ("reduced", 16)]);
                    // Eligibility is looked at every year, and the value changes with the household's income.
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
                // Found out in the course of the year, or over before its end.
                StatusKind::Homeless if !graduated && dice.chance(0.3) => {
                    row.begin = plan.first_day.plus(dice.between(0, plan.day.since(plan.first_day)));
                }
                _ => {}
            }
            record.statuses.push(row);
        } else if returning && dice.chance(if matches!(kind, StatusKind::Frl | StatusKind::Homeless) { 0.04 } else { 0.004 })
        {
            // Last year's circumstance, which has ended.
            let value = match kind {
                StatusKind::Frl => "reduced",
                StatusKind::EnglishLearner => "el_current",
                _ => "yes",
            };
            record.statuses.push(status(value, first_year, Some(this_year)));
            if kind == StatusKind::EnglishLearner && !graduated {
                record.statuses.push(status("el_monitor1", this_year, None));
            }
        }
    }
}

impl Record {
    fn write<W: Write>(&self, list: &[Assessment], sheets: &mut Sheets<W>) -> io::Result<()> {
        let student = &self.student;
        for copy in 0..if student.spoil == Spoil::Twice { 2 } else { 1 } {
            let row = &mut sheets.student;
            row.show(student.id).show(format_args!("4{:09}", state_number(student.id)));
            row.text(names::first_name(student.female, student.first));
            match student.middle {
                // The second of two rows with one key has lost the middle name.
                Some(middle) if copy == 0 => row.text(names::first_name(student.female, middle)),
                _ if copy == 1 && student.middle.is_none() => row.text("X"),
                _ => row.none(1),
            };
            row.text(names::LAST[student.last as usize]).text(student.suffix).date(student.birth);
            row.text(if student.spoil == Spoil::UnknownCode { "Q7" } else { student.sex }).flag(student.hispanic);
            let mut races = String::new();
            for (bit, race) in RACES.into_iter().enumerate() {
                if student.races >> bit & 1 == 1 {
                    if !races.is_empty() {
                        races.push(';');
                    }
                    races.push_str(race);
                }
            }
            if student.spoil == Spoil::UnknownMember {
                races.push_str(if races.is_empty() { "R77" } else { ";R77" });
            }
            row.text(&races).flag(student.races == 0).text(student.language).maybe_date(student.first_us_date);
            row.maybe(student.grade9).text(GRADES[student.grade as usize]).flag(student.enabled).end()?;
        }
        for (index, enrollment) in self.enrollments.iter().enumerate() {
            for copy in 0..if enrollment.spoil == Spoil::Twice { 2 } else { 1 } {
                let row = &mut sheets.school_enrollment;
                row.show(format_args!("{}-{}", student.id, index + 1)).show(student.id);
                match enrollment.spoil {
                    Spoil::Dangling => row.show(format_args!("X{}", student.id)),
                    _ => row.show(school_id(enrollment.school)),
                };
                row.show(enrollment.year.0).text(GRADES[enrollment.grade as usize]).date(enrollment.entry);
                let unknown = enrollment.spoil == Spoil::UnknownCode;
                row.text(if unknown && enrollment.exit.is_none() { "E77" } else { enrollment.entry_type });
                row.maybe_date(enrollment.exit);
                row.text(if unknown && enrollment.exit.is_some() { "W77" } else { enrollment.exit_type });
                row.none(1).text(enrollment.status).fraction(10_000).text(if copy == 0 { "" } else { "ALT" }).none(1);
                row.flag(enrollment.no_show).flag(enrollment.repeating);
                row.show(enrollment.year.0 + u16::from(12 - enrollment.grade)).flag(false).end()?;
            }
        }
        for (index, status) in self.statuses.iter().enumerate() {
            let row = &mut sheets.student_status;
            row.show(format_args!("{}-{}-{}", student.id, status.kind.code(), index + 1));
            match status.spoil {
                Spoil::Dangling => row.show(format_args!("{}9", student.id)),
                _ => row.show(student.id),
            };
            row.text(DISTRICT).text(status.kind.code());
            match status.spoil {
                Spoil::UnknownCode => row.text("V77"),
                Spoil::Missing(0) => row.none(1),
                _ => row.text(status.value),
            };
            match status.spoil {
                Spoil::Unreadable => row.show(format_args!("{}-13-01", status.begin.to_ymd().0)),
                Spoil::Missing(1) => row.none(1),
                _ => row.date(status.begin),
            };
            row.maybe_date(status.end).text(status.disability).flag(status.inferred).end()?;
        }
        for result in &self.results {
            testing::write_result(list, student, result, sheets)?;
        }
        Ok(())
    }
}

/// A nine-digit number that no two students share: multiplication modulo a prime.
fn state_number(id: u32) -> u64 {
    u64::from(id) * 48_271 % 999_999_937
}

/// Whether a birth date is implausible for an enrollment: rule ENR-011, whose findings a wrong birth date causes.
fn age_is_implausible(birth: Date, row: &Enrollment) -> bool {
    let days = row.year.first_of_september().since(birth);
    let grade = i64::from(row.grade);
    days >= 0 && (4 * days < 1461 * (4 + grade) || 8 * days > 1461 * (17 + 2 * grade))
}

/// Students that a school without teachers gets.
const SEATS: u32 = 4;

/// Gives students their faults.
struct Planter<'a> {
    plan: &'a Plan,
    list: &'a [Assessment],
    deal: Deal<StudentFault>,
    /// Places left in schools without teachers.
    seats: u32,
}

impl Planter<'_> {
    /// Plants the fault that is due, if the student can carry it, and notes every finding that follows.
    fn plant(&mut self, record: &mut Record, answers: &mut Answers, dice: &mut Dice) {
        let plan = self.plan;
        let day = plan.day;
        let last = record.enrollments.len() - 1;
        let current = &record.enrollments[last];
        // Enrolled today, for weeks, by the only row of this year: what the faults of enrollment start from.
        let settled = current.is_active(day) && current.entry == plan.first_day && last <= 1;
        let returning = record.enrollments[0].year < plan.year;
        let scored = record.results.iter().rposition(|result| result.score.is_some());
        let full = returning && settled && scored.is_some() && !record.statuses.is_empty();
        let elementary = current.grade < 6;
        let seats = self.seats;
        let due = self.deal.next(|fault| match fault {
            StudentFault::TwoSchools
            | StudentFault::TwiceAtSchool
            | StudentFault::PrimaryTwice
            | StudentFault::StaleGrade => settled,
            StudentFault::ExitBeforeEntry => returning,
            StudentFault::HalfExit => returning && settled,
            StudentFault::WrongAge => true,
            StudentFault::GoneButEnabled => !record.student.enabled,
            StudentFault::ScoreOffScale => scored.is_some(),
            StudentFault::UnreadableRow
            | StudentFault::MissingValue
            | StudentFault::UnknownCode
            | StudentFault::Dangling
            | StudentFault::SameKeyTwice => full,
            StudentFault::NoTeacher => settled && elementary && seats > 0,
        });
        let Some((fault, number)) = due else { return };
        let id = record.student.id;
        let enrollment = |index: usize| format!("{id}-{}", index + 1);
        // The status and the result that a row fault falls on.
        let status = record.statuses.first().map(|status| format!("{id}-{}-1", status.kind.code())).unwrap_or_default();
        let result =
            scored.map(|index| testing::result_key(self.list, &record.student, &record.results[index])).unwrap_or_default();
        let spoil_status = |record: &mut Record, spoil| record.statuses[0].spoil = spoil;
        let spoil_result = |record: &mut Record, spoil| {
            if let Some(index) = scored {
                record.results[index].spoil = spoil;
            }
        };
        match fault {
            StudentFault::TwoSchools => {
                let from = &mut record.enrollments[last];
                let mut second = from.clone();
                second.school = plan.other_school(from.school, dice);
                second.entry = school_day(from.entry.plus(dice.between(7, day.since(from.entry) - 7)), day);
                second.entry_type = "transfer_in_district";
                // The old school closes its row too late, or not at all.
                let exit = second.entry.plus(dice.between(3, 30));
                if number % 2 == 0 && exit <= day {
                    from.exit = Some(exit);
                    from.exit_type = "transfer_in_district";
                }
                record.enrollments.push(second);
                answers.note("ENR-001", id.to_string());
            }
            StudentFault::TwiceAtSchool | StudentFault::PrimaryTwice => {
                let mut second = record.enrollments[last].clone();
                second.entry = school_day(second.entry.plus(dice.between(1, day.since(second.entry) - 7)), day);
                let subject = format!("{id}|{}", school_id(second.school));
                if fault == StudentFault::TwiceAtSchool {
                    second.status = "services_only";
                } else {
                    answers.note("ENR-001", id.to_string());
                }
                answers.note("ENR-002", subject);
                record.enrollments.push(second);
            }
            StudentFault::ExitBeforeEntry => {
                let row = &mut record.enrollments[0];
                row.exit = Some(row.entry.plus(-dice.between(1, 60)));
                answers.note("ENR-003", enrollment(0));
            }
            StudentFault::HalfExit => {
                let index = match number % 3 {
                    0 => {
                        record.enrollments[0].exit_type = "";
                        0
                    }
                    1 => {
                        record.enrollments[last].exit_type = "transfer_out_public";
                        last
                    }
                    _ => {
                        record.enrollments[0].exit_type = "unknown";
                        0
                    }
                };
                answers.note("ENR-004", enrollment(index));
            }
            StudentFault::WrongAge => {
                // A decade too old or four years too young.
                let (year, month, day) = record.student.birth.to_ymd();
                let shift = if number.is_multiple_of(2) { -10 } else { 4 };
                record.student.birth = Date::ymd(year + shift, month, day.min(28)).unwrap_or(record.student.birth);
                for (index, row) in record.enrollments.iter().enumerate() {
                    if age_is_implausible(record.student.birth, row) {
                        answers.note("ENR-011", enrollment(index));
                    }
                }
            }
            StudentFault::GoneButEnabled => {
                record.student.enabled = true;
                answers.note("ENR-013", id.to_string());
            }
            StudentFault::StaleGrade => {
                let grade = record.student.grade;
                record.student.grade = if grade == 0 { 1 } else { grade - 1 };
                answers.note("ENR-025", id.to_string());
            }
            StudentFault::ScoreOffScale => {
                let Some(index) = scored else { return };
                let row = &mut record.results[index];
                let (low, high) = self.list[row.assessment].score;
                // A digit too many, or a placeholder for "no score".
                (row.score, row.level) = match number % 3 {
                    0 => (row.score.map(|score| score * 10), 4),
                    1 => (Some(high + 1), 4),
                    _ => (Some((low - 1).min(dice.between(-1, 1) as i32)), 0),
                };
                answers.note("ASM-001", result);
            }
            StudentFault::UnreadableRow if number.is_multiple_of(2) => {
                spoil_result(record, Spoil::Unreadable);
                answers.note("REF-003", format!("assessment_result|{result}"));
            }
            StudentFault::UnreadableRow => {
                spoil_status(record, Spoil::Unreadable);
                answers.note("REF-003", format!("student_status|{status}"));
            }
            StudentFault::MissingValue => {
                let column = number / 2 % 2;
                if number.is_multiple_of(2) {
                    spoil_result(record, Spoil::Missing(column));
                    let column = ["participation", "school_year"][column as usize];
                    answers.note("REF-004", format!("assessment_result|{result}|{column}"));
                } else {
                    spoil_status(record, Spoil::Missing(column));
                    let column = ["status_value", "begin_date"][column as usize];
                    answers.note("REF-004", format!("student_status|{status}|{column}"));
                }
            }
            StudentFault::UnknownCode => {
                let subject = match number % 6 {
                    0 => {
                        record.enrollments[0].spoil = Spoil::UnknownCode;
                        "ExitType|W77"
                    }
                    1 => {
                        record.student.spoil = Spoil::UnknownCode;
                        "Sex|Q7"
                    }
                    2 => {
                        record.student.spoil = Spoil::UnknownMember;
                        "RaceFlag|R77"
                    }
                    3 => {
                        record.enrollments[last].spoil = Spoil::UnknownCode;
                        "EntryType|E77"
                    }
                    4 => {
                        spoil_result(record, Spoil::UnknownCode);
                        "Participation|P77"
                    }
                    _ => {
                        spoil_status(record, Spoil::UnknownCode);
                        "StatusValue|V77"
                    }
                };
                // One finding for a code, however often it is used.
                if number < 6 {
                    answers.note("REF-005", subject.to_owned());
                }
            }
            StudentFault::Dangling => match number % 3 {
                0 => {
                    record.enrollments[0].spoil = Spoil::Dangling;
                    answers.note("REF-007", format!("school_enrollment|school_id|X{id}"));
                }
                1 => {
                    spoil_result(record, Spoil::Dangling);
                    answers.note("REF-007", format!("assessment_result|student_id|{id}9"));
                }
                _ => {
                    spoil_status(record, Spoil::Dangling);
                    answers.note("REF-007", format!("student_status|student_id|{id}9"));
                }
            },
            StudentFault::SameKeyTwice => match number % 3 {
                0 => {
                    record.student.spoil = Spoil::Twice;
                    answers.note("REF-009", format!("student|{id}"));
                }
                1 => {
                    spoil_result(record, Spoil::Twice);
                    answers.note("REF-009", format!("assessment_result|{result}"));
                }
                _ => {
                    record.enrollments[0].spoil = Spoil::Twice;
                    answers.note("REF-009", format!("school_enrollment|{}", enrollment(0)));
                }
            },
            StudentFault::NoTeacher => {
                self.seats -= 1;
                let school = plan.unstaffed.start + self.seats / SEATS;
                record.enrollments[last].school = school;
                for row in record.results.iter_mut().filter(|row| row.year == plan.year) {
                    row.school = school;
                }
            }
        }
    }
}
