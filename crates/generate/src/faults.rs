//! Which person has which fault, and the answer key.
//!
//! A fault generator is only useful if it knows every finding that its faults cause. So a person has at most one fault,
//! faults are spread evenly over the people who can have them, and the code that plants a fault records every finding
//! that follows from it, including those of other rules.

/// A fault of a student or of a row about the student.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StudentFault {
    /// Enrolled at a second school before leaving the first.
    TwoSchools,
    /// A service entered as a second membership at the same school.
    TwiceAtSchool,
    /// The primary membership entered twice.
    PrimaryTwice,
    /// Exit before entry.
    ExitBeforeEntry,
    /// An exit date without a reason, or a reason without an exit date.
    HalfExit,
    /// A birth date mistyped by years.
    WrongAge,
    /// Left, but still active.
    GoneButEnabled,
    /// Last year's grade on the student record.
    StaleGrade,
    /// A score outside the score scale.
    ScoreOffScale,
    /// A row with an invalid cell.
    UnreadableRow,
    /// A row without a required value.
    MissingValue,
    /// A code in no code set.
    UnknownCode,
    /// An id that does not exist.
    UnknownId,
    /// An enrollment of a student, or at a school, that does not exist.
    OrphanEnrollment,
    /// A result of a student, or of a test, that does not exist.
    OrphanResult,
    /// One key with two different rows.
    SameKeyTwice,
    /// Enrolled at a school without teachers.
    NoTeacher,
    /// Left for good, with an enrollment that was never closed.
    NeverClosed,
    /// A date in the wrong year.
    WrongYear,
    /// Enrolled at a school that had closed.
    ClosedSchool,
    /// A grade that the school does not offer.
    WrongLevel,
    /// In a class while not enrolled at the school.
    RosterOutside,
    /// In no class.
    NoRoster,
    /// In a class twice.
    RosterTwice,
    /// Another person's state id.
    SharedStateId,
    /// Missing data that the state requires.
    Incomplete,
    /// A grade skipped or lost over the summer.
    GradeJump,
    /// A level that does not match the score.
    LevelDisagrees,
    /// One result entered under two ids.
    TestedTwice,
    /// Tested while not enrolled.
    TestedAway,
    /// No row for a required test.
    NotTested,
    /// In a program that ends before it begins.
    ProgramDates,
    /// In a program after leaving.
    ProgramOutside,
    /// In a program twice.
    ProgramTwice,
    /// One status entered under two ids.
    StatusTwice,
    /// A local code that is no longer in use.
    LapsedCode,
    /// A placeholder value.
    Placeholder,
    /// A name with an illegal character.
    OddCharacter,
}

impl StudentFault {
    /// Every kind with the share of students, per 1,000, who can have it.
    pub(super) const ALL: [(StudentFault, u32); 38] = [
        (StudentFault::NotTested, 50),
        (StudentFault::ProgramDates, 100),
        (StudentFault::ProgramTwice, 100),
        (StudentFault::NeverClosed, 100),
        (StudentFault::RosterOutside, 60),
        (StudentFault::GoneButEnabled, 150),
        (StudentFault::ProgramOutside, 150),
        (StudentFault::ClosedSchool, 250),
        (StudentFault::WrongLevel, 120),
        (StudentFault::GradeJump, 500),
        (StudentFault::NoTeacher, 350),
        (StudentFault::UnreadableRow, 300),
        (StudentFault::MissingValue, 300),
        (StudentFault::UnknownCode, 300),
        (StudentFault::UnknownId, 300),
        (StudentFault::OrphanEnrollment, 300),
        (StudentFault::OrphanResult, 300),
        (StudentFault::SameKeyTwice, 300),
        (StudentFault::StatusTwice, 500),
        (StudentFault::ScoreOffScale, 500),
        (StudentFault::LevelDisagrees, 500),
        (StudentFault::TestedTwice, 500),
        (StudentFault::TestedAway, 400),
        (StudentFault::TwoSchools, 350),
        (StudentFault::TwiceAtSchool, 600),
        (StudentFault::PrimaryTwice, 600),
        (StudentFault::ExitBeforeEntry, 700),
        (StudentFault::HalfExit, 500),
        (StudentFault::WrongYear, 500),
        (StudentFault::NoRoster, 600),
        (StudentFault::RosterTwice, 600),
        (StudentFault::StaleGrade, 600),
        (StudentFault::SharedStateId, 800),
        (StudentFault::Incomplete, 700),
        (StudentFault::WrongAge, 800),
        (StudentFault::LapsedCode, 300),
        (StudentFault::Placeholder, 800),
        (StudentFault::OddCharacter, 800),
    ];
}

