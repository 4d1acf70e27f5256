//! `reports/policy_brief.pdf`: two or three pages for district leaders. Key findings, recommendations, the figures behind
//! them, how they were chosen, and what the records cannot show.
//!
//! [`crate::insight`] reads the report and the KPI tables and chooses findings; `document` turns both into the data of a
//! template, and `world` runs Typst to produce PDF/UA-1. The brief uses published tables only, so it cannot show anything
//! that is suppressed in them. Equal tables give equal bytes.

mod document;
mod world;

use super::{Error, Header, Path, Publication, Sink, Written, replace};
use crate::insight::{Numbers, choose};
use crate::model::Date;
use serde_json::Value;
use std::io::{self, Write};
use std::path::PathBuf;

/// Writes the brief.
pub(crate) struct Brief(PathBuf);

impl Brief {
    /// Begins.
    pub(crate) fn begin(out: &Path, _: &Header) -> Result<Box<dyn Sink>, Error> {
        Ok(Box::new(Brief(out.join("reports/policy_brief.pdf"))))
    }
}

impl Sink for Brief {
    fn finish(self: Box<Self>, publication: &Publication<'_>) -> Result<Vec<Written>, Error> {
        replace(&self.0, |file| file.write_all(&pdf(publication).map_err(io::Error::other)?))?;
        Ok(vec![Written { path: self.0, what: "for district leaders, 2 or 3 pages" }])
    }
}

/// The brief, or the errors of the compiler.
fn pdf(publication: &Publication<'_>) -> Result<Vec<u8>, String> {
    let district = publication.district.unwrap_or("The district");
    let numbers = Numbers::of(district, publication.settings, publication.report, publication.kpis);
    let chosen = choose(&numbers);
    let mut document = document::document(&numbers, &chosen);
    showable(&mut document);
    let ident = format!("rollcall policy brief, {}, {}", numbers.district, numbers.day);
    world::pdf(&document, ident, Date::parse_iso(numbers.day.as_bytes()))
}

/// Replaces characters that the fonts lack: a name with a gap is better than no brief.
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
