//! A rendered table: every sink receives the same texts, so all files of a table agree.

use super::Surrogate;
use super::columns::Kind;

/// A table of texts, as shown in files and terminals. Typed sinks parse the texts.
#[derive(Clone, Debug)]
pub struct RenderedTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<&'static str>,
    /// The types of the columns.
    pub kinds: Vec<Kind>,
    /// The columns of its key.
    pub key: &'static [&'static str],
    /// Its surrogate keys, which are its first columns.
    pub surrogates: &'static [Surrogate],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}
