//! Code sets: the closed lists of values of coded columns. A value that is not in its list does not reject its row: it is
//! stored as `Unknown` with the code that the source sent, and rule REF-005 reports it once.

use super::fields::{Field, FieldType, Unreadable, Value, Visited};
use super::texts::Texts;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::num::NonZeroU16;

/// The symbol of an unrecognized code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UnrecognizedCode(pub NonZeroU16);

/// A value of a code set, or an unrecognized code.
pub trait Code: Copy + Ord + 'static {
    /// The code set.
    const SET: CodeSet;
    /// The known value with this position in the set.
    fn from_rank(rank: u8) -> Option<Self>;
    /// The position in the set; `None` for an unrecognized code.
    fn rank(self) -> Option<u8>;
    /// The symbol of an unrecognized code.
    fn unrecognized(self) -> Option<UnrecognizedCode>;
    /// An unrecognized code.
    fn unknown(unrecognized: UnrecognizedCode) -> Self;
    /// The published text: the standard code, or what the source sent.
    #[inline]
    fn text(self, texts: &Texts) -> &str {
        match (self.rank(), self.unrecognized()) {
            (Some(rank), _) => Self::SET.values()[usize::from(rank)],
            (None, Some(unrecognized)) => texts.unrecognized_text(Self::SET, unrecognized),
            (None, None) => "",
        }
    }
    /// Reads a code: its standard spelling in any case, a common other spelling, or an unrecognized code.
    #[inline]
    fn of(text: &str, texts: &mut Texts) -> Self {
        match Self::SET.find(text).and_then(Self::from_rank) {
            Some(code) => code,
            None => Self::unknown(texts.unrecognized(Self::SET, text)),
        }
    }
}

/// Something to do with every code set; see [`CodeSet::each`].
pub trait EachCode {
    /// Called with each.
    fn code<C: Code + Serialize + serde::de::DeserializeOwned>(&mut self);
}

macro_rules! codes {
    ($(#[doc = $doc:literal] $set:ident { $($name:ident = $text:literal),+ $(,)? })*) => {
        /// The code sets.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum CodeSet { $(#[doc = $doc] $set),* }

        impl CodeSet {
            /// Every code set.
            pub const ALL: &[CodeSet] = &[$(CodeSet::$set),*];
            /// The set with this name, in any case.
            #[inline]
            pub fn named(name: &str) -> Option<CodeSet> {
                CodeSet::ALL.iter().copied().find(|set| set.name().eq_ignore_ascii_case(name))
            }
            /// Shows every code set as a type.
            pub fn each(visitor: &mut impl EachCode) { $( visitor.code::<$set>(); )* }
            /// The set's name.
            #[inline]
            pub const fn name(self) -> &'static str {
                match self { $(CodeSet::$set => stringify!($set)),* }
            }
            /// The standard codes in their order.
            #[inline]
            pub const fn values(self) -> &'static [&'static str] {
                match self { $(CodeSet::$set => &[$($text),+]),* }
            }
            /// One sentence about the set.
            #[inline]
            pub const fn doc(self) -> &'static str {
                match self { $(CodeSet::$set => $set::DOC),* }
            }
        }

        $(
            #[doc = $doc]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            pub enum $set {
                $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] $name,)+
                /// An unrecognized code.
                Unknown(UnrecognizedCode),
            }

            impl $set {
                const KNOWN: &[$set] = &[$($set::$name),+];
                const DOC: &str = $doc;
            }

            impl Code for $set {
                const SET: CodeSet = CodeSet::$set;
                #[inline]
                fn from_rank(rank: u8) -> Option<Self> { Self::KNOWN.get(usize::from(rank)).copied() }
                #[inline]
                fn rank(self) -> Option<u8> {
                    match self {
                        $set::Unknown(_) => None,
                        known => Self::KNOWN.iter().position(|&code| code == known).map(|rank| rank as u8),
                    }
                }
                #[inline]
                fn unrecognized(self) -> Option<UnrecognizedCode> {
                    match self { $set::Unknown(unrecognized) => Some(unrecognized), _ => None }
                }
                #[inline]
                fn unknown(unrecognized: UnrecognizedCode) -> Self { $set::Unknown(unrecognized) }
            }

            impl Field for $set {
                const TYPE: FieldType = FieldType::Code(CodeSet::$set);
                #[inline]
                fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> { Ok(<Self as Code>::of(text, texts)) }
                #[inline]
                fn value(self) -> Value {
                    match self {
                        $set::Unknown(unrecognized) => Value::UnrecognizedCode(CodeSet::$set, unrecognized),
                        known => known.rank().map_or(Value::Null, |rank| Value::Code(CodeSet::$set, rank)),
                    }
                }
                #[inline]
                fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
                    if let $set::Unknown(unrecognized) = self {
                        visit(column, Visited::UnrecognizedCode(CodeSet::$set, unrecognized));
                    }
                }
                #[inline]
                fn map_codes(self, map: &CodeMaps) -> Self {
                    let known = self.unrecognized().and_then(|unrecognized| map.get(&(CodeSet::$set, unrecognized)));
                    known.and_then(|&rank| Self::from_rank(rank)).unwrap_or(self)
                }
            }
        )*
    };
}

