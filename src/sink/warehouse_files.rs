//! `warehouse/out/`: one CSV and one Parquet file per relation, sorted by the texts of its rows, and all of them with the KPIs
//! in one SQLite file. Relations are written one after the other, so that no more than one is held.

use super::sqlite_file::Database;
use super::{Error, Origin, Sheet, parquet_file};
use crate::engine::{self, Engine};
use crate::model::Value;
use crate::model::finding::surrogate_key;
use crate::plan::Plan;
use crate::quality::Open;
use crate::quality::relations::{self, DQ_RELATIONS};
use crate::warehouse::columns::Kind;
use crate::warehouse::{RELATIONS, Relation, Source};
use std::path::Path;

/// Why the warehouse could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file.
    #[error(transparent)]
    File(#[from] Error),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

/// What the relations of data quality are made of.
pub struct Quality<'a> {
    /// The open violations.
    pub open: &'a [Open],
    /// What was computed.
    pub plan: &'a Plan,
    /// The KPIs, as published.
    pub kpis: &'a [Sheet],
}

/// The name of the SQLite file.
pub const DATABASE: &str = "warehouse.sqlite";

/// Writes every relation as it stands today; gives the name of each with its number of rows.
pub fn write(
    engine: &mut Engine,
    quality: &Quality<'_>,
    folder: &Path,
    origin: Origin,
    mut done: impl FnMut(&Relation),
) -> Result<Vec<(&'static str, usize)>, WriteError> {
    let mut written = Vec::new();
    let mut database = Database::create(&folder.join(DATABASE))?;
    let mut put = |sheet: &Sheet| -> Result<(), Error> {
        sheet.write_csv(folder, origin)?;
        parquet_file::write(sheet, folder, origin)?;
        database.add(sheet)?;
        written.push((sheet.name, sheet.rows.len()));
        Ok(())
    };
    for relation in RELATIONS {
        put(&sheet(relation, engine)?)?;
        done(relation);
    }
    for relation in DQ_RELATIONS {
        let rows = relations::rows(relation, quality.open, quality.plan, &engine.register);
        let (columns, kinds) = relation.columns.iter().map(|column| (column.name, column.kind)).unzip();
        put(&Sheet { name: relation.name, columns, kinds, key: relation.key, surrogates: &[], rows })?;
    }
    for kpi in quality.kpis {
        database.add(kpi)?;
    }
    database.finish(engine.day(), origin, quality.plan.settings.minimum_n)?;
    Ok(written)
}

/// A relation as a table: its surrogate keys, then its natural columns.
pub fn sheet(relation: &'static Relation, engine: &mut Engine) -> Result<Sheet, engine::Error> {
    let values: Vec<Vec<Value>> = match relation.source {
        Source::Register(rows) => rows(&engine.register, engine.day()),
        _ => engine.rows(relation)?.iter().map(|row| row.values()).collect(),
    };
    let texts = &engine.register.texts;
    let place = |name: &str| {
        let place = relation.columns.iter().position(|column| column.name == name);
        place.expect("invariant: surrogate keys are made of columns of their relation")
    };
    let surrogates: Vec<(Vec<usize>, Option<usize>)> = relation
        .surrogates
        .iter()
        .map(|key| (key.of.iter().map(|name| place(name)).collect(), key.when.map(place)))
        .collect();
    let rows = values.into_iter().map(|values| {
        let natural: Vec<String> = values.iter().map(|value| value.text(texts)).collect();
        let keys = surrogates.iter().map(|(of, when)| {
            let given = of.iter().all(|&place| values[place] != Value::Null);
            let wanted = when.is_none_or(|place| !matches!(values[place], Value::Bool(false) | Value::Null));
            let parts: Vec<&str> = of.iter().map(|&place| natural[place].as_str()).collect();
            if given && wanted { surrogate_key(&parts) } else { String::new() }
        });
        let keys: Vec<String> = keys.collect();
        [keys, natural].concat()
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    let first_natural = relation.surrogates.len();
    rows.sort_unstable_by(|a, b| a[first_natural..].cmp(&b[first_natural..]));
    let keys = relation.surrogates.iter().map(|key| (key.name, Kind::Text));
    let (columns, kinds) = keys.chain(relation.columns.iter().map(|column| (column.name, column.kind))).unzip();
    Ok(Sheet { name: relation.name, columns, kinds, key: relation.key, surrogates: relation.surrogates, rows })
}
