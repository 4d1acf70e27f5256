//! Findings of rules: the rule, the subject, and the evidence.

use super::codes::{Code, StaffRole};
use super::subgroup::Subgroup;
use super::{
    AssessmentId, AssignmentId, CalendarDayId, CodeSet, CredentialId, EnrollmentId, Field, LoginKey, MatchKey, NaturalKey,
    OrgId, ParticipationId, PeriodId, ProgramId, ResultId, RowName, SchoolYear, SectionEnrollmentId, SectionId,
    SectionStaffId, SessionId, Space, StaffId, StateStaffId, StateStudentId, StudentId, Table, Text, Texts,
    UnrecognizedCode, Value,
};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// A rule, by its position in the list of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RuleNumber(pub u16);

/// The subject of a violation. Together with the rule it identifies the violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename = "ViolationSubject")] // a code set is named Subject
pub enum Subject {
    /// An organization.
    Organization(OrgId),
    /// A student.
    Student(StudentId),
    /// A student at one school.
    StudentAt(StudentId, OrgId),
    /// An enrollment.
    Enrollment(EnrollmentId),
    /// A class enrollment.
    SectionEnrollment(SectionEnrollmentId),
    /// A student in one section.
    StudentIn(StudentId, SectionId),
    /// A student in one program.
    StudentProgram(StudentId, ProgramId),
    /// A student and an assessment.
    StudentTest(StudentId, AssessmentId),
    /// A student and an assessment in one school year.
    StudentTestYear(StudentId, AssessmentId, SchoolYear),
    /// A participation in a program.
    Participation(ParticipationId),
    /// A section.
    Section(SectionId),
    /// A session.
    Session(SessionId),
    /// A day of a calendar.
    CalendarDay(CalendarDayId),
    /// A role at an organization.
    RoleAt(OrgId, StaffRole),
    /// The students whom a school should have tested: assessment, school, subgroup.
    Tested(AssessmentId, OrgId, Subgroup),
    /// A staff member.
    Staff(StaffId),
    /// An assignment.
    Assignment(AssignmentId),
    /// A credential.
    Credential(CredentialId),
    /// A staff member in a section.
    SectionStaff(SectionStaffId),
    /// A staff member in one role at one organization.
    StaffAt(StaffId, OrgId, StaffRole),
    /// A staff member and a section.
    StaffIn(StaffId, SectionId),
    /// A staff member in one period at one school.
    StaffPeriod(StaffId, OrgId, PeriodId),
    /// Two staff members, in no particular order.
    StaffPair(StaffId, StaffId),
    /// A test result.
    Result(ResultId),
    /// A state educator number shared by several records.
    StateStaff(StateStaffId),
    /// A state student number shared by several records.
    StateStudent(StateStudentId),
    /// A name and birth date shared by several records; published as an opaque key, never as the name.
    Match(MatchKey),
    /// An e-mail address or username shared by several records; published as an opaque key.
    Login(LoginKey),
    /// A natural key shared by several rows.
    Natural(Table, NaturalKey),
    /// An unrecognized code.
    Code(CodeSet, UnrecognizedCode),
    /// A missing row: the referring table, the position of its column, and the symbol of the missing key.
    Reference(Table, u8, NonZeroU32),
    /// A source system.
    Source(Text),
    /// A table delivered by a source.
    Fed(Text, Table),
    /// A delivery: the source and its name.
    Delivery(Text, Text),
    /// A file of a source.
    File(Text, Text),
    /// A row of a delivery.
    Row(Table, RowName),
    /// A field of a row of a delivery: the position of its column.
    Column(Table, RowName, u8),
}

/// The evidence: values in the order that the rule names them; unused ones are null.
pub type Evidence = [Value; EVIDENCE_MOST];
/// The most values of a finding; a rule that names or gives more does not compile.
pub const EVIDENCE_MOST: usize = 3;

