//! Faults that arrive during the year, are mostly repaired some days later, and have known violations.
//!
//! A fault spoils a few rows of a person who does not change otherwise from then on, and its repair restores the rows;
//! so the days on which its violations open and close are known when it is planted. Some take effect on a later day: a
//! credential that will soon expire, an announced exit.

mod schools;
mod staff;
mod students;

use super::rows::Wanted;
use super::{FeedOptions, Task, Violation, Year};
use crate::dice::Dice;
use rollcall_model::Table;
use rollcall_model::date::Date;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of faults.
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
    OrphanStatus,
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

/// Who or what has the fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Carrier {
    Student,
    Staff,
    School,
}

/// Every kind with its carrier, the minimum and maximum weekdays until its repair, and whether it is always repaired,
/// because more violations would follow if it were not.
const ALL: [(Kind, Carrier, u32, u32, bool); 56] = [
    (Kind::NoStateId, Carrier::Student, 2, 20, false),
    (Kind::StaleGrade, Carrier::Student, 2, 20, false),
    (Kind::WrongAge, Carrier::Student, 2, 20, false),
    (Kind::SharedStateId, Carrier::Student, 2, 20, false),
    (Kind::StillEnabled, Carrier::Student, 2, 20, false),
    (Kind::AnnouncedExit, Carrier::Student, 14, 25, false),
    (Kind::HalfExit, Carrier::Student, 2, 20, false),
    (Kind::TwoSchools, Carrier::Student, 2, 5, true),
    (Kind::TwiceAtSchool, Carrier::Student, 2, 20, false),
    (Kind::ExitBeforeEntry, Carrier::Student, 2, 20, false),
    (Kind::NeverClosed, Carrier::Student, 2, 20, false),
    (Kind::WrongYear, Carrier::Student, 14, 20, true),
    (Kind::RosterOutside, Carrier::Student, 2, 20, false),
    (Kind::RosterTwice, Carrier::Student, 2, 20, false),
    (Kind::NoRoster, Carrier::Student, 26, 40, false),
    (Kind::GradeJump, Carrier::Student, 2, 20, false),
    (Kind::OrphanEnrollment, Carrier::Student, 2, 20, false),
    (Kind::OrphanResult, Carrier::Student, 2, 20, false),
    (Kind::OrphanStatus, Carrier::Student, 2, 20, false),
    (Kind::StatusTwice, Carrier::Student, 2, 20, false),
    (Kind::UnknownCode, Carrier::Student, 2, 20, false),
    (Kind::Unreadable, Carrier::Student, 1, 6, false),
    (Kind::Missing, Carrier::Student, 1, 6, false),
    (Kind::ScoreOffScale, Carrier::Student, 2, 20, false),
    (Kind::LevelDisagrees, Carrier::Student, 2, 20, false),
    (Kind::TestedTwice, Carrier::Student, 2, 20, false),
    (Kind::TestedAway, Carrier::Student, 2, 20, false),
    (Kind::ProgramDates, Carrier::Student, 2, 20, false),
    (Kind::ProgramOutside, Carrier::Student, 2, 20, false),
    (Kind::ProgramTwice, Carrier::Student, 2, 20, false),
    (Kind::StaffStateId, Carrier::Staff, 2, 20, false),
    (Kind::SharedLogin, Carrier::Staff, 2, 20, false),
    (Kind::SuffixInName, Carrier::Staff, 2, 20, false),
    (Kind::IncompleteCard, Carrier::Staff, 2, 20, false),
    (Kind::ExpiresSoon, Carrier::Staff, 12, 30, true),
    (Kind::NotValid, Carrier::Staff, 2, 20, false),
    (Kind::SharedNumber, Carrier::Staff, 2, 20, false),
    (Kind::NoAuthorization, Carrier::Staff, 2, 20, false),
    (Kind::Revoked, Carrier::Staff, 1, 3, true),
    (Kind::OrphanCredential, Carrier::Staff, 2, 20, false),
    (Kind::OrphanAssignment, Carrier::Staff, 2, 20, false),
    (Kind::OverAllocated, Carrier::Staff, 2, 20, false),
    (Kind::FteOutOfRange, Carrier::Staff, 2, 20, false),
    (Kind::NoFte, Carrier::Staff, 2, 20, false),
    (Kind::ContractLong, Carrier::Staff, 2, 20, false),
    (Kind::ContractShort, Carrier::Staff, 2, 20, false),
    (Kind::EndedEmployment, Carrier::Staff, 2, 20, false),
    (Kind::TwoPrimaries, Carrier::Staff, 2, 20, false),
    (Kind::AssignmentTwice, Carrier::Staff, 2, 20, false),
    (Kind::AssignmentOverlap, Carrier::Staff, 2, 20, false),
    (Kind::NoTeacher, Carrier::School, 1, 8, true),
    (Kind::TeacherTwice, Carrier::School, 2, 20, false),
    (Kind::TooFull, Carrier::School, 2, 20, false),
    (Kind::Saturday, Carrier::School, 2, 20, false),
    (Kind::SessionDates, Carrier::School, 2, 20, false),
    (Kind::CourseTwice, Carrier::School, 2, 20, false),
];