/// A fault of an educator or of a row about the educator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StaffFault {
    /// No credential at all.
    NoCredential,
    /// A credential that is currently not valid.
    NotValid,
    /// A credential that expires within 90 days.
    EndsSoon,
    /// No authorization for the subject taught.
    OutOfField,
    /// A credential with impossible dates.
    ImpossibleDates,
    /// More work than one person can do.
    OverAllocated,
    /// An invalid FTE.
    FteOutOfRange,
    /// Another person's state id.
    SharedStateId,
    /// The same person under two ids.
    SamePersonTwice,
    /// A code in no code set.
    UnknownCode,
    /// An id that does not exist.
    UnknownId,
    /// More work than two people can do.
    ThreeJobs,
    /// No FTE.
    NoFte,
    /// Assigned more than the contract FTE.
    ContractShort,
    /// Assigned less than the contract FTE.
    ContractLong,
    /// Assigned without an employment.
    NoEmployment,
    /// An assignment of an unknown person.
    OrphanAssignment,
    /// Left, but still the teacher of record.
    StillTeaching,
    /// Two primary assignments.
    TwoPrimaries,
    /// Almost the same person under two ids.
    AlmostSamePerson,
    /// Another person's e-mail address.
    SharedLogin,
    /// One assignment entered under two ids.
    AssignmentTwice,
    /// An assignment entered again before it ended.
    AssignmentOverlap,
    /// A generation suffix in the last name.
    SuffixInName,
    /// A credential renewed too late.
    RenewedLate,
    /// No authorization for the grades taught.
    WrongGrades,
    /// No authorization for the population taught.
    WrongPopulation,
    /// Another person's credential number.
    SharedNumber,
    /// A credential without identifying data.
    IncompleteCard,
    /// A revoked credential next to a valid one.
    Revoked,
    /// On an emergency permit.
    Emergency,
    /// A credential without authorizations.
    NoAuthorization,
    /// A credential of an unknown person.
    OrphanCredential,
    /// One employment, or one credential, entered under two ids.
    NaturalTwice,
}

impl StaffFault {
    /// Every kind with the share of staff, per 1,000, who can have it.
    pub(super) const ALL: [(StaffFault, u32); 34] = [
        (StaffFault::WrongPopulation, 40),
        (StaffFault::OutOfField, 250),
        (StaffFault::WrongGrades, 250),
        (StaffFault::StillTeaching, 250),
        (StaffFault::NoCredential, 350),
        (StaffFault::NotValid, 350),
        (StaffFault::EndsSoon, 350),
        (StaffFault::ImpossibleDates, 350),
        (StaffFault::RenewedLate, 350),
        (StaffFault::SharedNumber, 350),
        (StaffFault::IncompleteCard, 350),
        (StaffFault::Revoked, 350),
        (StaffFault::Emergency, 300),
        (StaffFault::NoAuthorization, 350),
        (StaffFault::UnknownCode, 350),
        (StaffFault::UnknownId, 350),
        (StaffFault::NaturalTwice, 350),
        (StaffFault::OverAllocated, 600),
        (StaffFault::ThreeJobs, 600),
        (StaffFault::FteOutOfRange, 600),
        (StaffFault::NoFte, 600),
        (StaffFault::ContractShort, 600),
        (StaffFault::ContractLong, 600),
        (StaffFault::NoEmployment, 600),
        (StaffFault::TwoPrimaries, 600),
        (StaffFault::AssignmentTwice, 600),
        (StaffFault::AssignmentOverlap, 600),
        (StaffFault::OrphanAssignment, 700),
        (StaffFault::OrphanCredential, 300),
        (StaffFault::SharedStateId, 700),
        (StaffFault::SamePersonTwice, 700),
        (StaffFault::AlmostSamePerson, 700),
        (StaffFault::SharedLogin, 700),
        (StaffFault::SuffixInName, 700),
    ];
}

