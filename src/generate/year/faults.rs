//! Faults that arrive in the course of the year, are mostly repaired some days later, and are known beforehand.
//!
//! A fault spoils a few rows of somebody who is left alone from then on, and its repair puts the rows back as they were; so
//! the days on which its violations open and close are known when it is planted. Some wait for a day to come: a credential
//! that will soon expire, an exit that was announced.

use super::super::dice::Dice;
use super::super::schools::{DISTRICT, GRADES, Level, school_id};
use super::rows::{View, Wanted};
use super::windows::was_there;
use super::{FeedOptions, Task, Violation, Year};
use crate::model::Table;
use crate::model::date::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    NoStateId,
    StaleGrade,
    WrongAge,
    SharedStateId,
    StillEnabled,
    AnnouncedExit,
    HalfExit,
    TwoSchools,
    TwiceAtSchool,
    ExitBeforeEntry,
    NeverClosed,
    WrongYear,
    RosterOutside,
    RosterTwice,
    NoRoster,
    GradeJump,
    OrphanEnrollment,
    OrphanResult,
    DanglingStatus,
    StatusTwice,
    UnknownCode,
    Unreadable,
    Missing,
    ScoreOffScale,
    LevelDisagrees,
    TestedTwice,
    TestedAway,
    ProgramDates,
    ProgramOutside,
    ProgramTwice,
    StaffStateId,
    SharedLogin,
    SuffixInName,
    IncompleteCard,
    ExpiresSoon,
    NotValid,
    SharedNumber,
    NoAuthorization,
    Revoked,
    OrphanCredential,
    OrphanAssignment,
    OverAllocated,
    FteOutOfRange,
    NoFte,
    ContractLong,
    ContractShort,
    EndedEmployment,
    TwoPrimaries,
    AssignmentTwice,
    AssignmentOverlap,
    NoTeacher,
    TeacherTwice,
    TooFull,
    Saturday,
    SessionDates,
    CourseTwice,
}

/// Every kind with the fewest and most weekdays until it is repaired, and whether it always is: because more would follow
/// if it stayed.
const ALL: [(Kind, u32, u32, bool); 56] = [
    (Kind::NoStateId, 2, 20, false),
    (Kind::StaleGrade, 2, 20, false),
    (Kind::WrongAge, 2, 20, false),
    (Kind::SharedStateId, 2, 20, false),
    (Kind::StillEnabled, 2, 20, false),
    (Kind::AnnouncedExit, 14, 25, false),
    (Kind::HalfExit, 2, 20, false),
    (Kind::TwoSchools, 2, 5, true),
    (Kind::TwiceAtSchool, 2, 20, false),
    (Kind::ExitBeforeEntry, 2, 20, false),
    (Kind::NeverClosed, 2, 20, false),
    (Kind::WrongYear, 14, 20, true),
    (Kind::RosterOutside, 2, 20, false),
    (Kind::RosterTwice, 2, 20, false),
    (Kind::NoRoster, 26, 40, false),
    (Kind::GradeJump, 2, 20, false),
    (Kind::OrphanEnrollment, 2, 20, false),
    (Kind::OrphanResult, 2, 20, false),
    (Kind::DanglingStatus, 2, 20, false),
    (Kind::StatusTwice, 2, 20, false),
    (Kind::UnknownCode, 2, 20, false),
    (Kind::Unreadable, 1, 6, false),
    (Kind::Missing, 1, 6, false),
    (Kind::ScoreOffScale, 2, 20, false),
    (Kind::LevelDisagrees, 2, 20, false),
    (Kind::TestedTwice, 2, 20, false),
    (Kind::TestedAway, 2, 20, false),
    (Kind::ProgramDates, 2, 20, false),
    (Kind::ProgramOutside, 2, 20, false),
    (Kind::ProgramTwice, 2, 20, false),
    (Kind::StaffStateId, 2, 20, false),
    (Kind::SharedLogin, 2, 20, false),
    (Kind::SuffixInName, 2, 20, false),
    (Kind::IncompleteCard, 2, 20, false),
    (Kind::ExpiresSoon, 12, 30, true),
    (Kind::NotValid, 2, 20, false),
    (Kind::SharedNumber, 2, 20, false),
    (Kind::NoAuthorization, 2, 20, false),
    (Kind::Revoked, 1, 3, true),
    (Kind::OrphanCredential, 2, 20, false),
    (Kind::OrphanAssignment, 2, 20, false),
    (Kind::OverAllocated, 2, 20, false),
    (Kind::FteOutOfRange, 2, 20, false),
    (Kind::NoFte, 2, 20, false),
    (Kind::ContractLong, 2, 20, false),
    (Kind::ContractShort, 2, 20, false),
    (Kind::EndedEmployment, 2, 20, false),
    (Kind::TwoPrimaries, 2, 20, false),
    (Kind::AssignmentTwice, 2, 20, false),
    (Kind::AssignmentOverlap, 2, 20, false),
    (Kind::NoTeacher, 1, 8, true),
    (Kind::TeacherTwice, 2, 20, false),
    (Kind::TooFull, 2, 20, false),
    (Kind::Saturday, 2, 20, false),
    (Kind::SessionDates, 2, 20, false),
    (Kind::CourseTwice, 2, 20, false),
];

