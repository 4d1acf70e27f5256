//! Staging: each row of a table, projected to what the files, joins and counts read. One function says where the rows of
//! each table go; nothing here remembers anything.

use super::assessment::{AssessmentFacts, AssessmentRow, Cut, GradeSlot};
use super::match_block::{MatchBlock, Member, blocks};
use super::parents::{Child, CourseFacts, Parent, ParentKey, ProgramFacts};
use super::school::{Day, FamilyRow, OrgFacts, SchoolRow, Standard};
use super::section::{Rostered, SectionFacts, SectionRow, Stated};
use super::staff::{Assignment, Authorization, Credential, CredentialRow, Employment, StaffRow, validity};
use super::student::{Enrollment, Participation, StatedResult, Status, StudentFacts, StudentRow};
use crate::dataflow::{Diff, Time, ports};
use crate::model::codes::{Code, Population, ProgramArm, SessionType};
use crate::model::{AssessmentId, CredentialId, Date, Finding, Interval, OrgId, Record, SectionId, StaffId, StudentId};
use crate::tallies::demographics::Group;
use crate::tallies::references::{Counted, Use, counted, is_counted};

/// A row under its key, with time and difference.
type Keyed<K, V> = ((K, V), Time, Diff);

ports! {
    /// Where rows go.
    pub struct Staged => StagedStreams {
        /// What rules say about single rows.
        findings: ((Finding, Interval), Time, Diff),
        /// Rows of student files that need no join.
        students: Keyed<StudentId, StudentRow>,
        /// Rows that something of another record is joined to.
        children: Keyed<ParentKey, Child>,
        /// What is joined to them, as far as no file makes it.
        parents: Keyed<ParentKey, Parent>,
        /// Rows of school files.
        schools: Keyed<OrgId, SchoolRow>,
        /// Organizations and standards, by the organization above.
        families: Keyed<OrgId, FamilyRow>,
        /// Rows of staff files that need no join.
        staff: Keyed<StaffId, StaffRow>,
        /// Rows of credential files.
        credentials: Keyed<CredentialId, CredentialRow>,
        /// Rows of section files that need no join.
        sections: Keyed<SectionId, SectionRow>,
        /// Rows of assessment files.
        assessments: Keyed<AssessmentId, AssessmentRow>,
        /// What records may not share.
        blocks: Keyed<MatchBlock, Member>,
        /// References and unknown codes.
        counts: Keyed<Counted, Use>,
    }
}