codes! {
    /// What kind of organization (CEDS Organization Type, narrowed to what a district sends).
    OrgType {
        State = "state", District = "district", School = "school", Department = "department", ProgramSite =
        "program_site", Other = "other",
    }
    /// The level a school teaches (Ed-Fi SchoolCategory).
    SchoolLevel {
        Early = "early", Elementary = "elementary", Middle = "middle", High = "high", Combined = "combined", Adult =
        "adult", Other = "other",
    }
    /// Operational status of an organization (CEDS Operational Status).
    OpStatus {
        Active = "active", New = "new", Future = "future", Inactive = "inactive", Closed = "closed", Reopened =
        "reopened",
    }
    /// Grade level (CEDS Entry Grade Level codes), lowest first.
    Grade {
        It = "IT", Pr = "PR", Pk = "PK", Tk = "TK", Kg = "KG", G01 = "01", G02 = "02", G03 = "03", G04 = "04", G05 =
        "05", G06 = "06", G07 = "07", G08 = "08", G09 = "09", G10 = "10", G11 = "11", G12 = "12", G13 = "13", Ps =
        "PS", Ug = "UG", Ae = "AE", Other = "OTHER",
    }
    /// Sex as recorded (CEDS Sex).
    Sex { Female = "female", Male = "male", Nonbinary = "nonbinary", Unspecified = "unspecified" }
    /// One of the races a person reports, separate from Hispanic ethnicity (OMB; Ed-Fi Race).
    RaceFlag {
        AmericanIndian = "american_indian", Asian = "asian", Black = "black", PacificIslander = "pacific_islander",
        White = "white", Mena = "mena",
    }
    /// Race and ethnicity in the seven federal categories, and unknown; derived, not in extracts.
    RaceEthnicity7 {
        Hispanic = "hispanic", AmericanIndian = "american_indian", Asian = "asian", Black = "black",
        PacificIslander = "pacific_islander", White = "white", TwoOrMore = "two_or_more", NotKnown = "unknown",
    }
    /// Sex as counted, and unknown; derived, not in extracts.
    CountedSex {
        Female = "female", Male = "male", Nonbinary = "nonbinary", Unspecified = "unspecified", NotKnown = "unknown",
    }
    /// A characteristic of a student, the basis of subgroups (Ed-Fi StudentCharacteristic and programs).
    StatusType {
        EconDisadvantaged = "econ_disadvantaged", Frl = "frl", EnglishLearner = "english_learner", Iep = "iep",
        Section504 = "s504", Homeless = "homeless", Foster = "foster", Migrant = "migrant", Immigrant = "immigrant",
        Gifted = "gifted", Military = "military", Title1 = "title1",
    }
    /// The value of a student characteristic.
    StatusValue {
        Yes = "yes", Free = "free", Reduced = "reduced", DirectCert = "direct_cert", ElCurrent = "el_current",
        ElMonitor1 = "el_monitor1", ElMonitor2 = "el_monitor2", ElMonitor3 = "el_monitor3", ElMonitor4 =
        "el_monitor4", NeverEl = "never_el", No = "no",
    }
    /// Role of an enrollment among the enrollments of a student.
    EnrollmentStatus {
        Primary = "primary", Secondary = "secondary", ShortTerm = "short_term", ServicesOnly = "services_only",
        Preregistered = "preregistered", Summer = "summer",
    }
    /// How a student entered (CEDS Entry Type).
    EntryType {
        NewToSystem = "new_to_system", TransferInDistrict = "transfer_in_district", TransferFromPublic =
        "transfer_from_public", TransferFromPrivate = "transfer_from_private", FromHomeschool = "from_homeschool",
        FromOutOfCountry = "from_out_of_country", Reentry = "reentry", Promotion = "promotion", NextYear =
        "next_year", Other = "other",
    }
    /// Why a student left (CEDS Exit or Withdrawal Type).
    ExitType {
        Graduated = "graduated", CompletedOther = "completed_other", TransferInDistrict = "transfer_in_district",
        TransferOutPublic = "transfer_out_public", TransferPrivate = "transfer_private", MovedOutOfCountry =
        "moved_out_of_country", Homeschool = "homeschool", Institution = "institution", Dropout = "dropout",
        Expelled = "expelled", Involuntary = "involuntary", AgedOut = "aged_out", Deceased = "deceased", NoShow =
        "no_show", Invalid = "invalid", EndOfYear = "end_of_year", Other = "other", NotKnown = "unknown",
    }
    /// Role of an assignment (NCES CCD staff categories, finer).
    StaffRole {
        TeacherPrek = "teacher_prek", TeacherK = "teacher_k", TeacherElem = "teacher_elem", TeacherSec =
        "teacher_sec", TeacherUngraded = "teacher_ungraded", TeacherSped = "teacher_sped", TeacherEl = "teacher_el",
        ParaInstructional = "para_instructional", Counselor = "counselor", Psychologist = "psychologist", Librarian
        = "librarian", LibrarySupport = "library_support", Nurse = "nurse", SocialWorker = "social_worker",
        SpeechTherapist = "speech_therapist", StudentSupportOther = "student_support_other",
        InstructionalCoordinator = "instructional_coordinator", Principal = "principal", AssistantPrincipal =
        "assistant_principal", Superintendent = "superintendent", AssistantSuperintendent =
        "assistant_superintendent", LeaAdmin = "lea_admin", LeaAdminSupport = "lea_admin_support",
        SchoolAdminSupport = "school_admin_support", Operational = "operational", Substitute = "substitute", Other =
        "other",
    }
    /// Kind of credential (Ed-Fi CredentialType).
    CredentialType {
        License = "license", Certification = "certification", Endorsement = "endorsement", Registration =
        "registration", Permit = "permit", Other = "other",
    }
    /// Status of a credential.
    CredentialStatus {
        Active = "active", Pending = "pending", Expired = "expired", Suspended = "suspended", Revoked = "revoked",
        Surrendered = "surrendered", Denied = "denied",
    }
    /// Level of a credential (Ed-Fi TeachingCredential).
    CredentialLevel {
        Intern = "intern", Emergency = "emergency", Provisional = "provisional", Temporary = "temporary",
        Probationary = "probationary", Regular = "regular", Professional = "professional", Master = "master",
        Substitute = "substitute", Paraprofessional = "paraprofessional", Nonrenewable = "nonrenewable", Waiver =
        "waiver", Other = "other",
    }
    /// Academic subject (Ed-Fi AcademicSubject, grouped).
    Subject {
        Ela = "ela", Reading = "reading", Writing = "writing", Math = "math", Science = "science", SocialStudies =
        "social_studies", WorldLanguage = "world_language", Arts = "arts", PeHealth = "pe_health", Cte = "cte",
        ComputerScience = "computer_science", Military = "military", Sped = "sped", EslBilingual = "esl_bilingual",
        Counseling = "counseling", Library = "library", Administration = "administration", ElementaryGeneralist =
        "elementary_generalist", Other = "other", NoneOf = "none",
    }
    /// Population that a section serves or a credential covers.
    Population {
        General = "general", SpecialEducation = "special_education", EnglishLearner = "english_learner", Gifted =
        "gifted", EarlyChildhood = "early_childhood", Adult = "adult",
    }
    /// Role of a staff member in a section (Ed-Fi ClassroomPosition).
    ClassroomRole {
        TeacherOfRecord = "teacher_of_record", CoTeacher = "co_teacher", Assistant = "assistant", Substitute =
        "substitute", Support = "support",
    }
    /// Kind of section.
    SectionType {
        Homeroom = "homeroom", Scheduled = "scheduled", AttendanceOnly = "attendance_only", Support = "support",
    }
    /// Kind of academic session (Ed-Fi Term, OneRoster session types).
    SessionType {
        SchoolYear = "school_year", Semester = "semester", Trimester = "trimester", Quarter = "quarter", GradingPeriod =
        "grading_period", Term = "term", Summer = "summer",
    }
    /// Kind of calendar day (Ed-Fi CalendarEvent).
    DayType {
        Instructional = "instructional", Makeup = "makeup", Holiday = "holiday", Weather = "weather", TeacherOnly =
        "teacher_only", Strike = "strike", Emergency = "emergency", NonInstructional = "non_instructional", Other =
        "other",
    }
    /// Status of an employment (Ed-Fi EmploymentStatus).
    EmploymentStatus {
        Probationary = "probationary", Tenured = "tenured", Contractual = "contractual", NonContractual =
        "non_contractual", Substitute = "substitute", OutsideAgency = "outside_agency", Volunteer = "volunteer", Other =
        "other",
    }
    /// Kind of program (Ed-Fi ProgramType, narrowed).
    ProgramType {
        Intervention = "intervention", Tutoring = "tutoring", CreditRecovery = "credit_recovery", SummerSchool =
        "summer_school", AfterSchool = "after_school", ElService = "el_service", SpecialEducation =
        "special_education", Section504 = "s504", Gifted = "gifted", Title1 = "title1", Homeless = "homeless", Migrant
        = "migrant", Cte = "cte", EarlyChildhood = "early_childhood", Mentoring = "mentoring", Other = "other",
    }
    /// Group in a program's evaluation: treatment, comparison or none.
    ProgramArm { Treatment = "treatment", Comparison = "comparison", NoArm = "none" }
    /// Why a student left a program (Ed-Fi ReasonExited).
    ProgramExit {
        Completed = "completed", Withdrew = "withdrew", Moved = "moved", Reclassified = "reclassified", Graduated =
        "graduated", ParentWithdrawal = "parent_withdrawal", Other = "other", NotKnown = "unknown",
    }
    /// Severity of a violation.
    SeverityCode { Critical = "critical", Error = "error", Warning = "warning", Info = "info" }
    /// Category of subgroups; derived, not in extracts.
    SubgroupCategory {
        All = "all", RaceEthnicity = "race_ethnicity", Sex = "sex", Econ = "econ", El = "el", Iep = "iep", Section504 =
        "s504", Homeless = "homeless", Foster = "foster", Migrant = "migrant", Military = "military", Gifted = "gifted",
    }
    /// Years of experience in bands; derived, not in extracts.
    ExperienceBand { NotKnown = "unknown", New = "new", Early = "early", Mid = "mid", Veteran = "veteran" }
    /// A column of a student that may be missing; derived, not in extracts.
    StudentField { StateStudentId = "state_student_id", BirthDate = "birth_date", Sex = "sex", Race = "race" }
    /// A column of a credential that may be missing; derived, not in extracts.
    CredentialField { CredentialNumber = "credential_number", IssueDate = "issue_date", Level = "level" }
    /// How a section is delivered.
    Delivery { InPerson = "in_person", Online = "online", Hybrid = "hybrid", IndependentStudy = "independent_study" }
    /// Level of a course (Ed-Fi CourseLevelCharacteristic).
    CourseLevel {
        General = "general", Honors = "honors", Ap = "ap", Ib = "ib", DualCredit = "dual_credit", Remedial =
        "remedial", Advanced = "advanced", SpecialEd = "special_ed",
    }
    /// Kind of assessment (Ed-Fi AssessmentCategory).
    AssessmentCategory {
        StateSummative = "state_summative", StateAlternate = "state_alternate", ElProficiency = "el_proficiency",
        Interim = "interim", Benchmark = "benchmark", Screener = "screener", Diagnostic = "diagnostic",
        CollegeEntrance = "college_entrance", ApIb = "ap_ib", KindergartenReadiness = "kindergarten_readiness",
        Classroom = "classroom", Other = "other",
    }
    /// Testing window within a year.
    AssessmentPeriod {
        Boy = "boy", Moy = "moy", Eoy = "eoy", Fall = "fall", Winter = "winter", Spring = "spring", Summer =
        "summer", Any = "any",
    }
    /// Type of a score (Ed-Fi AssessmentReportingMethod).
    ScoreType {
        Scale = "scale", Raw = "raw", Percentile = "percentile", Rit = "rit", Nce = "nce", Level = "level", Percent
        = "percent", Lexile = "lexile", Quantile = "quantile", GradeEquivalent = "grade_equivalent",
        GrowthPercentile = "growth_percentile",
    }
    /// Whether the student was tested, and if not, why.
    Participation {
        Tested = "tested", Absent = "absent", RefusedParent = "refused_parent", RefusedStudent = "refused_student",
        Medical = "medical", ExemptEl = "exempt_el", AlternateTaken = "alternate_taken", NotEnrolledWindow =
        "not_enrolled_window", Invalidated = "invalidated", OtherNotTested = "other_not_tested",
    }
}