/// Plants faults on the days that are meant for them.
pub(super) struct Planter {
    dice: Dice,
    /// What is still to be planted: on which day of the feed at the earliest, which kind, and its number.
    queue: Vec<(usize, usize, u32)>,
    /// What the rows of the fault that is being planted were before.
    spoiled: Vec<Wanted>,
    /// Students whose state tests may still come late, by assessment.
    late: BTreeMap<usize, u32>,
    /// The groups that lack them, once the window has closed.
    failing: BTreeMap<usize, BTreeSet<String>>,
    copies: u32,
}

impl Planter {
    pub(super) fn new(options: &FeedOptions, days: usize) -> Planter {
        let mut dice = Dice::new(options.seed, 8);
        let copies = 1 + options.students / 2_000;
        let mut queue: Vec<(usize, usize, u32)> = Vec::new();
        for number in 0..copies {
            for kind in 0..ALL.len() {
                queue.push((1 + dice.below((days as u32 * 4 / 5).max(1)) as usize, kind, number));
            }
        }
        let (spoiled, late, failing) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Planter { dice, queue, spoiled, late, failing, copies }
    }

    /// Plants what is due today; what finds nobody to fall on is tried again tomorrow.
    pub(super) fn plant(&mut self, year: &mut Year<'_>) {
        let (due, later) = std::mem::take(&mut self.queue).into_iter().partition(|(index, ..)| *index <= year.index);
        self.queue = later;
        for (index, kind, number) in due {
            let (of, fewest, most, always) = ALL[kind];
            let lag = self.dice.between(i64::from(fewest), i64::from(most)) as usize;
            let stays = !always && self.dice.chance(0.2);
            let until = (year.index + lag < year.days.len() && !stays).then(|| year.days[year.index + lag]);
            if always && until.is_none() {
                continue;
            }
            self.spoiled.clear();
            match self.spoil(year, of, number, until) {
                Some(()) if until.is_some() => year.later(lag, Task::Edit(std::mem::take(&mut self.spoiled))),
                Some(()) => {}
                None => self.queue.push((index, kind, number)),
            }
        }
        self.look_at_windows(year);
    }

    /// Whether the next student who is invited to a state test comes too late.
    pub(super) fn is_late(&mut self, index: usize, over: Date, days: &[Date]) -> bool {
        let fits = days.last().is_some_and(|last| over.plus(2) <= *last);
        let late = self.late.entry(index).or_default();
        let chosen = fits && *late < self.copies && self.dice.chance(0.05);
        *late += u32::from(chosen);
        chosen
    }

    /// Notes the groups that lack those who come too late, when a window closes.
    fn look_at_windows(&mut self, year: &mut Year<'_>) {
        let next = year.days.get(year.index + 1).copied();
        let list = year.list;
        for (&index, _) in self.late.iter().filter(|(_, late)| **late > 0) {
            let over = list[index].window.1;
            if next.is_some_and(|next| year.day < over && over <= next) {
                let failing = year.failing(index);
                failing.iter().for_each(|subject| year.note("ASM-010", subject.clone(), over, None));
                self.failing.insert(index, failing.into_iter().collect());
            }
        }
    }

    /// A result of an assessment came in.
    pub(super) fn came(&mut self, year: &mut Year<'_>, index: usize) {
        let Some(failing) = self.failing.get_mut(&index).filter(|failing| !failing.is_empty()) else { return };
        let now: BTreeSet<String> = year.failing(index).into_iter().collect();
        let today = year.day;
        for closed in failing.difference(&now) {
            let is_it = |violation: &&mut Violation| violation.rule == "ASM-010" && violation.subject == *closed;
            year.violations.iter_mut().filter(is_it).for_each(|violation| violation.closed = Some(today));
        }
        *failing = now;
    }

