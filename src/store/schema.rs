//! The schema of what is stored. bincode writes values by position, without names; so the first frame of each segment and of
//! each snapshot states what these positions are: tables and their columns with types, code sets, id spaces, and every other
//! stored type, by name. What was stored under the current schema is read by bincode. Everything else is read here, by name: a
//! new column is empty, a retired one is dropped and counted, codes and tables are found by their text, and renamed ones by the
//! alias in their declaration (`#[serde(alias = "...")]`). A name that is neither known nor retired comes from a later version,
//! and stops the reading.
//!
//! Formats 1 to 3 state no schema. All of their versions stored that of version 0.1, which is kept here.

use super::record::{self, Undecodable};
use crate::model::{Change, CodeSet, FieldType, Flaws, Reason, Record, Rejected, Subject, Table, Value};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::{Deserialize, Deserializer, Serialize, forward_to_deserialize_any};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// What this version stores. A test compares it with the types, and rewrites it when asked to.
const CURRENT: &str = include_str!("schemas/current.json");
/// What version 0.1 stored.
const FIRST: &str = include_str!("schemas/0.1.json");

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

/// What is read under another schema: bincode's standard encoding, by the stored types.
struct Input<'a, 'de> {
    translation: &'a Translation,
    rest: Cell<&'de [u8]>,
    dropped: RefCell<&'a mut Dropped>,
}

impl<'a, 'de> Input<'a, 'de> {
    fn take(&self, length: usize) -> Result<&'de [u8], Undecodable> {
        let rest = self.rest.get();
        let (taken, left) =
            rest.split_at_checked(length).ok_or_else(|| <Undecodable as de::Error>::custom("it ends prematurely"))?;
        self.rest.set(left);
        Ok(taken)
    }

    fn byte(&self) -> Result<u8, Undecodable> {
        Ok(self.take(1)?[0])
    }

    /// A whole number: one byte up to 250; larger ones after a byte that tells their size.
    fn number(&self) -> Result<u64, Undecodable> {
        let bytes = match self.byte()? {
            251 => 2,
            252 => 4,
            253 => 8,
            254.. => return Err(de::Error::custom("a number is too long")),
            small => return Ok(small.into()),
        };
        let mut number = [0; 8];
        number[..bytes].copy_from_slice(self.take(bytes)?);
        Ok(u64::from_le_bytes(number))
    }

    /// A number with a sign, which is its last bit.
    fn signed(&self) -> Result<i64, Undecodable> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn text(&self) -> Result<&'de str, Undecodable> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| de::Error::custom("a text is not UTF-8"))
    }

    fn bytes(&self) -> Result<&'de [u8], Undecodable> {
        let length = self.number()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn layout(&self, at: usize) -> &'a (String, Layout<usize>) {
        &self.translation.types[at]
    }

    fn skip(&self, of: &Type<usize>) -> Result<(), Undecodable> {
        match of {
            Type::Unit => Ok(()),
            Type::Bool | Type::I8 | Type::U8 => self.take(1).map(drop),
            Type::I16 | Type::I32 | Type::I64 | Type::U16 | Type::U32 | Type::U64 => self.number().map(drop),
            Type::F32 => self.take(4).map(drop),
            Type::F64 => self.take(8).map(drop),
            Type::Str | Type::Bytes => self.bytes().map(drop),
            Type::Option(inner) => {
                if self.byte()? == 0 {
                    Ok(())
                } else {
                    self.skip(inner)
                }
            }
            Type::Seq(inner) => {
                let length = self.number()?;
                (0..length).try_for_each(|_| self.skip(inner))
            }
            Type::Map(key, value) => {
                let length = self.number()?;
                (0..length).try_for_each(|_| self.skip(key).and_then(|()| self.skip(value)))
            }
            Type::Tuple(inner) => inner.iter().try_for_each(|of| self.skip(of)),
            Type::Array(inner, length) => (0..*length).try_for_each(|_| self.skip(inner)),
            Type::Of(at) => self.skip_layout(&self.layout(*at).1),
        }
    }

    fn skip_layout(&self, layout: &Layout<usize>) -> Result<(), Undecodable> {
        match layout {
            Layout::Unit => Ok(()),
            Layout::Newtype(of) => self.skip(of),
            Layout::Tuple(inner) => inner.iter().try_for_each(|of| self.skip(of)),
            Layout::Struct(fields) => fields.iter().try_for_each(|(_, of)| self.skip(of)),
            Layout::Enum(variants) => self.skip_layout(&self.variant(variants)?.1),
        }
    }

    fn variant<'v>(&self, variants: &'v [(String, Layout<usize>)]) -> Result<&'v (String, Layout<usize>), Undecodable> {
        let number = usize::try_from(self.number()?).ok();
        number
            .and_then(|number| variants.get(number))
            .ok_or_else(|| <Undecodable as de::Error>::custom("a value is none of its type"))
    }
}