/// Sends a row where it is read.
pub fn stage(record: &Record, time: Time, diff: Diff, out: &mut Staged) {
    let table = record.table();
    record.visit(&mut |column, seen| {
        out.counts.extend(counted(table, column, seen).map(|counted| (counted, time, diff)));
    });
    if is_counted(table) {
        out.counts.push(((Counted::Parent(table, record.symbol()), Use::Row), time, diff));
    }
    blocks(record, &mut |block, member| out.blocks.push(((block, member), time, diff)));
    match record {
        Record::Organization(row) => {
            let facts = OrgFacts {
                org_type: row.org_type,
                parent: row.parent_org_id,
                level: row.school_level,
                grade_low: row.grade_low,
                grade_high: row.grade_high,
                status: row.status,
                open_date: row.open_date,
                close_date: row.close_date,
            };
            out.schools.push(((row.org_id, SchoolRow::Organization(facts)), time, diff));
            if let Some(parent) = row.parent_org_id.filter(|parent| *parent != row.org_id) {
                out.families.push(((parent, FamilyRow::Child(row.org_id, row.school_level)), time, diff));
            }
        }
        Record::AcademicSession(row) => {
            let interval = Interval::new(row.begin_date, Some(row.end_date));
            out.parents.push(((ParentKey::Session(row.session_id), Parent::Session(interval)), time, diff));
            if let (Some(school), SessionType::SchoolYear) = (row.school_id, row.session_type) {
                out.schools.push(((school, SchoolRow::Year(row.school_year, interval)), time, diff));
            }
        }
        Record::CalendarDay(row) => {
            let day = Day {
                school_year: row.school_year,
                calendar: row.calendar_id,
                date: row.date,
                id: row.key,
                is_instructional: row.is_instructional,
                day_type: row.day_type,
            };
            out.schools.push(((row.school_id, SchoolRow::Day(day)), time, diff));
        }
        Record::StaffingStandard(row) => {
            let standard = Standard {
                from: row.effective_from.unwrap_or(Date::MIN),
                id: row.standard_id,
                role: row.role,
                max_students_per_fte: row.max_students_per_fte,
                min_fte: row.min_fte,
                max_section_size: row.max_section_size,
            };
            out.schools.push(((row.org_id, SchoolRow::Standard(standard, true)), time, diff));
            out.families.push(((row.org_id, FamilyRow::Standard(standard, row.school_level)), time, diff));
        }
        Record::Student(row) => {
            let facts = StudentFacts {
                birth_date: row.birth_date,
                sex: row.sex,
                is_hispanic: row.is_hispanic,
                race: row.race,
                grade_level: row.grade_level,
                is_enabled: row.is_enabled,
                race_declined: row.race_declined == Some(true),
                has_state_id: row.state_student_id.is_some(),
            };
            out.students.push(((row.student_id, StudentRow::Student(facts)), time, diff));
        }
        Record::StudentStatus(row) => {
            let status = Status {
                interval: Interval::new(row.begin_date, row.end_date),
                group: Group::of(row.status_type, row.status_value),
                status_type: row.status_type,
                id: row.status_id,
            };
            out.students.push(((row.student_id, StudentRow::Status(status)), time, diff));
        }
        Record::SchoolEnrollment(row) => {
            let enrollment = Enrollment::of(row);
            let (student, interval) = (row.student_id, enrollment.interval());
            out.students.push(((student, StudentRow::Enrollment(enrollment)), time, diff));
            let child = Child::Enrollment(student, enrollment.id, row.school_year, interval, row.calendar_id);
            out.children.push(((ParentKey::Organization(row.school_id), child), time, diff));
            if let (true, Some(grade)) = (enrollment.is_primary(), enrollment.grade_level.rank()) {
                let key = ParentKey::Testing(row.school_year, grade);
                out.children.push(((key, Child::RecordSink(student, interval, row.school_id)), time, diff));
            }
        }
        Record::AssessmentResult(row) => {
            let result = StatedResult {
                date: row.administration_date,
                id: row.result_id,
                assessment: row.assessment_id,
                school: row.school_id,
                school_year: row.school_year,
                grade_level: row.grade_level,
                participation: row.participation,
                score: row.score,
                score_type: row.score_type,
                level: row.level_code,
                reported: row.is_proficient,
                is_retest: row.is_retest == Some(true),
            };
            let key = ParentKey::Yardstick(row.assessment_id, GradeSlot::of(row.grade_level));
            out.students.push(((row.student_id, StudentRow::Result(result)), time, diff));
            let child = Child::Result(row.student_id, row.result_id, row.score, row.score_type);
            out.children.push(((key, child), time, diff));
        }
        Record::SectionEnrollment(row) => {
            let rostered = Rostered {
                student: row.student_id,
                id: row.section_enrollment_id,
                interval: Interval::new(row.begin_date.unwrap_or(Date::MIN), row.end_date),
                is_homeroom: row.is_homeroom == Some(true),
                is_dropped: row.is_dropped == Some(true),
            };
            out.sections.push(((row.section_id, SectionRow::Student(rostered)), time, diff));
        }
        Record::ProgramParticipation(row) => {
            let participation = Participation {
                program: row.program_id,
                interval: Interval::new(row.begin_date, row.end_date),
                id: row.participation_id,
                school: row.school_id,
                arm: row.arm.unwrap_or(ProgramArm::Treatment),
                dosage_minutes: row.dosage_minutes,
                exit_reason: row.exit_reason,
            };
            let key = ParentKey::Program(row.program_id);
            out.students.push(((row.student_id, StudentRow::Participation(participation)), time, diff));
            out.children.push(((key, Child::Participation(row.student_id, row.participation_id)), time, diff));
        }
        Record::Program(row) => {
            let facts = ProgramFacts { target_subject: row.target_subject };
            out.parents.push(((ParentKey::Program(row.program_id), Parent::Program(facts)), time, diff));
        }
        Record::Staff(row) => {
            out.staff.push(((row.staff_id, StaffRow::Staff(row.years_experience)), time, diff));
        }
        Record::StaffEmployment(row) => {
            let employment = Employment {
                interval: Interval::new(row.hire_date, row.end_date),
                id: row.employment_id,
                org: row.org_id,
                contract_fte: row.contract_fte,
            };
            out.staff.push(((row.staff_id, StaffRow::Employment(employment)), time, diff));
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
                is_primary: row.is_primary == Some(true),
            };
            out.staff.push(((row.staff_id, StaffRow::Assignment(assignment)), time, diff));
        }
        Record::Credential(row) => {
            let credential = Credential {
                id: row.credential_id,
                valid: validity(row),
                expiration_date: row.expiration_date,
                level: row.level,
                status: row.status,
                revoked_date: row.revoked_date,
            };
            let held = CredentialRow::Credential { staff: row.staff_id, credential_type: row.credential_type, credential };
            out.credentials.push(((row.credential_id, held), time, diff));
        }
        Record::CredentialAuthorization(row) => {
            let own = Authorization {
                valid: Some(Interval::new(row.issue_date.unwrap_or(Date::MIN), row.expiration_date)),
                id: row.key,
                subject: row.subject,
                grade_low: row.grade_low,
                grade_high: row.grade_high,
                population: row.population.unwrap_or(Population::General),
            };
            out.credentials.push(((row.credential_id, CredentialRow::Authorization(own)), time, diff));
        }
        Record::Course(row) => {
            let facts = CourseFacts { subject: row.subject, grades: row.grades };
            out.parents.push(((ParentKey::Course(row.course_id), Parent::Course(facts)), time, diff));
        }
        Record::Section(row) => {
            let section = SectionFacts {
                course: row.course_id,
                school: row.school_id,
                school_year: row.school_year,
                is_active: row.is_active != Some(false),
                population: row.population.unwrap_or(Population::General),
                room: row.room,
                max_enrollment: row.max_enrollment,
            };
            let id = row.section_id;
            out.sections.push(((id, SectionRow::Section(section)), time, diff));
            let periods = row.periods.iter().flat_map(|periods| periods.iter());
            out.sections.extend(periods.map(|period| ((id, SectionRow::Period(period)), time, diff)));
            let sessions = row.session_ids.iter().map(ParentKey::Session);
            let parents = sessions.chain([ParentKey::Course(row.course_id), ParentKey::Organization(row.school_id)]);
            out.children.extend(parents.map(|key| ((key, Child::Section(id)), time, diff)));
            if section.is_active {
                out.schools.push(((row.school_id, SchoolRow::Sections(row.school_year)), time, diff));
            }
        }
        Record::SectionStaff(row) => {
            let staff = Stated {
                id: row.section_staff_id,
                staff: row.staff_id,
                role: row.role,
                interval: Interval::new(row.begin_date.unwrap_or(Date::MIN), row.end_date),
                allocation: row.allocation,
            };
            out.sections.push(((row.section_id, SectionRow::Staff(staff)), time, diff));
        }
        Record::Assessment(row) => {
            let facts = AssessmentFacts {
                is_accountability: row.is_accountability == Some(true),
                score_min: row.score_min,
                score_max: row.score_max,
                score_type: row.score_type,
                family: row.family,
                subject: row.subject,
                category: row.category,
                school_year: row.school_year,
                window_begin: row.window_begin,
                window_end: row.window_end,
                grades: row.grades,
            };
            out.assessments.push(((row.assessment_id, AssessmentRow::Assessment(facts)), time, diff));
        }
        Record::AssessmentCut(row) => {
            let (level_rank, is_proficient) = (row.level_rank, row.is_proficient);
            let cut = Cut { min_score: row.min_score, level_rank, is_proficient, level: row.level_code };
            let cut = AssessmentRow::Cut { grade: row.grade, cut };
            out.assessments.push(((row.assessment_id, cut), time, diff));
        }
        // The register maps codes before anything flows; switches and weights of rules are joined to what is found; the
        // clock says which day it is.
        Record::CodeMap(_) | Record::RuleConfig(_) | Record::Clock(_) => {}
    }
}
