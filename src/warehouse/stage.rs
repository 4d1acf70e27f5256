//! Staging: each row of a table, projected to what the files, joins and counts read. One function per table says where
//! its rows go; nothing here remembers anything.

use super::assessment_file::{AssessmentRow, Cut, GradeSlot, Scale};
use super::demographics::Group;
use super::references::{Counted, References, counted, is_counted};
use super::staff_file::{Assignment, Credential, CredentialRow, SectionRow, StaffRow, validity};
use super::student_file::{Enrollment, Status, StudentFacts, StudentRow, TestResult};
use crate::dataflow::{Diff, Time, ports};
use crate::model::codes::{EnrollmentStatus, Grade, SchoolLevel, Subject};
use crate::model::{
    AssessmentId, Codes, CourseId, CredentialId, Finding, Fixed, Interval, MatchKey, OrgId, Record, Row, SectionId, StaffId,
    StateStaffId, StudentId,
};
use differential_dataflow::difference::Multiply;
use serde::{Deserialize, Serialize};

/// What several members of staff may share and should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Block {
    /// A state's number for an educator.
    StateStaff(StateStaffId),
    /// Name and birth date.
    NameAndBirth(MatchKey),
}

/// The columns of a course that sections read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CourseFacts {
    /// Its subject.
    pub subject: Option<Subject>,
    /// The grades it is meant for.
    pub grades: Codes<Grade>,
}

impl CourseFacts {
    /// Stands in for a course that is referred to and missing.
    pub const MISSING: CourseFacts = CourseFacts { subject: None, grades: Codes::EMPTY };
}

/// A row under its key, with time and difference.
type Keyed<K, V> = ((K, V), Time, Diff);

ports! {
    /// Where rows go.
    pub struct Staged => StagedStreams {
        /// What rules say about single rows.
        findings: ((Finding, Interval), Time, Diff),
        /// Rows of student files that need no join.
        students: Keyed<StudentId, StudentRow>,
        /// Enrollments by school.
        enrollments: Keyed<OrgId, (StudentId, Enrollment)>,
        /// Results by what they are measured by.
        results: Keyed<(AssessmentId, GradeSlot), (StudentId, TestResult)>,
        /// Rows of staff files that need no join.
        staff: Keyed<StaffId, StaffRow>,
        /// Rows of credential files.
        credentials: Keyed<CredentialId, CredentialRow>,
        /// Levels of organizations.
        organizations: Keyed<OrgId, Option<SchoolLevel>>,
        /// Courses.
        courses: Keyed<CourseId, CourseFacts>,
        /// Sections by course, their course's columns still missing.
        sections: Keyed<CourseId, (SectionId, SectionRow)>,
        /// Rows of section files that need no join.
        section_rows: Keyed<SectionId, SectionRow>,
        /// Rows of assessment files.
        assessments: Keyed<AssessmentId, AssessmentRow>,
        /// What staff may not share.
        blocks: Keyed<Block, StaffId>,
        /// References and unknown codes.
        counts: (Counted, Time, References),
    }
}

