//! `warehouse/out/`: one CSV and one Parquet file per relation, sorted by the texts of its rows, and all of them with the KPIs
//! in one SQLite file. Relations are written one after the other, so that no more than one is held.

use super::sqlite_file::Database;
use super::{Error, Origin, RenderedTable, parquet_file};
use crate::engine::{self, Engine};
use crate::kpi::ZScores;
use crate::model::finding::surrogate_key;
use crate::model::{Date, SchoolYear, Value};
use crate::plan::Plan;
use crate::quality::Quality;
use crate::quality::relations::DQ_RELATIONS;
use crate::warehouse::columns::Kind;
use crate::warehouse::{RELATIONS, Relation, RelationRow, Source};
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

/// What is written besides the relations of the engine.
pub struct Besides<'a> {
    /// The violations.
    pub quality: &'a Quality,
    /// What was computed.
    pub plan: &'a Plan,
    /// The KPIs, as published.
    pub kpis: &'a [RenderedTable],
    /// What scores are compared with.
    pub z_scores: &'a ZScores,
}

/// The name of the SQLite file.
pub const DATABASE: &str = "warehouse.sqlite";

/// Writes every relation as it stands today; gives the name of each with its number of rows.
pub fn write(
    engine: &mut Engine,
    besides: &Besides<'_>,
    folder: &Path,
    origin: Origin,
    mut done: impl FnMut(&Relation),
) -> Result<Vec<(&'static str, usize)>, WriteError> {
    let mut written = Vec::new();
    let mut database = Database::create(&folder.join(DATABASE))?;
    let mut put = |sheet: &RenderedTable| -> Result<(), Error> {
        sheet.write_csv(folder, origin)?;
        parquet_file::write(sheet, folder, origin)?;
        database.add(sheet)?;
        written.push((sheet.name, sheet.rows.len()));
        Ok(())
    };
    for relation in RELATIONS {
        put(&sheet(relation, engine, besides.z_scores)?)?;
        done(relation);
    }
    for relation in DQ_RELATIONS {
        let rows = relation.rows(besides.quality, besides.plan, &engine.current);
        let (columns, kinds) = relation.columns.iter().map(|column| (column.name, column.kind)).unzip();
        put(&RenderedTable { name: relation.name, columns, kinds, key: relation.key, surrogates: &[], rows })?;
    }
    for kpi in besides.kpis {
        database.add(kpi)?;
    }
    database.finish(engine.day(), origin, besides.plan.settings.minimum_n)?;
    Ok(written)
}

/// A relation as a table: its surrogate keys, then its natural columns, then those that are added.
pub fn sheet(relation: &'static Relation, engine: &mut Engine, z_scores: &ZScores) -> Result<RenderedTable, engine::Error> {
    let day = engine.day();
    let rows: Vec<(Vec<Value>, Vec<String>)> = match relation.source {
        Source::CurrentRows(rows) => rows(&engine.current, day).into_iter().map(|values| (values, Vec::new())).collect(),
        _ => engine.rows(relation)?.iter().map(|row| (row.values(), added(row, day, z_scores))).collect(),
    };
    let texts = &engine.current.texts;
    let place = |name: &str| {
        let place = relation.columns.iter().position(|column| column.name == name);
        place.expect("invariant: surrogate keys are made of columns of their relation")
    };
    let surrogates: Vec<(Vec<usize>, Option<usize>)> = relation
        .surrogates
        .iter()
        .map(|key| (key.of.iter().map(|name| place(name)).collect(), key.when.map(place)))
        .collect();
    let rows = rows.into_iter().map(|(values, added)| {
        let natural: Vec<String> = values.iter().map(|value| value.text(texts)).collect();
        let keys = surrogates.iter().map(|(of, when)| {
            let given = of.iter().all(|&place| values[place] != Value::Null);
            let wanted = when.is_none_or(|place| !matches!(values[place], Value::Bool(false) | Value::Null));
            let parts: Vec<&str> = of.iter().map(|&place| natural[place].as_str()).collect();
            if given && wanted { surrogate_key(&parts) } else { String::new() }
        });
        let keys: Vec<String> = keys.collect();
        [keys, natural, added].concat()
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    let first_natural = relation.surrogates.len();
    rows.sort_unstable_by(|a, b| a[first_natural..].cmp(&b[first_natural..]));
    let keys = relation.surrogates.iter().map(|key| (key.name, Kind::Text));
    let (columns, kinds) =
        keys.chain(relation.columns.iter().chain(relation.added).map(|column| (column.name, column.kind))).unzip();
    Ok(RenderedTable { name: relation.name, columns, kinds, key: relation.key, surrogates: relation.surrogates, rows })
}

/// The added columns of a row.
fn added(row: &RelationRow, day: Date, z_scores: &ZScores) -> Vec<String> {
    match row {
        RelationRow::FctStaffingSchool(_) => vec![SchoolYear::of(day).to_string()],
        RelationRow::FctAssessmentResult(result) => {
            let z = result.measured().map(|(cell, score)| z_scores.figure(&cell, score).text());
            vec![z.unwrap_or_default()]
        }
        _ => Vec::new(),
    }
}