/// A value at the current place of the input.
#[derive(Clone, Copy)]
struct At<'a, 'i, 'de> {
    input: &'i Input<'a, 'de>,
    of: &'i Type<usize>,
    /// The field that it is of, and its struct.
    field: Option<(&'i str, &'i str)>,
}

impl<'i, 'de> At<'_, 'i, 'de> {
    fn inner(self, of: &'i Type<usize>) -> Self {
        At { of, field: None, ..self }
    }

    /// The value inside of types that only give another one a name.
    fn stripped(mut self) -> Self
    where
        Self: Sized,
    {
        while let Type::Of(at) = self.of {
            let Layout::Newtype(inner) = &self.input.translation.types[*at].1 else { break };
            self.of = inner;
        }
        self
    }

    fn values<V: Visitor<'de>>(self, values: Values<'i>, visitor: V) -> Result<V::Value, Undecodable> {
        visitor.visit_seq(Sequence { at: self, values })
    }

    fn layout<V: Visitor<'de>>(
        self,
        name: &'i str,
        layout: &'i Layout<usize>,
        as_list: bool,
        visitor: V,
    ) -> Result<V::Value, Undecodable> {
        match layout {
            Layout::Unit => visitor.visit_unit(),
            Layout::Newtype(inner) => self.inner(inner).deserialize_any(visitor),
            Layout::Tuple(inner) => self.values(Values::Each(inner), visitor),
            Layout::Struct(fields) if as_list => self.values(Values::Fields(fields), visitor),
            Layout::Struct(fields) => visitor.visit_map(Fields { at: self, name, fields, value: None }),
            Layout::Enum(variants) => {
                let (variant, layout) = self.input.variant(variants)?;
                visitor.visit_enum(Variant { at: self, variant, layout })
            }
        }
    }

    fn any<V: Visitor<'de>>(self, as_list: bool, visitor: V) -> Result<V::Value, Undecodable> {
        let input = self.input;
        match self.of {
            Type::Unit => visitor.visit_unit(),
            Type::Bool => visitor.visit_bool(input.byte()? != 0),
            Type::I8 => visitor.visit_i8(input.byte()? as i8),
            Type::U8 => visitor.visit_u8(input.byte()?),
            Type::I16 | Type::I32 | Type::I64 => visitor.visit_i64(input.signed()?),
            Type::U16 | Type::U32 | Type::U64 => visitor.visit_u64(input.number()?),
            Type::F32 => visitor.visit_f32(f32::from_le_bytes(input.take(4)?.try_into().unwrap_or_default())),
            Type::F64 => visitor.visit_f64(f64::from_le_bytes(input.take(8)?.try_into().unwrap_or_default())),
            Type::Str => visitor.visit_borrowed_str(input.text()?),
            Type::Bytes => visitor.visit_borrowed_bytes(input.bytes()?),
            Type::Option(inner) if input.byte()? != 0 => self.inner(inner).any(as_list, visitor),
            Type::Option(_) => visitor.visit_none(),
            Type::Seq(inner) => {
                let length = input.number()?;
                self.values(Values::Same(inner, length), visitor)
            }
            Type::Map(key, value) => {
                let length = input.number()?;
                visitor.visit_map(Pairs { at: self, key, value, length })
            }
            Type::Tuple(inner) => self.values(Values::Each(inner), visitor),
            Type::Array(inner, length) => self.values(Values::Same(inner, *length as u64), visitor),
            Type::Of(at) => {
                let (name, layout) = &self.input.translation.types[*at];
                self.layout(name, layout, as_list, visitor)
            }
        }
    }
}

