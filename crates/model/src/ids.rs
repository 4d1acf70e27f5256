//! Ids as small numbers. Every id of a source is interned in the space of its kind, so a student id and a section id
//! cannot be mixed up, and a row of ids is a row of `u32`. Symbols are numbered by arrival: they have no meaningful
//! order, and nothing published may be sorted by them.

use super::fields::{Field, FieldType, Unreadable, Value, Visited};
use super::texts::Texts;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// An interned text with its space.
pub trait Id: Copy + Eq + 'static {
    /// The space of this kind of id.
    const SPACE: Space;
    /// The id with this symbol.
    fn from_symbol(symbol: NonZeroU32) -> Self;
    /// The symbol: 1 for the first text of the space.
    fn symbol(self) -> NonZeroU32;
    /// The index of the row in a table with this key: 0 for the first.
    #[inline]
    fn index(self) -> usize {
        self.symbol().get() as usize - 1
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// The kinds of interned texts; each space numbers its symbols separately.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum Space { $($(#[$doc])* $name),* }

        impl Space {
            /// Every space.
            pub const ALL: &[Space] = &[$(Space::$name),*];
            /// Its name, by which it is stored.
            pub const fn name(self) -> &'static str {
                match self { $(Space::$name => stringify!($name)),* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            pub struct $name(pub NonZeroU32);

            impl Id for $name {
                const SPACE: Space = Space::$name;
                #[inline]
                fn from_symbol(symbol: NonZeroU32) -> Self { $name(symbol) }
                #[inline]
                fn symbol(self) -> NonZeroU32 { self.0 }
            }

            impl Field for $name {
                const TYPE: FieldType = match Space::$name {
                    Space::Text => FieldType::Text,
                    space => FieldType::Id(space),
                };
                #[inline]
                fn read(text: &str, texts: &mut Texts) -> Result<Self, Unreadable> { Ok(texts.id(text)) }
                #[inline]
                fn value(self) -> Value { Value::Symbol(Space::$name, self.0) }
                #[inline]
                fn visit(self, column: usize, visit: &mut impl FnMut(usize, Visited)) {
                    visit(column, Visited::Id(Space::$name, self.0));
                }
            }
        )*
    };
}

ids! {
    /// A state, district, school or other organization.
    OrgId,
    /// A school year, semester, term or grading period.
    SessionId,
    /// A school calendar or track.
    CalendarId,
    /// A day of a calendar.
    CalendarDayId,
    /// A student.
    StudentId,
    /// An educator or other staff member.
    StaffId,
    /// An enrollment of a student at a school.
    EnrollmentId,
    /// An employment of a staff member.
    EmploymentId,
    /// A role of a staff member at an organization.
    AssignmentId,
    /// A license, certificate or permit.
    CredentialId,
    /// One subject and grade span that a credential authorizes.
    AuthorizationId,
    /// A course of the catalog.
    CourseId,
    /// A scheduled section of a course.
    SectionId,
    /// A staff member in a section.
    SectionStaffId,
    /// A class enrollment of a student.
    SectionEnrollmentId,
    /// An assessment.
    AssessmentId,
    /// A performance level of an assessment and grade.
    CutId,
    /// A student's result on an assessment.
    ResultId,
    /// A characteristic of a student during an interval.
    StatusId,
    /// A period of the bell schedule.
    PeriodId,
    /// A program or intervention.
    ProgramId,
    /// A student in a program.
    ParticipationId,
    /// A staffing standard.
    StandardId,
    /// A local code and its standard code.
    CodeMapId,
    /// The configuration of a rule.
    RuleConfigId,
    /// A named day of the clock table.
    ClockId,
    /// A state number of an educator.
    StateStaffId,
    /// A state number of a student.
    StateStudentId,
    /// A key for finding duplicates, made of names and birth date; never published.
    MatchKey,
    /// An e-mail address or username for comparison.
    LoginKey,
    /// Any other text.
    Text,
}
