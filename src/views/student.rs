//! The file of a student: the student's own record, enrollments, statuses, results, rosters, tests that are expected and
//! programs, each projected to what rules and relations read. What belongs to schools, assessments, sections and programs
//! has already been joined in.

use super::assessment::Scale;
use super::section::ClassRow;
use crate::model::codes::{
    Code, EnrollmentStatus, EntryType, ExitType, Grade, Participation as Took, ProgramArm, ProgramExit, RaceFlag,
    SchoolLevel, ScoreType, Sex, StatusType, Subject,
};
use crate::model::{
    AssessmentId, CalendarId, Codes, Date, EnrollmentId, Fixed, Fte, Interval, OrgId, ParticipationId, ProgramId, ResultId,
    SchoolEnrollment, SchoolYear, Score, SectionEnrollmentId, SectionId, StudentId, Text, date,
};
use crate::tallies::demographics::Group;
use serde::{Deserialize, Serialize};

/// The student's own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StudentFacts {
    /// Birth date.
    pub birth_date: Option<Date>,
    /// Sex.
    pub sex: Option<Sex>,
    /// Hispanic ethnicity.
    pub is_hispanic: Option<bool>,
    /// Races.
    pub race: Codes<RaceFlag>,
    /// Grade as the record states it.
    pub grade_level: Option<Grade>,
    /// Whether the source holds the student as current.
    pub is_enabled: Option<bool>,
    /// Whether the question about race was declined.
    pub race_declined: bool,
    /// Whether there is a number of the state.
    pub has_state_id: bool,
}

impl Default for StudentFacts {
    fn default() -> Self {
        StudentFacts {
            birth_date: None,
            sex: None,
            is_hispanic: None,
            race: Codes::EMPTY,
            grade_level: None,
            is_enabled: None,
            race_declined: false,
            has_state_id: false,
        }
    }
}

/// An enrollment. Entry comes first, so that a file's enrollments are in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Enrollment {
    /// First day.
    pub entry_date: Date,
    /// First day no longer there.
    pub exit_date: Option<Date>,
    /// The enrollment.
    pub id: EnrollmentId,
    /// The school.
    pub school: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// Grade.
    pub grade_level: Grade,
    /// How the student entered.
    pub entry_type: Option<EntryType>,
    /// Why the student left.
    pub exit_type: Option<ExitType>,
    /// Role among the student's enrollments.
    pub status: EnrollmentStatus,
    /// Share of full membership.
    pub membership_fte: Fte,
    /// Whether the student never came.
    pub is_no_show: bool,
    /// Whether the grade is repeated.
    pub is_repeating: bool,
}

/// What a school and its calendar say of an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Schooling {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Whether the school is there.
    pub is_known: bool,
    /// Its level; none when it is missing.
    pub level: Option<SchoolLevel>,
    /// Lowest grade of the school.
    pub grade_low: Option<Grade>,
    /// Highest grade of the school.
    pub grade_high: Option<Grade>,
    /// First day the school was open.
    pub open_date: Option<Date>,
    /// First day it was closed.
    pub close_date: Option<Date>,
    /// The calendar that counts the days.
    pub calendar: Option<CalendarId>,
    /// Days of instruction within the enrollment.
    pub days_enrolled: Option<u16>,
    /// The day from which a section is missed; none when the school has no sections that year.
    pub roster_due: Option<Date>,
}

impl Enrollment {
    /// What a row of the table says.
    pub fn of(row: &SchoolEnrollment) -> Enrollment {
        Enrollment {
            entry_date: row.entry_date,
            exit_date: row.exit_date,
            id: row.enrollment_id,
            school: row.school_id,
            school_year: row.school_year,
            grade_level: row.grade_level,
            entry_type: row.entry_type,
            exit_type: row.exit_type,
            status: row.status.unwrap_or(EnrollmentStatus::Primary),
            membership_fte: row.membership_fte.unwrap_or(Fixed(10_000)),
            is_no_show: row.is_no_show == Some(true),
            is_repeating: row.is_repeating == Some(true),
        }
    }

    /// The days of membership.
    pub fn interval(&self) -> Interval {
        Interval::new(self.entry_date, self.exit_date)
    }

    /// Whether it is a membership that took place: not empty, no no-show, not declared invalid.
    pub fn counts(&self) -> bool {
        let void = matches!(self.exit_type, Some(ExitType::NoShow | ExitType::Invalid));
        !self.interval().is_empty() && !void && !self.is_no_show
    }

    /// Whether it is a primary membership that took place.
    pub fn is_primary(&self) -> bool {
        self.status == EnrollmentStatus::Primary && self.counts()
    }
}

/// A status, projected to the group that it puts the student in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Status {
    /// When it holds.
    pub interval: Interval,
    /// The group; most statuses make one.
    pub group: Option<Group>,
    /// Which characteristic.
    pub status_type: StatusType,
    /// Tells apart two statuses that say the same.
    pub id: crate::model::StatusId,
}

