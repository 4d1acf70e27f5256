//! The file of a member of staff: the own record, assignments, credentials, what those authorize, and what is taught.
//! Credentials come through the [`CredentialRow`] file and sections through the [`SectionRow`] file, which join them.

use crate::model::codes::{ClassroomRole, CredentialStatus, Grade, StaffRole, Subject};
use crate::model::{
    AssignmentId, AuthorizationId, Codes, CredentialId, Date, Fte, Interval, OrgId, SchoolYear, SectionStaffId, StaffId,
};
use serde::{Deserialize, Serialize};

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
}

/// A section taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Teaching {
    /// When, within the section's school year; empty for a section that is missing or not in use.
    pub interval: Interval,
    /// The row.
    pub id: SectionStaffId,
    /// As what.
    pub role: ClassroomRole,
    /// Subject of the course; none when it is not known.
    pub subject: Option<Subject>,
    /// Whether the course is meant for kindergarten to grade 6 only.
    pub is_elementary: bool,
}

/// A row of a staff file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StaffRow {
    /// The own record: at most one.
    Staff,
    /// An assignment.
    Assignment(Assignment),
    /// A credential.
    Credential(Credential),
    /// What one authorizes.
    Authorization(Authorization),
    /// A section taught.
    Teaching(Teaching),
}

/// Everything about one member of staff.
#[derive(Debug)]
pub struct StaffFile<'a> {
    /// Who.
    pub id: StaffId,
    /// Whether the own record is there; others may refer to one who is missing.
    pub exists: bool,
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
pub struct StaffSorter {
    assignments: Vec<Assignment>,
    credentials: Vec<Credential>,
    authorizations: Vec<Authorization>,
    teaching: Vec<Teaching>,
}

impl StaffSorter {
    /// The file made of these rows.
    pub fn file<'a>(&'a mut self, id: StaffId, rows: &[StaffRow]) -> StaffFile<'a> {
        self.assignments.clear();
        self.credentials.clear();
        self.authorizations.clear();
        self.teaching.clear();
        let mut exists = false;
        for row in rows {
            match *row {
                StaffRow::Staff => exists = true,
                StaffRow::Assignment(assignment) => self.assignments.push(assignment),
                StaffRow::Credential(credential) => self.credentials.push(credential),
                StaffRow::Authorization(authorization) => self.authorizations.push(authorization),
                StaffRow::Teaching(teaching) => self.teaching.push(teaching),
            }
        }
        StaffFile {
            id,
            exists,
            assignments: &self.assignments,
            credentials: &self.credentials,
            authorizations: &self.authorizations,
            teaching: &self.teaching,
        }
    }
}

/// A row of a credential's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CredentialRow {
    /// The credential: at most one.
    Credential {
        /// Who holds it.
        staff: StaffId,
        /// As the holder's file shows it.
        credential: Credential,
    },
    /// What it authorizes.
    Authorization {
        /// Which.
        id: AuthorizationId,
        /// The subject.
        subject: Subject,
        /// The days of its own, within those of the credential.
        interval: Interval,
    },
}

/// The rows that a credential and its authorizations put into the holder's file.
pub fn credential_links(rows: &[CredentialRow], out: &mut Vec<(StaffId, StaffRow)>) {
    let Some(CredentialRow::Credential { staff, credential }) = rows.first().copied() else { return };
    out.push((staff, StaffRow::Credential(credential)));
    for row in rows {
        if let CredentialRow::Authorization { id, subject, interval } = *row {
            let valid = credential.valid.map(|valid| valid.intersect(interval)).filter(|valid| !valid.is_empty());
            out.push((staff, StaffRow::Authorization(Authorization { valid, id, subject })));
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

/// A row of a section's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SectionRow {
    /// The section: at most one.
    Section {
        /// School year.
        school_year: SchoolYear,
        /// Whether it is in use.
        is_active: bool,
        /// Subject of its course, joined in; none when the course is missing or has none.
        subject: Option<Subject>,
        /// Grades of its course, joined in.
        grades: Codes<Grade>,
    },
    /// Somebody who teaches in it.
    Staff {
        /// The row.
        id: SectionStaffId,
        /// Who.
        staff: StaffId,
        /// As what.
        role: ClassroomRole,
        /// The days, as far as stated.
        interval: Interval,
    },
}

/// The rows that a section puts into the files of those who teach in it.
pub fn section_links(rows: &[SectionRow], out: &mut Vec<(StaffId, StaffRow)>) {
    let section = rows.iter().find_map(|row| match *row {
        SectionRow::Section { school_year, is_active, subject, grades } => Some((school_year, is_active, subject, grades)),
        SectionRow::Staff { .. } => None,
    });
    let days =
        section.filter(|(_, is_active, ..)| *is_active).map(|(year, ..)| Interval::new(year.begin(), Some(year.end())));
    let never = Interval::new(Date::MIN, Some(Date::MIN));
    let subject = section.and_then(|(_, _, subject, _)| subject).filter(|&subject| is_taught(subject));
    let is_elementary = section.is_some_and(|(_, _, _, grades)| only_elementary(grades));
    for row in rows {
        if let SectionRow::Staff { id, staff, role, interval } = *row {
            let interval = days.map_or(never, |days| days.intersect(interval));
            out.push((staff, StaffRow::Teaching(Teaching { interval, id, role, subject, is_elementary })));
        }
    }
}

fn is_taught(subject: Subject) -> bool {
    !matches!(subject, Subject::NoneOf | Subject::Unknown(_))
}

fn only_elementary(grades: Codes<Grade>) -> bool {
    use Grade::{G01, G02, G03, G04, G05, G06, Kg};
    let elementary = [Kg, G01, G02, G03, G04, G05, G06].iter().filter_map(|&grade| crate::model::Code::rank(grade));
    let elementary = elementary.fold(0u32, |bits, rank| bits | 1 << rank);
    grades.bits != 0 && grades.bits & !elementary == 0 && grades.odd[0].is_none()
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
