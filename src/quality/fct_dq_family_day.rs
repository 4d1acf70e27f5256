//! `fct_dq_family_day`: the number of faulty records over time.

use super::relations::{ALL, DqRelation};
use super::{FaultyDay, Quality};
use crate::current::CurrentRows;
use crate::plan::Plan;
use crate::warehouse::columns::{date, int, text};

/// Faulty records by rule group, school and day.
pub const RELATION: DqRelation = DqRelation {
    name: "fct_dq_family_day",
    grain: "one row per rule group, school or district, and day on which the number of its faulty records changed, \
            and one for the last day; the number stays the same until the next row",
    key: &["family", "org_id", "day"],
    columns: &[
        text("family", "rule group"),
        text("org_id", "the school, or other organization of staff; * for the whole district"),
        date("day", "the day"),
        int(
            "faulty",
            "records with a violation of severity error or critical at the end of the day, counting current records at their \
             current school",
        ),
        int("records", "records of the kind that the rule group is about, as in KPI-23; only for the last day"),
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
