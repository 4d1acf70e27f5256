//! The file of a member of staff: the own record, employments, assignments, credentials, what those authorize, and what is
//! taught. Credentials come through the [`CredentialRow`] file and teaching through the files of sections and classes,
//! which join them.

use crate::model::codes::{
    ClassroomRole, CredentialLevel, CredentialStatus, CredentialType, Grade, Population, StaffRole, Subject,
};
use crate::model::{
    AssignmentId, AuthorizationId, Code, CourseId, CredentialId, Date, EmploymentId, Fte, Interval, OrgId, PeriodId,
    SchoolYear, SectionId, SectionStaffId, StaffId, Text, date,
};
use serde::{Deserialize, Serialize};

/// An employment. Begin comes first, so that a file's employments are in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Employment {
    /// The days of the employment.
    pub interval: Interval,
    /// The employment.
    pub id: EmploymentId,
    /// Who employs.
    pub org: OrgId,
    /// Full-time equivalents contracted.
    pub contract_fte: Option<Fte>,
}

/// An assignment. Begin comes first, so that a file's assignments are in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Assignment {
    /// The days of the assignment.
    pub interval: Interval,
    /// The assignment.
    pub id: AssignmentId,
    /// Where.
    pub org: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// As what.
    pub role: StaffRole,
    /// Subject.
    pub subject: Option<Subject>,
    /// Share of full time.
    pub fte: Option<Fte>,
    /// Whether it is the main one.
    pub is_primary: bool,
}

/// A credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Credential {
    /// The credential.
    pub id: CredentialId,
    /// When it is valid; none when it is not active or no day says from when.
    pub valid: Option<Interval>,
    /// First day no longer valid.
    pub expiration_date: Option<Date>,
    /// Its level.
    pub level: Option<CredentialLevel>,
    /// Its standing.
    pub status: Option<CredentialStatus>,
    /// First day on which it was revoked.
    pub revoked_date: Option<Date>,
}

/// What a credential authorizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Authorization {
    /// When both it and its credential are valid; none when never.
    pub valid: Option<Interval>,
    /// Tells apart two that say the same.
    pub id: AuthorizationId,
    /// The subject.
    pub subject: Subject,
    /// Lowest grade.
    pub grade_low: Grade,
    /// Highest grade.
    pub grade_high: Grade,
    /// The population.
    pub population: Population,
}

/// A section taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Teaching {
    /// When, within the days of the section; empty for a section that is missing or not in use.
    pub interval: Interval,
    /// The row.
    pub id: SectionStaffId,
    /// The section.
    pub section: SectionId,
    /// As what.
    pub role: ClassroomRole,
    /// Share of the instruction.
    pub allocation: Option<Fte>,
    /// Course of the section; none when the section is missing.
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
    /// Subject of the course; none when it is not known.
    pub subject: Option<Subject>,
    /// Whether the course is meant for kindergarten to grade 6 only.
    pub is_elementary: bool,
    /// Lowest and highest grade of the students, else of the course, by position.
    pub grades: Option<(u8, u8)>,
}

impl Teaching {
    /// Whether it is teaching that counts: of record, on some day.
    pub fn is_of_record(&self) -> bool {
        self.role == ClassroomRole::TeacherOfRecord && !self.interval.is_empty()
    }
}

/// A row of a staff file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StaffRow {
    /// The own record: at most one; with the years of experience.
    Staff(Option<Fte>),
    /// An employment.
    Employment(Employment),
    /// An assignment.
    Assignment(Assignment),
    /// A credential.
    Credential(Credential),
    /// What one authorizes.
    Authorization(Authorization),
    /// A section taught.
    Teaching(Teaching),
    /// Lowest and highest grade of the students in a section taught, by position.
    Grades(SectionStaffId, (u8, u8)),
}

/// Everything about one member of staff.
#[derive(Debug)]
pub struct StaffView<'a> {
    /// Who.
    pub id: StaffId,
    /// Whether the own record is there; others may refer to one who is missing.
    pub exists: bool,
    /// Years of experience.
    pub years_experience: Option<Fte>,
    /// Employments by begin.
    pub employments: &'a [Employment],
    /// Assignments by begin.
    pub assignments: &'a [Assignment],
    /// Credentials.
    pub credentials: &'a [Credential],
    /// What they authorize.
    pub authorizations: &'a [Authorization],
    /// Sections taught.
    pub teaching: &'a [Teaching],
}

/// Room to sort a file's rows by kind, used over and over.
#[derive(Default)]
pub struct StaffViewBuilder {
    employments: Vec<Employment>,
    assignments: Vec<Assignment>,
    credentials: Vec<Credential>,
    authorizations: Vec<Authorization>,
    teaching: Vec<Teaching>,
    grades: Vec<(SectionStaffId, (u8, u8))>,
}

