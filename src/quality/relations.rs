//! The data-quality relations. They are made from violations, unlike the warehouse relations, which are made from rows.

use super::{Quality, dim_rule, fct_dq_family_day, fct_dq_feed, fct_dq_rule_org, fct_dq_violation};
use crate::current::CurrentRows;
use crate::model::{Id, OrgId, Table};
use crate::plan::Plan;
use crate::qa::Rule;
use crate::warehouse::RenderedTable;
use crate::warehouse::columns::{Column, Computed};
use std::borrow::Borrow;

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
    pub(super) rows: fn(&Context<'_>) -> Vec<Vec<String>>,
}

impl DqRelation {
    /// The relation as a table, with its rows sorted.
    pub(crate) fn rendered(&self, quality: &Quality, plan: &Plan, current: &CurrentRows) -> RenderedTable {
        let mut rows = (self.rows)(&Context { quality, plan, current });
        rows.sort();
        let (columns, kinds) = self.columns.iter().map(|column| (column.name, column.kind)).unzip();
        RenderedTable { name: self.name, columns, kinds, key: self.key, surrogates: &[], rows }
    }
}

/// What rows and their cells are made from.
pub(super) struct Context<'a> {
    pub(super) quality: &'a Quality,
    pub(super) plan: &'a Plan,
    pub(super) current: &'a CurrentRows,
}

impl Context<'_> {
    /// The text of an id; empty without one.
    pub(super) fn text<I: Id>(&self, id: Option<I>) -> String {
        id.map_or(String::new(), |id| self.current.texts.text(id).to_owned())
    }

    /// The key of an organization; * for all of them together.
    pub(super) fn org(&self, org: Option<OrgId>) -> String {
        org.map_or("*", |org| self.current.texts.text(org)).to_owned()
    }

    /// The cells of each row.
    pub(super) fn rows_of<R>(&self, columns: &[Of<R>], rows: impl IntoIterator<Item: Borrow<R>>) -> Vec<Vec<String>> {
        let cells = |row: &R| columns.iter().map(|of| (of.value)(row, self)).collect();
        rows.into_iter().map(|row| cells(row.borrow())).collect()
    }
}

/// A column of a relation with rows of this type.
pub(super) type Of<R> = Computed<fn(&R, &Context<'_>) -> String>;

/// All data-quality relations.
pub static DQ_RELATIONS: &[&DqRelation] = &[
    &dim_rule::RELATION,
    &fct_dq_violation::RELATION,
    &fct_dq_rule_org::RELATION,
    &fct_dq_family_day::RELATION,
    &fct_dq_feed::RELATION,
];

/// The number of rows that the violation rate of a rule refers to.
pub(crate) fn population(rule: &Rule, current: &CurrentRows) -> usize {
    let rows = |table: &Table| current.rows().of(*table).count();
    match rule.among {
        [] => Table::ALL.iter().map(rows).sum(),
        among => among.iter().map(rows).sum(),
    }
}
