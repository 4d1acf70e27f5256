//! `brg_section_session`: the sessions that sections meet in.

use super::columns::{Of, columns_of, rows_of, text};
use super::{Relation, Source, Surrogate};
use crate::current::CurrentRows;
use crate::model::{Field, SectionId, SessionId};

/// The declaration.
pub static RELATION: Relation = Relation {
    name: "brg_section_session",
    grain: "one row per section and session",
    key: &["section_id", "session_id"],
    columns: &columns_of(&COLUMNS),
    added: &[],
    surrogates: &[Surrogate::of("k_section", &["section_id"]), Surrogate::of("k_session", &["session_id"])],
    source: Source::CurrentRows(|current, _| rows_of(&COLUMNS, rows(current))),
};

static COLUMNS: [Of<(SectionId, SessionId)>; 2] = [
    text("section_id", "the section", |(section, _)| section.value()),
    text("session_id", "the session", |(_, session)| session.value()),
];

fn rows(current: &CurrentRows) -> impl Iterator<Item = (SectionId, SessionId)> {
    let sections = current.rows().section.iter().flatten();
    sections.flat_map(|row| row.session_ids.iter().map(|session| (row.section_id, session)))
}
