//! The view of a staff member: the record, employments, assignments, credentials with their authorizations, and sections
//! taught. Credentials come through [`super::credential`], teaching through the views of sections and classes.

use super::view;
use crate::model::codes::{ClassroomRole, Population, StaffRole, Subject};
pub use crate::model::tables::credential::CredentialFacts as Credential;
pub use crate::model::tables::credential_authorization::Authorization;
use crate::model::tables::staff::StaffFacts;
pub use crate::model::tables::staff_assignment::Assignment;
pub use crate::model::tables::staff_employment::Employment;
use crate::model::{
    Code, CourseId, Date, Fte, Interval, OrgId, PeriodId, SchoolYear, SectionId, SectionStaffId, StaffId, Text, date,
};
use serde::{Deserialize, Serialize};

/// A section taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Teaching {
    /// The days, limited to those of the section; empty for a section that is missing or not in use.
    pub interval: Interval,
    /// The row.
    pub id: SectionStaffId,
    /// The section.
    pub section: SectionId,
    /// The role.
    pub role: ClassroomRole,
    /// Share of the instruction.
    pub allocation: Option<Fte>,
    /// Course of the section; none if the section is missing.
    pub course: Option<CourseId>,
    /// School of the section.
    pub school: Option<OrgId>,
    /// School year of the section.
    pub school_year: Option<SchoolYear>,
    /// The organization above the school.
    pub district: Option<OrgId>,
    /// Population of the section.
    pub population: Option<Population>,
    /// Room of the section.
    pub room: Option<Text>,
    /// Periods of the section.
    pub periods: [Option<PeriodId>; 8],
    /// Subject of the course; none if unknown.
    pub subject: Option<Subject>,
    /// Whether the course is only for kindergarten to grade 6.
    pub is_elementary: bool,
    /// Lowest and highest grade of the students, or of the course, by position.
    pub grades: Option<(u8, u8)>,
}

impl Teaching {
    /// Whether it counts as teaching: teacher of record, on some day.
    pub fn is_of_record(&self) -> bool {
        self.role == ClassroomRole::TeacherOfRecord && !self.interval.is_empty()
    }
}

view! {
    /// Everything about one staff member.
    StaffView of StaffId, rows StaffRow, builder StaffViewBuilder {
        /// The record; none if other rows refer to a missing person.
        one staff, Staff: StaffFacts, from Staff;
        /// Employments by begin.
        many employments, Employment: Employment, from StaffEmployment;
        /// Assignments by begin.
        many assignments, Assignment: Assignment, from StaffAssignment;
        /// Credentials.
        many credentials, Credential: Credential;
        /// Their authorizations.
        many authorizations, Authorization: Authorization;
        /// Sections taught.
        many teaching, Teaching: Teaching;
        /// Lowest and highest grade of the students in sections taught, by position.
        many grades, Grades: (SectionStaffId, (u8, u8));
    }
    finish grades_of_students;
    computed {
        /// Years of experience.
        years_experience: Option<Fte> = |builder: &StaffViewBuilder| builder.staff.and_then(|staff| staff.years_experience);
    }
}

/// Replaces the grades of a course by those of the students, if known.
fn grades_of_students(builder: &mut StaffViewBuilder) {
    for teaching in &mut builder.teaching {
        // Both lists are sorted, so a binary search works.
        if let Ok(found) = builder.grades.binary_search_by_key(&teaching.id, |(id, _)| *id) {
            teaching.grades = Some(builder.grades[found].1);
        }
    }
}

impl StaffView<'_> {
    /// Whether the record exists; other rows may refer to a missing person.
    pub fn exists(&self) -> bool {
        self.staff.is_some()
    }
}

/// A period in which the same employments and assignments apply, at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The days.
    pub holds: Interval,
    /// Sum of the assignments, in 1/10,000.
    pub fte: i64,
    /// The number of assignments.
    pub assignments: i64,
    /// Sum of the contracts with an FTE, in 1/10,000; none if there are none.
    pub contract_fte: Option<i64>,
    /// First day of the first of those contracts.
    pub hired: Option<Date>,
}