impl StaffViewBuilder {
    /// The file made of these rows.
    pub fn view<'a>(&'a mut self, id: StaffId, rows: &[StaffRow]) -> StaffView<'a> {
        self.employments.clear();
        self.assignments.clear();
        self.credentials.clear();
        self.authorizations.clear();
        self.teaching.clear();
        self.grades.clear();
        let (mut exists, mut years_experience) = (false, None);
        for row in rows {
            match *row {
                StaffRow::Staff(years) => (exists, years_experience) = (true, years),
                StaffRow::Employment(employment) => self.employments.push(employment),
                StaffRow::Assignment(assignment) => self.assignments.push(assignment),
                StaffRow::Credential(credential) => self.credentials.push(credential),
                StaffRow::Authorization(authorization) => self.authorizations.push(authorization),
                StaffRow::Teaching(teaching) => self.teaching.push(teaching),
                StaffRow::Grades(id, grades) => self.grades.push((id, grades)),
            }
        }
        for teaching in &mut self.teaching {
            // Rows are in their order, so that these can be searched.
            if let Ok(place) = self.grades.binary_search_by_key(&teaching.id, |(id, _)| *id) {
                teaching.grades = Some(self.grades[place].1);
            }
        }
        StaffView {
            id,
            exists,
            years_experience,
            employments: &self.employments,
            assignments: &self.assignments,
            credentials: &self.credentials,
            authorizations: &self.authorizations,
            teaching: &self.teaching,
        }
    }
}

/// A stretch of time in which the same employments and assignments hold, one of them at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The days.
    pub holds: Interval,
    /// Sum of the assignments, in 1/10,000.
    pub fte: i64,
    /// How many assignments.
    pub assignments: i64,
    /// Sum of the contracts that state it, in 1/10,000; none when none does.
    pub contract_fte: Option<i64>,
    /// First day of the first of those contracts.
    pub hired: Option<Date>,
}

impl StaffView<'_> {
    /// The load over time: of the assignments that `counted` takes, and the employments that state a contract or, if
    /// `all`, of all of them.
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

    /// The days on which some credential is valid that `of` takes, merged.
    pub fn certified(&self, of: impl Fn(&Credential) -> bool) -> Vec<Interval> {
        let mut valid: Vec<Interval> = self.credentials.iter().filter(|c| of(c)).filter_map(|c| c.valid).collect();
        date::union(&mut valid);
        valid
    }

    /// The days on which some authorization is valid that `of` takes, merged.
    pub fn authorized(&self, of: impl Fn(&Authorization) -> bool) -> Vec<Interval> {
        let mut valid: Vec<Interval> = self.authorizations.iter().filter(|a| of(a)).filter_map(|a| a.valid).collect();
        date::union(&mut valid);
        valid
    }

    /// The days on which a section is taught by somebody who is not authorized for its subject; none for a section whose
    /// course has no known subject.
    pub fn out_of_field(&self, teaching: &Teaching) -> Vec<Interval> {
        let Some(subject) = teaching.subject.filter(|_| teaching.is_of_record()) else { return Vec::new() };
        date::uncovered(teaching.interval, &self.authorized(|authorization| authorization.matches(teaching, subject)))
    }
}

impl Authorization {
    /// Whether it is for the subject of a section.
    pub fn matches(&self, teaching: &Teaching, subject: Subject) -> bool {
        let as_generalist = self.subject == Subject::ElementaryGeneralist && teaching.is_elementary;
        covers(self.subject, subject) || (as_generalist && generalist_covers(subject))
    }

    /// Whether it spans grades, given by position.
    pub fn spans(&self, (low, high): (u8, u8)) -> bool {
        self.grade_low.rank().is_some_and(|rank| rank <= low) && self.grade_high.rank().is_some_and(|rank| high <= rank)
    }
}

impl Credential {
    /// Whether its level is that of somebody fully certified; a level that is not stated is taken for it.
    pub fn is_full(&self) -> bool {
        use CredentialLevel::{Emergency, Intern, Provisional, Waiver};
        !matches!(self.level, Some(Emergency | Provisional | Waiver | Intern))
    }
}

/// A row of a credential's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CredentialRow {
    /// The credential: at most one.
    Credential {
        /// Who holds it.
        staff: StaffId,
        /// Kind of credential.
        credential_type: CredentialType,
        /// As the holder's file shows it.
        credential: Credential,
    },
    /// What it authorizes; the days are its own, within those of the credential.
    Authorization(Authorization),
}

/// The rows that a credential and its authorizations put into the holder's file.
pub fn credential_links(rows: &[CredentialRow], out: &mut impl FnMut(StaffId, StaffRow)) {
    let Some(CredentialRow::Credential { staff, credential, .. }) = rows.first().copied() else { return };
    out(staff, StaffRow::Credential(credential));
    for row in rows {
        if let CredentialRow::Authorization(own) = *row {
            let both = credential.valid.zip(own.valid).map(|(valid, own)| valid.intersect(own));
            let valid = both.filter(|valid| !valid.is_empty());
            out(staff, StaffRow::Authorization(Authorization { valid, ..own }));
        }
    }
}

/// When a credential is valid: active, from the day it takes effect or else is issued, until it expires or is revoked.
pub fn validity(credential: &crate::model::Credential) -> Option<Interval> {
    let active = matches!(credential.status, None | Some(CredentialStatus::Active));
    let begin = credential.effective_date.or(credential.issue_date)?;
    let end = [credential.expiration_date, credential.revoked_date].into_iter().flatten().min();
    let valid = Interval::new(begin, end);
    (active && !valid.is_empty()).then_some(valid)
}

/// Whether an authorization for one subject covers another: each covers itself, and English language arts cover
/// reading and writing.
pub fn covers(authorized: Subject, subject: Subject) -> bool {
    authorized == subject || (authorized == Subject::Ela && matches!(subject, Subject::Reading | Subject::Writing))
}

/// What an elementary generalist may teach in kindergarten to grade 6: the core subjects.
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

/// Whether whoever holds a role is with students as such.
pub fn is_student_facing(role: StaffRole) -> bool {
    is_certificated(role) || matches!(role, StaffRole::ParaInstructional | StaffRole::Substitute)
}
