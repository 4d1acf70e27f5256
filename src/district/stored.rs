//! The schema of everything stored, made of the types themselves. A change of a stored type fails here until the file of
//! the current schema is written again (`UPDATE=1`), so that no file is ever written under a schema that does not
//! describe it.

use super::board::Group;
use super::opening::Opening;
use super::state::SavedState;
use crate::model::codes::EachCode;
use crate::model::tables::EachRow;
use crate::model::{Change, Code, CodeSet, DeliveryNote, Fault, Rejected, Row, RowName, Subject, Table, Unreadable, texts};
use crate::source::Mode;
use crate::store::schema::{Columns, Layout, Schema, Type};
use crate::store::snapshot::Section;
use crate::store::{Header, Logged};
use crate::store::{HoldReason, Quarantine};
use crate::tallies::TallyKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_reflection::{ContainerFormat, Format, Named, Registry, Samples, Tracer, TracerConfig, VariantFormat};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Traces every stored type.
struct Tracing<'a> {
    tracer: Tracer,
    /// The enums that are known to be met.
    enums: &'a [String],
}

impl Tracing<'_> {
    fn add<T: DeserializeOwned>(&mut self) {
        // Each pass meets one more variant of each enum that it reaches, first by name and then by number; no stored
        // enum has more than sixty.
        for _ in 0..120 {
            let samples = Samples::new();
            let traced = self.tracer.trace_type_once::<T>(&samples);
            traced.unwrap_or_else(|error| panic!("{}: {error}", std::any::type_name::<T>()));
            for name in self.enums {
                let _ = self.tracer.check_incomplete_enum(name);
            }
        }
    }
}

impl EachRow for Tracing<'_> {
    fn row<R: Row + Serialize + DeserializeOwned>(&mut self) {
        self.add::<R>();
    }
}

impl EachCode for Tracing<'_> {
    fn code<C: Code + Serialize + DeserializeOwned>(&mut self) {
        self.add::<C>();
    }
}

