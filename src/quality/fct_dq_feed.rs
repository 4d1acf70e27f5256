//! `fct_dq_feed`: what each source delivers, and when it last did.

use super::Quality;
use super::relations::DqRelation;
use crate::current::CurrentRows;
use crate::model::{Date, Note};
use crate::plan::Plan;
use crate::warehouse::columns::{date, text};

/// The feeds.
pub const RELATION: DqRelation = DqRelation {
    name: "fct_dq_feed",
    grain: "one row per source and table that it delivers; empty for a one-time extract",
    key: &["source", "table_name"],
    columns: &[
        text("source", "the source system"),
        text("table_name", "the table"),
        date("as_of", "as-of date"),
        date("last_delivery", "the last day on which it delivered a file of the table, even an empty one"),
        date("last_change", "the day of the last change in the source, if stated"),
    ],
    make,
};

fn make(quality: &Quality, _plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
    let feed = current.delivery_notes().filter_map(|note| {
        let (Some(table), Note::Came { day, changed }) = (note.table, note.note) else { return None };
        let changed = changed.and_then(Date::of_unix).map_or(String::new(), |day| day.to_string());
        let source = current.texts.text(note.source).to_owned();
        Some(vec![source, table.spec().name.to_owned(), quality.day.to_string(), day.to_string(), changed])
    });
    feed.collect()
}
