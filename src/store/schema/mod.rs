//! The schema of what is stored. bincode writes values by position, without names; so the first frame of each segment and of
//! each snapshot states what these positions are: tables and their columns with types, code sets, id spaces, and every other
//! stored type, by name. What was stored under the current schema is read by bincode. Everything else is read here, by
//! name: a new column is empty, a retired one is dropped and counted, codes and tables are found by their text, and
//! renamed ones by the alias in their declaration (`#[serde(alias = "...")]`). A name that is neither known nor retired
//! comes from a later version, and stops the reading.
//!
//! Formats 1 to 3 state no schema. All of their versions stored that of version 0.1, which is kept here.

mod translate;

use super::record::{self, Undecodable};
use crate::model::{Change, CodeSet, FieldType, Flaws, Reason, Record, Rejected, Subject, Table, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use translate::{At, Input};

/// What this version stores. A test compares it with the types, and rewrites it when asked to.
const CURRENT: &str = include_str!("../schemas/current.json");
/// What version 0.1 stored.
const FIRST: &str = include_str!("../schemas/0.1.json");

/// Columns that were stored once and are no longer declared: the name of the stored type, and that of the column.
const RETIRED: &[(&str, &str)] = &[];

/// The names and types of everything stored, in order of their positions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The columns of each table, by its name.
    pub tables: BTreeMap<String, Columns>,
    /// Every stored type.
    pub types: BTreeMap<String, Layout<String>>,
}

/// The columns of a table, in the order of its declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// All of them.
    pub columns: Vec<String>,
    /// Those whose texts are looked at for flaws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<String>,
}

/// What a stored type consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout<N> {
    /// Nothing.
    Unit,
    /// One value without a name.
    Newtype(Type<N>),
    /// Values without names.
    Tuple(Vec<Type<N>>),
    /// Values with names.
    Struct(Vec<(String, Type<N>)>),
    /// One of several, each with its name and what it consists of.
    Enum(Vec<(String, Layout<N>)>),
}

/// The type of a stored value. `N` refers to a stored type: by name in a file, by position in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the scalar types of Rust")]
pub enum Type<N> {
    Unit,
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Str,
    Bytes,
    /// A value or none.
    Option(Box<Type<N>>),
    /// Any number of values.
    Seq(Box<Type<N>>),
    /// Keys and values.
    Map(Box<Type<N>>, Box<Type<N>>),
    /// Values of different types.
    Tuple(Vec<Type<N>>),
    /// A fixed number of values.
    Array(Box<Type<N>>, usize),
    /// A stored type.
    Of(N),
}

impl Schema {
    /// What this version stores.
    pub fn current() -> &'static Schema {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(|| parsed(CURRENT));
        &SCHEMA
    }

    /// What version 0.1 stored.
    pub fn first() -> &'static Schema {
        static SCHEMA: LazyLock<Schema> = LazyLock::new(|| parsed(FIRST));
        &SCHEMA
    }

    /// How it differs from that of this version, in words; empty if it does not.
    pub fn differences(&self) -> Vec<String> {
        let now = Schema::current();
        let mut differences = Vec::new();
        let mut only = |of: &Schema, other: &Schema, label: &str| {
            for (table, columns) in &of.tables {
                match other.tables.get(table) {
                    None => differences.push(format!("{label} table {table}")),
                    Some(others) => {
                        let missing = columns.columns.iter().filter(|column| !others.columns.contains(column));
                        differences.extend(missing.map(|column| format!("{label} column {table}.{column}")));
                    }
                }
            }
            for (name, layout) in &of.types {
                let (Layout::Enum(variants), Some(Layout::Enum(others))) = (layout, other.types.get(name)) else { continue };
                let missing = variants.iter().filter(|(variant, _)| !others.iter().any(|(known, _)| known == variant));
                differences.extend(missing.map(|(variant, _)| format!("{label} value {name}.{variant}")));
            }
        };
        only(self, now, "then only:");
        only(now, self, "now only:");
        if differences.is_empty() && self != now {
            differences.push("stored in another order or with other types".to_owned());
        }
        differences
    }
}

fn parsed(text: &str) -> Schema {
    serde_json::from_str(text).expect("invariant: the schemas in the program are valid")
}

/// Reads what was stored under a schema.
#[derive(Clone)]
pub struct Reading(Option<Arc<Translation>>);

