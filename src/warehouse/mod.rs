//! The warehouse: relations computed from entity views. One file per relation; the prefix is its layer: `dim_` for a dimension,
//! `fct_` for an event or association at a stated grain, `brg_` for a many-to-many bridge.

pub mod columns;
mod rendered;

use crate::current::CurrentRows;
use crate::model::{Date, Interval, OrgId, Score, Value};
use crate::tallies::scores::Cell;
use crate::tallies::staffing::Staffing;
use crate::views::staff::StaffView;
use crate::views::student::StudentView;
use columns::{Column, Computed, values_of};
pub(crate) use rendered::RenderedTable;
use serde::{Deserialize, Serialize};

/// A table of the warehouse.
pub struct Relation {
    /// Its name, with the prefix of its layer.
    pub name: &'static str,
    /// Its grain in one sentence: what a row stands for.
    pub grain: &'static str,
    /// The columns of its key.
    pub key: &'static [&'static str],
    /// Its natural columns.
    pub columns: &'static [Column],
    /// Added columns in its files: they follow from the day or from sums, so the dataflow does not store them.
    pub added: &'static [Added],
    /// Surrogate keys for joins, made of natural columns by [`crate::model::finding::surrogate_key`].
    pub surrogates: &'static [Surrogate],
    /// The source of its rows.
    pub source: Source,
}

impl Relation {
    /// Its natural columns, then the added ones.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().chain(self.added.iter().map(|added| &added.column))
    }
}

/// A column whose text follows from a row and its context.
pub(crate) type Added = Computed<fn(&RelationRow, &Context<'_>) -> String>;

/// What added columns are computed from, besides their row.
pub struct Context<'a> {
    /// The day.
    pub day: Date,
    /// The distance of a score from the mean of its cell, in standard deviations, as published.
    pub z_score: &'a dyn Fn(&Cell, Score) -> String,
}

/// A surrogate key and the natural columns it is made of; it is empty if one of them is.
#[derive(Debug)]
pub struct Surrogate {
    /// Its name.
    pub name: &'static str,
    /// The columns, in order.
    pub of: &'static [&'static str],
    /// A column that must be present and not false, or the key is empty.
    pub when: Option<&'static str>,
}

impl Surrogate {
    /// A key made of these columns.
    const fn of(name: &'static str, of: &'static [&'static str]) -> Surrogate {
        Surrogate { name, of, when: None }
    }
}

/// The source of the rows of a relation.
pub enum Source {
    /// The view of a student; each row with the days on which it holds.
    Student(fn(&StudentView<'_>, &mut dyn FnMut(RelationRow, Interval))),
    /// The view of a staff member.
    Staff(fn(&StaffView<'_>, &mut dyn FnMut(RelationRow, Interval))),
    /// The staffing of an organization.
    Organization(fn(OrgId, &Staffing) -> Option<RelationRow>),
    /// The current rows on a day, for dimensions that depend on nothing else.
    CurrentRows(fn(&CurrentRows, Date) -> Vec<Vec<Value>>),
}

macro_rules! relations {
    ($($module:ident $row:ident),+ $(; $($plain:ident),+)? $(,)?) => {
        $(pub mod $module;)+
        $($(pub mod $plain;)+)?

        /// The list of relations.
        pub static RELATIONS: &[&Relation] = &[$(&$module::RELATION,)+ $($(&$plain::RELATION,)+)?];

        /// A row of a relation that the dataflow arranges.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RelationRow { $(#[doc = concat!("Of `", stringify!($module), "`")] $row($module::$row)),+ }

        impl RelationRow {
            /// Its relation.
            pub fn relation(&self) -> &'static Relation {
                match self { $(RelationRow::$row(_) => &$module::RELATION),+ }
            }
            /// Its natural columns, in the order of the declaration.
            pub fn values(&self) -> Vec<Value> {
                match self { $(RelationRow::$row(row) => values_of(&$module::COLUMNS, row)),+ }
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

/// The days before, in and after an interval, with whether they are in it; without an interval, every day is outside.
fn before_during_after(interval: Option<Interval>) -> impl Iterator<Item = (bool, Interval)> {
    let inside = interval.filter(|interval| !interval.is_empty());
    let before = inside.map_or(Interval::ALWAYS, |interval| Interval::until(interval.begin));
    let after = inside.and_then(|interval| interval.end).map(|end| Interval::new(end, None));
    let parts = [Some((false, before)), inside.map(|interval| (true, interval)), after.map(|after| (false, after))];
    parts.into_iter().flatten().filter(|(_, part)| !part.is_empty())
}
