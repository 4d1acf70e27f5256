//! Faults of students and of their rows, each with all resulting findings.
//!
//! Most enrollment faults affect the first of the years: a wrong row in a past year changes little else, and
//! [`Planter::follow`] determines what it does change from the rows as written.

use super::dice::Dice;
use super::faults::{Answers, Deal, RowFault, StudentFault};
use super::participation::Participation;
use super::programs::{self, program_id};
use super::schools::{LAPSED_EXITS, Level, Plan, school_day, school_id};
use super::students::{Record, age_is_implausible, state_student_id};
use super::testing::{self, Assessment};
use rollcall_model::date::Date;

/// What is omitted from a student row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    StateId,
    BirthDate,
    Sex,
    Race,
}

/// The number of students at a school without teachers.
const SEATS: u32 = 4;

/// Gives students their faults.
pub(super) struct Planter<'a> {
    plan: &'a Plan,
    list: &'a [Assessment],
    deal: Deal<StudentFault>,
    /// Remaining places at schools without teachers.
    seats: u32,
    /// The previous student, if the state id is stated and not yet shared.
    before: Option<u32>,
}

impl<'a> Planter<'a> {
    pub(super) fn new(plan: &'a Plan, list: &'a [Assessment], students: u32) -> Planter<'a> {
        let least = if students < 1_000 { 1 } else { 2 };
        let deal = Deal::new(&StudentFault::ALL, students, 7, least);
        Planter { plan, list, deal, seats: (plan.unstaffed.end - plan.unstaffed.start) * SEATS, before: None }
    }

    /// Plants the fault that is due, if the student can have it, and records its immediate findings. Returns the fault,
    /// for those that affect class enrollments only.
    pub(super) fn plant(
        &mut self,
        record: &mut Record,
        answers: &mut Answers,
        dice: &mut Dice,
    ) -> Option<(StudentFault, u32)> {
        let before = self.before.replace(record.student.id);
        let plan = self.plan;
        let day = plan.day;
        let last = record.enrollments.len() - 1;
        let current = &record.enrollments[last];
        // Currently enrolled, for weeks, by the only row of this year: the starting point of enrollment faults.
        let only = record.enrollments.iter().filter(|row| row.year == plan.year).count() == 1;
        let settled = current.is_active(day) && current.entry == plan.first_day && only;
        let returning = record.enrollments[0].year < plan.year;
        // An interim result: it does not affect state participation counts.
        let scored =
            record.results.iter().rposition(|result| result.score.is_some() && !self.list[result.assessment].summative);
        let full = returning && settled && scored.is_some() && !record.statuses.is_empty();
        let elementary = current.grade < 6;
        let seats = self.seats;
        let oldest = &record.enrollments[0];
        let first_year = oldest.year == plan.terms[0].year;
        let (low, high) = Level::of(oldest.grade).grades();
        let edge = first_year && (oldest.grade == low && low > 0 || oldest.grade == high && high < 12);
        let moved = record.enrollments.iter().position(|row| {
            row.year == plan.year
                && (row.exit.is_some_and(|exit| row.entry < exit && exit <= day) || row.entry > plan.first_day.plus(7))
        });
        let due_test = record.results.iter().position(|result| {
            let assessment = &self.list[result.assessment];
            assessment.is_over(plan) && self.expected(record, assessment).is_some()
        });
        let year_before = record.enrollments.iter().rposition(|row| row.year == plan.terms[1].year);
        let jump = year_before.filter(|_| settled).and_then(|index| {
            let (low, high) = Level::of(record.enrollments[index].grade).grades();
            let to = [i32::from(current.grade) + 1, i32::from(current.grade) - 2];
            let to = to.into_iter().find(|grade| (i32::from(low)..=i32::from(high)).contains(grade))?;
            let flagged = current.repeating;
            (!flagged).then_some((index, to as u8))
        });
        let (has_program, program_open) = (!record.programs.is_empty(), !record.student.enabled);
        let due = self.deal.next(|fault| match fault {
            StudentFault::TwoSchools => settled && plan.of_level(Level::of(current.grade)).len() > 1,
            StudentFault::TwiceAtSchool | StudentFault::PrimaryTwice | StudentFault::StaleGrade => settled,
            StudentFault::ExitBeforeEntry => returning,
            StudentFault::HalfExit => returning && settled,
            StudentFault::WrongAge | StudentFault::Incomplete | StudentFault::Placeholder | StudentFault::OddCharacter => {
                settled
            }
            StudentFault::GoneButEnabled => !record.student.enabled,
            StudentFault::LapsedCode => returning && oldest.exit_type == "end_of_year",
            // A single extreme score would hide the effect of a program with hundreds of students.
            StudentFault::ScoreOffScale => scored.is_some() && !has_program,
            StudentFault::LevelDisagrees | StudentFault::TestedTwice | StudentFault::TestedAway => scored.is_some(),
            StudentFault::UnreadableRow
            | StudentFault::MissingValue
            | StudentFault::UnknownCode
            | StudentFault::UnknownId
            | StudentFault::OrphanEnrollment
            | StudentFault::OrphanResult
            | StudentFault::SameKeyTwice => full,
            StudentFault::NoTeacher => settled && elementary && seats > 0,
            StudentFault::NeverClosed => current.year < plan.year,
            StudentFault::WrongYear | StudentFault::NoRoster | StudentFault::RosterTwice => settled,
            StudentFault::ClosedSchool => first_year && Level::of(oldest.grade) == Level::Elementary,
            StudentFault::WrongLevel => edge,
            StudentFault::RosterOutside => moved.is_some(),
            StudentFault::SharedStateId => before.is_some(),
            StudentFault::GradeJump => jump.is_some(),
            StudentFault::NotTested => due_test.is_some(),
            StudentFault::ProgramDates | StudentFault::ProgramTwice => has_program,
            StudentFault::ProgramOutside => program_open,
            StudentFault::StatusTwice => !record.statuses.is_empty(),
        });
        let (fault, number) = due?;
        let id = record.student.id;
        let enrollment = |index: usize| format!("{id}-{}", index + 1);
        // The status and the result that a row fault affects.
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
                self.note_ages(record, answers);
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
                let row = &mut record.results[scored?];
                let (low, high) = self.list[row.assessment].score;
                // One digit too many, or a placeholder for "no score".
                (row.score, row.level) = match number % 3 {
                    0 => (row.score.map(|score| score * 10), 4),
                    1 => (Some(high + 1), 4),
                    _ => (Some((low - 1).min(dice.between(-1, 1) as i32)), 0),
                };
                answers.note("ASM-001", result);
            }
            StudentFault::UnreadableRow if number.is_multiple_of(2) => {
                spoil_result(record, RowFault::Unreadable);
                answers.note("REF-003", format!("assessment_result|{result}"));
            }
            StudentFault::UnreadableRow => {
                spoil_status(record, RowFault::Unreadable);
                answers.note("REF-003", format!("student_status|{status}"));
            }
            StudentFault::MissingValue => {
                let column = number / 2 % 2;
                if number.is_multiple_of(2) {
                    spoil_result(record, RowFault::Missing(column));
                    let column = ["participation", "school_year"][column as usize];
                    answers.note("REF-004", format!("assessment_result|{result}|{column}"));
                } else {
                    spoil_status(record, RowFault::Missing(column));
                    let column = ["status_value", "begin_date"][column as usize];
                    answers.note("REF-004", format!("student_status|{status}|{column}"));
                }
            }
            StudentFault::UnknownCode => {
                let subject = match number % 6 {
                    0 => {
                        record.enrollments[0].spoil = RowFault::UnknownCode;
                        "ExitType|W77"
                    }
                    1 => {
                        record.student.spoil = RowFault::UnknownCode;
                        "Sex|Q7"
                    }
                    2 => {
                        record.student.spoil = RowFault::UnknownMember;
                        "RaceFlag|R77"
                    }
                    3 => {
                        record.enrollments[last].spoil = RowFault::UnknownCode;
                        "EntryType|E77"
                    }
                    4 => {
                        spoil_result(record, RowFault::UnknownCode);
                        "Participation|P77"
                    }
                    _ => {
                        spoil_status(record, RowFault::UnknownCode);
                        "StatusValue|V77"
                    }
                };
                // One finding per code, however often it is used.
                if number < 6 {
                    answers.note("REF-005", subject.to_owned());
                }
            }
            StudentFault::UnknownId if number.is_multiple_of(2) => {
                spoil_status(record, RowFault::UnknownId);
                answers.note("REF-007", format!("student_status|student_id|{id}9"));
            }
            StudentFault::OrphanEnrollment => {
                record.enrollments[0].spoil = if number.is_multiple_of(2) { RowFault::UnknownId } else { RowFault::Orphan };
                answers.note("ENR-012", enrollment(0));
            }
            StudentFault::OrphanResult => {
                spoil_result(record, if number.is_multiple_of(2) { RowFault::UnknownId } else { RowFault::Orphan });
                answers.note("ASM-005", result);
            }
            StudentFault::SameKeyTwice => match number % 3 {
                0 => {
                    record.student.spoil = RowFault::Twice;
                    answers.note("REF-009", format!("student|{id}"));
                }
                1 => {
                    spoil_result(record, RowFault::Twice);
                    answers.note("REF-009", format!("assessment_result|{result}"));
                }
                _ => {
                    record.enrollments[0].spoil = RowFault::Twice;
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
                for part in record.programs.iter_mut().filter(|part| part.term == 2) {
                    part.school = school;
                }
            }
            StudentFault::NeverClosed => {
                let row = &mut record.enrollments[last];
                (row.exit, row.exit_type) = (None, "");
                answers.note("ENR-005", enrollment(last));
            }
            StudentFault::WrongYear => {
                let (birth, row) = (record.student.birth, &mut record.enrollments[0]);
                let decade = |date: Date| {
                    let (year, month, day) = date.to_ymd();
                    Date::ymd(year - 10, month, day).unwrap_or(date)
                };
                if number.is_multiple_of(2) && returning && decade(row.entry) < birth {
                    // Entered a decade before, when the student was not born.
                    row.entry = decade(row.entry);
                    answers.note("ENR-008", enrollment(0));
                } else {
                    // The stated exit is next year.
                    let row = &mut record.enrollments[last];
                    row.exit = Some(school_day(day.plus(330 + dice.between(0, 40)), day.plus(400)));
                    row.exit_type = "transfer_out_public";
                    answers.note("ENR-008", enrollment(last));
                }
            }
            StudentFault::ClosedSchool => {
                record.enrollments[0].school = plan.closed;
                answers.note("ENR-009", enrollment(0));
            }
            StudentFault::WrongLevel => {
                let row = &mut record.enrollments[0];
                row.grade = if row.grade == low && low > 0 { low - 1 } else { high + 1 };
                answers.note("ENR-010", enrollment(0));
                self.note_ages(record, answers);
            }
            StudentFault::SharedStateId => {
                record.student.state_id_of = before?;
                self.before = None;
                answers.note("ENR-022", state_student_id(before?));
            }
            StudentFault::Incomplete => {
                let missing = [Missing::StateId, Missing::BirthDate, Missing::Sex, Missing::Race][number as usize % 4];
                record.student.missing = Some(missing);
                if missing == Missing::StateId {
                    self.before = None;
                }
                answers.note("ENR-024", id.to_string());
            }
            StudentFault::GradeJump => {
                let (index, grade) = jump?;
                record.enrollments[index].grade = grade;
                answers.note("ENR-026", id.to_string());
                self.note_ages(record, answers);
            }
            StudentFault::LevelDisagrees => {
                if number.is_multiple_of(2) {
                    let row = &mut record.results[scored?];
                    // One level up or, from the top, down; the stated proficiency matches the changed level.
                    let to = if row.level < 4 { row.level + 1 } else { 3 };
                    row.level = to;
                } else {
                    spoil_result(record, RowFault::Contradiction);
                }
                answers.note("ASM-003", result);
            }
            StudentFault::TestedTwice => {
                record.results[scored?].again = true;
                let row = &record.results[scored?];
                answers.note("ASM-004", format!("{id}|{}|{}", self.list[row.assessment].id(), row.year.0));
            }
            StudentFault::TestedAway => {
                // In the previous summer.
                let row = &mut record.results[scored?];
                row.date = row.year.begin().plus(7 + dice.between(0, 20));
            }
            StudentFault::NotTested => {
                let row = record.results.remove(due_test?);
                answers.note("ASM-009", format!("{id}|{}", self.list[row.assessment].id()));
            }
            StudentFault::ProgramDates => {
                let part = &mut record.programs[0];
                part.end = Some(part.begin.plus(-dice.between(0, 60)));
                answers.note("PRG-001", format!("{id}-P1"));
            }
            StudentFault::ProgramOutside => {
                record.programs.push(programs::astray(plan, record.enrollments[last].school));
                answers.note("PRG-002", format!("{id}-P{}", record.programs.len()));
            }
            StudentFault::ProgramTwice => {
                let part = record.programs[0];
                record.programs.push(part);
                answers.note("PRG-003", format!("{id}|{}", program_id(plan, &part)));
            }
            StudentFault::StatusTwice => {
                let status = record.statuses[0].clone();
                let (year, month, day) = status.begin.to_ymd();
                let kind = status.kind.code();
                answers.note("REF-008", format!("student_status|{id}|{kind}|{year}-{month:02}-{day:02}"));
                record.statuses.push(status);
            }
            StudentFault::LapsedCode => {
                let which = number % 2;
                record.enrollments[0].spoil = RowFault::RetiredExitCode(which);
                // One finding per code, however often it is used.
                if number < 2 {
                    answers.note("REF-006", format!("ExitType|{}", LAPSED_EXITS[which as usize]));
                }
            }
            StudentFault::Placeholder => {
                let column = if number.is_multiple_of(2) {
                    record.student.spoil = RowFault::Placeholder;
                    "middle_name"
                } else {
                    record.student.first_us_date = Date::ymd(1900, 1, 1);
                    "first_us_school_date"
                };
                answers.note("REF-017", format!("student|{id}|{column}"));
            }
            StudentFault::OddCharacter => {
                record.student.spoil = if number.is_multiple_of(2) { RowFault::OddCharacter } else { RowFault::Digit };
                answers.note("REF-018", format!("student|{id}|last_name"));
            }
            // Planted with the class enrollments.
            StudentFault::UnknownId | StudentFault::RosterOutside | StudentFault::NoRoster | StudentFault::RosterTwice => {}
        }
        Some((fault, number))
    }

    /// Plants the faults of class enrollments, once they exist.
    pub(super) fn plant_on_rosters(&self, record: &mut Record, due: Option<(StudentFault, u32)>, answers: &mut Answers) {
        let (plan, id) = (self.plan, record.student.id);
        let key = |index: usize, row: &super::rosters::Roster| format!("{id}-{:02}-{}", row.class.year.0 % 100, index + 1);
        match due {
            Some((StudentFault::UnknownId, number)) if number % 2 == 1 => {
                let Some(row) = record.rosters.first_mut() else { return };
                row.unknown_section = true;
                answers.note("REF-007", format!("section_enrollment|section_id|{}-X", row.class));
            }
            Some((StudentFault::RosterOutside, _)) => {
                // There before entering the school, or still there after leaving.
                let row = record
                    .rosters
                    .iter_mut()
                    .enumerate()
                    .find(|(_, row)| row.class.year == plan.year && (row.end.is_some() || row.begin > plan.first_day));
                let Some((index, row)) = row else { return };
                if row.end.is_some() {
                    row.end = None;
                } else {
                    row.begin = plan.first_day;
                }
                answers.note("ENR-014", key(index, row));
            }
            Some((StudentFault::NoRoster, number)) => {
                if number.is_multiple_of(2) {
                    record.rosters.retain(|row| row.class.year < plan.year);
                } else {
                    record.rosters.iter_mut().filter(|row| row.class.year == plan.year).for_each(|row| row.dropped = true);
                }
                let row = record.enrollments.iter().position(|row| row.year == plan.year).unwrap_or_default();
                answers.note("ENR-015", format!("{id}-{}", row + 1));
            }
            Some((StudentFault::RosterTwice, _)) => {
                let Some(&row) = record.rosters.last() else { return };
                record.rosters.push(row);
                answers.note("ENR-021", format!("{id}|{}", row.class));
            }
            _ => {}
        }
    }

    /// Records the findings that follow from the rows as they are, and counts who was expected to be tested this year.
    pub(super) fn follow(&self, record: &mut Record, answers: &mut Answers, written: &mut Participation) {
        let plan = self.plan;
        for (index, assessment) in self.list.iter().enumerate() {
            let Some(school) = self.expected(record, assessment).filter(|_| assessment.is_over(plan)) else { continue };
            let row = record.results.iter_mut().find(|row| row.assessment == index);
            let mut tested = false;
            if let Some(row) = row {
                // A box of answer sheets was lost.
                if plan.afflicts(school, 1) && record.student.id.is_multiple_of(6) {
                    (row.participation, row.score, row.level, row.accommodations) = ("other_not_tested", None, 0, "");
                }
                tested = row.participation == "tested";
            }
            let groups = record.student.groups(&record.statuses, assessment.window.0);
            written.count(index, school, &groups, tested);
        }
        for row in &record.results {
            let readable = matches!(row.spoil, RowFault::Nothing | RowFault::Twice | RowFault::Contradiction);
            let there = record.enrollments.iter().any(|enrollment| {
                let counts = enrollment.exit.is_none_or(|exit| enrollment.entry < exit);
                counts && enrollment.spoil != RowFault::Orphan && enrollment.is_active(row.date)
            });
            if readable && row.participation == "tested" && !there {
                answers.note("ASM-006", testing::result_key(self.list, &record.student, row));
            }
        }
    }

    /// The school that was expected to test a student: that of the primary enrollment on the first day of the window.
    fn expected(&self, record: &Record, assessment: &Assessment) -> Option<u32> {
        let on = assessment.window.0;
        let there = |row: &&super::students::Enrollment| {
            let readable = !matches!(row.spoil, RowFault::UnknownId | RowFault::Orphan);
            readable && row.year == self.plan.terms[assessment.term].year && row.is_membership() && row.is_active(on)
        };
        let row = record.enrollments.iter().filter(there).min_by_key(|row| (row.entry, school_id(row.school)))?;
        assessment.scale[row.grade as usize].map(|_| row.school)
    }

    /// Records the enrollments for which a birth date or grade is implausible.
    fn note_ages(&self, record: &Record, answers: &mut Answers) {
        for (index, row) in record.enrollments.iter().enumerate() {
            if age_is_implausible(record.student.birth, row) {
                answers.note("ENR-011", format!("{}-{}", record.student.id, index + 1));
            }
        }
    }
}
