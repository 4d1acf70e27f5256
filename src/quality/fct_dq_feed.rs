//! `fct_dq_feed`: what each source delivers, and when it last did.

use super::relations::{Context, DqRelation, Of};
use crate::model::{Date, Note, Table, Text};
use crate::warehouse::columns::{columns_of, date, text};

/// The feeds.
pub static RELATION: DqRelation = DqRelation {
    name: "fct_dq_feed",
    grain: "one row per source and table that it delivers; empty for a one-time extract",
    key: &["source", "table_name"],
    columns: &columns_of(&COLUMNS),
    rows: |context| context.rows_of(&COLUMNS, feeds(context)),
};

static COLUMNS: [Of<Feed>; 5] = [
    text("source", "the source system", |feed, context| context.text(Some(feed.source))),
    text("table_name", "the table", |feed, _| feed.table.spec().name.to_owned()),
    date("as_of", "as-of date", |_, context| context.quality.day.to_string()),
    date("last_delivery", "the last day on which it delivered a file of the table, even an empty one", |feed, _| {
        feed.delivered.to_string()
    }),
    date("last_change", "the day of the last change in the source, if stated", |feed, _| {
        feed.changed.map_or(String::new(), |day| day.to_string())
    }),
];

/// A source and a table that it delivers.
struct Feed {
    source: Text,
    table: Table,
    delivered: Date,
    changed: Option<Date>,
}

fn feeds(context: &Context<'_>) -> impl Iterator<Item = Feed> {
    context.current.delivery_notes().filter_map(|of| {
        let (Some(table), Note::Came { day, changed }) = (of.table, of.note) else { return None };
        Some(Feed { source: of.source, table, delivered: day, changed: changed.and_then(Date::of_unix) })
    })
}
