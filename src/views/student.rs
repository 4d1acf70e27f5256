//! The view of a student: the record, enrollments, statuses, results, class enrollments, expected tests and programs.
//! Columns of schools, assessments, sections and programs are already joined in.

use super::assessment::Scale;
use super::section::ClassRow;
use super::view;
use crate::model::codes::{Code, Grade, Participation as Took, SchoolLevel, Subject};
pub use crate::model::tables::assessment_result::StatedResult;
pub use crate::model::tables::program_participation::Participation;
pub use crate::model::tables::school_enrollment::Enrollment;
pub use crate::model::tables::student::StudentFacts;
pub use crate::model::tables::student_status::Status;
use crate::model::{
    AssessmentId, CalendarId, Date, EnrollmentId, Interval, OrgId, ParticipationId, ResultId, SchoolYear,
    SectionEnrollmentId, SectionId, StudentId, date,
};
use serde::{Deserialize, Serialize};

/// The columns of a school and its calendar for an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Schooling {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Whether the school exists.
    pub is_known: bool,
    /// Its level; none if it is missing.
    pub level: Option<SchoolLevel>,
    /// Lowest grade of the school.
    pub grade_low: Option<Grade>,
    /// Highest grade of the school.
    pub grade_high: Option<Grade>,
    /// First day the school was open.
    pub open_date: Option<Date>,
    /// First day it was closed.
    pub close_date: Option<Date>,
    /// The calendar used to count the days.
    pub calendar: Option<CalendarId>,
    /// Instructional days within the enrollment.
    pub days_enrolled: Option<u16>,
    /// The day from which a section is expected; none if the school has no sections that year.
    pub roster_due: Option<Date>,
}

/// A test result with its place on the score scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TestResult {
    stated: StatedResult,
    /// The score on the scale of the assessment.
    pub scale: Scale,
}

impl std::ops::Deref for TestResult {
    type Target = StatedResult;
    fn deref(&self) -> &StatedResult {
        &self.stated
    }
}

/// A class enrollment, limited to the days of the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Roster {
    /// The section.
    pub section: SectionId,
    /// The days; empty if the section is missing or has no day in common.
    pub interval: Interval,
    /// The row.
    pub id: SectionEnrollmentId,
    /// School of the section; none if it is missing.
    pub school: Option<OrgId>,
    /// School year of the section.
    pub school_year: Option<SchoolYear>,
    /// Whether it is the student's homeroom.
    pub is_homeroom: bool,
    /// Whether the student dropped it.
    pub is_dropped: bool,
}

impl Roster {
    /// Whether the student was enrolled on at least one day.
    pub fn counts(&self) -> bool {
        !self.is_dropped && !self.interval.is_empty()
    }
}

/// A test that the student is expected to take because of an enrollment on the first day of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Expected {
    /// The assessment.
    pub assessment: AssessmentId,
    /// First day of the enrollment.
    pub entry_date: Date,
    /// Grade, by position.
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

view! {
    /// Everything about one student.
    StudentView of StudentId, rows StudentRow, builder StudentViewBuilder {
        /// The record; none if other rows refer to a missing student.
        one student, Student: StudentFacts, from Student;
        /// Enrollments by entry.
        many enrollments, Enrollment: Enrollment, from SchoolEnrollment;
        /// The columns of their schools, in no particular order.
        many schooling, Schooling: Schooling;
        /// Statuses by begin.
        many statuses, Status: Status, from StudentStatus;
        /// Results by day.
        many results as TestResult, Result: StatedResult, from AssessmentResult;
        /// The scores of results on their scales, by result.
        many scales, Scale: (ResultId, Scale);
        /// Class enrollments by section and begin.
        many rosters, Roster: Roster;
        /// Expected tests by assessment and entry.
        many expected, Expected: Expected;
        /// Participations by program and begin.
        many participations, Participation: Participation, from ProgramParticipation;
        /// The subjects whose scores measure the effect of programs, by participation.
        many targets, Target: (ParticipationId, Option<Subject>);
    }
    finish measure;
}

/// Joins each result with its score on the scale.
fn measure(builder: &mut StudentViewBuilder) {
    for result in &mut builder.results {
        // Both are sorted, so they are merged in order.
        if let Ok(found) = builder.scales.binary_search_by_key(&result.stated.id, |(id, _)| *id) {
            result.scale = builder.scales[found].1;
        }
    }
}

impl From<StatedResult> for TestResult {
    fn from(stated: StatedResult) -> TestResult {
        TestResult { stated, scale: Scale::default() }
    }
}

/// An expected test, whatever the number of enrollments that expect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedTest {
    /// The test, with the grade that counts.
    pub test: Expected,
    /// The school; none if several claim the student.
    pub school: Option<OrgId>,
    /// Whether it has any result.
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

    /// The columns of the school for an enrollment.
    pub fn schooling_of(&self, enrollment: &Enrollment) -> Option<&Schooling> {
        self.schooling.iter().find(|schooling| schooling.enrollment == enrollment.id)
    }

    /// The subject whose scores measure the effect of a participation's program.
    pub fn target_of(&self, participation: &Participation) -> Option<Subject> {
        self.targets.iter().find(|(id, _)| *id == participation.id).and_then(|(_, subject)| *subject)
    }

    /// The days on which the student was enrolled anywhere, merged.
    pub fn enrolled(&self) -> Vec<Interval> {
        let mut days: Vec<Interval> = self.enrollments.iter().filter(|e| e.counts()).map(Enrollment::interval).collect();
        date::union(&mut days);
        days
    }

    /// Expected tests, each once: by the first enrollment that expects it, or of several that begin on one day the
    /// lowest grade.
    pub fn expected_tests(&self) -> impl Iterator<Item = ExpectedTest> {
        self.expected.chunk_by(|a, b| a.assessment == b.assessment).map(|of_test| {
            // Rows are sorted by entry and grade.
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

    /// The grades that the student adds to sections.
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
