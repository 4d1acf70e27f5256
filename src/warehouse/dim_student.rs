//! `dim_student`: students by school year.

use super::columns::{Of, columns_of, date, int, text, yes_no};
use super::{Relation, RelationRow, Source, Surrogate};
use crate::model::codes::{Code, Grade};
use crate::model::{CodeSet, Date, Field, Interval, SchoolYear, StudentId, Value};
use crate::tallies::demographics::{self, Group};
use crate::views::student::{Enrollment, StudentView};
use serde::{Deserialize, Serialize};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_student",
    grain: "one row per student and school year with an enrollment",
    key: &["student_id", "school_year"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[
        Surrogate::of("k_student", &["student_id", "school_year"]),
        Surrogate::of("k_student_xyear", &["student_id"]),
    ],
    source: Source::Student(rows),
};

pub(super) static COLUMNS: [Of<DimStudent>; 25] = [
    text("student_id", "id of the student", |row| row.student.value()),
    int("school_year", "school year, named by its spring", |row| row.school_year.value()),
    text("grade", "grade of the year's last enrollment", |row| row.grade.value()),
    text("sex", "sex as counted", |row| Value::Code(CodeSet::CountedSex, row.sex)),
    text("race_ethnicity", "race and ethnicity in the seven federal categories", |row| {
        Value::Code(CodeSet::RaceEthnicity7, row.race_ethnicity)
    }),
    date("birth_date", "birth date", |row| row.birth_date.value()),
    yes_no("is_mobile", "whether the year has more than one enrollment", |row| row.is_mobile.value()),
    yes_no("ever_econ", "economically disadvantaged on any day of the year", |row| has(row.ever, Group::Econ)),
    yes_no("ever_el", "English learner on any day of the year", |row| has(row.ever, Group::El)),
    yes_no("ever_iep", "with an IEP on any day of the year", |row| has(row.ever, Group::Iep)),
    yes_no("ever_s504", "with a section 504 plan on any day of the year", |row| has(row.ever, Group::S504)),
    yes_no("ever_homeless", "homeless on any day of the year", |row| has(row.ever, Group::Homeless)),
    yes_no("ever_foster", "in foster care on any day of the year", |row| has(row.ever, Group::Foster)),
    yes_no("ever_migrant", "migrant on any day of the year", |row| has(row.ever, Group::Migrant)),
    yes_no("ever_military", "military-connected on any day of the year", |row| has(row.ever, Group::Military)),
    yes_no("ever_gifted", "gifted on any day of the year", |row| has(row.ever, Group::Gifted)),
    yes_no("current_econ", "economically disadvantaged today, or on the nearest day of the year", |row| {
        has(row.current, Group::Econ)
    }),
    yes_no("current_el", "English learner today, or on the nearest day of the year", |row| has(row.current, Group::El)),
    yes_no("current_iep", "with an IEP today, or on the nearest day of the year", |row| has(row.current, Group::Iep)),
    yes_no("current_s504", "with a section 504 plan today, or on the nearest day of the year", |row| {
        has(row.current, Group::S504)
    }),
    yes_no("current_homeless", "homeless today, or on the nearest day of the year", |row| has(row.current, Group::Homeless)),
    yes_no("current_foster", "in foster care today, or on the nearest day of the year", |row| {
        has(row.current, Group::Foster)
    }),
    yes_no("current_migrant", "migrant today, or on the nearest day of the year", |row| has(row.current, Group::Migrant)),
    yes_no("current_military", "military-connected today, or on the nearest day of the year", |row| {
        has(row.current, Group::Military)
    }),
    yes_no("current_gifted", "gifted today, or on the nearest day of the year", |row| has(row.current, Group::Gifted)),
];

/// A student in a school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DimStudent {
    student: StudentId,
    school_year: SchoolYear,
    grade: Option<Grade>,
    sex: u8,
    race_ethnicity: u8,
    birth_date: Option<Date>,
    is_mobile: bool,
    ever: u16,
    current: u16,
}

fn rows(view: &StudentView<'_>, out: &mut dyn FnMut(RelationRow, Interval)) {
    let mut years: Vec<SchoolYear> = view.enrollments.iter().map(|e| e.school_year).collect();
    years.sort_unstable();
    years.dedup();
    for school_year in years {
        let of_year = || view.enrollments.iter().filter(|e| e.school_year == school_year);
        // The latest to begin; of those that begin on the same day, the highest grade.
        let last = of_year().max_by_key(|e| (e.entry_date, e.grade_level.rank()));
        let row = DimStudent {
            student: view.id,
            school_year,
            grade: last.map(|e| e.grade_level).filter(|grade| grade.rank().is_some()),
            sex: demographics::sex(view.student.and_then(|student| student.sex)),
            race_ethnicity: view
                .student
                .map_or(7, |student| demographics::race_ethnicity(student.is_hispanic, student.race)),
            birth_date: view.student.and_then(|student| student.birth_date),
            is_mobile: is_mobile(of_year()),
            ever: demographics::groups(view.statuses, |status| {
                let year = Interval::new(school_year.begin(), Some(school_year.end()));
                !status.interval.is_empty() && !status.interval.intersect(year).is_empty()
            }),
            current: 0,
        };
        for (begin, end) in stretches(view, school_year) {
            let today = begin.max(school_year.begin());
            let current = demographics::groups(view.statuses, |status| status.interval.contains(today));
            let holds = Interval::new(if begin == school_year.begin() { Date::MIN } else { begin }, end);
            out(RelationRow::DimStudent(DimStudent { current, ..row }), holds);
        }
    }
}

fn has(groups: u16, group: Group) -> Value {
    Value::Bool(groups & group.bit() != 0)
}

fn is_mobile<'a>(enrollments: impl Iterator<Item = &'a Enrollment>) -> bool {
    enrollments.filter(|e| e.counts()).nth(1).is_some()
}

/// The periods of a school year in which no status begins or ends; the last has no end, because the values of the last day
/// of the year remain.
fn stretches(view: &StudentView<'_>, school_year: SchoolYear) -> Vec<(Date, Option<Date>)> {
    let inside = |date: &Date| school_year.begin() < *date && *date < school_year.end();
    let changes = view
        .statuses
        .iter()
        .filter(|status| status.group.is_some())
        .flat_map(|status| [Some(status.interval.begin), status.interval.end]);
    let mut begins: Vec<Date> = changes.flatten().filter(inside).chain([school_year.begin()]).collect();
    begins.sort_unstable();
    begins.dedup();
    let ends: Vec<Option<Date>> = begins.iter().skip(1).copied().map(Some).chain([None]).collect();
    begins.into_iter().zip(ends).collect()
}
