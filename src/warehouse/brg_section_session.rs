//! `brg_section_session`: the sessions that sections meet in.

use super::columns::text;
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Date, Field, Value};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_section_session",
    grain: "one row per section and session",
    key: &["section_id", "session_id"],
    columns: &[text("section_id", "the section"), text("session_id", "the session")],
    added: &[],
    surrogates: &[Surrogate::of("k_section", &["section_id"]), Surrogate::of("k_session", &["session_id"])],
    source: Source::CurrentRows(rows),
};

fn rows(current: &CurrentRows, _: Date) -> Vec<Vec<Value>> {
    let sections = current.rows().section.iter().flatten();
    sections.flat_map(|row| row.session_ids.iter().map(|session| vec![row.section_id.value(), session.value()])).collect()
}