/// The standard codes of unrecognized codes, by set and symbol: the position in the set. Made from the `code_map` table.
pub type CodeMaps = std::collections::BTreeMap<(CodeSet, UnrecognizedCode), u8>;

/// Other common spellings of codes in exports, in lower case.
const SPELLINGS: &[(CodeSet, &str, &str)] = &[
    (CodeSet::Grade, "k", "KG"),
    (CodeSet::Grade, "kindergarten", "KG"),
    (CodeSet::Grade, "prek", "PK"),
    (CodeSet::Grade, "pre-k", "PK"),
    (CodeSet::Grade, "1", "01"),
    (CodeSet::Grade, "2", "02"),
    (CodeSet::Grade, "3", "03"),
    (CodeSet::Grade, "4", "04"),
    (CodeSet::Grade, "5", "05"),
    (CodeSet::Grade, "6", "06"),
    (CodeSet::Grade, "7", "07"),
    (CodeSet::Grade, "8", "08"),
    (CodeSet::Grade, "9", "09"),
    (CodeSet::Sex, "f", "female"),
    (CodeSet::Sex, "m", "male"),
    (CodeSet::Sex, "x", "nonbinary"),
];

impl CodeSet {
    /// The position of a code by its standard or another common spelling, in any case.
    #[inline]
    pub fn find(self, text: &str) -> Option<u8> {
        let standard = self.values().iter().position(|value| value.eq_ignore_ascii_case(text));
        let position = standard.or_else(|| {
            let same = |&&(set, spelling, _): &&(CodeSet, &str, &str)| set == self && spelling.eq_ignore_ascii_case(text);
            let &(_, _, code) = SPELLINGS.iter().find(same)?;
            self.values().iter().position(|&value| value == code)
        });
        position.map(|position| position as u8)
    }
}

