//! A profile as its TOML states it. Unknown keys are errors, because a silently ignored mapping would lose data.

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProfile {
    pub(super) name: String,
    #[serde(default)]
    pub(super) about: String,
    #[serde(default)]
    pub(super) dates: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) codes: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) always: Vec<RawAlways>,
    #[serde(default)]
    pub(super) lookup: BTreeMap<String, Spanned<RawLookup>>,
    pub(super) file: Vec<RawFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAlways {
    pub(super) table: Spanned<String>,
    pub(super) columns: BTreeMap<Spanned<String>, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLookup {
    pub(super) files: Vec<String>,
    pub(super) key: String,
    pub(super) value: RawSource,
    pub(super) join: Option<String>,
    pub(super) through: Option<String>,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default, rename = "where")]
    pub(super) filter: Vec<Spanned<RawCondition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) files: Vec<String>,
    #[serde(default)]
    pub(super) optional: bool,
    #[serde(default, rename = "where")]
    pub(super) filter: Vec<Spanned<RawCondition>>,
    #[serde(default)]
    pub(super) delete: Vec<Spanned<RawCondition>>,
    pub(super) op: Option<RawOperation>,
    pub(super) makes: Vec<RawMakes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOperation {
    pub(super) column: String,
    #[serde(default)]
    pub(super) upsert: Vec<String>,
    pub(super) delete: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMakes {
    pub(super) table: Spanned<String>,
    #[serde(default, rename = "where")]
    pub(super) filter: Vec<Spanned<RawCondition>>,
    pub(super) columns: BTreeMap<Spanned<String>, RawSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCondition {
    pub(super) column: String,
    pub(super) is: Option<Vec<String>>,
    pub(super) not: Option<Vec<String>>,
    pub(super) starts: Option<String>,
    pub(super) empty: Option<bool>,
    #[serde(default)]
    pub(super) optional: bool,
}

/// A column name, a table with details, or a list of either.
pub(super) enum RawSource {
    Column(String),
    First(Vec<RawSource>),
    Detail(Box<RawDetail>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDetail {
    pub(super) column: Option<String>,
    pub(super) value: Option<String>,
    pub(super) template: Option<String>,
    pub(super) lookup: Option<String>,
    pub(super) by: Option<String>,
    pub(super) flags: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) when: Vec<Spanned<RawCondition>>,
    #[serde(default)]
    pub(super) empty: Vec<String>,
    #[serde(default)]
    pub(super) dates: Vec<Spanned<String>>,
    pub(super) end: Option<RawEnd>,
    #[serde(rename = "as")]
    pub(super) form: Option<RawForm>,
    #[serde(default)]
    pub(super) abs: bool,
    pub(super) divide: Option<i64>,
    #[serde(default)]
    pub(super) whole: bool,
    #[serde(default)]
    pub(super) plus: i64,
    pub(super) split: Option<String>,
    pub(super) codes: Option<RawCodes>,
    #[serde(default)]
    pub(super) otherwise: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawEnd {
    Inclusive,
    Exclusive,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawForm {
    SchoolYear,
}

/// The name of a list of codes, or the list.
pub(super) enum RawCodes {
    Named(String),
    Here(BTreeMap<String, String>),
}

impl<'de> Deserialize<'de> for RawSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawSource, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = RawSource;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column, a table such as { column = \"…\", … }, or a list of them")
            }
            fn visit_str<E>(self, text: &str) -> Result<RawSource, E> {
                Ok(RawSource::Column(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawSource, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(RawSource::First)
            }
            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawSource, A::Error> {
                RawDetail::deserialize(MapAccessDeserializer::new(table)).map(|detail| RawSource::Detail(Box::new(detail)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for RawCodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawCodes, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = RawCodes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a table [codes.…], or such a table")
            }
            fn visit_str<E>(self, text: &str) -> Result<RawCodes, E> {
                Ok(RawCodes::Named(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<RawCodes, A::Error> {
                BTreeMap::deserialize(MapAccessDeserializer::new(table)).map(RawCodes::Here)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
