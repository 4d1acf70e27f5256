//! The rows of a district during its year, and which of them changed today.
//!
//! A district has millions of cells, so a row is one text with separated cells, not a list of texts. Keys begin with the
//! person or section that a row belongs to, so all rows of a student are a range of keys and need no index.

use rollcall_model::Table;
use rollcall_model::date::Date;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The cell separator; no generated cell contains it.
const UNIT: char = '\u{1f}';

/// The cells of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row(String);

/// A row with its table and key, with access by column name.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    table: Table,
    pub(super) key: &'a str,
    row: &'a Row,
}

impl<'a> View<'a> {
    /// The cell of a column.
    pub(super) fn text(&self, column: &str) -> &'a str {
        self.row.0.split(UNIT).nth(place(self.table, column)).unwrap_or_default()
    }

    /// The date in a column, if stated.
    pub(super) fn date(&self, column: &str) -> Option<Date> {
        Date::parse_iso(self.text(column).as_bytes())
    }

    /// Whether a day is between the date in one column and the day before that in another; an empty cell is unbounded.
    pub(super) fn holds(&self, begin: &str, end: &str, day: Date) -> bool {
        self.date(begin).is_none_or(|begin| begin <= day) && self.date(end).is_none_or(|end| day < end)
    }
}

/// The index of a column in its table.
fn place(table: Table, column: &str) -> usize {
    table.spec().column(column).expect("invariant: columns are named as the model declares them")
}

/// A row to write; `None` to delete it.
pub(super) type Wanted = (Table, String, Option<Row>);

/// A change of a day: the previous key if it changed, and the row, or the deleted row.
pub(super) struct Change<'a> {
    pub(super) table: Table,
    old_key: Option<&'a str>,
    row: &'a Row,
    gone: bool,
}

/// All rows, by table and key.
#[derive(Default)]
pub(super) struct Rows {
    tables: BTreeMap<Table, BTreeMap<String, Row>>,
    /// The rows that were touched today, as they were before.
    before: BTreeMap<(Table, String), Option<Row>>,
    /// Today's keys that changed, with the previous ones.
    renamed: BTreeMap<(Table, String), String>,
}

impl Rows {
    /// Loads a file of a table without marking changes.
    pub(super) fn read(&mut self, table: Table, bytes: &[u8]) -> io::Result<()> {
        let rows = self.tables.entry(table).or_default();
        for record in csv::Reader::from_reader(bytes).records() {
            let record = record?;
            let key = table.key_text(|column| &record[column]).unwrap_or_default();
            rows.insert(key, Row(record.iter().collect::<Vec<_>>().join("\u{1f}")));
        }
        Ok(())
    }