/// A set of codes in one field: the known ones as bits, and the unrecognized ones beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Codes<C> {
    /// Bit `rank` is set for each known code.
    pub bits: u32,
    /// Up to three unrecognized codes; if a field has more, the last one contains all others joined.
    pub unrecognized: [Option<UnrecognizedCode>; 3],
    set: std::marker::PhantomData<C>,
}

impl<C: Code> Codes<C> {
    /// The empty set.
    pub const EMPTY: Codes<C> = Codes { bits: 0, unrecognized: [None; 3], set: std::marker::PhantomData };

    /// These known codes.
    pub fn of<const N: usize>(codes: [Option<C>; N]) -> Self {
        let bits = codes.into_iter().flatten().filter_map(Code::rank).fold(0, |bits, rank| bits | 1 << rank);
        Codes { bits, ..Codes::EMPTY }
    }

    /// Reads a list separated by `;`, `,` or `|`.
    pub fn read(text: &str, texts: &mut Texts) -> Self {
        let mut codes = Codes::EMPTY;
        let mut unrecognized: Vec<&str> = Vec::new();
        for item in super::fields::items(text) {
            match C::SET.find(item) {
                Some(rank) => codes.bits |= 1 << rank,
                None if unrecognized.contains(&item) => {}
                None => unrecognized.push(item),
            }
        }
        unrecognized.sort_unstable();
        if unrecognized.len() > 3 {
            let rest = unrecognized[2..].join(";");
            codes.unrecognized =
                [unrecognized[0], unrecognized[1], &rest].map(|code| Some(texts.unrecognized(C::SET, code)));
        } else {
            for (slot, code) in codes.unrecognized.iter_mut().zip(unrecognized) {
                *slot = Some(texts.unrecognized(C::SET, code));
            }
        }
        codes
    }

