//! `dim_staff`: staff members; no table of the warehouse contains names.

use super::columns::{Of, columns_of, fixed4, rows_of, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::model::codes::ExperienceBand;
use crate::model::{CodeSet, Field, Fte, Staff, Value};
use crate::tallies::demographics;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_staff",
    grain: "one row per staff member",
    key: &["staff_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, current.rows().staff.iter().flatten())),
};

static COLUMNS: [Of<Staff>; 9] = [
    text("staff_id", "id of the staff member", |row| row.staff_id.value()),
    text("state_staff_id", "state number of the educator", |row| row.state_staff_id.value()),
    text("sex", "sex as counted", |row| Value::Code(CodeSet::CountedSex, demographics::sex(row.sex))),
    text("race_ethnicity", "race and ethnicity in the seven federal categories", |row| {
        Value::Code(CodeSet::RaceEthnicity7, demographics::race_ethnicity(row.is_hispanic, row.race))
    }),
    text("highest_education", "highest level of education", |row| row.highest_education.value()),
    fixed4("years_experience", "prior professional experience, in years", |row| row.years_experience.value()),
    text("experience_band", "new: under 2 years; early: under 5; mid: under 15; veteran: 15 or more", |row| {
        band(row.years_experience).value()
    }),
    fixed4("years_experience_district", "experience in this district, in years", |row| {
        row.years_experience_district.value()
    }),
    yes_no("is_active", "whether the record is in use", |row| Value::Bool(row.is_active != Some(false))),
];

/// Years are in 1/10,000.
fn band(years: Option<Fte>) -> ExperienceBand {
    match years.map(|years| years.0) {
        None => ExperienceBand::NotKnown,
        Some(..20_000) => ExperienceBand::New,
        Some(..50_000) => ExperienceBand::Early,
        Some(..150_000) => ExperienceBand::Mid,
        Some(_) => ExperienceBand::Veteran,
    }
}
