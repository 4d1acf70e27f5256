//! `brg_student_subgroup`: the subgroups of students in each school year.

use super::columns::{Of, columns_of, int, text};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::subgroup::Subgroup;
use crate::model::{Field, Interval, SchoolYear, StudentId};
use crate::tallies::demographics::Demographics;
use crate::views::student::StudentView;
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_student_subgroup",
    grain: "one row per student, school year and category",
    key: &["student_id", "school_year", "category"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_student", &["student_id", "school_year"]),
        Surrogate::of("k_student_xyear", &["student_id"]),
        Surrogate::of("k_subgroup", &["category", "value"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<BrgStudentSubgroup>; 4] = [
    text("student_id", "the student", |row| row.student.value()),
    int("school_year", "school year, named by its spring", |row| row.school_year.value()),
    text("category", "category of the subgroup", |row| row.subgroup.codes().0.value()),
    text("value", "value; yes if it applied on any day of the year", |row| row.subgroup.codes().1),
];

/// A subgroup of a student in a school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BrgStudentSubgroup {
    student: StudentId,
    school_year: SchoolYear,
    subgroup: Subgroup,
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    let mut years: Vec<SchoolYear> = view.enrollments.iter().map(|enrollment| enrollment.school_year).collect();
    years.sort_unstable();
    years.dedup();
    for school_year in years {
        for subgroup in Demographics::within(view.student.as_ref(), view.statuses, school_year).subgroups() {
            let row = BrgStudentSubgroup { student: view.id, school_year, subgroup };
            out(RelationRow::BrgStudentSubgroup(row), Interval::ALWAYS);
        }
    }
}
