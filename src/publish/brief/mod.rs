//! `reports/policy_brief.pdf`: two or three pages for those who lead a district. Key findings, what to do about them, the
//! figures they rest on, how they were chosen, and what the records cannot tell.
//!
//! The report and the KPI tables are read into numbers (`data`), of which findings are chosen (`findings`); both are
//! put into words (`words`, `document`) and set by Typst as PDF/UA-1 (`world`, `brief.typ`). Nothing that is
//! suppressed in the tables can be in the brief: it is made of nothing else. The same tables give the same bytes.

mod data;
mod document;
mod findings;
mod words;
mod world;

use super::quality_report::Report;
use super::{Error, RenderedTable, replace};
use crate::model::{Date, Settings};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;

/// What a brief is made of.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The name of the district.
    pub district: &'a str,
    /// The report on data quality.
    pub report: &'a Report,
    /// The KPI tables.
    pub sheets: &'a [RenderedTable],
    /// What figures and rules are computed with.
    pub settings: &'a Settings,
}

/// Writes the brief.
pub fn write(input: &Input<'_>, path: &Path) -> Result<(), Error> {
    replace(path, |file| file.write_all(&pdf(input).map_err(io::Error::other)?))
}

/// The brief, or what the compiler says.
pub fn pdf(input: &Input<'_>) -> Result<Vec<u8>, String> {
    let numbers = data::Numbers::of(input.district, input.settings, input.report, input.sheets);
    let chosen = findings::choose(&numbers);
    let mut document = document::document(&numbers, &chosen);
    showable(&mut document);
    let ident = format!("rollcall policy brief, {}, {}", numbers.district, numbers.day);
    world::pdf(&document, ident, Date::parse_iso(numbers.day.as_bytes()))
}

/// Replaces characters that the fonts cannot show: a name is published with a gap rather than not at all.
fn showable(value: &mut Value) {
    match value {
        Value::String(text) if !text.chars().all(world::shows) => {
            let shown = |c: char| match c {
                c if world::shows(c) => c,
                c if c.is_whitespace() => ' ',
                _ => '?',
            };
            *text = text.chars().map(shown).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(showable),
        Value::Object(fields) => fields.values_mut().for_each(showable),
        _ => {}
    }
}