    /// Changes cells of a row that is to be put back.
    fn set(&mut self, year: &mut Year<'_>, table: Table, key: &str, cells: &[(&str, &str)]) {
        self.spoiled.push(year.rows.copy(table, key));
        year.rows.set(table, key, cells);
    }

    /// Enters a row like another one, which is to go again; gives its key.
    fn enter(&mut self, year: &mut Year<'_>, table: Table, like: &str, cells: &[(&str, &str)]) -> String {
        let row = year.rows.like(table, like, cells);
        let key = row.1.clone();
        self.spoiled.push((table, key.clone(), None));
        year.rows.put(row);
        key
    }

    /// Plants one fault, if somebody can carry it; `until` is the day of its repair.
    fn spoil(&mut self, year: &mut Year<'_>, kind: Kind, number: u32, until: Option<Date>) -> Option<()> {
        let place = ALL.iter().position(|(of, ..)| *of == kind)?;
        let of_staff = ALL.iter().position(|(of, ..)| *of == Kind::StaffStateId)?;
        let of_sections = ALL.iter().position(|(of, ..)| *of == Kind::NoTeacher)?;
        match place {
            _ if place < of_staff => self.spoil_student(year, kind, number, until),
            _ if place < of_sections => self.spoil_staff(year, kind, until),
            _ => self.spoil_school(year, kind, number, until),
        }
    }