/// A schema other than the current one.
struct Translation {
    names: BTreeMap<String, usize>,
    types: Vec<(String, Layout<usize>)>,
    /// Where the columns of each table are now.
    moved: BTreeMap<Table, Moved>,
    /// The positions of codes now, by their stored positions.
    ranks: BTreeMap<CodeSet, Vec<Option<u8>>>,
    retired: &'static [(&'static str, &'static str)],
}

/// Where the columns of a table are now, by their stored positions; none if they are gone.
struct Moved {
    columns: Vec<Option<u8>>,
    watched: Vec<Option<u32>>,
}

/// Names that were dropped, and how often.
pub type Dropped = BTreeMap<(String, String), u64>;

impl Reading {
    /// Reads what this version stores.
    pub fn current() -> Reading {
        Reading(None)
    }

    /// Reads what was stored under a schema.
    ///
    /// # Errors
    ///
    /// A schema that refers to types that it does not state.
    pub fn of(schema: &Schema) -> Result<Reading, String> {
        Reading::with(schema, RETIRED)
    }

    fn with(schema: &Schema, retired: &'static [(&'static str, &'static str)]) -> Result<Reading, String> {
        if schema == Schema::current() {
            return Ok(Reading::current());
        }
        let names: BTreeMap<String, usize> = schema.types.keys().cloned().zip(0..).collect();
        let resolve = |name: &String| names.get(name).copied().ok_or_else(|| format!("its schema does not state {name}"));
        let types = schema.types.iter().map(|(name, layout)| Ok((name.clone(), layout.map(&resolve)?)));
        let types = types.collect::<Result<_, String>>()?;
        let tables = Table::ALL.iter().filter_map(|&table| {
            let (then, now) = (schema.tables.get(table.spec().name)?, table.spec());
            let watched = |name: &String| {
                (0..).zip(now.watched).find(|(_, (column, _))| now.columns[*column].name == name).map(|(bit, _)| bit)
            };
            let moved = Moved {
                columns: then.columns.iter().map(|name| now.column(name).map(|at| at as u8)).collect(),
                watched: then.watched.iter().map(watched).collect(),
            };
            Some((table, moved))
        });
        let sets = CodeSet::ALL.iter().filter_map(|&set| {
            let Layout::Enum(codes) = schema.types.get(set.name())? else { return None };
            let now = |code: &String| set.values().iter().position(|value| value == code).map(|rank| rank as u8);
            Some((set, codes.iter().map(|(code, _)| now(code)).collect()))
        });
        let (moved, ranks) = (tables.collect(), sets.collect());
        Ok(Reading(Some(Arc::new(Translation { names, types, moved, ranks, retired }))))
    }

    /// Whether it reads what this version stores.
    pub fn is_current(&self) -> bool {
        self.0.is_none()
    }

    /// Reads a value of a stored type, named as in the schema, and advances past it.
    pub fn decode<T: DeserializeOwned>(
        &self,
        name: &str,
        from: &mut &[u8],
        dropped: &mut Dropped,
    ) -> Result<T, Undecodable> {
        let Some(translation) = &self.0 else { return record::decode(from) };
        let at =
            *translation.names.get(name).ok_or_else(|| Undecodable::Invalid(format!("its schema does not state {name}")))?;
        let input = Input { translation, rest: Cell::new(from), dropped: RefCell::new(dropped) };
        let value = T::deserialize(At { input: &input, of: &Type::Of(at), field: None })?;
        *from = input.rest.get();
        Ok(value)
    }

    /// The same for a value in a snapshot, which may be long.
    pub(crate) fn decode_long<T: DeserializeOwned>(&self, name: &str, from: &[u8]) -> Result<T, Undecodable> {
        if self.is_current() { record::decode_long(from) } else { self.decode(name, &mut &from[..], &mut Dropped::new()) }
    }

