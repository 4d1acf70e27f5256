//! The KPIs as tables, one per KPI, without suppressed figures.

use super::{Figure, KPIS, Kpi, Published};
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::Kind;

/// Every KPI as a table. An empty school or grade is the district or all grades; `suppressed` marks rows without
/// figures.
pub(crate) fn all(published: &Published<'_>) -> Vec<RenderedTable> {
    let table = |kpi: &&'static Kpi| {
        let keys = kpi.keys.iter().map(|name| (*name, key_kind(name)));
        let columns = keys.chain(kpi.columns.iter().copied()).chain([("suppressed", Kind::YesNo)]);
        let (columns, kinds) = columns.unzip();
        let rows = (kpi.rows)(published).into_iter().map(|row| {
            let suppressed = row.figures.is_none();
            let figures = match row.figures {
                Some(figures) => figures.into_iter().map(Figure::text).collect(),
                None => vec![String::new(); kpi.columns.len()],
            };
            [row.keys, figures, vec![suppressed.to_string()]].concat()
        });
        let mut rows: Vec<Vec<String>> = rows.collect();
        rows.sort();
        RenderedTable { name: kpi.name, columns, kinds, key: kpi.keys, surrogates: &[], rows }
    };
    KPIS.iter().map(table).collect()
}

/// The type of a key column: years and ranks are numbers, as in the warehouse, and days are dates; all others are text.
fn key_kind(name: &str) -> Kind {
    match name {
        "school_year" | "level_rank" => Kind::Int,
        "day" => Kind::Date,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_ranks_are_numbers_and_days_are_dates() {
        let kinds = ["school_year", "level_rank", "day", "grade", "school_id"].map(key_kind);
        assert_eq!(kinds, [Kind::Int, Kind::Int, Kind::Date, Kind::Text, Kind::Text]);
    }
}