    fn spoil_student(&mut self, year: &mut Year<'_>, kind: Kind, number: u32, until: Option<Date>) -> Option<()> {
        use Table::{AssessmentResult, ProgramParticipation, SchoolEnrollment, SectionEnrollment, Student, StudentStatus};
        let (day, today) = (year.day, year.day.to_string());
        if kind == Kind::NeverClosed {
            return self.never_closed(year, until);
        }
        if kind == Kind::NoRoster {
            return self.no_roster(year, until);
        }
        let (student, enrollment) = year.settled()?;
        if matches!(kind, Kind::ProgramOutside | Kind::ProgramTwice) && year.is_mentored(&student) {
            return None;
        }
        let view = year.rows.get(SchoolEnrollment, &enrollment)?;
        let [school, grade] = ["school_id", "grade_level"].map(|column| view.text(column).to_owned());
        let rank = GRADES.iter().position(|known| *known == grade)? as u8;
        let next = year.fresh(SchoolEnrollment, &format!("{student}-"));
        let result = |of: &str| {
            let found = year.rows.of(AssessmentResult, &format!("{student}-INT-{}-", year.plan.year.0));
            let scored = |view: &View<'_>| !view.text("score").is_empty();
            found.filter(scored).last().map(|view| (view.key.to_owned(), view.text(of).to_owned()))
        };
        let calls = |view: View<'_>| view.key.to_owned();
        let status = year.rows.of(StudentStatus, &format!("{student}-")).next().map(calls);
        let hold = |year: &mut Year<'_>| year.held.insert(student.clone());
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::NoStateId => {
                self.set(year, Student, &student, &[("state_student_id", "")]);
                note(year, "ENR-024", &student);
            }
            Kind::StaleGrade => {
                let other = if rank == 0 { GRADES[1] } else { GRADES[rank as usize - 1] };
                self.set(year, Student, &student, &[("grade_level", other)]);
                note(year, "ENR-025", &student);
            }
            Kind::WrongAge => {
                let (born, month, date) = year.rows.get(Student, &student)?.date("birth_date")?.to_ymd();
                let birth = Date::ymd(born - 10, month, date.min(28))?;
                let wrong = year.implausible(&student, birth);
                self.set(year, Student, &student, &[("birth_date", &birth.to_string())]);
                wrong.iter().for_each(|enrollment| note(year, "ENR-011", enrollment));
            }
            Kind::SharedStateId => {
                let (other, _) = year.settled()?;
                let id = year.rows.get(Student, &other)?.text("state_student_id").to_owned();
                self.set(year, Student, &student, &[("state_student_id", &id)]);
                year.held.insert(other);
                note(year, "ENR-022", &id);
            }
            Kind::StillEnabled | Kind::HalfExit | Kind::RosterOutside | Kind::ProgramOutside => {
                let roster = year.open_rosters(&student).into_iter().next()?;
                year.leave(&student, &enrollment, day);
                year.rows.set(Student, &student, &[("is_enabled", "false")]);
                match kind {
                    Kind::StillEnabled => {
                        self.set(year, Student, &student, &[("is_enabled", "true")]);
                        note(year, "ENR-013", &student);
                    }
                    Kind::HalfExit => {
                        let reason = if number.is_multiple_of(2) { "" } else { "unknown" };
                        self.set(year, SchoolEnrollment, &enrollment, &[("exit_type", reason)]);
                        note(year, "ENR-004", &enrollment);
                    }
                    Kind::RosterOutside => {
                        self.set(year, SectionEnrollment, &roster, &[("end_date", "")]);
                        note(year, "ENR-014", &roster);
                    }
                    _ => {
                        let part = year.mentor(&student, &enrollment, None);
                        self.spoiled.push((ProgramParticipation, part.clone(), None));
                        note(year, "PRG-002", &part);
                    }
                }
            }
            Kind::AnnouncedExit => {
                // On the Saturday after next, and nobody switches the record off that day.
                let exit = day.plus(i64::from(6 + 7 - day.weekday()));
                year.leave(&student, &enrollment, exit);
                self.spoiled.push(year.rows.like(Student, &student, &[("is_enabled", "false")]));
                year.note("ENR-013", student.clone(), exit, until);
            }
            Kind::TwoSchools => {
                // Not while it is decided where somebody is tested.
                let near = |begin: Date| (-3..14).contains(&begin.since(day));
                if year.list.iter().any(|assessment| assessment.summative && near(assessment.window.0)) {
                    return None;
                }
                let other = year.other_school(&school, rank)?;
                let second = year.move_in(&student, &enrollment, &other, day);
                self.spoiled.push((SchoolEnrollment, second, None));
                note(year, "ENR-001", &student);
            }
            Kind::TwiceAtSchool => {
                let cells: [(&str, &str); 3] =
                    [("enrollment_id", &next), ("status", "services_only"), ("entry_date", &today)];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-002", &format!("{student}|{school}"));
            }
            Kind::ExitBeforeEntry => {
                let cells: [(&str, &str); 5] = [
                    ("enrollment_id", &next),
                    ("status", "services_only"),
                    ("entry_date", &today),
                    ("exit_date", &day.plus(-5).to_string()),
                    ("exit_type", "other"),
                ];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-003", &next);
            }
            Kind::WrongYear => {
                // Too far ahead to be planned; it stops being so when the day comes nearer.
                let exit = day.plus(45);
                let cells = [("exit_date", &*exit.to_string()), ("exit_type", "transfer_out_public")];
                self.set(year, SchoolEnrollment, &enrollment, &cells);
                for roster in year.open_rosters(&student) {
                    self.set(year, SectionEnrollment, &roster, &[("end_date", &exit.to_string())]);
                }
                year.note("ENR-008", enrollment.clone(), day, Some(exit.plus(-30)));
            }
            Kind::RosterTwice => {
                let roster = year.open_rosters(&student).into_iter().next()?;
                let section = year.section_of(&roster)?;
                let key = format!("{student}-{}-", year.short_year());
                let key = year.fresh(SectionEnrollment, &key);
                self.enter(year, SectionEnrollment, &roster, &[("section_enrollment_id", &key)]);
                note(year, "ENR-021", &format!("{student}|{section}"));
            }
            Kind::GradeJump => {
                let last = (year.plan.year.0 - 1).to_string();
                let of = |view: &View<'_>| view.text("school_year") == last && view.text("is_no_show") != "true";
                let before = year.rows.of(SchoolEnrollment, &format!("{student}-")).filter(of).map(calls).last()?;
                let was = year.rows.get(SchoolEnrollment, &before)?.text("grade_level").to_owned();
                let (low, high) = Level::of(GRADES.iter().position(|known| *known == was)? as u8).grades();
                let repeats = year.rows.get(SchoolEnrollment, &enrollment)?.text("is_repeating") == "true";
                let to = [i32::from(rank) + 1, i32::from(rank) - 2];
                let to = to.into_iter().find(|to| (i32::from(low)..=i32::from(high)).contains(to) && !repeats)?;
                let birth = year.rows.get(Student, &student)?.date("birth_date")?;
                self.set(year, SchoolEnrollment, &before, &[("grade_level", GRADES[to as usize])]);
                note(year, "ENR-026", &student);
                year.implausible(&student, birth).iter().for_each(|enrollment| note(year, "ENR-011", enrollment));
            }
            Kind::OrphanEnrollment => {
                let cells: [(&str, &str); 5] = [
                    ("enrollment_id", &next),
                    ("student_id", &format!("{student}9")),
                    ("entry_date", &day.plus(-5).to_string()),
                    ("exit_date", &day.plus(-2).to_string()),
                    ("exit_type", "transfer_out_public"),
                ];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-012", &next);
            }
            Kind::OrphanResult => {
                let (like, _) = result("score")?;
                let key = format!("{like}-X");
                let cells = [("result_id", &*key), ("student_id", &format!("{student}9"))];
                self.enter(year, AssessmentResult, &like, &cells);
                note(year, "ASM-005", &key);
            }
            Kind::DanglingStatus => {
                let key = year.begin_status(&student, "title1", "yes");
                self.spoiled.push((StudentStatus, key.clone(), None));
                year.rows.set(StudentStatus, &key, &[("student_id", &format!("{student}9"))]);
                note(year, "REF-007", &format!("student_status|student_id|{student}9"));
            }
            Kind::Unreadable | Kind::Missing => {
                let key = year.begin_status(&student, "title1", "yes");
                self.spoiled.push(year.rows.copy(StudentStatus, &key));
                if kind == Kind::Unreadable {
                    year.rows.set(StudentStatus, &key, &[("begin_date", "2026-13-01")]);
                    note(year, "REF-003", &format!("student_status|{key}"));
                } else {
                    year.rows.set(StudentStatus, &key, &[("status_value", "")]);
                    note(year, "REF-004", &format!("student_status|{key}|status_value"));
                }
            }
            Kind::StatusTwice => {
                let like = status?;
                let view = year.rows.get(StudentStatus, &like)?;
                let subject = format!("{student}|{}|{}", view.text("status_type"), view.text("begin_date"));
                self.enter(year, StudentStatus, &like, &[("status_id", &format!("{like}-B"))]);
                note(year, "REF-008", &format!("student_status|{subject}"));
            }
            Kind::UnknownCode => {
                let code = format!("E{}", 70 + number);
                self.set(year, SchoolEnrollment, &enrollment, &[("entry_type", &code)]);
                note(year, "REF-005", &format!("EntryType|{code}"));
            }
            Kind::ScoreOffScale => {
                let (key, _) = result("score")?;
                let cells: [(&str, &str); 3] = [("score", "999"), ("level_code", "L4"), ("is_proficient", "true")];
                self.set(year, AssessmentResult, &key, &cells);
                note(year, "ASM-001", &key);
            }
            Kind::LevelDisagrees => {
                let (key, proficient) = result("is_proficient")?;
                let other = if proficient == "true" { "false" } else { "true" };
                self.set(year, AssessmentResult, &key, &[("is_proficient", other)]);
                note(year, "ASM-003", &key);
            }
            Kind::TestedTwice => {
                let (key, test) = result("assessment_id")?;
                self.enter(year, AssessmentResult, &key, &[("result_id", &format!("{key}-B"))]);
                note(year, "ASM-004", &format!("{student}|{test}|{}", year.plan.year.0));
            }
            Kind::TestedAway => {
                let (key, _) = result("score")?;
                let summer = year.plan.year.begin().plus(10);
                if was_there(year, &student, summer) {
                    return None;
                }
                self.set(year, AssessmentResult, &key, &[("administration_date", &summer.to_string())]);
                note(year, "ASM-006", &key);
            }
            Kind::ProgramDates => {
                let part = year.mentor(&student, &enrollment, Some(day.plus(-4)));
                self.spoiled.push((ProgramParticipation, part.clone(), None));
                note(year, "PRG-001", &part);
            }
            Kind::ProgramTwice => {
                year.mentor(&student, &enrollment, None);
                let second = year.mentor(&student, &enrollment, None);
                self.spoiled.push((ProgramParticipation, second, None));
                note(year, "PRG-003", &format!("{student}|P-MENTOR"));
            }
            _ => return None,
        }
        hold(year);
        Some(())
    }

    /// An enrollment of a graduate is opened again.
    fn never_closed(&mut self, year: &mut Year<'_>, until: Option<Date>) -> Option<()> {
        for _ in 0..200 {
            let student = (1_000_001 + self.dice.below(year.next.0 - 1_000_001)).to_string();
            let of = year.rows.of(Table::SchoolEnrollment, &format!("{student}-"));
            let last = of.last().filter(|view| view.text("exit_type") == "graduated");
            let Some(key) = last.map(|view| view.key.to_owned()).filter(|_| !year.held.contains(&student)) else { continue };
            self.set(year, Table::SchoolEnrollment, &key, &[("exit_date", ""), ("exit_type", "")]);
            year.note("ENR-005", key, year.day, until);
            year.held.insert(student);
            return Some(());
        }
        None
    }

    /// Somebody new whose schedule is dropped; it is missed after ten days of instruction.
    fn no_roster(&mut self, year: &mut Year<'_>, until: Option<Date>) -> Option<()> {
        let (student, enrollment) = year.enroll()?;
        for roster in year.open_rosters(&student) {
            self.set(year, Table::SectionEnrollment, &roster, &[("is_dropped", "true")]);
        }
        let school = year.rows.get(Table::SchoolEnrollment, &enrollment)?.text("school_id").to_owned();
        let calendar = year.rows.of(Table::CalendarDay, &format!("CAL-{school}-{}/", year.plan.year.0));
        let taught = calendar.filter(|view| view.text("is_instructional") == "true").filter_map(|view| view.date("date"));
        let due = taught.filter(|date| *date >= year.day).nth(10);
        if let Some(due) = due {
            year.note("ENR-015", enrollment, due, until);
        }
        year.held.insert(student);
        Some(())
    }

    fn spoil_staff(&mut self, year: &mut Year<'_>, kind: Kind, until: Option<Date>) -> Option<()> {
        use Table::{Credential, Staff, StaffAssignment, StaffEmployment};
        let (day, today) = (year.day, year.day.to_string());
        let (staff, assignment) = year.worker()?;
        let employment = year.employment(&staff)?;
        let [role, org, fte] = ["role", "org_id", "fte"].map(|column| year.of_assignment(&assignment, column));
        let old = year.rows.get(StaffEmployment, &employment)?.date("hire_date")?.plus(40) < day;
        let helps = ["para_instructional", "school_admin_support", "operational"].contains(&&*role);
        let whole = fte == "1.0000" && helps && old && org != DISTRICT;
        let card = format!("K{staff}-1");
        let licensed = year.rows.get(Credential, &card).is_some();
        let leads = ["principal", "assistant_principal", "counselor", "librarian"].contains(&&*role);
        let second = year.fresh(StaffAssignment, &format!("{staff}-{}-", year.short_year()));
        let elsewhere = (0..year.plan.closed).map(|school| school_id(school).to_string()).find(|school| *school != org)?;
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::StaffStateId | Kind::SharedLogin | Kind::SharedNumber => {
                let (other, _) = year.worker()?;
                let theirs = format!("K{other}-1");
                if kind == Kind::SharedNumber && !(licensed && year.rows.get(Credential, &theirs).is_some()) {
                    return None;
                }
                match kind {
                    Kind::StaffStateId => {
                        let id = year.rows.get(Staff, &other)?.text("state_staff_id").to_owned();
                        self.set(year, Staff, &staff, &[("state_staff_id", &id)]);
                        note(year, "DUP-001", &id);
                    }
                    Kind::SharedLogin => {
                        let mail = year.rows.get(Staff, &other)?.text("email").to_owned();
                        self.set(year, Staff, &staff, &[("email", &mail)]);
                        let both = BTreeSet::from([&staff, &other]);
                        let both: Vec<&str> = both.into_iter().map(String::as_str).collect();
                        note(year, "DUP-004", &format!("dup:{}", both.join("+")));
                    }
                    _ => {
                        let number = year.rows.get(Credential, &theirs)?.text("credential_number").to_owned();
                        self.set(year, Credential, &card, &[("credential_number", &number)]);
                        note(year, "CRT-010", &format!("credential|ZZ|{number}"));
                    }
                }
                year.held.insert(other);
            }
            Kind::SuffixInName => {
                let last = format!("{} Jr", year.rows.get(Staff, &staff)?.text("last_name"));
                self.set(year, Staff, &staff, &[("last_name", &last)]);
                note(year, "DUP-009", &staff);
            }
            Kind::IncompleteCard if licensed => {
                self.set(year, Credential, &card, &[("level", "")]);
                note(year, "CRT-011", &card);
            }
            Kind::ExpiresSoon if licensed => {
                // On a Saturday: nothing comes in that day, and still the warning does.
                let opens = day.plus(i64::from(6 + 7 - day.weekday()));
                self.set(year, Credential, &card, &[("expiration_date", &opens.plus(90).to_string())]);
                year.note("CRT-003", card, opens, until);
            }
            Kind::NotValid if licensed && leads => {
                self.set(year, Credential, &card, &[("status", "pending")]);
                note(year, "CRT-002", &assignment);
            }
            Kind::NoAuthorization | Kind::Revoked if licensed && leads => {
                let key = year.fresh(Credential, &format!("K{staff}-"));
                let number = format!("ZZX{staff}{}", year.index);
                let cells: [(&str, &str); 4] = match kind {
                    Kind::Revoked => [
                        ("credential_id", &key),
                        ("credential_number", &number),
                        ("credential_type", "permit"),
                        ("status", "revoked"),
                    ],
                    _ => [
                        ("credential_id", &key),
                        ("credential_number", &number),
                        ("credential_type", "license"),
                        ("status", "active"),
                    ],
                };
                self.enter(year, Credential, &card, &cells);
                match kind {
                    Kind::Revoked => note(year, "CRT-012", &assignment),
                    _ => note(year, "CRT-014", &key),
                }
            }
            Kind::OrphanCredential if licensed => {
                let (key, number) = (format!("K{staff}-9"), format!("ZZX{staff}9"));
                let cells: [(&str, &str); 4] = [
                    ("credential_id", &key),
                    ("staff_id", &format!("{staff}9")),
                    ("credential_number", &number),
                    ("credential_type", "permit"),
                ];
                self.enter(year, Credential, &card, &cells);
                note(year, "CRT-016", &key);
            }
            Kind::OrphanAssignment if helps => {
                let before = year.plan.year.0 - 1;
                let key = format!("{staff}9-{:02}-8", before % 100);
                let cells: [(&str, &str); 6] = [
                    ("assignment_id", &key),
                    ("staff_id", &format!("{staff}9")),
                    ("school_year", &before.to_string()),
                    ("begin_date", &format!("{}-08-04", before - 1)),
                    ("end_date", &format!("{before}-07-01")),
                    ("employment_id", ""),
                ];
                self.enter(year, StaffAssignment, &assignment, &cells);
                note(year, "FTE-009", &key);
            }
            Kind::OverAllocated | Kind::TwoPrimaries | Kind::AssignmentTwice | Kind::AssignmentOverlap if whole => {
                let begin = year.of_assignment(&assignment, "begin_date");
                let (at, share, from, primary) = match kind {
                    Kind::OverAllocated => (&elsewhere, "0.5000", &today, "false"),
                    Kind::TwoPrimaries => (&elsewhere, "0.0400", &today, "true"),
                    Kind::AssignmentTwice => (&org, "0.0400", &begin, "false"),
                    _ => (&org, "0.0400", &today, "false"),
                };
                let cells: [(&str, &str); 5] = [
                    ("assignment_id", &second),
                    ("org_id", at),
                    ("fte", share),
                    ("begin_date", from),
                    ("is_primary", primary),
                ];
                self.enter(year, StaffAssignment, &assignment, &cells);
                match kind {
                    Kind::OverAllocated => ["FTE-001", "FTE-005"].iter().for_each(|rule| note(year, rule, &staff)),
                    Kind::TwoPrimaries => note(year, "FTE-019", &staff),
                    _ => {
                        if kind == Kind::AssignmentTwice {
                            note(year, "DUP-005", &format!("staff_assignment|{staff}|{org}|{role}|{begin}"));
                        }
                        note(year, "DUP-006", &format!("{staff}|{org}|{role}"));
                    }
                }
            }
            Kind::FteOutOfRange if whole => {
                self.set(year, StaffAssignment, &assignment, &[("fte", "1.0400")]);
                note(year, "FTE-003", &assignment);
            }
            Kind::NoFte if whole => {
                self.set(year, StaffAssignment, &assignment, &[("fte", "")]);
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "")]);
                note(year, "FTE-004", &assignment);
            }
            Kind::ContractLong if whole => {
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "1.2500")]);
                note(year, "FTE-006", &staff);
            }
            Kind::ContractShort if whole => {
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "0.8000")]);
                note(year, "FTE-005", &staff);
            }
            Kind::EndedEmployment if whole => {
                let cells = [("end_date", &*today), ("separation_reason", "resignation")];
                self.set(year, StaffEmployment, &employment, &cells);
                note(year, "FTE-007", &assignment);
            }
            _ => return None,
        }
        year.held.insert(staff);
        Some(())
    }

    fn spoil_school(&mut self, year: &mut Year<'_>, kind: Kind, number: u32, until: Option<Date>) -> Option<()> {
        use Table::{AcademicSession, CalendarDay, Course, Section, SectionStaff};
        let (day, spring) = (year.day, year.plan.year.0);
        let staffed = year.plan.unstaffed.start;
        let school = school_id(self.dice.below(staffed)).to_string();
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::NoTeacher | Kind::TeacherTwice | Kind::TooFull => {
                let sections: Vec<String> = year
                    .rows
                    .of(Section, &format!("{school}-{}-", year.short_year()))
                    .map(|view| view.key.to_owned())
                    .collect();
                let section = sections.get(self.dice.below(sections.len() as u32) as usize)?.clone();
                let seats = year.seats.get(&section).copied().unwrap_or(0);
                let teaches = |view: &View<'_>| {
                    let teaches = view.text("role") == "teacher_of_record" && view.holds("begin_date", "end_date", day);
                    teaches && view.date("begin_date").is_some_and(|begin| begin.plus(20) < day)
                };
                let of = year.rows.of(SectionStaff, &format!("{section}-")).find(teaches)?;
                let (key, staff) = (of.key.to_owned(), of.text("staff_id").to_owned());
                if seats < 8 || year.held.contains(&section) || year.held.contains(&staff) || year.touched.contains(&staff) {
                    return None;
                }
                match kind {
                    Kind::NoTeacher => {
                        self.set(year, SectionStaff, &key, &[("end_date", &day.to_string())]);
                        note(year, "ENR-018", &section);
                    }
                    Kind::TeacherTwice => {
                        let again = format!("{section}-9");
                        let cells = [("section_staff_id", &*again), ("begin_date", &day.plus(-14).to_string())];
                        self.enter(year, SectionStaff, &key, &cells);
                        note(year, "DUP-007", &format!("{section}|{staff}"));
                    }
                    _ => {
                        self.set(year, Section, &section, &[("max_enrollment", &(seats / 4).to_string())]);
                        note(year, "RAT-004", &section);
                    }
                }
                year.held.extend([section, staff]);
            }
            Kind::Saturday => {
                let date = year.plan.first_day.plus(5 + 7 * i64::from(number)).to_string();
                let like = format!("CAL-{school}-{spring}/{}", year.plan.first_day);
                year.rows.get(CalendarDay, &like)?;
                let key = format!("CAL-{school}-{spring}/{date}");
                if year.rows.get(CalendarDay, &key).is_some() {
                    return None;
                }
                self.enter(year, CalendarDay, &like, &[("date", &date)]);
                note(year, "CAL-005", &key);
            }
            Kind::SessionDates => {
                let key = format!("{school}-{spring}-SU{number}");
                let (last, title) = (year.plan.last_day, format!("Summer Session {number}"));
                let cells: [(&str, &str); 5] = [
                    ("session_id", &key),
                    ("session_type", "summer"),
                    ("title", &title),
                    ("begin_date", &last.plus(20).to_string()),
                    ("end_date", &last.plus(10).to_string()),
                ];
                self.enter(year, AcademicSession, &format!("{school}-{spring}-FY"), &cells);
                note(year, "CAL-002", &key);
            }
            Kind::CourseTwice => {
                let once = |view: &View<'_>| !view.key.ends_with("-B");
                let named = |view: View<'_>| (view.key.to_owned(), view.text("course_code").to_owned());
                let (id, code) = year.rows.of(Course, "").filter(once).nth(number as usize).map(named)?;
                self.enter(year, Course, &id, &[("course_id", &format!("{id}-B"))]);
                note(year, "REF-008", &format!("course|{DISTRICT}|{code}"));
            }
            _ => return None,
        }
        Some(())
    }
}

impl Year<'_> {
    /// Notes a violation, unless the feed ends before it opens or it would close first.
    pub(super) fn note(&mut self, rule: &'static str, subject: String, opened: Date, closed: Option<Date>) {
        let last = self.days[self.days.len() - 1];
        let closed = closed.filter(|closed| *closed <= last);
        if opened <= last && closed.is_none_or(|closed| opened < closed) {
            self.violations.push(Violation { rule, subject, opened, closed });
        }
    }
}
