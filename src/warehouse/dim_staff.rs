//! `dim_staff`: staff members; no table of the warehouse contains names.

use super::columns::{fixed4, text, yes_no};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::codes::ExperienceBand;
use crate::model::{CodeSet, Fte};
use crate::model::{Date, Field, Value};
use crate::tallies::demographics;

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "dim_staff",
    grain: "one row per staff member",
    key: &["staff_id"],
    columns: &[
        text("staff_id", "id of the staff member"),
        text("state_staff_id", "state number of the educator"),
        text("sex", "sex as counted"),
        text("race_ethnicity", "race and ethnicity in the seven federal categories"),
        text("highest_education", "highest level of education"),
        fixed4("years_experience", "prior professional experience, in years"),
        text("experience_band", "new: under 2 years; early: under 5; mid: under 15; veteran: 15 or more"),
        fixed4("years_experience_district", "experience in this district, in years"),
        yes_no("is_active", "whether the record is in use"),
    ],
    added: &[],
    surrogates: &[Surrogate::of("k_staff", &["staff_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let describe = |row: &crate::model::Staff| {
        vec![
            row.staff_id.value(),
            row.state_staff_id.value(),
            Value::Code(CodeSet::CountedSex, demographics::sex(row.sex)),
            Value::Code(CodeSet::RaceEthnicity7, demographics::race_ethnicity(row.is_hispanic, row.race)),
            row.highest_education.value(),
            row.years_experience.value(),
            band(row.years_experience).value(),
            row.years_experience_district.value(),
            Value::Bool(row.is_active != Some(false)),
        ]
    };
    current.rows().staff.iter().flatten().map(describe).collect()
}

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
