//! The warehouse: staged rows brought together into files, and the relations that are read off them. One file per
//! relation, whose prefix says its layer: `dim_` a thing, `fct_` an event or association at a stated grain, `brg_` many to many.

pub mod columns;
mod rendered;

use crate::current::CurrentRows;
use crate::model::{Date, Interval, OrgId, Score, Value};
use crate::tallies::scores::Cell;
use crate::tallies::staffing::Staffing;
use crate::views::staff::StaffView;
use crate::views::student::StudentView;
use columns::Column;
pub use rendered::RenderedTable;
use serde::{Deserialize, Serialize};

/// A table of the warehouse.
pub struct Relation {
    /// Its name; the prefix is its layer.
    pub name: &'static str,
    /// One sentence: one row per what.
    pub grain: &'static str,
    /// The columns that no two rows share.
    pub key: &'static [&'static str],
    /// Its natural columns.
    pub columns: &'static [Column],
    /// Columns that its files have besides: they follow from the day or from sums, so that the dataflow does not keep them.
    pub added: &'static [Added],
    /// Keys for joining, each made of natural columns by [`crate::model::finding::surrogate_key`].
    pub surrogates: &'static [Surrogate],
    /// Where its rows come from.
    pub source: Source,
}

impl Relation {
    /// Its natural columns, then those that are added.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().chain(self.added.iter().map(|added| &added.column))
    }
}

/// A column that follows from a row and its context.
pub struct Added {
    /// The column.
    pub column: Column,
    /// Its text in a row.
    pub text: fn(&RelationRow, &Context<'_>) -> String,
}

/// What added columns are made of, besides their row.
pub struct Context<'a> {
    /// The day.
    pub day: Date,
    /// The distance of a score from the mean of its cell in standard deviations, as published.
    pub z_score: &'a dyn Fn(&Cell, Score) -> String,
}

/// A warehouse key and the natural columns that it is made of; it is empty when one of them is.
#[derive(Debug)]
pub struct Surrogate {
    /// Its name.
    pub name: &'static str,
    /// The columns, in order.
    pub of: &'static [&'static str],
    /// A column that must be stated and not false, else the key is empty.
    pub when: Option<&'static str>,
}

impl Surrogate {
    /// A key made of these columns.
    const fn of(name: &'static str, of: &'static [&'static str]) -> Surrogate {
        Surrogate { name, of, when: None }
    }
}

/// How the rows of a relation come about.
pub enum Source {
    /// From the file of one student; each row with the days on which it is so.
    Student(fn(&StudentView<'_>, &mut dyn FnMut(RelationRow, Interval))),
    /// From the file of one member of staff.
    Staff(fn(&StaffView<'_>, &mut dyn FnMut(RelationRow, Interval))),
    /// From the staffing of an organization.
    Organization(fn(OrgId, &Staffing) -> Option<RelationRow>),
    /// From the register as it stands, on a day: dimensions that change nothing but themselves.
    CurrentRows(fn(&CurrentRows, Date) -> Vec<Vec<Value>>),
}

macro_rules! relations {
    ($($module:ident $row:ident),+ $(; $($plain:ident),+)? $(,)?) => {
        $(pub mod $module;)+
        $($(pub mod $plain;)+)?

        /// The one list of relations.
        pub static RELATIONS: &[&Relation] = &[$(&$module::RELATION,)+ $($(&$plain::RELATION,)+)?];

        /// A row of a relation that is kept in the dataflow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RelationRow { $(#[doc = concat!("Of `", stringify!($module), "`")] $row($module::$row)),+ }

        impl RelationRow {
            /// The relation it is a row of.
            pub fn relation(&self) -> &'static Relation {
                match self { $(RelationRow::$row(_) => &$module::RELATION),+ }
            }
            /// Its natural columns, in the order of the declaration.
            pub fn values(&self) -> Vec<Value> {
                match self { $(RelationRow::$row(row) => row.values()),+ }
            }
        }
    };
}

relations! {
    dim_student DimStudent,
    fct_school_enrollment FctSchoolEnrollment,
    fct_section_enrollment FctSectionEnrollment,
    fct_staff_assignment FctStaffAssignment,
    fct_staff_fte_day FctStaffFteDay,
    fct_section_staff FctSectionStaff,
    fct_assessment_result FctAssessmentResult,
    fct_assessment_expected FctAssessmentExpected,
    fct_program_participation FctProgramParticipation,
    fct_staffing_school FctStaffingSchool,
    brg_student_subgroup BrgStudentSubgroup;
    dim_date,
    dim_school_year,
    dim_organization,
    dim_calendar_day,
    dim_session,
    dim_staff,
    dim_credential,
    dim_course,
    dim_section,
    dim_assessment,
    dim_performance_level,
    dim_program,
    dim_subgroup,
    dim_role,
    brg_section_session,
    brg_staff_credential,
    brg_student_race,
    brg_org_ancestor
}

/// The days before, during and after an interval, with whether they lie inside; without one, every day is outside.
fn before_during_after(interval: Option<Interval>) -> impl Iterator<Item = (bool, Interval)> {
    let inside = interval.filter(|interval| !interval.is_empty());
    let before = inside.map_or(Interval::ALWAYS, |interval| Interval::until(interval.begin));
    let after = inside.and_then(|interval| interval.end).map(|end| Interval::new(end, None));
    let parts = [Some((false, before)), inside.map(|interval| (true, interval)), after.map(|after| (false, after))];
    parts.into_iter().flatten().filter(|(_, part)| !part.is_empty())
}

/// A column value that is true or false and never unknown.
fn flag(truth: bool) -> Value {
    Value::Bool(truth)
}

/// A day that may not be stated.
fn day(date: Option<Date>) -> Value {
    date.map_or(Value::Null, Value::Day)
}