fn registry() -> Registry {
    let mut enums = Vec::new();
    loop {
        // Zero is no symbol.
        let config = TracerConfig::default().default_u32_value(1).default_u16_value(1).is_human_readable(false);
        let mut tracing = Tracing { tracer: Tracer::new(config), enums: &enums };
        // An enum in an option, a list or a map is met only once, so it comes first and by itself.
        CodeSet::each(&mut tracing);
        tracing.add::<CodeSet>();
        tracing.add::<Table>();
        tracing.add::<Unreadable>();
        tracing.add::<Fault>();
        tracing.add::<RowName>();
        tracing.add::<Mode>();
        tracing.add::<HoldReason>();
        tracing.add::<TallyKind>();
        tracing.add::<Group>();
        Table::each(&mut tracing);
        tracing.add::<Subject>();
        tracing.add::<Rejected>();
        tracing.add::<DeliveryNote>();
        tracing.add::<Change>();
        tracing.add::<Quarantine>();
        tracing.add::<Header>();
        tracing.add::<Logged>();
        tracing.add::<Section>();
        tracing.add::<SavedState>();
        tracing.add::<Opening>();
        match tracing.tracer.registry() {
            Ok(registry) => return registry,
            Err(serde_reflection::Error::MissingVariants(missing)) => {
                let new: Vec<String> = missing.into_iter().filter(|name| !enums.contains(name)).collect();
                assert!(!new.is_empty(), "variants of an enum are not reached");
                enums.extend(new);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn kind(format: &Format) -> Type<String> {
    let boxed = |format: &Format| Box::new(kind(format));
    match format {
        Format::TypeName(name) => Type::Of(name.clone()),
        Format::Unit => Type::Unit,
        Format::Bool => Type::Bool,
        Format::I8 => Type::I8,
        Format::I16 => Type::I16,
        Format::I32 => Type::I32,
        Format::I64 => Type::I64,
        Format::U8 => Type::U8,
        Format::U16 => Type::U16,
        Format::U32 => Type::U32,
        Format::U64 => Type::U64,
        Format::F32 => Type::F32,
        Format::F64 => Type::F64,
        Format::Str => Type::Str,
        Format::Bytes => Type::Bytes,
        Format::Option(inner) => Type::Option(boxed(inner)),
        Format::Seq(inner) => Type::Seq(boxed(inner)),
        Format::Map { key, value } => Type::Map(boxed(key), boxed(value)),
        Format::Tuple(inner) => Type::Tuple(inner.iter().map(kind).collect()),
        Format::TupleArray { content, size } => Type::Array(boxed(content), *size),
        Format::I128 | Format::U128 | Format::Char | Format::Variable(_) => panic!("nothing stored is a {format:?}"),
    }
}

fn layout(format: &ContainerFormat) -> Layout<String> {
    match format {
        ContainerFormat::UnitStruct => Layout::Unit,
        ContainerFormat::NewTypeStruct(inner) => Layout::Newtype(kind(inner)),
        ContainerFormat::TupleStruct(inner) => Layout::Tuple(inner.iter().map(kind).collect()),
        ContainerFormat::Struct(fields) => Layout::Struct(named(fields)),
        ContainerFormat::Enum(variants) => {
            let names: Vec<&String> = variants.values().map(|variant| &variant.name).collect();
            assert!(variants.keys().copied().eq(0..variants.len() as u32), "an enum is not reached by itself: {names:?}");
            let of = |variant: &VariantFormat| match variant {
                VariantFormat::Unit => Layout::Unit,
                VariantFormat::NewType(inner) => Layout::Newtype(kind(inner)),
                VariantFormat::Tuple(inner) => Layout::Tuple(inner.iter().map(kind).collect()),
                VariantFormat::Struct(fields) => Layout::Struct(named(fields)),
                VariantFormat::Variable(_) => panic!("a variant was not reached"),
            };
            Layout::Enum(variants.values().map(|variant| (variant.name.clone(), of(&variant.value))).collect())
        }
    }
}

fn named(fields: &[Named<Format>]) -> Vec<(String, Type<String>)> {
    fields.iter().map(|field| (field.name.clone(), kind(&field.value))).collect()
}

/// The schema of this version.
fn schema() -> Schema {
    let mut types: BTreeMap<String, Layout<String>> =
        registry().iter().map(|(name, format)| (name.clone(), layout(format))).collect();
    // A position on the disk, a name in the schema; see `texts::text_spaces`.
    let words = Type::Tuple(vec![Type::Of("TextSpace".to_owned()), Type::U32, Type::Seq(Box::new(Type::Str))]);
    types.insert("Words".to_owned(), Layout::Newtype(Type::Seq(Box::new(words))));
    types.insert("TextSpace".to_owned(), Layout::Enum(texts::text_spaces().map(|space| (space, Layout::Unit)).collect()));
    let columns = |table: &Table| {
        let spec = table.spec();
        let name = |column: usize| spec.columns[column].name.to_owned();
        let columns = Columns {
            columns: (0..spec.columns.len()).map(name).collect(),
            watched: spec.watched.iter().map(|(column, _)| name(*column)).collect(),
        };
        (spec.name.to_owned(), columns)
    };
    Schema { tables: Table::ALL.iter().map(columns).collect(), types }
}

/// As JSON with a line for each table and type.
fn text(schema: &Schema) -> String {
    fn lines<T: Serialize>(text: &mut String, name: &str, of: &BTreeMap<String, T>) {
        let lines: Vec<String> = of
            .iter()
            .map(|(name, value)| {
                format!("    {name:?}: {}", serde_json::to_string(value).expect("invariant: names can be written as JSON"))
            })
            .collect();
        write!(text, "  {name:?}: {{\n{}\n  }}", lines.join(",\n")).expect("invariant: memory takes all text");
    }
    let mut text = "{\n".to_owned();
    lines(&mut text, "tables", &schema.tables);
    text.push_str(",\n");
    lines(&mut text, "types", &schema.types);
    text + "\n}\n"
}

#[test]
fn the_schema_is_that_of_the_types() {
    let schema = schema();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/schemas/current.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, text(&schema)).expect("invariant: the sources can be written");
        return;
    }
    let stored: Schema =
        serde_json::from_str(&std::fs::read_to_string(file).expect("invariant: the file is in the sources"))
            .expect("invariant: the file is a schema");
    assert!(stored == schema, "stored types have changed: run this test with UPDATE=1 and review the difference of {file}");
    assert!(*Schema::current() == schema, "the file was changed after the program was compiled");
}
