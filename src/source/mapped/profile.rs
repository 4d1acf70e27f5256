//! A profile: the TOML that maps the files, columns and codes of an export to rows of rollcall's tables. A typo is an
//! error with its location, because a silently ignored mapping would lose data.

use super::dates::{self, Pattern};
use crate::model::codes::CodeSet;
use crate::model::{FieldType, Table, Texts};
use crate::source::{most_alike, plain};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml::Spanned;

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

/// A condition on a row.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) column: usize,
    /// Whether rows of a file without the column meet the condition.
    pub(super) optional: bool,
    pub(super) test: Test,
}

/// The test applied to a field.
#[derive(Clone, Debug)]
pub(super) enum Test {
    Is(Vec<String>),
    Not(Vec<String>),
    Starts(String),
    Empty(bool),
}

/// Where the text of a column comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The first of several that is not empty.
    First(Vec<Source>),
    One(Box<One>),
}

/// One source of a text and how it is converted, in the order of these fields.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub(super) when: Vec<Condition>,
    pub(super) base: Base,
    pub(super) empty: Vec<String>,
    pub(super) day: Option<Day>,
    pub(super) number: Option<Number>,
    pub(super) split: Option<String>,
    pub(super) codes: Vec<(String, String)>,
    pub(super) otherwise: String,
}

#[derive(Clone, Debug)]
pub(super) enum Base {
    Text(Template),
    Value(String),
    Lookup(usize, Template),
    /// Columns that each add an item to a list if they are true.
    Flags(Vec<(usize, String)>),
}

/// How a day is parsed.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) patterns: Vec<Pattern>,
    /// Whether it is the last day, where rollcall stores the first day after it.
    pub(super) inclusive: bool,
    /// Whether to convert the day to its school year.
    pub(super) year: bool,
}

/// How a number is converted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) abs: bool,
    pub(super) divide: i64,
    pub(super) whole: bool,
    pub(super) plus: i64,
}

/// Texts and columns in sequence.
#[derive(Clone, Debug)]
pub(super) struct Template(pub(super) Vec<Part>);