    /// The set with its unrecognized codes replaced by mapped ones.
    pub fn map_codes(mut self, map: &CodeMaps) -> Self {
        for unrecognized in self.unrecognized.into_iter().flatten() {
            if let Some(rank) = map.get(&(C::SET, unrecognized)) {
                self.bits |= 1 << rank;
                let mut rest = self.unrecognized.into_iter().flatten().filter(|&other| other != unrecognized);
                self.unrecognized = [rest.next(), rest.next(), rest.next()];
            }
        }
        self
    }

    /// Whether this known code is in the set.
    #[inline]
    pub fn contains(self, code: C) -> bool {
        code.rank().is_some_and(|rank| self.bits >> rank & 1 == 1)
    }

    /// The codes, known ones first.
    pub fn iter(self) -> impl Iterator<Item = C> {
        let known = (0..32).filter(move |rank| self.bits >> rank & 1 == 1).filter_map(|rank| C::from_rank(rank as u8));
        known.chain(self.unrecognized.into_iter().flatten().map(C::unknown))
    }

    /// Whether the field has no code, known or unrecognized.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.bits == 0 && self.unrecognized[0].is_none()
    }

    /// The published codes, known ones first.
    pub fn texts(self, texts: &Texts) -> impl Iterator<Item = &str> {
        let known = C::SET.values().iter().enumerate().filter(move |(rank, _)| self.bits >> rank & 1 == 1);
        let unrecognized =
            self.unrecognized.into_iter().flatten().map(|unrecognized| texts.unrecognized_text(C::SET, unrecognized));
        known.map(|(_, &value)| value).chain(unrecognized)
    }
}