/// Sends a row where it is read.
pub fn stage(record: &Record, time: Time, diff: Diff, out: &mut Staged) {
    let table = record.table();
    record.visit(&mut |column, seen| {
        if let Some((counted, references)) = counted(table, column, seen) {
            out.counts.push((counted, time, references.multiply(&diff)));
        }
    });
    if is_counted(table) {
        out.counts.push((Counted::Parent(table, record.symbol()), time, References::ROW.multiply(&diff)));
    }
    match record {
        Record::Organization(row) => out.organizations.push(((row.key(), row.school_level), time, diff)),
        Record::Student(row) => {
            let facts = StudentFacts {
                birth_date: row.birth_date,
                sex: row.sex,
                is_hispanic: row.is_hispanic,
                race: row.race,
                grade_level: row.grade_level,
                is_enabled: row.is_enabled,
            };
            out.students.push(((row.student_id, StudentRow::Student(facts)), time, diff));
        }
        Record::StudentStatus(row) => {
            let status = Status {
                interval: Interval::new(row.begin_date, row.end_date),
                group: Group::of(row.status_type, row.status_value),
                id: row.status_id,
            };
            out.students.push(((row.student_id, StudentRow::Status(status)), time, diff));
        }
        Record::SchoolEnrollment(row) => {
            let enrollment = Enrollment {
                entry_date: row.entry_date,
                exit_date: row.exit_date,
                id: row.enrollment_id,
                school: row.school_id,
                school_level: None,
                school_year: row.school_year,
                grade_level: row.grade_level,
                entry_type: row.entry_type,
                exit_type: row.exit_type,
                status: row.status.unwrap_or(EnrollmentStatus::Primary),
                membership_fte: row.membership_fte.unwrap_or(Fixed(10_000)),
                is_no_show: row.is_no_show == Some(true),
            };
            out.enrollments.push(((row.school_id, (row.student_id, enrollment)), time, diff));
        }
        Record::AssessmentResult(row) => {
            let result = TestResult {
                date: row.administration_date,
                id: row.result_id,
                assessment: row.assessment_id,
                school: row.school_id,
                school_year: row.school_year,
                grade_level: row.grade_level,
                participation: row.participation,
                score: row.score,
                reported: row.is_proficient,
                is_retest: row.is_retest == Some(true),
                scale: Scale::default(),
            };
            let measured_by = (row.assessment_id, GradeSlot::of(row.grade_level));
            out.results.push(((measured_by, (row.student_id, result)), time, diff));
        }
        Record::Staff(row) => {
            out.staff.push(((row.staff_id, StaffRow::Staff), time, diff));
            let shared = [row.state_staff_id.map(Block::StateStaff), row.match_key.map(Block::NameAndBirth)];
            out.blocks.extend(shared.into_iter().flatten().map(|block| ((block, row.staff_id), time, diff)));
        }
        Record::StaffAssignment(row) => {
            let assignment = Assignment {
                interval: Interval::new(row.begin_date, row.end_date),
                id: row.assignment_id,
                org: row.org_id,
                school_year: row.school_year,
                role: row.role,
                subject: row.subject,
                fte: row.fte,
            };
            out.staff.push(((row.staff_id, StaffRow::Assignment(assignment)), time, diff));
        }
        Record::Credential(row) => {
            let credential =
                Credential { id: row.credential_id, valid: validity(row), expiration_date: row.expiration_date };
            let held = CredentialRow::Credential { staff: row.staff_id, credential };
            out.credentials.push(((row.credential_id, held), time, diff));
        }
        Record::CredentialAuthorization(row) => {
            let interval = Interval::new(row.issue_date.unwrap_or(crate::model::Date::MIN), row.expiration_date);
            let authorization = CredentialRow::Authorization { id: row.key, subject: row.subject, interval };
            out.credentials.push(((row.credential_id, authorization), time, diff));
        }
        Record::Course(row) => {
            let facts = CourseFacts { subject: row.subject, grades: row.grades };
            out.courses.push(((row.course_id, facts), time, diff));
        }
        Record::Section(row) => {
            let section = SectionRow::Section {
                school_year: row.school_year,
                is_active: row.is_active != Some(false),
                subject: None,
                grades: Codes::EMPTY,
            };
            out.sections.push(((row.course_id, (row.section_id, section)), time, diff));
        }
        Record::SectionStaff(row) => {
            let staff = SectionRow::Staff {
                id: row.section_staff_id,
                staff: row.staff_id,
                role: row.role,
                interval: Interval::new(row.begin_date.unwrap_or(crate::model::Date::MIN), row.end_date),
            };
            out.section_rows.push(((row.section_id, staff), time, diff));
        }
        Record::Assessment(row) => {
            let is_accountability = row.is_accountability == Some(true);
            let scale = AssessmentRow::Assessment { is_accountability, score_min: row.score_min, score_max: row.score_max };
            out.assessments.push(((row.assessment_id, scale), time, diff));
        }
        Record::AssessmentCut(row) => {
            let cut = Cut { min_score: row.min_score, level_rank: row.level_rank, is_proficient: row.is_proficient };
            let cut = AssessmentRow::Cut { grade: row.grade, cut };
            out.assessments.push(((row.assessment_id, cut), time, diff));
        }
        // The clock says which day it is before anything flows.
        _ => {}
    }
}
