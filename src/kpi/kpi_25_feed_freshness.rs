//! KPI-25: feed freshness.

use super::Kind::{Date as Day, Int};
use super::{Figure, Kpi, Published, Row};
use crate::model::{Date, Note};

/// The declaration.
pub(crate) static KPI: Kpi = Kpi {
    id: "KPI-25",
    name: "kpi_25_feed_freshness",
    title: "Feed freshness and lag",
    doc: "How many days ago a source last delivered a table and, if the source states when it makes changes, how many days \
          ago it made the last one. A table that does not change may have no file for a long time; lateness is judged for \
          the source as a whole (REF-013). Empty for a one-time extract. The time from the arrival of a change until it is \
          published depends on the machine and is measured by `cargo bench --bench one_change`. Source: practice, as in \
          dbt's source freshness.",
    grain: "one row per source and table that it delivers",
    unit: "days",
    stored_as: None,
    keys: &["source", "table_name"],
    columns: &[("last_delivery", Day), ("days_since_delivery", Int), ("last_change", Day), ("days_since_change", Int)],
    rows,
};

fn rows(published: &Published<'_>) -> Vec<Row> {
    let today = published.violated.day;
    let since = |day: Option<Date>| day.map_or([Figure::None; 2], |day| [Figure::Day(day), Figure::Count(today.since(day))]);
    let mut rows: Vec<Row> = published
        .current
        .delivery_notes()
        .filter_map(|note| {
            let (Some(table), Note::Came { day, changed }) = (note.table, note.note) else { return None };
            let keys = vec![published.texts().text(note.source).to_owned(), table.spec().name.to_owned()];
            Some(Row { keys, figures: Some([since(Some(day)), since(changed.and_then(Date::of_unix))].concat()) })
        })
        .collect();
    rows.sort_by(|one, other| one.keys.cmp(&other.keys));
    rows
}
