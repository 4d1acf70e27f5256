//! Data of one record that is needed with another: a school's calendar for its enrollments, an assessment's scale for its
//! results, a session's days for its sections. All of it goes through one join of parents and children, whatever the
//! tables, because two arrangements are cheaper than two for every pair.

use super::assessment::{GradeSlot, ScoreScale};
use super::school::SchoolFacts;
use super::section::SectionRow;
use super::student::{Enrollment, Expected, Schooling, StudentRow};
use crate::model::codes::{Code, Grade, ScoreType, Subject};
use crate::model::{
    AssessmentId, CalendarId, Codes, CourseId, Date, EnrollmentId, Interval, OrgId, ParticipationId, ProgramId, Record,
    ResultId, SchoolYear, Score, SectionId, SessionId, StudentId,
};
use serde::{Deserialize, Serialize};

/// The key that children are joined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ParentKey {
    /// An organization.
    Organization(OrgId),
    /// A course.
    Course(CourseId),
    /// A session.
    Session(SessionId),
    /// A program.
    Program(ProgramId),
    /// The scale and cuts of an assessment for a grade.
    ScoreScale(AssessmentId, GradeSlot),
    /// The tests that a grade is expected to take in a school year; the grade by position.
    Testing(SchoolYear, u8),
}

/// The columns that a parent passes to its children.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Parent {
    /// Of a school.
    School(SchoolFacts),
    /// Of a course.
    Course(CourseFacts),
    /// The days of a session.
    Session(Interval),
    /// Of a program.
    Program(ProgramFacts),
    /// A score scale.
    ScoreScale(ScoreScale),
    /// An expected test; a key may have several.
    Test(Test),
}

/// The columns of a child that the join needs. The child itself goes into its view directly, and the joined columns follow
/// under its id, so the widest rows are arranged only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Child {
    /// An enrollment, by school, with its stated calendar.
    Enrollment(StudentId, EnrollmentId, SchoolYear, Interval, Option<CalendarId>),
    /// An enrollment that may expect tests, by school year and grade: days and school.
    TestTaker(StudentId, Interval, OrgId),
    /// A result, by score scale: its score and score type.
    Result(StudentId, ResultId, Option<Score>, Option<ScoreType>),
    /// A participation, by program.
    Participation(StudentId, ParticipationId),
    /// A section, by course, school and sessions.
    Section(SectionId),
}

/// The columns of a course that sections read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CourseFacts {
    /// Its subject.
    pub subject: Option<Subject>,
    /// The grades it is meant for.
    pub grades: Codes<Grade>,
}

/// The columns of a program that participations read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProgramFacts {
    /// The subject whose scores measure its effect.
    pub target_subject: Option<Subject>,
}

impl ProgramFacts {
    /// A placeholder for a missing program, so its participations are not lost.
    pub const MISSING: ProgramFacts = ProgramFacts { target_subject: None };
}

/// A test that students of a grade are expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Test {
    /// The assessment.
    pub assessment: AssessmentId,
    /// First day of its window; students enrolled on this day are expected.
    pub begin: Date,
    /// First day after its window.
    pub end: Date,
}

impl Child {
    /// The children of a record, each with the key of its parent.
    pub fn of(record: &Record, out: &mut impl FnMut(ParentKey, Child)) {
        match record {
            Record::SchoolEnrollment(row) => {
                let enrollment = Enrollment::of(row);
                let (student, interval) = (row.student_id, enrollment.interval());
                let child = Child::Enrollment(student, enrollment.id, row.school_year, interval, row.calendar_id);
                out(ParentKey::Organization(row.school_id), child);
                if let (true, Some(grade)) = (enrollment.is_primary(), enrollment.grade_level.rank()) {
                    let key = ParentKey::Testing(row.school_year, grade);
                    out(key, Child::TestTaker(student, interval, row.school_id));
                }
            }
            Record::AssessmentResult(row) => {
                let key = ParentKey::ScoreScale(row.assessment_id, GradeSlot::of(row.grade_level));
                out(key, Child::Result(row.student_id, row.result_id, row.score, row.score_type));
            }
            Record::ProgramParticipation(row) => {
                let key = ParentKey::Program(row.program_id);
                out(key, Child::Participation(row.student_id, row.participation_id));
            }
            Record::Section(row) => {
                let sessions = row.session_ids.iter().map(ParentKey::Session);
                let parents = sessions.chain([ParentKey::Course(row.course_id), ParentKey::Organization(row.school_id)]);
                parents.for_each(|key| out(key, Child::Section(row.section_id)));
            }
            _ => {}
        }
    }
}