/// Stored as a list of codes, so that a set keeps its meaning when codes are added to it.
impl<C: Code + Serialize> Serialize for Codes<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = self.bits.count_ones() as usize + self.unrecognized.iter().flatten().count();
        let mut list = serializer.serialize_seq(Some(length))?;
        self.iter().try_for_each(|code| serde::ser::SerializeSeq::serialize_element(&mut list, &code))?;
        serde::ser::SerializeSeq::end(list)
    }
}

impl<'de, C: Code + Deserialize<'de>> Deserialize<'de> for Codes<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Listed<C>(std::marker::PhantomData<C>);
        impl<'de, C: Code + Deserialize<'de>> Visitor<'de> for Listed<C> {
            type Value = Codes<C>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of codes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Codes<C>, A::Error> {
                let mut codes = Codes::EMPTY;
                while let Some(code) = list.next_element::<C>()? {
                    match (code.rank(), codes.unrecognized.iter_mut().find(|slot| slot.is_none())) {
                        (Some(rank), _) => codes.bits |= 1 << rank,
                        (None, Some(slot)) => *slot = code.unrecognized(),
                        (None, None) => return Err(A::Error::custom("a set has at most three unrecognized codes")),
                    }
                }
                Ok(codes)
            }
            /// As version 0.1 stored it: by positions in the set, which these sets have kept.
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Codes<C>, A::Error> {
                let mut codes = Codes::EMPTY;
                while let Some(field) = fields.next_key::<String>()? {
                    match field.as_str() {
                        "bits" => codes.bits = fields.next_value()?,
                        "unrecognized" => codes.unrecognized = fields.next_value()?,
                        _ => fields.next_value::<serde::de::IgnoredAny>().map(drop)?,
                    }
                }
                Ok(codes)
            }
        }
        deserializer.deserialize_seq(Listed(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_in_any_usual_spelling_and_unknown_ones_kept() {
        let mut texts = Texts::default();
        assert_eq!(Grade::of("1", &mut texts), Grade::G01);
        assert_eq!(Grade::of("kg", &mut texts), Grade::Kg);
        assert_eq!(ExitType::of("End_Of_Year", &mut texts), ExitType::EndOfYear);
        let unrecognized = Grade::of("21", &mut texts);
        assert_eq!((unrecognized.rank(), unrecognized.text(&texts)), (None, "21"));
        assert_eq!(size_of::<Option<Grade>>(), 4);
    }

    #[test]
    fn lists_lose_nothing() {
        let mut texts = Texts::default();
        let grades = Codes::<Grade>::read("02; 1|zz,aa;bb;cc;01", &mut texts);
        assert_eq!(grades.texts(&texts).collect::<Vec<_>>(), ["01", "02", "aa", "bb", "cc;zz"]);
        assert!(grades.contains(Grade::G02) && !grades.contains(Grade::G03) && !grades.is_empty());
    }

    #[test]
    fn a_code_set_fits_the_bits_of_a_list() {
        assert!(Grade::SET.values().len() <= 32 && RaceFlag::SET.values().len() <= 32);
    }
}
