//! `fct_dq_family_day`: how many records were faulty, day after day.

use super::relations::{ALL, DqRelation};
use super::{FaultyDay, Quality};
use crate::current::CurrentRows;
use crate::plan::Plan;
use crate::warehouse::columns::{date, int, text};

/// Faulty records by family of rules, school and day.
pub const RELATION: DqRelation = DqRelation {
    name: "fct_dq_family_day",
    grain: "one row per rule family, school or district, and day on which the number of its faulty records changed, and one for \
            the last day; until the next row the number stays",
    key: &["family", "org_id", "day"],
    columns: &[
        text("family", "family of rules"),
        text("org_id", "the school, or other organization of staff; * for the whole district"),
        date("day", "the day"),
        int(
            "faulty",
            "records with a violation of severity error or critical at the end of the day, of those that are there today, where \
             they are today",
        ),
        int("records", "records that the family is about, as in KPI-23; known for the last day only, and empty before"),
    ],
    make,
};

fn make(quality: &Quality, _plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
    let describe = |of: &FaultyDay| {
        vec![
            of.family.to_owned(),
            of.school.map_or(ALL, |school| current.texts.text(school)).to_owned(),
            of.day.to_string(),
            of.faulty.to_string(),
            of.records.map_or(String::new(), |records| records.to_string()),
        ]
    };
    quality.faulty_days.iter().map(describe).collect()
}