impl<'de> Deserializer<'de> for At<'_, '_, 'de> {
    type Error = Undecodable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(false, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        let at = self.stripped();
        match at.of {
            Type::Option(inner) if at.input.byte()? != 0 => visitor.visit_some(at.inner(inner)),
            Type::Option(_) => visitor.visit_none(),
            // It could not be empty when it was stored.
            _ => visitor.visit_some(at),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Undecodable> {
        match self.of {
            Type::Of(at) => match &self.input.translation.types[*at].1 {
                Layout::Newtype(inner) => visitor.visit_newtype_struct(self.inner(inner)),
                _ => visitor.visit_newtype_struct(self),
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(false, visitor)
    }

    /// A struct with named fields may have been made a tuple.
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Undecodable> {
        self.any(true, visitor)
    }

    /// A value that this version does not want.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Undecodable> {
        let is_empty = matches!(self.of, Type::Of(at) if self.input.translation.types[*at].1 == Layout::Unit);
        if let Some((name, field)) = self.field.filter(|_| !is_empty) {
            if !self.input.translation.retired.contains(&(name, field)) {
                return Err(Undecodable::Unknown(format!("`{name}.{field}`")));
            }
            *self.input.dropped.borrow_mut().entry((name.to_owned(), field.to_owned())).or_default() += 1;
        }
        self.input.skip(self.of)?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct
        map struct enum identifier
    }
}

/// The types of the values of a list.
enum Values<'i> {
    Same(&'i Type<usize>, u64),
    Each(&'i [Type<usize>]),
    Fields(&'i [(String, Type<usize>)]),
}

struct Sequence<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    values: Values<'i>,
}

impl<'de> SeqAccess<'de> for Sequence<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Undecodable> {
        let next = match &mut self.values {
            Values::Same(of, length) if *length > 0 => {
                *length -= 1;
                Some(*of)
            }
            Values::Same(..) => None,
            Values::Each(rest) => rest.split_off_first(),
            Values::Fields(rest) => rest.split_off_first().map(|(_, of)| of),
        };
        next.map(|of| seed.deserialize(self.at.inner(of))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        // A damaged length must not reserve memory: each value but an empty one takes a byte.
        let Values::Same(_, length) = self.values else { return None };
        Some(usize::try_from(length).unwrap_or(usize::MAX).min(self.at.input.rest.get().len()))
    }
}

struct Fields<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    name: &'i str,
    fields: &'i [(String, Type<usize>)],
    value: Option<&'i (String, Type<usize>)>,
}

impl<'de> MapAccess<'de> for Fields<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Undecodable> {
        self.value = self.fields.split_off_first();
        let key =
            self.value.map(|(name, _)| seed.deserialize(IntoDeserializer::<Undecodable>::into_deserializer(name.as_str())));
        key.transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Undecodable> {
        let (name, of) = self.value.take().ok_or_else(|| <Undecodable as de::Error>::custom("a value without its name"))?;
        seed.deserialize(At { field: Some((self.name, name)), ..self.at.inner(of) })
    }
}

struct Pairs<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    key: &'i Type<usize>,
    value: &'i Type<usize>,
    length: u64,
}

impl<'de> MapAccess<'de> for Pairs<'_, '_, 'de> {
    type Error = Undecodable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Undecodable> {
        if self.length == 0 {
            return Ok(None);
        }
        self.length -= 1;
        seed.deserialize(self.at.inner(self.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Undecodable> {
        seed.deserialize(self.at.inner(self.value))
    }
}

struct Variant<'a, 'i, 'de> {
    at: At<'a, 'i, 'de>,
    variant: &'i str,
    layout: &'i Layout<usize>,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Undecodable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Undecodable> {
        let name = seed.deserialize(IntoDeserializer::<Undecodable>::into_deserializer(self.variant))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_, 'de> {
    type Error = Undecodable;

    fn unit_variant(self) -> Result<(), Undecodable> {
        match self.layout {
            Layout::Unit => Ok(()),
            _ => Err(de::Error::custom(format!("{} has no values in this version", self.variant))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Undecodable> {
        match self.layout {
            Layout::Newtype(inner) => seed.deserialize(self.at.inner(inner)),
            _ => Err(de::Error::custom(format!("{} has one value in this version", self.variant))),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Undecodable> {
        self.at.layout(self.variant, self.layout, true, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Undecodable> {
        self.at.layout(self.variant, self.layout, false, visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Date, Fault, RowName, Texts};
    use std::num::NonZeroU32;

    /// A stored value that can be written under another schema.
    #[derive(Clone, Debug)]
    enum Node {
        Bytes(Vec<u8>),
        None,
        Some(Box<Node>),
        List(Vec<Node>, bool),
        Fields(BTreeMap<String, Node>),
        Variant(String, Box<Node>),
    }

    /// Reads and writes values of a schema without their types.
    struct Plain<'a>(&'a Schema);

    impl Plain<'_> {
        fn layout(&self, layout: &Layout<String>, from: &mut &[u8]) -> Node {
            match layout {
                Layout::Unit => Node::Bytes(Vec::new()),
                Layout::Newtype(of) => self.value(of, from),
                Layout::Tuple(of) => Node::List(of.iter().map(|of| self.value(of, from)).collect(), false),
                Layout::Struct(fields) => {
                    Node::Fields(fields.iter().map(|(name, of)| (name.clone(), self.value(of, from))).collect())
                }
                Layout::Enum(variants) => {
                    let (name, layout) = &variants[usize::from(from[0])];
                    *from = &from[1..];
                    Node::Variant(name.clone(), Box::new(self.layout(layout, from)))
                }
            }
        }

        fn value(&self, of: &Type<String>, from: &mut &[u8]) -> Node {
            let byte = |from: &mut &[u8]| {
                let byte = from[0];
                *from = &from[1..];
                byte
            };
            match of {
                Type::Of(name) => self.layout(&self.0.types[name], from),
                Type::Option(of) => {
                    if byte(from) == 0 {
                        Node::None
                    } else {
                        Node::Some(Box::new(self.value(of, from)))
                    }
                }
                Type::Seq(of) => Node::List((0..byte(from)).map(|_| self.value(of, from)).collect(), true),
                Type::Tuple(of) => Node::List(of.iter().map(|of| self.value(of, from)).collect(), false),
                Type::Array(of, length) => Node::List((0..*length).map(|_| self.value(of, from)).collect(), false),
                Type::Str | Type::Bytes => {
                    let (text, rest) = from[1..].split_at(usize::from(from[0]));
                    let whole = [&from[..1], text].concat();
                    *from = rest;
                    Node::Bytes(whole)
                }
                Type::Bool | Type::U8 | Type::I8 => Node::Bytes(vec![byte(from)]),
                Type::I16 | Type::I32 | Type::I64 | Type::U16 | Type::U32 | Type::U64 => {
                    let length = match from[0] {
                        251 => 3,
                        252 => 5,
                        253 => 9,
                        _ => 1,
                    };
                    let (number, rest) = from.split_at(length);
                    *from = rest;
                    Node::Bytes(number.to_vec())
                }
                other => unreachable!("{other:?} is not in a change"),
            }
        }

        fn write_layout(&self, layout: &Layout<String>, node: &Node, into: &mut Vec<u8>) {
            match (layout, node) {
                (Layout::Newtype(of), node) => self.write(of, node, into),
                (Layout::Tuple(of), Node::List(nodes, _)) => {
                    of.iter().zip(nodes).for_each(|(of, node)| self.write(of, node, into));
                }
                (Layout::Struct(fields), Node::Fields(nodes)) => {
                    // A field that nobody had is empty.
                    let none = Node::None;
                    fields.iter().for_each(|(name, of)| self.write(of, nodes.get(name).unwrap_or(&none), into));
                }
                (Layout::Enum(variants), Node::Variant(name, node)) => {
                    let at = variants.iter().position(|(variant, _)| variant == name).expect("the value has its variant");
                    into.push(at as u8);
                    self.write_layout(&variants[at].1, node, into);
                }
                (Layout::Unit, _) => {}
                (layout, node) => unreachable!("{layout:?} and {node:?}"),
            }
        }

        fn write(&self, of: &Type<String>, node: &Node, into: &mut Vec<u8>) {
            match (of, node) {
                (Type::Of(name), node) => self.write_layout(&self.0.types[name], node, into),
                (Type::Option(_), Node::None) => into.push(0),
                (Type::Option(of), Node::Some(node)) => {
                    into.push(1);
                    self.write(of, node, into);
                }
                (Type::Seq(of), Node::List(nodes, true)) => {
                    into.push(nodes.len() as u8);
                    nodes.iter().for_each(|node| self.write(of, node, into));
                }
                (Type::Tuple(of), Node::List(nodes, _)) => {
                    of.iter().zip(nodes).for_each(|(of, node)| self.write(of, node, into));
                }
                (Type::Array(of, _), Node::List(nodes, _)) => nodes.iter().for_each(|node| self.write(of, node, into)),
                (_, Node::Bytes(bytes)) => into.extend(bytes),
                (of, node) => unreachable!("{of:?} and {node:?}"),
            }
        }
    }

    /// A change as it would have been stored under another schema.
    fn stored(change: &Change, schema: &Schema) -> Vec<u8> {
        let (mut now, mut then) = (Vec::new(), Vec::new());
        record::encode(change, &mut now);
        let change = Type::Of("Change".to_owned());
        let node = Plain(Schema::current()).value(&change, &mut &now[..]);
        Plain(schema).write(&change, &node, &mut then);
        then
    }

    fn struct_of<'a>(schema: &'a mut Schema, name: &str) -> &'a mut Vec<(String, Type<String>)> {
        match schema.types.get_mut(name) {
            Some(Layout::Struct(fields)) => fields,
            other => panic!("{other:?}"),
        }
    }

    fn enum_of<'a>(schema: &'a mut Schema, name: &str) -> &'a mut Vec<(String, Layout<String>)> {
        match schema.types.get_mut(name) {
            Some(Layout::Enum(variants)) => variants,
            other => panic!("{other:?}"),
        }
    }

    fn rows(texts: &mut Texts) -> Vec<Record> {
        let enrollment = [
            ("enrollment_id", "E1"),
            ("student_id", "S1"),
            ("school_id", "A"),
            ("school_year", "2026"),
            ("grade_level", "03"),
            ("entry_date", "2025-09-02"),
            ("exit_date", "2025-12-01"),
            ("exit_type", "graduated"),
        ];
        let section = [
            ("section_id", "X"),
            ("course_id", "C"),
            ("school_id", "A"),
            ("school_year", "2026"),
            ("session_ids", "S1;S2"),
            ("periods", "1;2;3"),
        ];
        let student = [("student_id", "S1"), ("first_name", "Ada\u{1f}"), ("last_name", "Lee"), ("race", "asian;white;odd")];
        let course = [("course_id", "C"), ("org_id", "D"), ("title", "Art"), ("grades", "KG;12")];
        vec![
            Table::SchoolEnrollment.row(&enrollment, texts).unwrap(),
            Table::Section.row(&section, texts).unwrap(),
            Table::Student.row(&student, texts).unwrap(),
            Table::Course.row(&course, texts).unwrap(),
        ]
    }

    fn changes(texts: &mut Texts) -> Vec<Change> {
        let key = NonZeroU32::MIN;
        let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
        let row = RowName::Place(texts.id("a.csv"), 2);
        let rejected = Rejected { table: Table::Course, row, file: texts.id("a.csv"), line: 2, reason };
        let mut changes: Vec<Change> = rows(texts).into_iter().map(Change::Upsert).collect();
        changes.extend([
            Change::Delete(Table::Clock, key),
            Change::KeyChange(key, rows(texts)[0]),
            Change::Reject(rejected),
        ]);
        changes
    }

    fn read(reading: &Reading, bytes: &[u8], dropped: &mut Dropped) -> Result<Change, Undecodable> {
        let mut part = super::super::Part { count: 1, changes: record::Bytes(bytes.to_vec()), ..Default::default() };
        reading.changes(&mut part, dropped)?;
        part.changes().next().expect("there is one")
    }

    #[test]
    fn what_was_stored_in_another_order_is_read_by_name() {
        let mut schema = Schema::current().clone();
        for (name, layout) in &mut schema.types {
            match layout {
                Layout::Struct(fields) => fields.reverse(),
                // An option and a result have no names.
                Layout::Enum(variants) if name != "Home" => variants.reverse(),
                _ => {}
            }
        }
        schema.tables.values_mut().for_each(|table| {
            table.columns.reverse();
            table.watched.reverse();
        });
        let reading = Reading::of(&schema).unwrap();
        let mut texts = Texts::default();
        for change in changes(&mut texts) {
            let mut expected = change;
            match &mut expected {
                // Where the stored bits and positions are now.
                Change::Upsert(row) | Change::KeyChange(_, row) => reading.row(row),
                Change::Reject(fault) => reading.rejected(fault),
                _ => {}
            }
            assert_eq!(read(&reading, &stored(&change, &schema), &mut Dropped::new()).unwrap(), expected);
        }
        let Change::Reject(Rejected { reason: Reason::Field { column, .. }, .. }) =
            read(&reading, &stored(&changes(&mut texts)[6], &schema), &mut Dropped::new()).unwrap()
        else {
            panic!("a rejection")
        };
        let columns = Table::Course.spec().columns;
        assert_eq!(usize::from(column), columns.len() - 1 - 3);
    }

    #[test]
    fn new_columns_and_codes_are_empty_and_gone_ones_are_dropped_and_counted() {
        let mut texts = Texts::default();
        let change = changes(&mut texts)[0];
        let Change::Upsert(Record::SchoolEnrollment(row)) = change else { panic!("an enrollment") };
        // An earlier version did not have these.
        let mut schema = Schema::current().clone();
        struct_of(&mut schema, "SchoolEnrollment").retain(|(name, _)| name != "exit_date" && name != "class_of");
        enum_of(&mut schema, "ExitType").retain(|(name, _)| name != "dropout");
        schema.tables.get_mut("school_enrollment").unwrap().columns.retain(|name| name != "exit_date" && name != "class_of");
        let reading = Reading::of(&schema).unwrap();
        let mut dropped = Dropped::new();
        let expected = Change::Upsert(Record::SchoolEnrollment(crate::model::SchoolEnrollment { exit_date: None, ..row }));
        assert_eq!(read(&reading, &stored(&change, &schema), &mut dropped).unwrap(), expected);
        assert!(dropped.is_empty());
        // It had one that this version does not have.
        let mut schema = Schema::current().clone();
        struct_of(&mut schema, "SchoolEnrollment").insert(2, ("homeroom".to_owned(), Type::Option(Box::new(Type::Str))));
        let unknown = read(&Reading::of(&schema).unwrap(), &stored(&change, &schema), &mut dropped).unwrap_err();
        assert_eq!(unknown.to_string(), "it has `SchoolEnrollment.homeroom`, which this version does not know");
        let reading = Reading::with(&schema, &[("SchoolEnrollment", "homeroom")]).unwrap();
        assert_eq!(read(&reading, &stored(&change, &schema), &mut dropped).unwrap(), change);
        assert_eq!(dropped, Dropped::from([(("SchoolEnrollment".to_owned(), "homeroom".to_owned()), 1)]));
        // A code that only a later version knows.
        let mut schema = Schema::current().clone();
        let graduated = enum_of(&mut schema, "ExitType").iter_mut().find(|(name, _)| name == "graduated").unwrap();
        graduated.0 = "moved_to_mars".to_owned();
        let mut bytes = Vec::new();
        record::encode(&change, &mut bytes);
        let unknown = read(&Reading::of(&schema).unwrap(), &bytes, &mut dropped).unwrap_err();
        assert_eq!(unknown.to_string(), "it has `moved_to_mars`, which this version does not know");
        assert_eq!(Schema::current().differences(), Vec::<String>::new());
        assert_eq!(schema.differences(), ["then only: value ExitType.moved_to_mars", "now only: value ExitType.graduated"]);
    }

    /// Columns that became optional, and whole numbers that became longer.
    #[test]
    fn types_that_became_wider_are_read() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Clock {
            clock_id: Option<u32>,
            school_year: i64,
            date: Option<Date>,
        }
        let mut texts = Texts::default();
        let row = [("clock_id", "today"), ("school_year", "2026"), ("date", "2025-09-02")];
        let Record::Clock(row) = Table::Clock.row(&row, &mut texts).unwrap() else { panic!("a clock") };
        let mut bytes = Vec::new();
        record::encode(&row, &mut bytes);
        let mut schema = Schema::current().clone();
        schema.types.insert("Unused".to_owned(), Layout::Unit);
        let clock: Clock = Reading::of(&schema).unwrap().decode("Clock", &mut &bytes[..], &mut Dropped::new()).unwrap();
        assert_eq!(clock, Clock { clock_id: Some(1), school_year: 2026, date: Some(row.date) });
    }

    #[test]
    fn the_subject_of_a_violation_keeps_its_codes_and_columns() {
        let mut schema = Schema::current().clone();
        enum_of(&mut schema, "StatusType").rotate_left(1);
        schema.tables.get_mut("course").unwrap().columns.rotate_left(1);
        let reading = Reading::of(&schema).unwrap();
        let natural =
            |rank| Subject::Natural(Table::StudentStatus, [7, Value::Code(CodeSet::StatusType, rank).part(), 9, 0]);
        // What was second is first now.
        assert_eq!(reading.subject(natural(0)), Some(natural(1)));
        let at = |column| Subject::Reference(Table::Course, column, NonZeroU32::MIN);
        assert_eq!(reading.subject(at(0)), Some(at(1)));
        assert_eq!(Reading::current().subject(natural(3)), Some(natural(3)));
        schema.tables.get_mut("course").unwrap().columns[0] = "gone".to_owned();
        assert_eq!(Reading::of(&schema).unwrap().subject(at(0)), None);
    }

    /// Version 0.1 stored these sets by position.
    #[test]
    fn the_first_codes_of_sets_stay_the_first() {
        for set in [CodeSet::RaceFlag, CodeSet::Grade] {
            let Layout::Enum(codes) = &Schema::first().types[set.name()] else { panic!("an enum") };
            let first: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).filter(|code| *code != "Unknown").collect();
            assert_eq!(set.values()[..first.len()], first);
        }
    }

    #[test]
    fn a_schema_that_refers_to_nothing_is_refused() {
        let mut schema = Schema::current().clone();
        schema.types.remove("Date");
        assert_eq!(Reading::of(&schema).unwrap_err(), "its schema does not state Date");
        assert_eq!(
            format!("{:?} {:?}", Reading::current(), Reading::of(Schema::first()).unwrap()),
            "the current schema another schema"
        );
    }
}
