//! `warehouse.sqlite`: every relation and KPI as a table in one file, with keys, indexes, and a table `about`.
//!
//! Types are what analysts expect of SQLite: dates are ISO text, which sorts correctly and works with `date()`; booleans are
//! 1 or 0; decimals are REAL, because SQLite has no exact decimal and a NUMERIC column would turn 1.0 into the integer 1,
//! and 1 / 2 is 0. The CSV and Parquet files have exact decimals. Empty fields are NULL.
//!
//! Equal tables give equal bytes: the page size is fixed, rows are inserted in order into a new file in one transaction,
//! and the file has no free pages, so VACUUM would change nothing.

use super::typed::{self, Typed};
use super::{Error, Header, Layer, Part, Publication, Sink, Written};
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::Kind;
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, ToSql, params};
use std::fmt::Write;
use std::io;
use std::path::Path;

/// A database being written; its file is renamed when it is complete.
pub(crate) struct SqliteFile {
    // Dropped in this order: the file is closed before it is removed.
    connection: Connection,
    part: Part,
    header: Header,
}

impl SqliteFile {
    /// Begins.
    pub(crate) fn begin(out: &Path, header: &Header) -> Result<Box<dyn Sink>, Error> {
        let path = out.join(Layer::Warehouse.folder()).join("warehouse.sqlite");
        Ok(Box::new(SqliteFile::create(&path, *header)?))
    }

    /// Begins a file. Nobody reads it before it is complete, so it needs no journal.
    fn create(path: &Path, header: Header) -> Result<SqliteFile, Error> {
        let part = Part::beside(path)?;
        let connection = Connection::open(&part.part).and_then(|connection| {
            connection.execute_batch(
                "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; BEGIN;",
            )?;
            Ok(connection)
        });
        let connection = connection.map_err(|error| part.error(io::Error::other(error)))?;
        Ok(SqliteFile { connection, part, header })
    }

    /// Adds a table with its rows and indexes.
    fn insert(&self, rendered: &RenderedTable) -> io::Result<()> {
        self.connection.execute_batch(&declaration(rendered)).map_err(io::Error::other)?;
        let places = vec!["?"; rendered.columns.len()].join(", ");
        let insert = self.connection.prepare(&format!("INSERT INTO {} VALUES ({places})", rendered.name));
        let mut insert = insert.map_err(io::Error::other)?;
        for row in &rendered.rows {
            for (place, text) in row.iter().enumerate() {
                let field = typed::field(rendered, place, text)?;
                insert.raw_bind_parameter(place + 1, field).map_err(io::Error::other)?;
            }
            insert.raw_execute().map_err(io::Error::other)?;
        }
        self.connection.execute_batch(&indexes(rendered)).map_err(io::Error::other)
    }
}

impl Sink for SqliteFile {
    fn table(&mut self, _: Layer, table: &RenderedTable) -> Result<(), Error> {
        self.insert(table).map_err(|source| self.part.error(source))
    }

    fn finish(self: Box<Self>, _: &Publication<'_>) -> Result<Vec<Written>, Error> {
        self.complete()
    }
}

impl SqliteFile {
    /// Writes the table `about` and renames the file.
    fn complete(self) -> Result<Vec<Written>, Error> {
        let SqliteFile { connection, part, header: Header { day, origin, minimum_n } } = self;
        let path = part.path.clone();
        let finished = connection
            .execute_batch("CREATE TABLE about (rollcall TEXT, as_of DATE, origin TEXT, minimum_n INTEGER)")
            .and_then(|()| {
                let about = params![env!("CARGO_PKG_VERSION"), Typed::Date(day), origin.name(), minimum_n];
                connection.execute("INSERT INTO about VALUES (?, ?, ?, ?)", about)
            })
            // Statistics for the planner; without them, joins start at the wrong table.
            .and_then(|_| connection.execute_batch("COMMIT; ANALYZE;"))
            .and_then(|()| connection.close().map_err(|(_, error)| error));
        finished.map_err(|error| part.error(io::Error::other(error)))?;
        part.keep()?;
        Ok(vec![Written { path, what: "all tables, for SQL" }])
    }
}