/// A finding of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleNumber,
    /// Its subject.
    pub subject: Subject,
    /// The evidence.
    pub evidence: Evidence,
}

impl Subject {
    /// The kind of the subject.
    pub const fn kind(&self) -> &'static str {
        match self {
            Subject::Organization(_) => "organization",
            Subject::Student(_) => "student",
            Subject::StudentAt(..) => "student at school",
            Subject::Enrollment(_) => "enrollment",
            Subject::SectionEnrollment(_) => "class enrollment",
            Subject::StudentIn(..) => "student in section",
            Subject::StudentProgram(..) => "student in program",
            Subject::StudentTest(..) | Subject::StudentTestYear(..) => "student and assessment",
            Subject::Participation(_) => "participation",
            Subject::Section(_) => "section",
            Subject::Session(_) => "session",
            Subject::CalendarDay(_) => "calendar day",
            Subject::RoleAt(..) => "role at organization",
            Subject::Tested(..) => "tested group",
            Subject::Staff(_) => "staff",
            Subject::Assignment(_) => "staff assignment",
            Subject::Credential(_) => "credential",
            Subject::SectionStaff(_) => "section staff",
            Subject::StaffAt(..) => "staff at organization",
            Subject::StaffIn(..) => "staff in section",
            Subject::StaffPeriod(..) => "staff and period",
            Subject::StaffPair(..) => "possible duplicate",
            Subject::Result(_) => "assessment result",
            Subject::StateStaff(_) => "state educator id",
            Subject::StateStudent(_) => "state student id",
            Subject::Login(_) => "login",
            Subject::Natural(..) => "natural key",
            Subject::Match(_) => "possible duplicate",
            Subject::Code(..) => "code",
            Subject::Reference(..) => "missing record",
            Subject::Source(_) => "source",
            Subject::Fed(..) => "table of a source",
            Subject::Delivery(..) => "delivery",
            Subject::File(..) => "file",
            Subject::Row(..) => "row",
            Subject::Column(..) => "field",
        }
    }

    /// The published key: its parts joined with `|`. It never contains names.
    pub fn key(&self, texts: &Texts) -> String {
        let row = |table: Table, row: &RowName| match row {
            RowName::Key(symbol) => format!("{}|{}", table.spec().name, texts.symbol_text(table.space(), *symbol)),
            RowName::Place(file, line) => format!("{}|{}:{line}", table.spec().name, texts.text(*file)),
        };
        match self {
            Subject::StudentAt(student, school) => format!("{}|{}", texts.text(*student), texts.text(*school)),
            Subject::StudentIn(student, section) => format!("{}|{}", texts.text(*student), texts.text(*section)),
            Subject::StudentProgram(student, program) => format!("{}|{}", texts.text(*student), texts.text(*program)),
            Subject::StudentTest(student, test) => format!("{}|{}", texts.text(*student), texts.text(*test)),
            Subject::StudentTestYear(student, test, year) => {
                format!("{}|{}|{year}", texts.text(*student), texts.text(*test))
            }
            Subject::RoleAt(org, role) => format!("{}|{}", texts.text(*org), role.text(texts)),
            Subject::StaffAt(staff, org, role) => {
                format!("{}|{}|{}", texts.text(*staff), texts.text(*org), role.text(texts))
            }
            Subject::StaffIn(staff, section) => format!("{}|{}", texts.text(*section), texts.text(*staff)),
            Subject::StaffPeriod(staff, school, period) => {
                format!("{}|{}|{}", texts.text(*staff), texts.text(*school), texts.text(*period))
            }
            Subject::StaffPair(one, other) => {
                let mut ids = [texts.text(*one), texts.text(*other)];
                ids.sort_unstable();
                ids.join("|")
            }
            Subject::Tested(assessment, school, subgroup) => {
                let (category, value) = subgroup.name();
                format!("{}|{}|{category}|{value}", texts.text(*assessment), texts.text(*school))
            }
            Subject::Match(key) => opaque(texts.text(*key)),
            Subject::Login(key) => opaque(texts.text(*key)),
            Subject::Natural(table, key) => {
                let parts = table.natural_texts(key, texts);
                [vec![table.spec().name.to_owned()], parts].concat().join("|")
            }
            Subject::Code(set, unrecognized) => format!("{}|{}", set.name(), texts.unrecognized_text(*set, *unrecognized)),
            Subject::Reference(table, column, missing) => {
                let column = &table.spec().columns[usize::from(*column)];
                let parent = table.referred(column).map_or(Space::Text, Table::space);
                format!("{}|{}|{}", table.spec().name, column.name, texts.symbol_text(parent, *missing))
            }
            Subject::Source(source) => texts.text(*source).to_owned(),
            Subject::Fed(source, table) => format!("{}|{}", texts.text(*source), table.spec().name),
            Subject::Delivery(source, name) | Subject::File(source, name) => {
                format!("{}|{}", texts.text(*source), texts.text(*name))
            }
            Subject::Row(table, name) => row(*table, name),
            Subject::Column(table, name, column) => {
                format!("{}|{}", row(*table, name), table.spec().columns[usize::from(*column)].name)
            }
            single => single.value().text(texts),
        }
    }

    /// The id of a subject that is a single thing.
    fn value(&self) -> Value {
        match *self {
            Subject::Organization(id) => id.value(),
            Subject::Student(id) => id.value(),
            Subject::Enrollment(id) => id.value(),
            Subject::SectionEnrollment(id) => id.value(),
            Subject::Participation(id) => id.value(),
            Subject::Section(id) => id.value(),
            Subject::Session(id) => id.value(),
            Subject::CalendarDay(id) => id.value(),
            Subject::StateStudent(id) => id.value(),
            Subject::Staff(id) => id.value(),
            Subject::Assignment(id) => id.value(),
            Subject::Credential(id) => id.value(),
            Subject::SectionStaff(id) => id.value(),
            Subject::Result(id) => id.value(),
            Subject::StateStaff(id) => id.value(),
            _ => Value::Null,
        }
    }
}

