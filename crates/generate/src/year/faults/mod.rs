//! Faults that arrive in the course of the year, are mostly repaired some days later, and are known beforehand.
//!
//! A fault spoils a few rows of somebody who is left alone from then on, and its repair puts the rows back as they were; so
//! the days on which its violations open and close are known when it is planted. Some wait for a day to come: a credential
//! that will soon expire, an exit that was announced.

mod schools;
mod staff;
mod students;

use super::rows::Wanted;
use super::{FeedOptions, Task, Violation, Year};
use crate::dice::Dice;
use rollcall_model::Table;
use rollcall_model::date::Date;
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

/// Who or what carries it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whom {
    Student,
    Staff,
    School,
}

/// Every kind with who carries it, the fewest and most weekdays until it is repaired, and whether it always is: because more
/// would follow if it stayed.
const ALL: [(Kind, Whom, u32, u32, bool); 56] = [
    (Kind::NoStateId, Whom::Student, 2, 20, false),
    (Kind::StaleGrade, Whom::Student, 2, 20, false),
    (Kind::WrongAge, Whom::Student, 2, 20, false),
    (Kind::SharedStateId, Whom::Student, 2, 20, false),
    (Kind::StillEnabled, Whom::Student, 2, 20, false),
    (Kind::AnnouncedExit, Whom::Student, 14, 25, false),
    (Kind::HalfExit, Whom::Student, 2, 20, false),
    (Kind::TwoSchools, Whom::Student, 2, 5, true),
    (Kind::TwiceAtSchool, Whom::Student, 2, 20, false),
    (Kind::ExitBeforeEntry, Whom::Student, 2, 20, false),
    (Kind::NeverClosed, Whom::Student, 2, 20, false),
    (Kind::WrongYear, Whom::Student, 14, 20, true),
    (Kind::RosterOutside, Whom::Student, 2, 20, false),
    (Kind::RosterTwice, Whom::Student, 2, 20, false),
    (Kind::NoRoster, Whom::Student, 26, 40, false),
    (Kind::GradeJump, Whom::Student, 2, 20, false),
    (Kind::OrphanEnrollment, Whom::Student, 2, 20, false),
    (Kind::OrphanResult, Whom::Student, 2, 20, false),
    (Kind::DanglingStatus, Whom::Student, 2, 20, false),
    (Kind::StatusTwice, Whom::Student, 2, 20, false),
    (Kind::UnknownCode, Whom::Student, 2, 20, false),
    (Kind::Unreadable, Whom::Student, 1, 6, false),
    (Kind::Missing, Whom::Student, 1, 6, false),
    (Kind::ScoreOffScale, Whom::Student, 2, 20, false),
    (Kind::LevelDisagrees, Whom::Student, 2, 20, false),
    (Kind::TestedTwice, Whom::Student, 2, 20, false),
    (Kind::TestedAway, Whom::Student, 2, 20, false),
    (Kind::ProgramDates, Whom::Student, 2, 20, false),
    (Kind::ProgramOutside, Whom::Student, 2, 20, false),
    (Kind::ProgramTwice, Whom::Student, 2, 20, false),
    (Kind::StaffStateId, Whom::Staff, 2, 20, false),
    (Kind::SharedLogin, Whom::Staff, 2, 20, false),
    (Kind::SuffixInName, Whom::Staff, 2, 20, false),
    (Kind::IncompleteCard, Whom::Staff, 2, 20, false),
    (Kind::ExpiresSoon, Whom::Staff, 12, 30, true),
    (Kind::NotValid, Whom::Staff, 2, 20, false),
    (Kind::SharedNumber, Whom::Staff, 2, 20, false),
    (Kind::NoAuthorization, Whom::Staff, 2, 20, false),
    (Kind::Revoked, Whom::Staff, 1, 3, true),
    (Kind::OrphanCredential, Whom::Staff, 2, 20, false),
    (Kind::OrphanAssignment, Whom::Staff, 2, 20, false),
    (Kind::OverAllocated, Whom::Staff, 2, 20, false),
    (Kind::FteOutOfRange, Whom::Staff, 2, 20, false),
    (Kind::NoFte, Whom::Staff, 2, 20, false),
    (Kind::ContractLong, Whom::Staff, 2, 20, false),
    (Kind::ContractShort, Whom::Staff, 2, 20, false),
    (Kind::EndedEmployment, Whom::Staff, 2, 20, false),
    (Kind::TwoPrimaries, Whom::Staff, 2, 20, false),
    (Kind::AssignmentTwice, Whom::Staff, 2, 20, false),
    (Kind::AssignmentOverlap, Whom::Staff, 2, 20, false),
    (Kind::NoTeacher, Whom::School, 1, 8, true),
    (Kind::TeacherTwice, Whom::School, 2, 20, false),
    (Kind::TooFull, Whom::School, 2, 20, false),
    (Kind::Saturday, Whom::School, 2, 20, false),
    (Kind::SessionDates, Whom::School, 2, 20, false),
    (Kind::CourseTwice, Whom::School, 2, 20, false),
];