/// Plants faults on their planned days.
pub(super) struct Planter {
    dice: Dice,
    /// Faults still to plant: the earliest day of the feed, the kind, and its number.
    queue: Vec<(usize, usize, u32)>,
    /// The original rows of the fault being planted.
    spoiled: Vec<Wanted>,
    /// The number of late state test results, by assessment.
    late: BTreeMap<usize, u32>,
    /// The groups without them, once the window has closed.
    failing: BTreeMap<usize, BTreeSet<String>>,
    /// The assessments with results that arrived today.
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

    /// Plants the faults that are due; a fault for which no carrier is found is retried tomorrow.
    pub(super) fn plant(&mut self, year: &mut Year<'_>) {
        let (due, later) = std::mem::take(&mut self.queue).into_iter().partition(|(index, ..)| *index <= year.index);
        self.queue = later;
        for (index, kind, number) in due {
            let (of, carrier, fewest, most, always) = ALL[kind];
            let lag = self.dice.between(i64::from(fewest), i64::from(most)) as usize;
            let stays = !always && self.dice.chance(0.2);
            let until = (year.index + lag < year.days.len() && !stays).then(|| year.days[year.index + lag]);
            if always && until.is_none() {
                continue;
            }
            self.spoiled.clear();
            // Restores nothing if no carrier was found.
            let planted = match carrier {
                Carrier::Student => self.spoil_student(year, of, number, until),
                Carrier::Staff => self.spoil_staff(year, of, until),
                Carrier::School => self.spoil_school(year, of, number, until),
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

    /// Whether the result of the next student invited to a state test arrives too late.
    pub(super) fn is_late(&mut self, index: usize, over: Date, days: &[Date]) -> bool {
        let fits = days.last().is_some_and(|last| over.plus(2) <= *last);
        let late = self.late.entry(index).or_default();
        let chosen = fits && *late < self.copies && self.dice.chance(0.05);
        *late += u32::from(chosen);
        chosen
    }

    /// Records the groups without the late results when a window closes.
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

    /// A result of an assessment arrived today.
    pub(super) fn came(&mut self, index: usize) {
        self.came.insert(index);
    }

    /// Closes the violations that today's results resolve.
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

    /// Changes cells of a row that will be restored.
    fn set(&mut self, year: &mut Year<'_>, table: Table, key: &str, cells: &[(&str, &str)]) {
        self.spoiled.push(year.rows.copy(table, key));
        year.rows.set(table, key, cells);
    }

    /// Enters a copy of a row that will be deleted again; returns its key.
    fn enter(&mut self, year: &mut Year<'_>, table: Table, like: &str, cells: &[(&str, &str)]) -> String {
        let row = year.rows.like(table, like, cells);
        let key = row.1.clone();
        self.spoiled.push((table, key.clone(), None));
        year.rows.put(row);
        key
    }
}

impl Year<'_> {
    /// Records a violation, unless the feed ends before it opens or it would close before.
    pub(super) fn note(&mut self, rule: &'static str, subject: String, opened: Date, closed: Option<Date>) {
        let last = self.days[self.days.len() - 1];
        let closed = closed.filter(|closed| *closed <= last);
        if opened <= last && closed.is_none_or(|closed| opened < closed) {
            self.violations.push(Violation { rule, subject, opened, closed });
        }
    }
}