/// A stable key that does not reveal its content: the first 16 digits of the MD5 of the text.
#[inline]
pub fn opaque(text: &str) -> String {
    surrogate_key(&[text])[..16].to_owned()
}

/// A surrogate key: the MD5 of the natural key's parts joined with `|`, as 32 hexadecimal digits. PostgreSQL computes the
/// same with `md5(a || '|' || b)`; no shared sequence is needed, so replays and workers agree.
#[inline]
pub fn surrogate_key(parts: &[&str]) -> String {
    digest(parts.join("|").as_bytes())
}

/// The MD5 of bytes, in hexadecimal digits.
#[inline]
pub fn digest(bytes: &[u8]) -> String {
    let mut digest = Digest::default();
    digest.add(bytes);
    digest.text()
}

/// The MD5 of a sequence of bytes.
#[derive(Clone, Default)]
pub struct Digest(md5::Md5);

impl Digest {
    /// Adds bytes.
    #[inline]
    pub fn add(&mut self, bytes: &[u8]) {
        md5::Digest::update(&mut self.0, bytes);
    }

    /// The MD5 of all bytes so far, in hexadecimal digits.
    #[inline]
    pub fn text(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digest = md5::Digest::finalize(self.0.clone());
        let halves = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves.map(|half| char::from(DIGITS[usize::from(half)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::surrogate_key;

    /// The same as in PostgreSQL: `select md5('S1|2026')`.
    #[test]
    fn warehouse_keys_can_be_made_in_sql() {
        assert_eq!(surrogate_key(&["abc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(surrogate_key(&["S1", "2026"]).len(), 32);
        assert_ne!(surrogate_key(&["S1", "2026"]), surrogate_key(&["S12", "026"]));
    }
}
