//! The data-quality relations. They are made from violations, unlike the warehouse relations, which are made from rows.

use super::{Quality, dim_rule, fct_dq_family_day, fct_dq_feed, fct_dq_rule_org, fct_dq_violation};
use crate::current::CurrentRows;
use crate::model::Table;
use crate::plan::Plan;
use crate::qa::Rule;
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::Column;

/// A relation whose cells are texts; an empty text is null.
pub struct DqRelation {
    /// Its name; the prefix is its layer.
    pub name: &'static str,
    /// Its grain in one sentence.
    pub grain: &'static str,
    /// Its key columns.
    pub key: &'static [&'static str],
    /// Its columns.
    pub columns: &'static [Column],
    /// Its rows, in any order.
    pub(super) make: fn(&Quality, &Plan, &CurrentRows) -> Vec<Vec<String>>,
}

impl DqRelation {
    /// The relation as a table.
    pub fn rendered(&self, quality: &Quality, plan: &Plan, current: &CurrentRows) -> RenderedTable {
        let rows = self.rows(quality, plan, current);
        let (columns, kinds) = self.columns.iter().map(|column| (column.name, column.kind)).unzip();
        RenderedTable { name: self.name, columns, kinds, key: self.key, surrogates: &[], rows }
    }

    /// Its rows, sorted.
    pub fn rows(&self, quality: &Quality, plan: &Plan, current: &CurrentRows) -> Vec<Vec<String>> {
        let mut rows = (self.make)(quality, plan, current);
        rows.sort();
        rows
    }
}

/// All data-quality relations.
pub const DQ_RELATIONS: &[DqRelation] = &[
    dim_rule::RELATION,
    fct_dq_violation::RELATION,
    fct_dq_rule_org::RELATION,
    fct_dq_family_day::RELATION,
    fct_dq_feed::RELATION,
];

/// The key for all organizations together.
pub(super) const ALL: &str = "*";

/// The number of rows that the violation rate of a rule refers to.
pub fn population(rule: &Rule, current: &CurrentRows) -> usize {
    let rows = |table: &Table| current.rows().of(*table).count();
    match rule.among {
        [] => Table::ALL.iter().map(rows).sum(),
        among => among.iter().map(rows).sum(),
    }
}
