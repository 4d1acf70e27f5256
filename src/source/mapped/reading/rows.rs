//! The rows of a file, made into rows of a table.

use super::header::Header;
use super::survey::{FileState, MADE, REJECTED};
use crate::model::{Change, Fault, Reason, Rejected, RowName, Table, Text};
use crate::source::RecordSink;
use crate::source::csv::QUOTED_CHARS;
use crate::source::mapped::cell::{Found, Line, one_of};
use crate::source::mapped::profile::{FileMap, Makes, Operation};
use std::borrow::Cow;

/// The rows of a file for one table.
pub(super) struct Rows<'a> {
    pub(super) table: Table,
    pub(super) is_delta: bool,
    pub(super) map: &'a FileMap,
    pub(super) makes: &'a [&'a Makes],
    pub(super) name: Text,
    pub(super) found: &'a Found,
    pub(super) state: &'a mut FileState,
    /// Rows read, and how many of them were rejected.
    pub(super) number: usize,
    pub(super) rejected: u64,
}

/// What to do with a row.
enum RowAction {
    Upsert,
    Delete,
}

impl Rows<'_> {
    pub(super) fn row(&mut self, line: u32, fields: Result<&[&str], Reason>, header: &Header, sink: &mut dyn RecordSink) {
        sink.at(self.name, line);
        let number = self.number;
        self.number += 1;
        if self.state.rows.len() <= number {
            self.state.rows.push(0);
        }
        let fields = match fields {
            Ok(fields) if fields.iter().any(|field| field.contains('\0')) => Err(Reason::Nul),
            fields => fields,
        };
        let flag = match fields {
            Ok(fields) => self.good(line, Line { places: &header.places, fields }, sink),
            Err(reason) => {
                self.reject(line, None, reason, sink);
                REJECTED
            }
        };
        self.state.rows[number] |= flag;
        self.rejected += u64::from(flag & REJECTED != 0);
    }

    fn reject(&self, line: u32, key: Option<&str>, reason: Reason, sink: &mut dyn RecordSink) {
        let row = match key {
            Some(key) => RowName::Key(sink.texts().symbol(self.table.space(), key)),
            None => RowName::Place(self.name, line),
        };
        sink.change(Change::Reject(Rejected { table: self.table, row, file: self.name, line, reason }));
    }

    fn good(&mut self, number: u32, line: Line<'_>, sink: &mut dyn RecordSink) -> u8 {
        if !line.holds(&self.map.filter) {
            return 0;
        }
        let is_gone = !self.map.delete.is_empty() && line.holds(&self.map.delete);
        let action = match &self.map.operation {
            _ if is_gone => RowAction::Delete,
            None => RowAction::Upsert,
            Some(Operation { column, upsert, delete }) => match line.get(*column) {
                text if one_of(text, delete) => RowAction::Delete,
                text if text.is_empty() || upsert.is_empty() || one_of(text, upsert) => RowAction::Upsert,
                text => {
                    let value = Some(quoted(text, sink));
                    let reason = Reason::Operation { position: line.position(*column), value };
                    self.reject(number, None, reason, sink);
                    return REJECTED;
                }
            },
        };
        let makes = self.makes.iter().filter(|makes| line.holds(&makes.filter));
        makes.fold(0, |flags, makes| flags | self.make(makes, &action, number, &line, sink))
    }

    fn make(&self, makes: &Makes, action: &RowAction, number: u32, line: &Line<'_>, sink: &mut dyn RecordSink) -> u8 {
        let cells = makes.columns.iter().map(|source| match source {
            Some(source) => {
                let (text, position) = source.text(line, self.found);
                (trimmed(text), position)
            }
            None => (Cow::Borrowed(""), 0),
        });
        let cells: Vec<(Cow<'_, str>, u16)> = cells.collect();
        let field = |column: usize| cells[column].0.as_ref();
        let key = self.table.key_text(field);
        if let RowAction::Delete = action {
            return match &key {
                // In a full extract, a deleted record counts as missing.
                Some(_) if !self.is_delta => 0,
                Some(key) => {
                    let key = sink.texts().symbol(self.table.space(), key);
                    sink.change(Change::Delete(self.table, key));
                    MADE
                }
                None => {
                    let spec = self.table.spec();
                    let empty = |name: &&str| spec.column(name).filter(|&column| field(column).is_empty());
                    let column = spec.key.iter().find_map(empty).unwrap_or(0);
                    let position = cells[column].1;
                    let column = column as u8;
                    let reason = Reason::Field { column, position, fault: Fault::Missing, value: None };
                    self.reject(number, None, reason, sink);
                    REJECTED
                }
            };
        }
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        if let Some(row) = self.table.read(field, sink.texts(), |column, fault| faults.push((column, fault))) {
            sink.change(Change::Upsert(row));
            return MADE;
        }
        for (column, fault) in faults {
            let (text, position) = &cells[column];
            let value = (!text.is_empty()).then(|| quoted(text, sink));
            let reason = Reason::Field { column: column as u8, position: *position, fault, value };
            self.reject(number, key.as_deref(), reason, sink);
        }
        REJECTED
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// The text of an invalid field as quoted in a rejection.
fn quoted(text: &str, sink: &mut dyn RecordSink) -> Text {
    let cut: String = text.chars().take(QUOTED_CHARS).collect();
    sink.texts().id(&cut)
}