    /// The row of a key.
    pub(super) fn get<'a>(&'a self, table: Table, key: &str) -> Option<View<'a>> {
        self.tables.get(&table)?.get_key_value(key).map(|(key, row)| View { table, key, row })
    }

    /// The rows whose keys begin with a text, in order.
    pub(super) fn of<'a>(&'a self, table: Table, start: &str) -> impl Iterator<Item = View<'a>> + use<'a> {
        let start = start.to_owned();
        let rows = self.tables.get(&table).into_iter().flat_map({
            let start = start.clone();
            move |rows| rows.range(start.clone()..)
        });
        rows.take_while(move |(key, _)| key.starts_with(&start)).map(move |(key, row)| View { table, key, row })
    }

    /// Whether a row was touched today.
    pub(super) fn is_touched(&self, table: Table, key: &str) -> bool {
        self.before.contains_key(&(table, key.to_owned()))
    }

    /// Writes or deletes a row.
    pub(super) fn put(&mut self, (table, key, row): Wanted) {
        let rows = self.tables.entry(table).or_default();
        let old = match row {
            Some(row) => rows.insert(key.clone(), row),
            None => rows.remove(&key),
        };
        self.before.entry((table, key)).or_insert(old);
    }

    /// A copy of a row, to be restored later.
    pub(super) fn copy(&self, table: Table, key: &str) -> Wanted {
        (table, key.to_owned(), self.get(table, key).map(|view| view.row.clone()))
    }

    /// A row like another one, with some cells changed; its key follows from its cells.
    pub(super) fn like(&self, table: Table, key: &str, cells: &[(&str, &str)]) -> Wanted {
        let empty = || vec![""; table.spec().columns.len()];
        let mut texts: Vec<&str> = self.get(table, key).map_or_else(empty, |view| view.row.0.split(UNIT).collect());
        for (column, text) in cells {
            texts[place(table, column)] = text;
        }
        let key = table.key_text(|column| texts[column]).expect("invariant: a row has its key");
        (table, key, Some(Row(texts.join("\u{1f}"))))
    }

    /// Changes cells of a row; returns the key.
    pub(super) fn set(&mut self, table: Table, key: &str, cells: &[(&str, &str)]) -> String {
        let wanted = self.like(table, key, cells);
        let key = wanted.1.clone();
        self.put(wanted);
        key
    }

    /// Enters a new row with the named cells; returns its key.
    pub(super) fn add(&mut self, table: Table, cells: &[(&str, &str)]) -> String {
        self.set(table, "", cells)
    }

    /// Changes the key of a row that was not touched today.
    pub(super) fn rename(&mut self, table: Table, old: &str, column: &str, new: &str) {
        let wanted = self.like(table, old, &[(column, new)]);
        let (_, key, _) = &wanted;
        self.renamed.insert((table, key.clone()), old.to_owned());
        self.put(wanted);
        self.put((table, old.to_owned(), None));
    }

    /// What changed today, by table and key.
    pub(super) fn changes(&self) -> Vec<Change<'_>> {
        let mut changes = Vec::new();
        for ((table, key), before) in &self.before {
            let now = self.tables.get(table).and_then(|rows| rows.get(key));
            let goes_on = || self.renamed.iter().any(|((of, _), old)| of == table && old == key);
            let old_key = self.renamed.get(&(*table, key.clone())).map(String::as_str);
            let (row, gone) = match (now, before) {
                (Some(now), before) if before.as_ref() != Some(now) => (now, false),
                (None, Some(before)) if !goes_on() => (before, true),
                _ => continue,
            };
            changes.push(Change { table: *table, old_key: old_key.filter(|_| !gone), row, gone });
        }
        changes
    }

    /// Ends the day.
    pub(super) fn settle(&mut self) {
        self.before.clear();
        self.renamed.clear();
    }

    /// Writes a whole table.
    pub(super) fn write_full(&self, table: Table, out: impl Write) -> io::Result<()> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(table.spec().columns.iter().map(|column| column.name))?;
        for view in self.of(table, "") {
            out.write_record(view.row.0.split(UNIT))?;
        }
        out.flush()
    }
}

/// Writes the changes of one table.
pub(super) fn write_changes(table: Table, changes: &[Change<'_>], out: impl Write) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let columns = table.spec().columns;
    let renames = changes.iter().any(|change| change.old_key.is_some());
    let header = ["_op"].into_iter().chain(renames.then_some("_old_key"));
    out.write_record(header.chain(columns.iter().map(|column| column.name)))?;
    for Change { old_key, row, gone, .. } in changes {
        let operation = match (gone, old_key) {
            (true, _) => "delete",
            (_, Some(_)) => "key_change",
            _ => "upsert",
        };
        let old_key = renames.then_some(old_key.unwrap_or_default());
        let is_key = |column: usize| table.spec().key.contains(&columns[column].name);
        let cells = row.0.split(UNIT).enumerate();
        let cells = cells.map(|(column, cell)| if *gone && !is_key(column) { "" } else { cell });
        out.write_record([operation].into_iter().chain(old_key).chain(cells))?;
    }
    out.flush()
}
