//! Which person carries which fault, and the answer key.
//!
//! A generator of faults is only worth having if it knows every finding they cause. So a person carries one
//! fault at most, faults are spread evenly over those who can carry them, and whoever plants one writes down
//! every finding that follows from it, those of other rules included.

/// A fault of a student or of one of the student's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StudentFault {
    /// Enrolled at a second school before leaving the first.
    TwoSchools,
    /// A service entered as a second membership of the same school.
    TwiceAtSchool,
    /// The primary membership entered twice.
    PrimaryTwice,
    /// Left before having come.
    ExitBeforeEntry,
    /// An exit without its reason, or a reason without an exit.
    HalfExit,
    /// A birth date mistyped by years.
    WrongAge,
    /// Left, but still switched on.
    GoneButEnabled,
    /// The grade on the student's card is last year's.
    StaleGrade,
    /// A score beyond the scale.
    ScoreOffScale,
    /// A row with a cell that cannot be read.
    UnreadableRow,
    /// A row without a value it must have.
    MissingValue,
    /// A code that no code set has.
    UnknownCode,
    /// A reference to nothing.
    Dangling,
    /// An enrollment of a student, or at a school, that there is not.
    OrphanEnrollment,
    /// A result of a student, or of a test, that there is not.
    OrphanResult,
    /// One key, two different rows.
    SameKeyTwice,
    /// Enrolled at a school that has no teacher.
    NoTeacher,
    /// Gone for good, with an enrollment that nobody closed.
    NeverClosed,
    /// A date in another year than it was.
    WrongYear,
    /// Enrolled at a school that had been closed.
    ClosedSchool,
    /// A grade that the school does not teach.
    WrongLevel,
    /// On a roster while not at the school.
    RosterOutside,
    /// On no roster.
    NoRoster,
    /// On a roster twice.
    RosterTwice,
    /// Somebody else's state id.
    SharedStateId,
    /// Something left out that the state asks for.
    Incomplete,
    /// A grade skipped or lost over the summer.
    GradeJump,
    /// A level other than the score's.
    LevelDisagrees,
    /// One test entered under two ids.
    TestedTwice,
    /// Tested while not enrolled.
    TestedAway,
    /// No row for a test that everybody takes.
    NotTested,
    /// In a program that ends before it begins.
    ProgramDates,
    /// In a program after having left.
    ProgramOutside,
    /// In a program twice.
    ProgramTwice,
    /// One status entered under two ids.
    StatusTwice,
    /// A code of the district's own that is not in use any more.
    LapsedCode,
    /// A value that stands for none.
    Placeholder,
    /// A name with a character that does not belong there.
    OddCharacter,
}

impl StudentFault {
    /// Every kind with the share of students, in per mille, who can carry it.
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
        (StudentFault::Dangling, 300),
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

/// A fault of an educator or of one of the educator's rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StaffFault {
    /// No credential at all.
    NoCredential,
    /// A credential that does not hold today.
    NotValid,
    /// A credential that ends within 90 days.
    EndsSoon,
    /// No authorization for the subject taught.
    OutOfField,
    /// A credential with impossible dates.
    ImpossibleDates,
    /// More work than one person can do.
    OverAllocated,
    /// An FTE that is none.
    FteOutOfRange,
    /// Somebody else's state id.
    SharedStateId,
    /// The same person under two ids.
    SamePersonTwice,
    /// A code that no code set has.
    UnknownCode,
    /// A reference to nothing.
    Dangling,
    /// More work than two people can do.
    ThreeJobs,
    /// No FTE.
    NoFte,
    /// Assigned more than the contract says.
    ContractShort,
    /// Assigned less than the contract says.
    ContractLong,
    /// Assigned without being employed.
    NoEmployment,
    /// An assignment of nobody.
    OrphanAssignment,
    /// Left, but still the teacher of record.
    StillTeaching,
    /// Two assignments that are both the main one.
    TwoPrimaries,
    /// Almost the same person under two ids.
    AlmostSamePerson,
    /// Somebody else's e-mail address.
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
    /// The number of somebody else's credential.
    SharedNumber,
    /// A credential that lacks what identifies it.
    IncompleteCard,
    /// A credential that was revoked, beside a valid one.
    Revoked,
    /// On an emergency permit.
    Emergency,
    /// A licence that authorizes for nothing.
    NoAuthorization,
    /// A credential of nobody.
    OrphanCredential,
    /// One employment, or one credential, entered under two ids.
    NaturalTwice,
}