#[derive(Clone, Debug)]
pub(super) enum Part {
    Text(String),
    Column(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    dates: Vec<Spanned<String>>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    codes: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    always: Vec<RawAlways>,
    #[serde(default)]
    lookup: BTreeMap<String, Spanned<RawLookup>>,
    file: Vec<RawFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlways {
    table: Spanned<String>,
    columns: BTreeMap<Spanned<String>, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLookup {
    files: Vec<String>,
    key: String,
    value: RawSource,
    join: Option<String>,
    through: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default, rename = "where")]
    filter: Vec<Spanned<RawCondition>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    files: Vec<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default, rename = "where")]
    filter: Vec<Spanned<RawCondition>>,
    #[serde(default)]
    delete: Vec<Spanned<RawCondition>>,
    op: Option<RawOperation>,
    makes: Vec<RawMakes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperation {
    column: String,
    #[serde(default)]
    upsert: Vec<String>,
    delete: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMakes {
    table: Spanned<String>,
    #[serde(default, rename = "where")]
    filter: Vec<Spanned<RawCondition>>,
    columns: BTreeMap<Spanned<String>, RawSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    column: String,
    is: Option<Vec<String>>,
    not: Option<Vec<String>>,
    starts: Option<String>,
    empty: Option<bool>,
    #[serde(default)]
    optional: bool,
}

/// A column name, a table with details, or a list of either.
enum RawSource {
    Column(String),
    First(Vec<RawSource>),
    Detail(Box<RawDetail>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDetail {
    column: Option<String>,
    value: Option<String>,
    template: Option<String>,
    lookup: Option<String>,
    by: Option<String>,
    flags: Option<BTreeMap<String, String>>,
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    #[serde(default)]
    empty: Vec<String>,
    #[serde(default)]
    dates: Vec<Spanned<String>>,
    end: Option<RawEnd>,
    #[serde(rename = "as")]
    form: Option<RawForm>,
    #[serde(default)]
    abs: bool,
    divide: Option<i64>,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    plus: i64,
    split: Option<String>,
    codes: Option<RawCodes>,
    #[serde(default)]
    otherwise: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawEnd {
    Inclusive,
    Exclusive,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawForm {
    SchoolYear,
}

/// The name of a list of codes, or the list.
enum RawCodes {
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

/// What is wrong, what to do about it, and the offset in the text.
struct Wrong {
    at: usize,
    what: String,
    hint: String,
}

fn wrong<T>(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { at, what: what.into(), hint: hint.into() })
}

/// A hint with the most similar of the known names.
fn meant<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(str::to_owned).collect();
    match most_alike(name, &names) {
        Some(alike) => format!("did you mean {alike}?"),
        None => format!("known names: {}", names.join(", ")),
    }
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
        let raw: RawProfile = toml::from_str(text).map_err(|of_toml| {
            let hint = "`rollcall map list` lists profiles to use as examples".to_owned();
            error(of_toml.span().map_or(0, |span| span.start), of_toml.message().to_owned(), hint)
        })?;
        compile(raw).map_err(|Wrong { at, what, hint }| error(at, what, hint))
    }

    /// The tables that it feeds.
    pub fn tables(&self) -> Vec<Table> {
        let of_files = self.files.iter().flat_map(|file| &file.makes).map(|makes| makes.table);
        let all: BTreeSet<Table> = of_files.chain(self.always.iter().map(|(table, _)| *table)).collect();
        let made = |table: &&Table| all.contains(table);
        Table::ALL.iter().filter(made).copied().collect()
    }
}

/// The shared parts of the profile that columns refer to.
struct Context<'a> {
    dates: Vec<Pattern>,
    codes: &'a BTreeMap<String, BTreeMap<String, String>>,
    values: &'a BTreeMap<String, String>,
    lookups: Vec<String>,
}

fn compile(raw: RawProfile) -> Result<Profile, Wrong> {
    let mut patterns = self::patterns(&raw.dates)?;
    if patterns.is_empty() {
        patterns.extend(Pattern::read("%Y-%m-%d"));
    }
    let lookups = raw.lookup.keys().cloned().collect();
    let context = Context { dates: patterns, codes: &raw.codes, values: &raw.values, lookups };
    let always = raw.always.into_iter().map(|row| self::always(row, &context)).collect::<Result<_, _>>()?;
    let lookups = raw.lookup.into_iter().map(|(name, lookup)| self::lookup(name, lookup, &context));
    let lookups = lookups.collect::<Result<_, _>>()?;
    let files = raw.file.into_iter().map(|file| self::file(file, &context)).collect::<Result<_, _>>()?;
    Ok(Profile { name: raw.name, about: raw.about, files, lookups, always })
}

/// A row that is always present. Check here that it is valid.
fn always(raw: RawAlways, context: &Context<'_>) -> Result<(Table, Vec<String>), Wrong> {
    let (at, table) = (raw.table.span().start, self::table(&raw.table)?);
    let spec = table.spec();
    let mut texts = vec![String::new(); spec.columns.len()];
    for (name, text) in raw.columns {
        texts[self::column(table, &name)?] = value(name.span().start, &text, context)?;
    }
    let mut fault = None;
    let row = table.read(|column| texts[column].as_str(), &mut Texts::default(), |column, _| fault = Some(column));
    match (row, fault) {
        (None, Some(column)) => {
            let column = &spec.columns[column];
            let what = format!("`{}.{}` is missing or cannot be read", spec.name, column.name);
            wrong(at, what, format!("the column is {}", column.doc.trim()))
        }
        _ => Ok((table, texts)),
    }
}

/// A text with placeholders replaced by the `[values]` of the profile.
fn value(at: usize, text: &str, context: &Context<'_>) -> Result<String, Wrong> {
    let mut names = Vec::new();
    if !text.contains('{') {
        return Ok(text.to_owned());
    }
    let Template(parts) = template(at, text, false, &mut names)?;
    let part = |part: Part| match part {
        Part::Text(text) => Ok(text),
        Part::Column(number) => match context.values.get(&names[number]) {
            Some(value) => Ok(value.clone()),
            None => {
                let hint = meant(&names[number], context.values.keys().map(String::as_str));
                wrong(at, format!("[values] has no {}", names[number]), hint)
            }
        },
    };
    parts.into_iter().map(part).collect()
}

fn table(name: &Spanned<String>) -> Result<Table, Wrong> {
    let hint = || meant(name.get_ref(), Table::ALL.iter().map(|table| table.spec().name));
    match Table::named(name.get_ref()) {
        Some(table) => Ok(table),
        None => wrong(name.span().start, format!("unknown table `{}`", name.get_ref()), hint()),
    }
}

fn column(table: Table, name: &Spanned<String>) -> Result<usize, Wrong> {
    let spec = table.spec();
    let hint = || meant(name.get_ref(), spec.columns.iter().map(|column| column.name));
    match spec.column(name.get_ref()) {
        Some(place) => Ok(place),
        None => wrong(name.span().start, format!("`{}` has no column `{}`", spec.name, name.get_ref()), hint()),
    }
}

fn patterns(texts: &[Spanned<String>]) -> Result<Vec<Pattern>, Wrong> {
    let read = |text: &Spanned<String>| match Pattern::read(text.get_ref()) {
        Some(pattern) => Ok(pattern),
        None => wrong(text.span().start, format!("{:?} is not a date format", text.get_ref()), dates::HINT),
    };
    texts.iter().map(read).collect()
}

fn lookup(name: String, raw: Spanned<RawLookup>, context: &Context<'_>) -> Result<Lookup, Wrong> {
    let at = raw.span().start;
    let RawLookup { files, key, value, join, through, optional, filter } = raw.into_inner();
    let through = through.map(|through| lookup_named(at, &through, context)).transpose()?;
    let mut names = Vec::new();
    let filter = conditions(filter, &mut names)?;
    let key = template(at, &key, true, &mut names)?;
    // Dates and codes are converted where the text is used; flags may make a list of it.
    let value = source(at, value, FieldType::List, context, &mut names)?;
    Ok(Lookup { name, patterns: files, names, filter, key, value, join, through, optional })
}

fn lookup_named(at: usize, name: &str, context: &Context<'_>) -> Result<usize, Wrong> {
    match context.lookups.iter().position(|known| known == name) {
        Some(place) => Ok(place),
        None => {
            let hint = meant(name, context.lookups.iter().map(String::as_str));
            wrong(at, format!("unknown [lookup.{name}]"), hint)
        }
    }
}

fn file(raw: RawFile, context: &Context<'_>) -> Result<FileMap, Wrong> {
    let mut names = Vec::new();
    let filter = conditions(raw.filter, &mut names)?;
    let delete = conditions(raw.delete, &mut names)?;
    let operation = raw.op.map(|RawOperation { column, upsert, delete }| Operation {
        column: number_of(column, &mut names),
        upsert,
        delete,
    });
    let makes = raw.makes.into_iter().map(|makes| self::makes(makes, context, &mut names));
    let makes = makes.collect::<Result<_, _>>()?;
    Ok(FileMap { patterns: raw.files, optional: raw.optional, names, filter, delete, operation, makes })
}

fn makes(raw: RawMakes, context: &Context<'_>, names: &mut Vec<String>) -> Result<Makes, Wrong> {
    let table = self::table(&raw.table)?;
    let spec = table.spec();
    let mut columns: Vec<Option<Source>> = vec![None; spec.columns.len()];
    for (name, source) in raw.columns {
        let place = self::column(table, &name)?;
        columns[place] = Some(self::source(name.span().start, source, spec.columns[place].kind, context, names)?);
    }
    let missing = spec.columns.iter().zip(&columns).find(|(column, source)| column.required && source.is_none());
    if let Some((column, _)) = missing {
        let what = format!("`{}` requires column `{}`", spec.name, column.name);
        return wrong(raw.table.span().start, what, format!("the column is {}", column.doc.trim()));
    }
    Ok(Makes { table, filter: conditions(raw.filter, names)?, columns })
}

/// The number of a column among those used.
fn number_of(name: String, names: &mut Vec<String>) -> usize {
    match names.iter().position(|known| plain(known) == plain(&name)) {
        Some(number) => number,
        None => {
            names.push(name);
            names.len() - 1
        }
    }
}

fn conditions(raw: Vec<Spanned<RawCondition>>, names: &mut Vec<String>) -> Result<Vec<Condition>, Wrong> {
    let mut conditions = Vec::new();
    for condition in raw {
        let at = condition.span().start;
        let RawCondition { column, is, not, starts, empty, optional } = condition.into_inner();
        let tests = [is.map(Test::Is), not.map(Test::Not), starts.map(Test::Starts), empty.map(Test::Empty)];
        let before = conditions.len();
        let column = number_of(column, names);
        conditions.extend(tests.into_iter().flatten().map(|test| Condition { column, optional, test }));
        if conditions.len() == before {
            return wrong(at, "the condition has no test", "use is, not, starts or empty, for example is = [\"1\"]");
        }
    }
    Ok(conditions)
}

/// A template; with `bare`, a text without braces is a single column.
fn template(at: usize, text: &str, bare: bool, names: &mut Vec<String>) -> Result<Template, Wrong> {
    if bare && !text.contains('{') {
        return Ok(Template(vec![Part::Column(number_of(text.to_owned(), names))]));
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}').filter(|(name, _)| !name.trim().is_empty()) else {
            return wrong(at, format!("{text:?} has an unclosed or empty brace"), "write {COLUMN}");
        };
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Column(number_of(name.trim().to_owned(), names)));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    if parts.iter().any(|part| matches!(part, Part::Column(_))) {
        return Ok(Template(parts));
    }
    wrong(at, format!("{text:?} does not name a column"), "add a {COLUMN}, or use value = for a constant")
}

