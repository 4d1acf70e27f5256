//! What belongs to one record and is read with another: a school's calendar by its enrollments, an assessment's scale by
//! its results, a session's days by its sections. Everything of the kind goes through one join of parents and children,
//! whatever the tables, because two arrangements are cheaper than two for every pair.

use super::assessment_file::{GradeSlot, Yardstick};
use super::school_file::SchoolFacts;
use super::section_file::SectionRow;
use super::student_file::{Enrollment, Expected, Participation, Schooling, StudentRow, TestResult};
use crate::model::codes::{Grade, Subject};
use crate::model::{
    AssessmentId, CalendarId, Codes, CourseId, Date, Interval, OrgId, ProgramId, SchoolYear, SectionId, SessionId, StudentId,
};
use serde::{Deserialize, Serialize};

/// What children are joined by.
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
    Yardstick(AssessmentId, GradeSlot),
    /// The tests that a grade is expected to take in a school year; the grade by its position.
    Testing(SchoolYear, u8),
}

/// What a parent hands to its children.
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
    /// What results are measured by.
    Yardstick(Yardstick),
    /// A test that is expected to be taken; one of several for its key.
    Test(Test),
}

/// What children keep of themselves until they are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Child {
    /// An enrollment, by school; with the calendar it states.
    Enrollment(StudentId, Enrollment, Option<CalendarId>),
    /// An enrollment, by school year and grade, as far as it may be expected to be tested.
    Taker(StudentId, Taker),
    /// A result, by what it is measured by.
    Result(StudentId, TestResult),
    /// A participation, by program.
    Participation(StudentId, Participation),
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
    /// The subject whose scores tell whether it works.
    pub target_subject: Option<Subject>,
}

impl ProgramFacts {
    /// Stands in for a program that is referred to and missing, so that no participation is lost.
    pub const MISSING: ProgramFacts = ProgramFacts { target_subject: None };
}

/// A test that students of a grade are expected to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Test {
    /// The assessment.
    pub assessment: AssessmentId,
    /// First day of its window: who is enrolled on it is expected.
    pub begin: Date,
    /// First day after its window.
    pub end: Date,
}

/// An enrollment as far as tests are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Taker {
    /// The days of membership.
    pub interval: Interval,
    /// The school.
    pub school: OrgId,
}

/// A row that goes into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Joined {
    /// Of a student.
    Student(StudentId, StudentRow),
    /// Of a section.
    Section(SectionId, SectionRow),
}

/// Brings a child and its parent together.
pub fn join(key: &ParentKey, child: &Child, parent: &Parent, out: &mut Vec<Joined>) {
    match (*child, parent) {
        (Child::Enrollment(student, mut enrollment, calendar), Parent::School(facts)) => {
            let school = facts.organization;
            enrollment.school_level = school.and_then(|school| school.level);
            let year = facts.year_of(enrollment.school_year, calendar, enrollment.interval());
            let schooling = Schooling {
                enrollment: enrollment.id,
                is_known: school.is_some(),
                grade_low: school.and_then(|school| school.grade_low),
                grade_high: school.and_then(|school| school.grade_high),
                open_date: school.and_then(|school| school.open_date),
                close_date: school.and_then(|school| school.close_date),
                calendar: year.calendar,
                days_enrolled: year.days_enrolled,
                roster_due: year.roster_due,
            };
            out.push(Joined::Student(student, StudentRow::Enrollment(enrollment)));
            out.push(Joined::Student(student, StudentRow::Schooling(schooling)));
        }
        (Child::Taker(student, taker), Parent::Test(test)) => {
            let &ParentKey::Testing(school_year, grade) = key else { return };
            if taker.interval.contains(test.begin) {
                let &Test { assessment, begin, end } = test;
                let (entry_date, school) = (taker.interval.begin, taker.school);
                let expected = Expected { assessment, entry_date, grade, school, school_year, begin, end };
                out.push(Joined::Student(student, StudentRow::Expected(expected)));
            }
        }
        (Child::Result(student, mut result), Parent::Yardstick(yardstick)) => {
            result.scale = yardstick.measure(result.score, result.score_type);
            out.push(Joined::Student(student, StudentRow::Result(result)));
        }
        (Child::Participation(student, mut participation), Parent::Program(program)) => {
            participation.target_subject = program.target_subject;
            out.push(Joined::Student(student, StudentRow::Participation(participation)));
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
            out.extend(limits.map(|&(holds, limit)| Joined::Section(section, SectionRow::Limit(holds, limit))));
        }
        // A key holds parents of one kind and their children.
        _ => {}
    }
}
