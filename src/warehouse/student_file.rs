//! The file of a student: the student's own record, enrollments, statuses and results, each projected to what rules
//! and relations read. A school's level and an assessment's scale have already been joined in.

use super::assessment_file::Scale;
use super::demographics::Group;
use crate::model::codes::{EnrollmentStatus, EntryType, ExitType, Grade, Participation, RaceFlag, SchoolLevel, Sex};
use crate::model::{AssessmentId, Codes, Date, EnrollmentId, Fte, Interval, OrgId, ResultId, SchoolYear, Score, StudentId};
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
    /// Its level, joined in; none when the school is missing.
    pub school_level: Option<SchoolLevel>,
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
}

impl Enrollment {
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
    /// Tells apart two statuses that say the same.
    pub id: crate::model::StatusId,
}

/// A test result with what its assessment and the cuts of its grade say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TestResult {
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
    pub participation: Participation,
    /// Score.
    pub score: Option<Score>,
    /// Proficiency as reported.
    pub reported: Option<bool>,
    /// Whether it repeats an earlier test.
    pub is_retest: bool,
    /// What the score means on the scale of the assessment; joined in.
    pub scale: Scale,
}

/// A row of a student's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StudentRow {
    /// The student's own record: at most one.
    Student(StudentFacts),
    /// An enrollment.
    Enrollment(Enrollment),
    /// A status.
    Status(Status),
    /// A result.
    Result(TestResult),
}

/// Everything about one student.
#[derive(Debug)]
pub struct StudentFile<'a> {
    /// Who.
    pub id: StudentId,
    /// The student's own record; none when others refer to a student who is missing.
    pub student: Option<StudentFacts>,
    /// Enrollments by entry.
    pub enrollments: &'a [Enrollment],
    /// Statuses by begin.
    pub statuses: &'a [Status],
    /// Results by day.
    pub results: &'a [TestResult],
}

impl StudentFile<'_> {
    /// The school of the primary enrollment on a day, if exactly one school claims the student.
    pub fn school_on(&self, day: Option<Date>) -> Option<OrgId> {
        let day = day?;
        let mut schools = self.enrollments.iter().filter(|e| e.is_primary() && e.interval().contains(day)).map(|e| e.school);
        let school = schools.next()?;
        schools.all(|other| other == school).then_some(school)
    }
}

/// Room to sort a file's rows by kind, used over and over.
#[derive(Default)]
pub struct StudentSorter {
    enrollments: Vec<Enrollment>,
    statuses: Vec<Status>,
    results: Vec<TestResult>,
}

impl StudentSorter {
    /// The file made of these rows.
    pub fn file<'a>(&'a mut self, id: StudentId, rows: &[StudentRow]) -> StudentFile<'a> {
        self.enrollments.clear();
        self.statuses.clear();
        self.results.clear();
        let mut student = None;
        for row in rows {
            match *row {
                StudentRow::Student(facts) => student = Some(facts),
                StudentRow::Enrollment(enrollment) => self.enrollments.push(enrollment),
                StudentRow::Status(status) => self.statuses.push(status),
                StudentRow::Result(result) => self.results.push(result),
            }
        }
        StudentFile { id, student, enrollments: &self.enrollments, statuses: &self.statuses, results: &self.results }
    }
}