impl StaffFault {
    /// Every kind with the share of staff, in per mille, who can carry it.
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
        (StaffFault::Dangling, 350),
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
    /// Taught while its teacher teaches another one.
    SameHour,
    /// Its teacher of record is gone, and nobody was named instead.
    NoTeacher,
    /// More students than seats.
    TooFull,
    /// Its teacher entered twice.
    TeacherTwice,
}

impl SectionFault {
    /// Every kind with the share of sections, in per mille, that can carry it.
    pub(super) const ALL: [(SectionFault, u32); 4] = [
        (SectionFault::SameHour, 250),
        (SectionFault::NoTeacher, 450),
        (SectionFault::TooFull, 600),
        (SectionFault::TeacherTwice, 600),
    ];
}

/// Deals the kinds of one list out over the people who can carry them, evenly and without chance.
pub(super) struct Deal<K: 'static> {
    kinds: &'static [(K, u32)],
    /// Eligible people between two of a kind.
    stride: Vec<u32>,
    /// Eligible people to pass before the next of a kind.
    wait: Vec<u32>,
    /// How many of a kind were dealt.
    dealt: Vec<u32>,
    /// Which kind has the first choice of the next person.
    turn: usize,
}

impl<K: Copy> Deal<K> {
    /// For about `people`, of whom `in_ten_thousand` are to carry each kind, and at least `least`.
    pub(super) fn new(kinds: &'static [(K, u32)], people: u32, in_ten_thousand: u32, least: u64) -> Deal<K> {
        let wanted = (u64::from(people) * u64::from(in_ten_thousand) / 10_000).max(least);
        let stride: Vec<u32> =
            kinds.iter().map(|&(_, share)| (u64::from(people) * u64::from(share) / 1000 / wanted).max(1) as u32).collect();
        let wait = stride.iter().enumerate().map(|(kind, stride)| stride / 4 + kind as u32 / 4).collect();
        Deal { kinds, dealt: vec![0; stride.len()], stride, wait, turn: 0 }
    }

    /// The kind that the next person carries, with how many of it went before.
    pub(super) fn next(&mut self, eligible: impl Fn(K) -> bool) -> Option<(K, u32)> {
        // Of those that are due, the one dealt least: in a small district there are hardly people enough for all kinds.
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

/// What ails one row of a student, and is seen only when it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spoil {
    Nothing,
    Unreadable,
    /// The first or the second of the two columns of this row that can be left empty.
    Missing(u32),
    UnknownCode,
    /// An unknown code among the members of a set.
    UnknownMember,
    Dangling,
    /// A reference to another parent than the dangling one.
    Orphan,
    Twice,
    /// What is reported contradicts itself.
    Contradiction,
    /// The first or the second of the exit codes that are not in use any more.
    UnmappedCodePeriod(u32),
    /// A value that stands for none.
    Placeholder,
    /// A character that cannot be seen.
    OddCharacter,
    /// A digit where a letter should be.
    Digit,
}

/// A planted fault, or a finding that follows from one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The rule that finds it.
    pub rule: &'static str,
    /// What the finding is about, spelled as the rule spells it, parts joined by `|`. Where the rule's own
    /// subject cannot be known beforehand it stands for it: `table|key` of an unreadable row (REF-003) or of a
    /// key with two contents (REF-009), `table|key|column` of a missing value (REF-004), and for people with
    /// one name and birth date (DUP-002) or one login (DUP-004) `dup:` and their staff ids in order, joined by `+`.
    pub subject: String,
}

/// The answers that are being collected.
#[derive(Default)]
pub(super) struct Answers(pub(super) Vec<Planted>);

impl Answers {
    /// Notes a finding.
    pub(super) fn note(&mut self, rule: &'static str, subject: String) {
        self.0.push(Planted { rule, subject });
    }
}
