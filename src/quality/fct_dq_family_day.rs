//! `fct_dq_family_day`: the number of faulty records over time.

use super::FaultyDay;
use super::relations::{DqRelation, Of};
use crate::warehouse::columns::{columns_of, date, int, text};

/// Faulty records by rule group, school and day.
pub static RELATION: DqRelation = DqRelation {
    name: "fct_dq_family_day",
    grain: "one row per rule group, school or district, and day on which the number of its faulty records changed, \
            and one for the last day; the number stays the same until the next row",
    key: &["family", "org_id", "day"],
    columns: &columns_of(&COLUMNS),
    rows: |context| context.rows_of(&COLUMNS, &context.quality.faulty_days),
};

static COLUMNS: [Of<FaultyDay>; 5] = [
    text("family", "rule group", |row, _| row.family.to_owned()),
    text("org_id", "the school, or other organization of staff; * for the whole district", |row, context| {
        context.org(row.school)
    }),
    date("day", "the day", |row, _| row.day.to_string()),
    int(
        "faulty",
        "records with a violation of severity error or critical at the end of the day, counting current records at their \
         current school",
        |row, _| row.faulty.to_string(),
    ),
    int("records", "records of the kind that the rule group is about, as in KPI-23; only for the last day", |row, _| {
        row.records.map_or(String::new(), |records| records.to_string())
    }),
];