/// A test result as it is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StatedResult {
    /// Day of the test.
    pub date: Option<Date>,
    /// The result.
    pub id: ResultId,
    /// The assessment.
    pub assessment: AssessmentId,
    /// The school that reports it.
    pub school: Option<OrgId>,
    /// School year.
    pub school_year: SchoolYear,
    /// Grade when tested.
    pub grade_level: Option<Grade>,
    /// Whether tested.
    pub participation: Took,
    /// Score.
    pub score: Option<Score>,
    /// What the score is expressed in.
    pub score_type: Option<ScoreType>,
    /// Performance level as reported.
    pub level: Option<Text>,
    /// Proficiency as reported.
    pub reported: Option<bool>,
    /// Whether it repeats an earlier test.
    pub is_retest: bool,
}

/// A test result with what its assessment and the cuts of its grade say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TestResult {
    stated: StatedResult,
    /// What the score means on the scale of the assessment.
    pub scale: Scale,
}

impl std::ops::Deref for TestResult {
    type Target = StatedResult;
    fn deref(&self) -> &StatedResult {
        &self.stated
    }
}

/// A student on the roster of a section, on the days of the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Roster {
    /// The section.
    pub section: SectionId,
    /// The days; empty when the section is missing or does not meet on any of them.
    pub interval: Interval,
    /// The row.
    pub id: SectionEnrollmentId,
    /// School of the section; none when it is missing.
    pub school: Option<OrgId>,
    /// School year of the section.
    pub school_year: Option<SchoolYear>,
    /// Whether it is the student's homeroom.
    pub is_homeroom: bool,
    /// Whether the student dropped it.
    pub is_dropped: bool,
}

impl Roster {
    /// Whether the student was really there on some day.
    pub fn counts(&self) -> bool {
        !self.is_dropped && !self.interval.is_empty()
    }
}

/// A test that the student is expected to take, because of an enrollment on the first day of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Expected {
    /// The assessment.
    pub assessment: AssessmentId,
    /// First day of the enrollment.
    pub entry_date: Date,
    /// Grade, by its position.
    pub grade: u8,
    /// The school.
    pub school: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// First day of the window.
    pub begin: Date,
    /// First day after the window.
    pub end: Date,
}

/// A student in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Participation {
    /// The program.
    pub program: ProgramId,
    /// The days.
    pub interval: Interval,
    /// The row.
    pub id: ParticipationId,
    /// The school.
    pub school: Option<OrgId>,
    /// Arm of the evaluation.
    pub arm: ProgramArm,
    /// Minutes received.
    pub dosage_minutes: Option<i32>,
    /// Why the student left the program.
    pub exit_reason: Option<ProgramExit>,
}

/// A row of a student's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StudentRow {
    /// The student's own record: at most one.
    Student(StudentFacts),
    /// An enrollment.
    Enrollment(Enrollment),
    /// What its school says of it.
    Schooling(Schooling),
    /// A status.
    Status(Status),
    /// A result.
    Result(StatedResult),
    /// What the score of a result means.
    Scale(ResultId, Scale),
    /// A roster.
    Roster(Roster),
    /// An expected test.
    Expected(Expected),
    /// A participation.
    Participation(Participation),
    /// The subject whose scores tell whether the program of a participation works.
    Target(ParticipationId, Option<Subject>),
}

/// Everything about one student.
#[derive(Debug)]
pub struct StudentView<'a> {
    /// Who.
    pub id: StudentId,
    /// The student's own record; none when others refer to a student who is missing.
    pub student: Option<StudentFacts>,
    /// Enrollments by entry.
    pub enrollments: &'a [Enrollment],
    /// What the schools say of them, in no order that means anything.
    pub schooling: &'a [Schooling],
    /// Statuses by begin.
    pub statuses: &'a [Status],
    /// Results by day.
    pub results: &'a [TestResult],
    /// Rosters by section and begin.
    pub rosters: &'a [Roster],
    /// Expected tests by assessment and entry.
    pub expected: &'a [Expected],
    /// Participations by program and begin.
    pub participations: &'a [Participation],
    /// The subjects whose scores tell whether their programs work, by participation.
    targets: &'a [(ParticipationId, Option<Subject>)],
}

/// A test that is expected of a student, whichever enrollments say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedTest {
    /// The test, with the grade that counts.
    pub test: Expected,
    /// The school; none when several claim the student.
    pub school: Option<OrgId>,
    /// Whether there is any result of it.
    pub has_result: bool,
    /// Whether the student was tested.
    pub was_tested: bool,
}

