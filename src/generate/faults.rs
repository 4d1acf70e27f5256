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
    /// One key, two different rows.
    SameKeyTwice,
    /// Enrolled at a school that has no teacher.
    NoTeacher,
}

impl StudentFault {
    /// Every kind with the share of students, in per mille, who can carry it.
    pub(super) const ALL: [(StudentFault, u32); 15] = [
        (StudentFault::TwoSchools, 800),
        (StudentFault::TwiceAtSchool, 800),
        (StudentFault::PrimaryTwice, 800),
        (StudentFault::ExitBeforeEntry, 800),
        (StudentFault::HalfExit, 700),
        (StudentFault::WrongAge, 900),
        (StudentFault::GoneButEnabled, 90),
        (StudentFault::StaleGrade, 800),
        (StudentFault::ScoreOffScale, 700),
        (StudentFault::UnreadableRow, 400),
        (StudentFault::MissingValue, 400),
        (StudentFault::UnknownCode, 400),
        (StudentFault::Dangling, 400),
        (StudentFault::SameKeyTwice, 400),
        (StudentFault::NoTeacher, 350),
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
}

impl StaffFault {
    /// Every kind with the share of staff, in per mille, who can carry it.
    pub(super) const ALL: [(StaffFault, u32); 11] = [
        (StaffFault::OutOfField, 350),
        (StaffFault::NoCredential, 450),
        (StaffFault::NotValid, 450),
        (StaffFault::EndsSoon, 450),
        (StaffFault::ImpossibleDates, 450),
        (StaffFault::OverAllocated, 700),
        (StaffFault::FteOutOfRange, 700),
        (StaffFault::SharedStateId, 800),
        (StaffFault::SamePersonTwice, 800),
        (StaffFault::UnknownCode, 450),
        (StaffFault::Dangling, 450),
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
    /// For about `people`, of whom `per_mille` are to carry each kind, and at least two.
    pub(super) fn new(kinds: &'static [(K, u32)], people: u32, per_mille: u32) -> Deal<K> {
        let wanted = (u64::from(people) * u64::from(per_mille) / 1000).max(2);
        let stride: Vec<u32> =
            kinds.iter().map(|&(_, share)| (u64::from(people) * u64::from(share) / 1000 / wanted).max(1) as u32).collect();
        let wait = stride.iter().enumerate().map(|(kind, stride)| stride / 4 + kind as u32 / 4).collect();
        Deal { kinds, dealt: vec![0; stride.len()], stride, wait, turn: 0 }
    }

    /// The kind that the next person carries, with how many of it went before.
    pub(super) fn next(&mut self, eligible: impl Fn(K) -> bool) -> Option<(K, u32)> {
        let mut chosen = None;
        for step in 0..self.kinds.len() {
            let index = (self.turn + step) % self.kinds.len();
            if !eligible(self.kinds[index].0) {
                continue;
            }
            if self.wait[index] == 0 && chosen.is_none() {
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
    Twice,
}

/// A planted fault, or a finding that follows from one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// The rule that finds it.
    pub rule: &'static str,
    /// What the finding is about, spelled as the rule spells it, parts joined by `|`. Where the rule's own
    /// subject cannot be known beforehand it stands for it: `table|key` of an unreadable row (REF-003) or of a
    /// key with two contents (REF-009), `table|key|column` of a missing value (REF-004), and for people with
    /// one name and birth date (DUP-002) `dup:` and their staff ids in order, joined by `+`.
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
