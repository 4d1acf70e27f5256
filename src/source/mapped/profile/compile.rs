//! Checks a profile and compiles it: names become tables and columns, columns of files become numbers, and everything that a
//! column refers to is looked up. What is wrong is said with its offset in the text.

use super::schema::{
    RawAlways, RawCodes, RawCondition, RawDetail, RawEnd, RawFile, RawForm, RawLookup, RawMakes, RawOperation, RawProfile,
    RawSource,
};
use super::{FileMap, Lookup, Makes, Operation, Profile};
use crate::model::codes::CodeSet;
use crate::model::{FieldType, Table, Texts};
use crate::source::mapped::cell::{Base, Condition, Day, Number, One, Part, Source, Template, Test};
use crate::source::mapped::dates::{self, Pattern};
use crate::source::{most_alike, plain};
use std::collections::BTreeMap;
use toml::Spanned;

/// What is wrong, what to do about it, and the offset in the text.
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) hint: String,
}

fn wrong<T>(at: usize, what: impl Into<String>, hint: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { at, what: what.into(), hint: hint.into() })
}

/// What was found by its name; if it is unknown, the hint is the most similar of the known names.
fn known<'a, T>(
    found: Option<T>,
    at: usize,
    unknown: String,
    name: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<T, Wrong> {
    found.map_or_else(|| wrong(at, unknown, meant(name, names)), Ok)
}

/// A hint with the most similar of the known names.
fn meant<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(str::to_owned).collect();
    match most_alike(name, &names) {
        Some(alike) => format!("did you mean {alike}?"),
        None => format!("known names: {}", names.join(", ")),
    }
}

/// The shared parts of the profile that columns refer to.
struct Context<'a> {
    dates: Vec<Pattern>,
    codes: &'a BTreeMap<String, BTreeMap<String, String>>,
    values: &'a BTreeMap<String, String>,
    lookups: Vec<String>,
}

pub(super) fn compile(raw: RawProfile) -> Result<Profile, Wrong> {
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
        Part::Column(number) => {
            let (name, values) = (&names[number], context.values);
            known(values.get(name).cloned(), at, format!("[values] has no {name}"), name, values.keys().map(String::as_str))
        }
    };
    parts.into_iter().map(part).collect()
}

fn table(named: &Spanned<String>) -> Result<Table, Wrong> {
    let name = named.get_ref();
    let names = Table::ALL.iter().map(|table| table.spec().name);
    known(Table::named(name), named.span().start, format!("unknown table `{name}`"), name, names)
}

fn column(table: Table, named: &Spanned<String>) -> Result<usize, Wrong> {
    let (name, spec) = (named.get_ref(), table.spec());
    let names = spec.columns.iter().map(|column| column.name);
    known(spec.column(name), named.span().start, format!("`{}` has no column `{name}`", spec.name), name, names)
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
    let place = context.lookups.iter().position(|known| known == name);
    known(place, at, format!("unknown [lookup.{name}]"), name, context.lookups.iter().map(String::as_str))
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
        RawSource::Column(column) => RawDetail { column: Some(column), ..RawDetail::default() },
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
    let day = day(at, &detail.dates, detail.end, detail.form, kind, context)?;
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
    at: usize,
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
        return wrong(at, "the column is not a date", "dates and end are for columns that hold dates");
    }
    let patterns = if own.is_empty() { context.dates.clone() } else { own };
    let inclusive = end == Some(RawEnd::Inclusive);
    Ok((is_day || year).then_some(Day { patterns, inclusive, year }))
}

fn codes(at: usize, raw: Option<RawCodes>, kind: FieldType, context: &Context<'_>) -> Result<Vec<(String, String)>, Wrong> {
    let list = match raw {
        None => return Ok(Vec::new()),
        Some(RawCodes::Here(list)) => list,
        Some(RawCodes::Named(name)) => {
            let (list, names) = (context.codes.get(&name).cloned(), context.codes.keys().map(String::as_str));
            known(list, at, format!("unknown table [codes.{name}]"), &name, names)?
        }
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