/// Plants faults on the days that are meant for them.
pub(super) struct Planter {
    dice: Dice,
    /// What is still to be planted: on which day of the feed at the earliest, which kind, and its number.
    queue: Vec<(usize, usize, u32)>,
    /// What the rows of the fault that is being planted were before.
    spoiled: Vec<Wanted>,
    /// How many state tests come late, by assessment.
    late: BTreeMap<usize, u32>,
    /// The groups that lack them, once the window has closed.
    failing: BTreeMap<usize, BTreeSet<String>>,
    /// The assessments of which results came today.
    came: BTreeSet<usize>,
    /// How often each kind is planted.
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
        Planter { dice, queue, spoiled, late, failing, came: BTreeSet::new(), copies }
    }

    /// Plants what is due today; what finds nobody to fall on is tried again tomorrow.
    pub(super) fn plant(&mut self, year: &mut Year<'_>) {
        let (due, later) = std::mem::take(&mut self.queue).into_iter().partition(|(index, ..)| *index <= year.index);
        self.queue = later;
        for (index, kind, number) in due {
            let (of, whom, fewest, most, always) = ALL[kind];
            let lag = self.dice.between(i64::from(fewest), i64::from(most)) as usize;
            let stays = !always && self.dice.chance(0.2);
            let until = (year.index + lag < year.days.len() && !stays).then(|| year.days[year.index + lag]);
            if always && until.is_none() {
                continue;
            }
            self.spoiled.clear();
            // Nothing comes back when nobody was found who can carry it.
            let planted = match whom {
                Whom::Student => self.spoil_student(year, of, number, until),
                Whom::Staff => self.spoil_staff(year, of, until),
                Whom::School => self.spoil_school(year, of, number, until),
            };
            match planted {
                Some(()) if until.is_some() => year.later(lag, Task::Edit(std::mem::take(&mut self.spoiled))),
                Some(()) => {}
                None => self.queue.push((index, kind, number)),
            }
        }
        self.look_at_groups(year);
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

    /// A result of an assessment came in today.
    pub(super) fn came(&mut self, index: usize) {
        self.came.insert(index);
    }

    /// Closes what results that came today make good.
    fn look_at_groups(&mut self, year: &mut Year<'_>) {
        for index in std::mem::take(&mut self.came) {
            let Some(failing) = self.failing.get_mut(&index).filter(|failing| !failing.is_empty()) else { continue };
            let now: BTreeSet<String> = year.failing(index).into_iter().collect();
            let today = year.day;
            for closed in failing.difference(&now) {
                let is_it = |violation: &&mut Violation| violation.rule == "ASM-010" && violation.subject == *closed;
                year.violations.iter_mut().filter(is_it).for_each(|violation| violation.closed = Some(today));
            }
            *failing = now;
        }
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