impl Parent {
    /// The columns that a record passes to its children, if no view computes them, with the key of the join.
    pub fn of(record: &Record, out: &mut impl FnMut(ParentKey, Parent)) {
        match record {
            Record::AcademicSession(row) => {
                let interval = Interval::new(row.begin_date, Some(row.end_date));
                out(ParentKey::Session(row.session_id), Parent::Session(interval));
            }
            Record::Program(row) => {
                let facts = ProgramFacts { target_subject: row.target_subject };
                out(ParentKey::Program(row.program_id), Parent::Program(facts));
            }
            Record::Course(row) => {
                let facts = CourseFacts { subject: row.subject, grades: row.grades };
                out(ParentKey::Course(row.course_id), Parent::Course(facts));
            }
            _ => {}
        }
    }
}

/// A row for a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Joined {
    /// Of a student.
    Student(StudentId, StudentRow),
    /// Of a section.
    Section(SectionId, SectionRow),
}

/// Joins a child and its parent.
pub fn join(key: &ParentKey, child: &Child, parent: &Parent, out: &mut Vec<Joined>) {
    match (*child, parent) {
        (Child::Enrollment(student, enrollment, school_year, interval, calendar), Parent::School(facts)) => {
            let school = facts.organization;
            let year = facts.year_of(school_year, calendar, interval);
            let schooling = Schooling {
                enrollment,
                is_known: school.is_some(),
                level: school.and_then(|school| school.level),
                grade_low: school.and_then(|school| school.grade_low),
                grade_high: school.and_then(|school| school.grade_high),
                open_date: school.and_then(|school| school.open_date),
                close_date: school.and_then(|school| school.close_date),
                calendar: year.calendar,
                days_enrolled: year.days_enrolled,
                roster_due: year.roster_due,
            };
            out.push(Joined::Student(student, StudentRow::Schooling(schooling)));
        }
        (Child::TestTaker(student, interval, school), Parent::Test(test)) => {
            let &ParentKey::Testing(school_year, grade) = key else { return };
            if interval.contains(test.begin) {
                let &Test { assessment, begin, end } = test;
                let expected = Expected { assessment, entry_date: interval.begin, grade, school, school_year, begin, end };
                out.push(Joined::Student(student, StudentRow::Expected(expected)));
            }
        }
        (Child::Result(student, result, score, score_type), Parent::ScoreScale(scale)) => {
            let scale = scale.measure(score, score_type);
            out.push(Joined::Student(student, StudentRow::Scale((result, scale))));
        }
        (Child::Participation(student, participation), Parent::Program(program)) => {
            out.push(Joined::Student(student, StudentRow::Target((participation, program.target_subject))));
        }
        (Child::Section(section), Parent::Course(course)) => {
            out.push(Joined::Section(section, SectionRow::Course(*course)));
        }
        (Child::Section(section), Parent::Session(interval)) => {
            out.push(Joined::Section(section, SectionRow::Session(*interval)));
        }
        (Child::Section(section), Parent::School(facts)) => {
            let district = facts.organization.and_then(|school| school.parent);
            out.push(Joined::Section(section, SectionRow::District(district)));
            let limits = facts.section_limits.iter();
            out.extend(limits.map(|&limit| Joined::Section(section, SectionRow::Limit(limit))));
        }
        // A key has parents of one kind and their children.
        _ => {}
    }
}