impl StaffView<'_> {
    /// The load over time: of the assignments that `counted` accepts, and the employments with a contract FTE or, if
    /// `all`, of all employments.
    pub fn loads(&self, counted: impl Fn(&Assignment) -> bool, all: bool) -> Vec<Load> {
        let assignments = || self.assignments.iter().filter(|a| !a.interval.is_empty() && counted(a));
        let employments = || self.employments.iter().filter(|e| !e.interval.is_empty() && (all || e.contract_fte.is_some()));
        let intervals = assignments().map(|a| a.interval).chain(employments().map(|e| e.interval));
        let mut points: Vec<Date> = intervals.flat_map(|interval| [Some(interval.begin), interval.end]).flatten().collect();
        points.sort_unstable();
        points.dedup();
        let ends = points.iter().skip(1).copied().map(Some).chain([None]);
        let load = |(&begin, end): (&Date, Option<Date>)| {
            let held = || assignments().filter(move |a| a.interval.contains(begin));
            let employed = || employments().filter(move |e| e.interval.contains(begin));
            let contracts = || employed().filter_map(|e| Some((e.contract_fte?, e.interval.begin)));
            let load = Load {
                holds: Interval::new(begin, end),
                fte: held().filter_map(|a| a.fte).map(|fte| i64::from(fte.0)).sum(),
                assignments: held().count() as i64,
                contract_fte: contracts().next().map(|_| contracts().map(|(fte, _)| i64::from(fte.0)).sum()),
                hired: contracts().map(|(_, begin)| begin).min(),
            };
            (load.assignments > 0 || employed().next().is_some()).then_some(load)
        };
        points.iter().zip(ends).filter_map(load).collect()
    }

    /// The days on which a credential accepted by `of` is valid, merged.
    pub fn certified(&self, of: impl Fn(&Credential) -> bool) -> Vec<Interval> {
        let mut valid: Vec<Interval> = self.credentials.iter().filter(|c| of(c)).filter_map(|c| c.valid).collect();
        date::union(&mut valid);
        valid
    }

    /// The days on which an authorization accepted by `of` is valid, merged.
    pub fn authorized(&self, of: impl Fn(&Authorization) -> bool) -> Vec<Interval> {
        let mut valid: Vec<Interval> = self.authorizations.iter().filter(|a| of(a)).filter_map(|a| a.valid).collect();
        date::union(&mut valid);
        valid
    }

    /// The days on which a section is taught by a person not authorized for its subject; none for a section whose
    /// course has no known subject.
    pub fn out_of_field(&self, teaching: &Teaching) -> Vec<Interval> {
        let Some(subject) = teaching.subject.filter(|_| teaching.is_of_record()) else { return Vec::new() };
        date::uncovered(teaching.interval, &self.authorized(|authorization| matches(authorization, teaching, subject)))
    }
}

/// Whether an authorization is for the subject of a section.
pub fn matches(authorization: &Authorization, teaching: &Teaching, subject: Subject) -> bool {
    let as_generalist = authorization.subject == Subject::ElementaryGeneralist && teaching.is_elementary;
    covers(authorization.subject, subject) || (as_generalist && generalist_covers(subject))
}

/// Whether an authorization spans grades, given by position.
pub fn spans(authorization: &Authorization, (low, high): (u8, u8)) -> bool {
    let (from, to) = (authorization.grade_low.rank(), authorization.grade_high.rank());
    from.is_some_and(|rank| rank <= low) && to.is_some_and(|rank| high <= rank)
}

/// Whether an authorization for one subject covers another: each covers itself, and English language arts covers
/// reading and writing.
pub fn covers(authorized: Subject, subject: Subject) -> bool {
    authorized == subject || (authorized == Subject::Ela && matches!(subject, Subject::Reading | Subject::Writing))
}

/// The subjects an elementary generalist may teach in kindergarten to grade 6: the core subjects.
pub fn generalist_covers(subject: Subject) -> bool {
    use Subject::{Ela, Math, Reading, Science, SocialStudies, Writing};
    matches!(subject, Ela | Reading | Writing | Math | Science | SocialStudies)
}

/// Whether a role counts as a teacher in staffing ratios.
pub fn is_teacher(role: StaffRole) -> bool {
    use StaffRole::{TeacherEl, TeacherElem, TeacherK, TeacherPrek, TeacherSec, TeacherSped, TeacherUngraded};
    matches!(role, TeacherPrek | TeacherK | TeacherElem | TeacherSec | TeacherUngraded | TeacherSped | TeacherEl)
}

/// Whether a role requires a credential.
pub fn is_certificated(role: StaffRole) -> bool {
    use StaffRole::{AssistantPrincipal, Counselor, Librarian, Nurse, Principal, Psychologist, SpeechTherapist};
    let specialist = matches!(role, Counselor | Psychologist | Librarian | Nurse | SpeechTherapist);
    is_teacher(role) || specialist || matches!(role, Principal | AssistantPrincipal)
}

/// Whether a role involves working with students.
pub fn is_student_facing(role: StaffRole) -> bool {
    is_certificated(role) || matches!(role, StaffRole::ParaInstructional | StaffRole::Substitute)
}
