//! Relations of the warehouse as tables of text, in the order of their text.

use crate::engine::{self, Engine};
use crate::kpi::ZScores;
use crate::model::finding::surrogate_key;
use crate::model::{Score, Value};
use crate::tallies::scores::Cell;
use crate::warehouse::columns::Kind;
use crate::warehouse::{Context, Relation, RelationRow, RenderedTable, Source};

/// A relation as a table: its surrogate keys, then its natural columns, then added columns.
pub fn rendered(
    relation: &'static Relation,
    engine: &mut Engine,
    z_scores: &ZScores,
) -> Result<RenderedTable, engine::Error> {
    let day = engine.day();
    let rows: Vec<(Vec<Value>, Vec<String>)> = match relation.source {
        Source::CurrentRows(rows) => rows(&engine.current, day).into_iter().map(|values| (values, Vec::new())).collect(),
        _ => {
            let z_score = |cell: &Cell, score: Score| z_scores.figure(cell, score).text();
            let context = Context { day, z_score: &z_score };
            let added = |row: &RelationRow| relation.added.iter().map(|added| (added.value)(row, &context)).collect();
            engine.rows(relation)?.iter().map(|row| (row.values(), added(row))).collect()
        }
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
    let (columns, kinds) = keys.chain(relation.all_columns().map(|column| (column.name, column.kind))).unzip();
    Ok(RenderedTable { name: relation.name, columns, kinds, key: relation.key, surrogates: relation.surrogates, rows })
}