/// A fault of a section.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SectionFault {
    /// In the same period as another section of its teacher.
    SameHour,
    /// Its teacher of record has left without a successor.
    NoTeacher,
    /// More students than seats.
    TooFull,
    /// Its teacher entered twice.
    TeacherTwice,
}

impl SectionFault {
    /// Every kind with the share of sections, per 1,000, that can have it.
    pub(super) const ALL: [(SectionFault, u32); 4] = [
        (SectionFault::SameHour, 250),
        (SectionFault::NoTeacher, 450),
        (SectionFault::TooFull, 600),
        (SectionFault::TeacherTwice, 600),
    ];
}

/// Distributes the kinds of one list evenly over the people who can have them, without randomness.
pub(super) struct Deal<K: 'static> {
    kinds: &'static [(K, u32)],
    /// Eligible people between two of a kind.
    stride: Vec<u32>,
    /// Eligible people to skip before the next of a kind.
    wait: Vec<u32>,
    /// The number of each kind so far.
    dealt: Vec<u32>,
    /// The kind with the first choice of the next person.
    turn: usize,
}

impl<K: Copy> Deal<K> {
    /// For about `people`, with `in_ten_thousand` of each kind, and at least `least`.
    pub(super) fn new(kinds: &'static [(K, u32)], people: u32, in_ten_thousand: u32, least: u64) -> Deal<K> {
        let wanted = (u64::from(people) * u64::from(in_ten_thousand) / 10_000).max(least);
        let stride: Vec<u32> =
            kinds.iter().map(|&(_, share)| (u64::from(people) * u64::from(share) / 1000 / wanted).max(1) as u32).collect();
        let wait = stride.iter().enumerate().map(|(kind, stride)| stride / 4 + kind as u32 / 4).collect();
        Deal { kinds, dealt: vec![0; stride.len()], stride, wait, turn: 0 }
    }

    /// The kind of fault of the next person, and how many of that kind came before.
    pub(super) fn next(&mut self, eligible: impl Fn(K) -> bool) -> Option<(K, u32)> {
        // Among the kinds that are due, the one dealt least: in a small district there are hardly enough people for all
        // kinds.
        let mut chosen: Option<usize> = None;
        for step in 0..self.kinds.len() {
            let index = (self.turn + step) % self.kinds.len();
            if !eligible(self.kinds[index].0) {
                continue;
            }
            if self.wait[index] == 0 && chosen.is_none_or(|other| self.dealt[index] < self.dealt[other]) {
                chosen = Some(index);
            }
            self.wait[index] = self.wait[index].saturating_sub(1);
        }
        let index = chosen?;
        self.wait[index] = self.stride[index] - 1;
        self.dealt[index] += 1;
        self.turn = (index + 1) % self.kinds.len();
        Some((self.kinds[index].0, self.dealt[index] - 1))
    }
}

/// A fault of one row of a student that appears only when the row is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RowFault {
    Nothing,
    Unreadable,
    /// The first or the second of the two columns of this row that can be empty.
    Missing(u32),
    UnknownCode,
    /// An unrecognized code among the members of a set.
    UnknownMember,
    UnknownId,
    /// A different unknown parent than for `UnknownId`.
    Orphan,
    Twice,
    /// Reported values that contradict each other.
    Contradiction,
    /// The first or the second of the retired exit codes.
    RetiredExitCode(u32),
    /// A placeholder value.
    Placeholder,
    /// An invisible character.
    OddCharacter,
    /// A digit in a name.
    Digit,
}

/// A planted fault, or a finding that follows from one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The rule that finds it.
    pub rule: &'static str,
    /// The subject of the finding, spelled as the rule spells it, with parts joined by `|`. If the subject cannot be
    /// known in advance, a substitute: `table|key` of an unreadable row (REF-003) or of a key with two contents
    /// (REF-009), `table|key|column` of a missing value (REF-004), and for people with one name and birth date (DUP-002)
    /// or one login (DUP-004) `dup:` and their sorted staff ids, joined by `+`.
    pub subject: String,
}

/// The answers collected so far.
#[derive(Default)]
pub(super) struct Answers(pub(super) Vec<Planted>);

impl Answers {
    /// Records a finding.
    pub(super) fn note(&mut self, rule: &'static str, subject: String) {
        self.0.push(Planted { rule, subject });
    }
}