    /// Translates logged changes to those of this version.
    pub(super) fn changes(&self, part: &mut super::Part, dropped: &mut Dropped) -> Result<(), Undecodable> {
        if self.is_current() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut part.changes.0);
        let mut rest = &bytes[..];
        for _ in 0..part.count {
            let mut change: Change = self.decode("Change", &mut rest, dropped)?;
            match &mut change {
                Change::Upsert(row) | Change::KeyChange(_, row) => self.row(row),
                Change::Reject(fault) => self.rejected(fault),
                Change::Delete(..) | Change::Accept(..) | Change::Note(_) => {}
            }
            record::encode(&change, &mut part.changes.0);
        }
        Ok(())
    }

    /// The flaws of a row are bits of watched columns, whose positions may have changed.
    pub(crate) fn row(&self, row: &mut Record) {
        let Some(moved) = self.0.as_ref().and_then(|of| of.moved.get(&row.table())) else { return };
        if row.flaws() != Flaws::default() {
            row.set_flaws(row.flaws().moved(&moved.watched));
        }
    }

    /// The column of a rejection. Of a column that is gone, the first stands for it: the row is still rejected.
    pub(crate) fn rejected(&self, fault: &mut Rejected) {
        if let Reason::Field { column, .. } = &mut fault.reason {
            *column = self.column(fault.table, *column).unwrap_or(0);
        }
    }

    /// The subject of a violation; none if it is about a column that is gone.
    pub(crate) fn subject(&self, subject: Subject) -> Option<Subject> {
        Some(match subject {
            Subject::Reference(table, column, missing) => Subject::Reference(table, self.column(table, column)?, missing),
            Subject::Column(table, row, column) => Subject::Column(table, row, self.column(table, column)?),
            Subject::Natural(table, mut key) => {
                let columns = table.spec().natural.iter().filter_map(|name| table.spec().column(name));
                for (part, column) in key.iter_mut().zip(columns) {
                    let FieldType::Code(set) = table.spec().columns[column].kind else { continue };
                    if let Value::Code(_, rank) = Value::of_part(FieldType::Code(set), *part) {
                        *part = Value::Code(set, self.rank(set, rank)?).part();
                    }
                }
                Subject::Natural(table, key)
            }
            other => other,
        })
    }

    fn rank(&self, set: CodeSet, rank: u8) -> Option<u8> {
        match self.0.as_ref().and_then(|of| of.ranks.get(&set)) {
            None => Some(rank),
            Some(ranks) => *ranks.get(usize::from(rank))?,
        }
    }

    fn column(&self, table: Table, column: u8) -> Option<u8> {
        match &self.0 {
            None => Some(column),
            Some(of) => *of.moved.get(&table)?.columns.get(usize::from(column))?,
        }
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_current() { "the current schema" } else { "another schema" })
    }
}

impl<N> Layout<N> {
    fn map<M, E>(&self, of: &impl Fn(&N) -> Result<M, E>) -> Result<Layout<M>, E> {
        Ok(match self {
            Layout::Unit => Layout::Unit,
            Layout::Newtype(value) => Layout::Newtype(value.map(of)?),
            Layout::Tuple(values) => Layout::Tuple(values.iter().map(|value| value.map(of)).collect::<Result<_, E>>()?),
            Layout::Struct(fields) => {
                let fields = fields.iter().map(|(name, value)| Ok((name.clone(), value.map(of)?)));
                Layout::Struct(fields.collect::<Result<_, E>>()?)
            }
            Layout::Enum(variants) => {
                let variants = variants.iter().map(|(name, layout)| Ok((name.clone(), layout.map(of)?)));
                Layout::Enum(variants.collect::<Result<_, E>>()?)
            }
        })
    }
}

impl<N> Type<N> {
    fn map<M, E>(&self, of: &impl Fn(&N) -> Result<M, E>) -> Result<Type<M>, E> {
        let boxed = |inner: &Type<N>| inner.map(of).map(Box::new);
        Ok(match self {
            Type::Unit => Type::Unit,
            Type::Bool => Type::Bool,
            Type::I8 => Type::I8,
            Type::I16 => Type::I16,
            Type::I32 => Type::I32,
            Type::I64 => Type::I64,
            Type::U8 => Type::U8,
            Type::U16 => Type::U16,
            Type::U32 => Type::U32,
            Type::U64 => Type::U64,
            Type::F32 => Type::F32,
            Type::F64 => Type::F64,
            Type::Str => Type::Str,
            Type::Bytes => Type::Bytes,
            Type::Option(inner) => Type::Option(boxed(inner)?),
            Type::Seq(inner) => Type::Seq(boxed(inner)?),
            Type::Map(key, value) => Type::Map(boxed(key)?, boxed(value)?),
            Type::Tuple(inner) => Type::Tuple(inner.iter().map(|of_one| of_one.map(of)).collect::<Result<_, E>>()?),
            Type::Array(inner, length) => Type::Array(boxed(inner)?, *length),
            Type::Of(name) => Type::Of(of(name)?),
        })
    }
}

#[cfg(test)]
mod tests;