impl StudentView<'_> {
    /// The school of the primary enrollment on a day, if exactly one school claims the student.
    pub fn school_on(&self, day: Option<Date>) -> Option<OrgId> {
        let day = day?;
        let mut schools = self.enrollments.iter().filter(|e| e.is_primary() && e.interval().contains(day)).map(|e| e.school);
        let school = schools.next()?;
        schools.all(|other| other == school).then_some(school)
    }

    /// What the school says of an enrollment.
    pub fn schooling_of(&self, enrollment: &Enrollment) -> Option<&Schooling> {
        self.schooling.iter().find(|schooling| schooling.enrollment == enrollment.id)
    }

    /// The subject whose scores tell whether the program of a participation works.
    pub fn target_of(&self, participation: &Participation) -> Option<Subject> {
        self.targets.iter().find(|(id, _)| *id == participation.id).and_then(|(_, subject)| *subject)
    }

    /// The days on which the student was enrolled anywhere, merged.
    pub fn enrolled(&self) -> Vec<Interval> {
        let mut days: Vec<Interval> = self.enrollments.iter().filter(|e| e.counts()).map(Enrollment::interval).collect();
        date::union(&mut days);
        days
    }

    /// The tests that are expected, each once: by the first enrollment that says so, and of several that begin together by
    /// the lowest grade.
    pub fn expected_tests(&self) -> impl Iterator<Item = ExpectedTest> {
        self.expected.chunk_by(|a, b| a.assessment == b.assessment).map(|of_test| {
            // Rows are in the order of entry and grade.
            let test = of_test[0];
            let mut schools = of_test.iter().filter(|other| other.entry_date == test.entry_date).map(|other| other.school);
            let results = || self.results.iter().filter(|result| result.assessment == test.assessment);
            ExpectedTest {
                test,
                school: schools.all(|school| school == test.school).then_some(test.school),
                has_result: results().next().is_some(),
                was_tested: results().any(|result| result.participation == Took::Tested),
            }
        })
    }

    /// The grades that the student brings to sections.
    pub fn classes(&self, out: &mut impl FnMut(SectionId, ClassRow)) {
        let last = Grade::G13.rank();
        for roster in self.rosters.iter().filter(|roster| roster.counts()) {
            let at_school = self
                .enrollments
                .iter()
                .filter(|e| e.is_primary() && Some(e.school) == roster.school && Some(e.school_year) == roster.school_year);
            let latest = at_school.map(|e| (e.entry_date, e.grade_level.rank())).max();
            if let Some(rank) = latest.and_then(|(_, rank)| rank).filter(|rank| Some(*rank) <= last) {
                out(roster.section, ClassRow::Grade(rank));
            }
        }
    }
}

/// Room to sort a file's rows by kind, used over and over.
#[derive(Default)]
pub struct StudentViewBuilder {
    enrollments: Vec<Enrollment>,
    schooling: Vec<Schooling>,
    statuses: Vec<Status>,
    results: Vec<TestResult>,
    rosters: Vec<Roster>,
    expected: Vec<Expected>,
    participations: Vec<Participation>,
    targets: Vec<(ParticipationId, Option<Subject>)>,
    scales: Vec<(ResultId, Scale)>,
}

impl StudentViewBuilder {
    /// The file made of these rows.
    pub fn view<'a>(&'a mut self, id: StudentId, rows: &[StudentRow]) -> StudentView<'a> {
        self.enrollments.clear();
        self.schooling.clear();
        self.statuses.clear();
        self.results.clear();
        self.rosters.clear();
        self.expected.clear();
        self.participations.clear();
        self.targets.clear();
        self.scales.clear();
        let mut student = None;
        for row in rows {
            match *row {
                StudentRow::Student(facts) => student = Some(facts),
                StudentRow::Enrollment(enrollment) => self.enrollments.push(enrollment),
                StudentRow::Schooling(schooling) => self.schooling.push(schooling),
                StudentRow::Status(status) => self.statuses.push(status),
                StudentRow::Result(stated) => self.results.push(TestResult { stated, scale: Scale::default() }),
                StudentRow::Scale(result, scale) => self.scales.push((result, scale)),
                StudentRow::Roster(roster) => self.rosters.push(roster),
                StudentRow::Expected(expected) => self.expected.push(expected),
                StudentRow::Participation(participation) => self.participations.push(participation),
                StudentRow::Target(participation, subject) => self.targets.push((participation, subject)),
            }
        }
        for result in &mut self.results {
            // Rows are in their order, so that scales are in the order of results.
            if let Ok(place) = self.scales.binary_search_by_key(&result.stated.id, |(id, _)| *id) {
                result.scale = self.scales[place].1;
            }
        }
        StudentView {
            id,
            student,
            enrollments: &self.enrollments,
            schooling: &self.schooling,
            statuses: &self.statuses,
            results: &self.results,
            rosters: &self.rosters,
            expected: &self.expected,
            participations: &self.participations,
            targets: &self.targets,
        }
    }
}
