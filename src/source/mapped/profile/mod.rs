//! A profile: how the files, columns and codes of an export map to rows of rollcall's tables. `schema` is its TOML,
//! and `compile` checks that and makes what is defined here.

mod compile;
mod schema;

use super::cell::{Condition, Source, Template};
use crate::model::Table;
use compile::{Wrong, compile};
use std::collections::BTreeSet;

/// The mapping of an export.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Which exports it is for.
    pub about: String,
    pub(super) files: Vec<FileMap>,
    pub(super) lookups: Vec<Lookup>,
    /// Rows that are always present: the text of each column.
    pub(super) always: Vec<(Table, Vec<String>)>,
}

/// Why a profile is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, column {column}: {what}")]
pub struct ProfileError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

/// What is made from the rows of a file.
#[derive(Clone, Debug)]
pub(super) struct FileMap {
    pub(super) patterns: Vec<String>,
    /// Whether tables can be complete without this file.
    pub(super) optional: bool,
    /// The columns used, as spelled in the profile; everywhere else they are numbered.
    pub(super) names: Vec<String>,
    pub(super) filter: Vec<Condition>,
    pub(super) delete: Vec<Condition>,
    pub(super) operation: Option<Operation>,
    pub(super) makes: Vec<Makes>,
}

/// A column that says whether a row is stated or deleted.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) column: usize,
    pub(super) upsert: Vec<String>,
    pub(super) delete: Vec<String>,
}

/// A row of a table that a row of a file makes.
#[derive(Clone, Debug)]
pub(super) struct Makes {
    pub(super) table: Table,
    pub(super) filter: Vec<Condition>,
    /// By column of the table.
    pub(super) columns: Vec<Option<Source>>,
}

/// Texts from other files, by key.
#[derive(Clone, Debug)]
pub(super) struct Lookup {
    pub(super) name: String,
    pub(super) patterns: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) filter: Vec<Condition>,
    pub(super) key: Template,
    pub(super) value: Source,
    pub(super) join: Option<String>,
    /// A lookup whose key is what this lookup finds.
    pub(super) through: Option<usize>,
    pub(super) optional: bool,
}

impl Profile {
    /// Parses a profile; `file` is its name in errors.
    pub fn read(file: &str, text: &str) -> Result<Profile, ProfileError> {
        let error = |at: usize, what: String, hint: String| {
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            ProfileError { file: file.to_owned(), line, column, what, hint }
        };
        let raw = toml::from_str(text).map_err(|of_toml| {
            let hint = "`rollcall map list` lists profiles to use as examples".to_owned();
            error(of_toml.span().map_or(0, |span| span.start), of_toml.message().to_owned(), hint)
        })?;
        compile(raw).map_err(|Wrong { at, what, hint }| error(at, what, hint))
    }

    /// The tables that it feeds.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let of_files = self.files.iter().flat_map(|file| &file.makes).map(|makes| makes.table);
        let all: BTreeSet<Table> = of_files.chain(self.always.iter().map(|(table, _)| *table)).collect();
        let made = |table: &&Table| all.contains(table);
        Table::ALL.iter().filter(made).copied().collect()
    }
}