/// The table, with its key.
fn declaration(rendered: &RenderedTable) -> String {
    let mut sql = format!("CREATE TABLE {} (\n", rendered.name);
    for (name, kind) in rendered.columns.iter().zip(&rendered.kinds) {
        let kind = match kind {
            Kind::Text => "TEXT",
            Kind::Int => "INTEGER",
            Kind::Decimal(_) | Kind::Real => "REAL",
            Kind::YesNo => "BOOLEAN",
            Kind::Date => "DATE",
        };
        let _ = writeln!(sql, "  {name} {kind},");
    }
    let _ = write!(sql, "  PRIMARY KEY ({})\n)", rendered.key.join(", "));
    sql
}

/// Indexes for every column used in lookups: ids, except the first column of the key, and surrogate keys. Outside dimensions
/// a surrogate key of a single column has none: the index of that column finds the same rows, and such indexes took a
/// quarter of the file.
fn indexes(rendered: &RenderedTable) -> String {
    let is_dimension = rendered.name.starts_with("dim_");
    let surrogates = rendered
        .surrogates
        .iter()
        .filter(|key| is_dimension || key.of.len() > 1 && key.of.iter().any(|column| column.ends_with("_id")));
    let ids = rendered.columns.iter().filter(|name| name.ends_with("_id") && rendered.key.first() != Some(*name));
    let index = |name: &str| format!("CREATE INDEX {0}_{name} ON {0} ({name});\n", rendered.name);
    surrogates.map(|key| key.name).chain(ids.copied()).map(index).collect()
}

impl ToSql for Typed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Typed::Null => ToSqlOutput::Owned(Value::Null),
            Typed::Text(text) => ToSqlOutput::from(text),
            Typed::Int(number) => ToSqlOutput::from(number),
            Typed::Decimal(scaled, places) => ToSqlOutput::from(scaled as f64 / 10f64.powi(places as i32)),
            Typed::Real(number) => ToSqlOutput::from(number),
            Typed::YesNo(truth) => ToSqlOutput::from(truth),
            Typed::Date(date) => ToSqlOutput::from(date.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::current::Origin;
    use crate::model::Date;
    use crate::warehouse::Surrogate;

    static KEYS: [Surrogate; 2] = [
        Surrogate { name: "k_one", of: &["one_id"], when: None },
        Surrogate { name: "k_both", of: &["one_id", "year"], when: None },
    ];

    fn rendered(name: &'static str, rows: &[[&str; 4]]) -> RenderedTable {
        RenderedTable {
            name,
            columns: vec!["k_one", "k_both", "one_id", "year"],
            kinds: vec![Kind::Text, Kind::Text, Kind::Text, Kind::Int],
            key: &["year"],
            surrogates: &KEYS,
            rows: rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect(),
        }
    }

    #[test]
    fn rows_are_looked_up_by_ids_and_keys_but_not_twice() {
        let created = |name| indexes(&rendered(name, &[])).lines().map(|line| line.to_owned()).collect::<Vec<_>>();
        let fact = ["CREATE INDEX fct_k_both ON fct (k_both);", "CREATE INDEX fct_one_id ON fct (one_id);"];
        assert_eq!(created("fct"), fact);
        assert_eq!(created("dim_a").len(), 3);
    }

    #[test]
    fn a_database_that_is_not_finished_leaves_the_old_one() {
        let folder = std::env::temp_dir().join(format!("rollcall-sqlite-{}", std::process::id()));
        let path = folder.join("warehouse.sqlite");
        let day = Date::ymd(2026, 3, 16).unwrap();
        let begun = |rows: &[[&str; 4]]| {
            let header = Header { day, origin: Origin::Extract, minimum_n: 10 };
            let mut database = SqliteFile::create(&path, header).unwrap();
            database.table(Layer::Warehouse, &rendered("fct", rows)).map(|()| database)
        };
        begun(&[["a", "b", "c", "2026"]]).unwrap().complete().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        drop(begun(&[]).unwrap());
        let twice = begun(&[["a", "b", "c", "2026"], ["a", "b", "c", "2026"]]);
        assert!(twice.err().is_some_and(|error| error.to_string().contains("UNIQUE constraint failed: fct.year")));
        assert!(begun(&[["a", "b", "c", "MMXXVI"]]).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "no partial file remains");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