fn source(
    at: usize,
    raw: RawSource,
    kind: FieldType,
    context: &Context<'_>,
    names: &mut Vec<String>,
) -> Result<Source, Wrong> {
    let detail = match raw {
        RawSource::First(list) if list.is_empty() => return wrong(at, "the list is empty", "name a column"),
        RawSource::First(list) => {
            let sources = list.into_iter().map(|raw| source(at, raw, kind, context, names));
            return Ok(Source::First(sources.collect::<Result<_, _>>()?));
        }
        RawSource::Column(column) => {
            let base = Base::Text(Template(vec![Part::Column(number_of(column, names))]));
            return Ok(Source::One(Box::new(One {
                when: Vec::new(),
                base,
                empty: Vec::new(),
                day: day(&[], None, None, kind, context)?,
                number: None,
                split: None,
                codes: Vec::new(),
                otherwise: String::new(),
            })));
        }
        RawSource::Detail(detail) => *detail,
    };
    let RawDetail { column, value, template, lookup, by, flags, .. } = detail;
    let base = match (column, value, template, lookup, by, flags) {
        (Some(column), None, None, None, None, None) => Base::Text(Template(vec![Part::Column(number_of(column, names))])),
        (None, Some(text), None, None, None, None) => Base::Value(self::value(at, &text, context)?),
        (None, None, Some(text), None, None, None) => Base::Text(self::template(at, &text, false, names)?),
        (None, None, None, Some(lookup), Some(by), None) => {
            let place = lookup_named(at, &lookup, context)?;
            Base::Lookup(place, self::template(at, &by, true, names)?)
        }
        (None, None, None, None, None, Some(flags)) if !flags.is_empty() => {
            Base::Flags(flags.into_iter().map(|(column, item)| (number_of(column, names), item)).collect())
        }
        _ => {
            let hint = "use column, value, template, flags, or lookup with by";
            return wrong(at, "it must have exactly one source", hint);
        }
    };
    let is_list = matches!(kind, FieldType::Codes(_) | FieldType::List | FieldType::Ids(_));
    if (detail.split.is_some() || matches!(base, Base::Flags(_))) && !is_list {
        return wrong(at, "the column is not a list", "split and flags are for columns that hold lists");
    }
    let divide = detail.divide.unwrap_or(1);
    if !(1..=1_000_000_000).contains(&divide) || detail.plus.abs() > 1_000_000_000 {
        return wrong(at, "the number is out of range", "divide by 1 to 1,000,000,000, as in divide = 100");
    }
    let has_number = detail.abs || detail.divide.is_some() || detail.whole || detail.plus != 0;
    let number = Number { abs: detail.abs, divide, whole: detail.whole, plus: detail.plus };
    let day = day(&detail.dates, detail.end, detail.form, kind, context);
    let day = day.map_err(|of_day| if of_day.at == 0 { Wrong { at, ..of_day } } else { of_day })?;
    Ok(Source::One(Box::new(One {
        when: conditions(detail.when, names)?,
        base,
        empty: detail.empty,
        day,
        number: has_number.then_some(number),
        split: detail.split.filter(|split| !split.is_empty()),
        codes: codes(at, detail.codes, kind, context)?,
        otherwise: detail.otherwise,
    })))
}

