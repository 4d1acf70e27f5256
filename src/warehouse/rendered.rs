//! A table of texts: what every sink is given, so that all files of a table agree.

use super::Surrogate;
use super::columns::Kind;

/// A table of texts, as files and terminals show it. Sinks with types read them back from the texts.
#[derive(Clone, Debug)]
pub struct RenderedTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<&'static str>,
    /// What each of them holds.
    pub kinds: Vec<Kind>,
    /// The columns that no two rows share.
    pub key: &'static [&'static str],
    /// Its surrogate keys; they are its first columns.
    pub surrogates: &'static [Surrogate],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
}