fn day(
    dates: &[Spanned<String>],
    end: Option<RawEnd>,
    form: Option<RawForm>,
    kind: FieldType,
    context: &Context<'_>,
) -> Result<Option<Day>, Wrong> {
    let own = patterns(dates)?;
    let year = form == Some(RawForm::SchoolYear);
    let is_day = kind == FieldType::Day;
    if !is_day && !year && (end.is_some() || !own.is_empty()) {
        return wrong(0, "the column is not a date", "dates and end are for columns that hold dates");
    }
    let patterns = if own.is_empty() { context.dates.clone() } else { own };
    let inclusive = end == Some(RawEnd::Inclusive);
    Ok((is_day || year).then_some(Day { patterns, inclusive, year }))
}

fn codes(at: usize, raw: Option<RawCodes>, kind: FieldType, context: &Context<'_>) -> Result<Vec<(String, String)>, Wrong> {
    let list = match raw {
        None => return Ok(Vec::new()),
        Some(RawCodes::Here(list)) => list,
        Some(RawCodes::Named(name)) => match context.codes.get(&name) {
            Some(list) => list.clone(),
            None => {
                let hint = meant(&name, context.codes.keys().map(String::as_str));
                return wrong(at, format!("unknown table [codes.{name}]"), hint);
            }
        },
    };
    // The target of a code mapping must be a known code, or empty.
    if let FieldType::Code(set) | FieldType::Codes(set) = kind {
        let unknown = |code: &&String| !code.is_empty() && !code.split(';').all(|code| is_code(set, code));
        if let Some(code) = list.values().find(unknown) {
            let hint = meant(code, set.values().iter().copied());
            return wrong(at, format!("{} has no code {code:?}", set.name()), hint);
        }
    }
    Ok(list.into_iter().collect())
}

fn is_code(set: CodeSet, code: &str) -> bool {
    set.values().contains(&code)
}
