//! A second implementation of everything computed: each rule, relation and KPI has a twin in plain SQL, and after a load and
//! after every batch of random changes, the dataflow must agree with SQLite running the twin over the same rows. The
//! accumulated changes must match the current state.

use crate::chaos::{Accumulated, Chaos, District, seed};
use crate::figures::Twins;
use crate::kpi_sums::{as_published, kpi};
use rollcall::current::CurrentRows;
use rollcall::engine::Engine;
use rollcall::kpi::{KPIS, Published, Violated};
use rollcall::model::finding::digest;
use rollcall::model::{CodeSet, Column, Date, FieldType, Settings, Spec, Table, Texts, Value, Visited};
use rollcall::plan::{Output, Plan};
use rollcall::qa;
use rollcall::tallies::scores::{Cell, Scores, roll_up};
use rollcall::warehouse::columns::Kind;
use rollcall::warehouse::{RELATIONS, Source};
use rollcall_generate::Options;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Rules about deliveries, which do not follow from accepted rows.
const WITHOUT_TWIN: [&str; 10] =
    ["REF-001", "REF-002", "REF-003", "REF-004", "REF-009", "REF-010", "REF-011", "REF-012", "REF-013", "REF-019"];

/// KPIs computed from others or from violations: their twins query the output of a run (`derived_kpis`).
const COMPUTED_FROM_OTHERS: [&str; 4] = ["KPI-14", "KPI-23", "KPI-24", "KPI-25"];

/// A value in SQL: days are numbers, decimals are scaled, codes and ids are texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sql {
    Null,
    Number(i64),
    Text(String),
}

impl Sql {
    fn of(value: Value, texts: &Texts) -> Sql {
        match value {
            Value::Null => Sql::Null,
            Value::Day(day) => Sql::Number(day.number()),
            Value::Decimal(scaled, _) => Sql::Number(scaled),
            Value::Int(number) => Sql::Number(number),
            Value::Bool(truth) => Sql::Number(truth.into()),
            Value::Symbol(..) | Value::Code(..) | Value::UnrecognizedCode(..) => Sql::Text(value.text(texts)),
            Value::Codes(..) | Value::List(_) => Sql::Text(value.text(texts)),
        }
    }

    pub fn text(text: impl Into<String>) -> Sql {
        Sql::Text(text.into())
    }
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sql::Null => f.write_str("NULL"),
            Sql::Number(number) => number.fmt(f),
            Sql::Text(text) => text.fmt(f),
        }
    }
}

impl ToSql for Sql {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Sql::Null => ValueRef::Null,
            Sql::Number(number) => ValueRef::Integer(*number),
            Sql::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// The type that a column with this value declares; an empty field is of any.
fn kind_of(value: &Value) -> Option<Kind> {
    Some(match value {
        Value::Null => return None,
        Value::Day(_) => Kind::Date,
        Value::Decimal(_, places) => Kind::Decimal(*places),
        Value::Int(_) => Kind::Int,
        Value::Bool(_) => Kind::YesNo,
        Value::Symbol(..) | Value::Code(..) | Value::UnrecognizedCode(..) => Kind::Text,
        Value::Codes(..) | Value::List(_) => Kind::Text,
    })
}

/// Rows with their multiplicities.
type Rows = BTreeMap<Vec<Sql>, i64>;

fn counted(rows: impl IntoIterator<Item = Vec<Sql>>) -> Rows {
    let mut counts = Rows::new();
    rows.into_iter().for_each(|row| *counts.entry(row).or_default() += 1);
    counts
}

/// The twins of a folder by name.
fn twins(folder: &str) -> BTreeMap<String, String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql").join(folder);
    let files =
        std::fs::read_dir(folder).expect("the folder of twins is there").map(|file| file.expect("it is readable").path());
    let twin = |path: std::path::PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a twin is readable"))
    };
    files.map(twin).collect()
}

fn sql_type(kind: FieldType) -> Option<&'static str> {
    match kind {
        FieldType::Text | FieldType::Id(_) | FieldType::Code(_) => Some("TEXT"),
        FieldType::Day | FieldType::Decimal(_) | FieldType::Int | FieldType::Year | FieldType::Bool => Some("INTEGER"),
        FieldType::Codes(_) | FieldType::List | FieldType::Ids(_) => None,
    }
}

/// The table of the members of a list column, and its column: `grades` of `course` are in
/// `course_grade.grade`, `session_ids` of `section` in `section_session.session_id`.
fn members(spec: &Spec, list: &str) -> (String, String) {
    let member = list.strip_suffix('s').unwrap_or(list);
    (format!("{}_{}", spec.name, member.strip_suffix("_id").unwrap_or(member)), member.to_owned())
}

/// The current rows in normal form. Nothing that the library concludes is among them, but that the code map
/// has replaced codes: the current rows hold those, and `stated_code` has what was stated.
fn database(current: &CurrentRows, day: Date) -> Connection {
    let mut db = Connection::open_in_memory().expect("SQLite has memory");
    register_functions(&db).expect("functions are registered");
    let transaction = db.transaction().expect("nobody else is at it");
    for &table in Table::ALL {
        store(&transaction, table, current).unwrap_or_else(|error| panic!("{}: {error}", table.spec().name));
    }
    store_helpers(&transaction, day).expect("helper tables are stored");
    store_codes_as_stated(&transaction, current).expect("codes as stated are stored");
    transaction.commit().expect("what was stored is kept");
    db
}

/// The one function that SQL lacks and twins call: the digest that hides names, and not what is digested.
fn register_functions(db: &Connection) -> rusqlite::Result<()> {
    use rusqlite::functions::FunctionFlags;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("md5", 1, flags, |of| Ok(of.get::<Option<String>>(0)?.map(|text| digest(text.as_bytes()))))
}

fn store(db: &Connection, table: Table, current: &CurrentRows) -> rusqlite::Result<()> {
    let spec = table.spec();
    let columns: Vec<_> = spec.columns.iter().filter_map(|column| Some((column.name, sql_type(column.kind)?))).collect();
    let declared: Vec<String> = columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
    db.execute_batch(&format!(
        "CREATE TABLE {} ({}, PRIMARY KEY ({}))",
        spec.name,
        declared.join(", "),
        spec.key.join(", ")
    ))?;
    let single = |column: &&Column| sql_type(column.kind).is_some();
    for column in spec.columns.iter().filter(single).filter(|column| table.referred(column).is_some()) {
        db.execute_batch(&format!("CREATE INDEX {0}_{1} ON {0} ({1})", spec.name, column.name))?;
    }
    let places = vec!["?"; columns.len()].join(", ");
    let mut insert = db.prepare(&format!("INSERT INTO {} VALUES ({places})", spec.name))?;
    let lists = spec.columns.iter().enumerate().filter(|(_, column)| sql_type(column.kind).is_none());
    let mut lists: Vec<_> = lists
        .map(|(position, column)| {
            let (name, member) = members(spec, column.name);
            let key = spec.key[0];
            db.execute_batch(&format!(
                "CREATE TABLE {name} ({key} TEXT, {member} TEXT); CREATE INDEX {name}_key ON {name} ({key})"
            ))?;
            Ok((position, db.prepare(&format!("INSERT INTO {name} VALUES (?, ?)"))?))
        })
        .collect::<rusqlite::Result<_>>()?;
    let texts = &current.texts;
    for record in current.rows().of(table) {
        let values = record.values();
        for (position, insert) in &mut lists {
            for member in values[*position].items(texts) {
                insert.execute(params![values[0].text(texts), member])?;
            }
        }
        let own = spec.columns.iter().zip(&values).filter(|(column, _)| sql_type(column.kind).is_some());
        let own: Vec<Sql> = own.map(|(_, &value)| Sql::of(value, texts)).collect();
        insert.execute(params_from_iter(&own))?;
    }
    Ok(())
}

/// The unrecognized codes of rows as stated, which the map has replaced.
fn store_codes_as_stated(db: &Connection, current: &CurrentRows) -> rusqlite::Result<()> {
    let mut uses: BTreeMap<(CodeSet, &str), i64> = BTreeMap::new();
    for row in Table::ALL.iter().flat_map(|&table| current.all_stated(table)) {
        row.visit(&mut |_, seen| {
            if let Visited::UnrecognizedCode(set, odd) = seen {
                *uses.entry((set, current.texts.unrecognized_text(set, odd))).or_default() += 1;
            }
        });
    }
    db.execute_batch("CREATE TABLE stated_code (code_set TEXT, value TEXT, uses INTEGER, PRIMARY KEY (code_set, value))")?;
    for ((set, value), uses) in uses {
        db.execute("INSERT INTO stated_code VALUES (?, ?, ?)", params![set.name(), value, uses])?;
    }
    Ok(())
}

/// The day, the vocabulary, and what twins share, which is SQL as they are.
fn store_helpers(db: &Connection, day: Date) -> rusqlite::Result<()> {
    db.execute_batch(
        "CREATE TABLE today (day INTEGER);
         CREATE TABLE code (code_set TEXT, value TEXT, rank INTEGER, PRIMARY KEY (code_set, value));",
    )?;
    db.execute("INSERT INTO today VALUES (?)", [day.number()])?;
    for set in CodeSet::ALL {
        for (rank, value) in set.values().iter().enumerate() {
            db.execute("INSERT INTO code VALUES (?, ?, ?)", params![set.name(), value, rank as i64])?;
        }
    }
    db.execute_batch(include_str!("../../sql/predicates.sql"))?;
    let strange = "SELECT group_concat(letter) FROM strange_letter";
    let strange: Option<String> = db.query_row(strange, [], |row| row.get(0))?;
    assert_eq!(strange, None, "sql/predicates.sql does not know these letters");
    Ok(())
}

/// What a twin says: its columns and its rows.
fn ask(db: &Connection, name: &str, twin: &str) -> (Vec<String>, Rows) {
    let ask = || {
        let mut statement = db.prepare(twin)?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let width = columns.len();
        let rows = statement.query_map([], |row| {
            let value = |column| {
                Ok(match row.get_ref(column)? {
                    ValueRef::Null => Sql::Null,
                    ValueRef::Integer(number) => Sql::Number(number),
                    ValueRef::Text(text) => Sql::Text(String::from_utf8_lossy(text).into_owned()),
                    other => panic!("{name}: {other:?} is none of the types that twins use"),
                })
            };
            (0..width).map(value).collect::<rusqlite::Result<Vec<Sql>>>()
        })?;
        Ok((columns, counted(rows.collect::<rusqlite::Result<Vec<_>>>()?)))
    };
    ask().unwrap_or_else(|error: rusqlite::Error| panic!("{name}: {error}"))
}

/// The differences found.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    /// Records the rows that two sides do not have in common.
    fn compare<R: Ord + fmt::Debug>(&mut self, what: &str, here: &BTreeMap<R, i64>, there: &BTreeMap<R, i64>) {
        let only = |these: &BTreeMap<R, i64>, those: &BTreeMap<R, i64>| {
            let more = |(row, &count): (&R, &i64)| {
                let more = count - those.get(row).copied().unwrap_or(0);
                (more > 0).then(|| format!("\n    {more} x {row:?}"))
            };
            let rows: Vec<String> = these.iter().filter_map(more).collect();
            format!("{}:{}", rows.len(), rows[..rows.len().min(10)].concat())
        };
        if here != there {
            self.0.push(format!("{what}\n  only here, {}\n  only there, {}", only(here, there), only(there, here)));
        }
    }
}

/// An engine, its accumulated outputs, and the twins to compare with.
struct Trial {
    engine: Engine,
    accumulated: Accumulated,
    rules: BTreeMap<String, String>,
    relations: BTreeMap<String, String>,
    kpis: BTreeMap<String, String>,
}

impl Trial {
    fn begin(district: &District, workers: usize) -> Trial {
        let settings = Settings { deltas_with_rows: true, ..Settings::default() };
        let engine = district.load(Plan { settings, ..Plan::default() }, workers);
        let accumulated = Accumulated::default();
        let mut kpis = twins("kpi");
        kpis.retain(|id, _| !COMPUTED_FROM_OTHERS.contains(&id.as_str()));
        Trial { engine, accumulated, rules: twins("qa"), relations: twins("warehouse"), kpis }
    }

    /// Compares the current state and reports differences.
    fn differences(&mut self) -> Vec<String> {
        self.accumulated.take(self.engine.settle().expect("the workers work"));
        let db = database(self.engine.current(), self.engine.day());
        let mut differences = Differences::default();
        self.compare_rules(&db, &mut differences);
        self.compare_relations(&db, &mut differences);
        self.compare_kpis(&db, &mut differences);
        differences.0
    }

    fn compare_rules(&self, db: &Connection, differences: &mut Differences) {
        let texts = &self.engine.current().texts;
        let mut found: BTreeMap<&str, Rows> = BTreeMap::new();
        for (finding, count) in self.accumulated.findings() {
            let evidence = finding.evidence.iter().map(|&value| Sql::of(value, texts));
            let row: Vec<Sql> = [Sql::Text(finding.subject.key(texts))].into_iter().chain(evidence).collect();
            let rule = qa::numbered(finding.rule).id;
            if count < 1 {
                differences.0.push(format!("{rule}: {row:?} stands {count} times"));
            }
            // A fault found for several reasons is still one fault.
            found.entry(rule).or_default().insert(row, 1);
        }
        for (id, twin) in &self.rules {
            let (_, there) = ask(db, id, twin);
            let here = found.remove(id.as_str()).unwrap_or_default();
            differences.compare(id, &here, &there);
        }
        for id in found.into_keys() {
            assert!(WITHOUT_TWIN.contains(&id), "{id} has no twin");
        }
    }

    fn compare_relations(&mut self, db: &Connection, differences: &mut Differences) {
        let mut by_deltas: BTreeMap<&str, Rows> = BTreeMap::new();
        let texts = &self.engine.current().texts;
        let row_of =
            |values: Vec<Value>, texts: &Texts| values.into_iter().map(|value| Sql::of(value, texts)).collect::<Vec<_>>();
        for (output, count) in self.accumulated.outputs() {
            if let Output::Row(row) = output {
                let rows = by_deltas.entry(row.relation().name).or_default();
                *rows.entry(row_of(row.values(), texts)).or_default() += count;
            }
        }
        for relation in RELATIONS {
            let name = relation.name;
            let values: Vec<Vec<Value>> = match relation.source {
                Source::CurrentRows(rows) => rows(self.engine.current(), self.engine.day()),
                _ => self.engine.rows(relation).expect("the workers work").iter().map(|row| row.values()).collect(),
            };
            for (column, value) in values.iter().flat_map(|row| relation.columns.iter().zip(row)) {
                let is_declared = kind_of(value).is_none_or(|kind| kind == column.kind);
                assert!(is_declared, "{name}.{} is {:?} and holds {value:?}", column.name, column.kind);
            }
            let texts = &self.engine.current().texts;
            let here = counted(values.into_iter().map(|values| row_of(values, texts)));
            let columns: Vec<&str> = relation.columns.iter().map(|column| column.name).collect();
            let key =
                relation.key.iter().map(|key| columns.iter().position(|column| column == key).expect("keys are columns"));
            let key: Vec<usize> = key.collect();
            let keys: BTreeSet<Vec<&Sql>> =
                here.keys().map(|row| key.iter().map(|&column| &row[column]).collect()).collect();
            if keys.len() as i64 != here.values().sum::<i64>() || keys.iter().flatten().any(|&part| *part == Sql::Null) {
                differences.0.push(format!("{name}: {:?} is no key", relation.key));
            }
            if !matches!(relation.source, Source::CurrentRows(_)) {
                let there = by_deltas.remove(name).unwrap_or_default();
                differences.compare(&format!("{name}: peeked here, added up from Deltas there"), &here, &there);
            }
            let (twin_columns, there) = ask(db, name, &self.relations[name]);
            assert_eq!(columns, twin_columns, "{name}");
            differences.compare(name, &here, &there);
        }
    }

    fn compare_kpis(&mut self, db: &Connection, differences: &mut Differences) {
        let tallies = self.engine.tallies().expect("the workers work");
        let texts = &self.engine.current().texts;
        let (mut scores, mut today) = (Vec::new(), BTreeMap::new());
        for (output, count) in self.accumulated.outputs() {
            match *output {
                Output::Scores(grain, tally) => {
                    assert_eq!(count, 1, "{grain:?} stands once");
                    scores.push((grain, tally));
                }
                Output::Tally(tally) => today.insert(tally, count).map_or((), drop),
                Output::Finding(_) | Output::Row(_) => {}
            }
        }
        let scores: BTreeMap<(Cell, Scores), i64> = roll_up(scores).into_iter().map(|cell| (cell, 1)).collect();
        let once = |tally| (tally, 1);
        let deltas = "peeked here, added up from Deltas there";
        differences.compare(&format!("scores: {deltas}"), &tallies.scores.iter().copied().map(once).collect(), &scores);
        differences.compare(&format!("today: {deltas}"), &tallies.today.iter().map(|tally| (tally, 1)).collect(), &today);
        let mut twins: BTreeMap<String, Vec<Vec<Sql>>> = BTreeMap::new();
        for (id, twin) in &self.kpis {
            let there = ask(db, id, twin).1;
            match kpi(id, &tallies, texts) {
                Some(here) => {
                    differences.compare(id, &counted(here), &there);
                    twins.insert(id.clone(), there.into_keys().collect());
                }
                None => {
                    let settings = Settings::default();
                    let published = Published::new(&tallies, self.engine.current(), &settings, Violated::NOTHING);
                    differences.compare(id, &counted(as_published(id, &published)), &there);
                }
            }
        }
        // Of the smallest groups, too, and then as it is published.
        let mut twins = Twins::new(db, &twins);
        for minimum_n in [1, Settings::default().minimum_n] {
            let settings = Settings { minimum_n, ..Settings::default() };
            let published = Published::new(&tallies, self.engine.current(), &settings, Violated::NOTHING);
            for (id, different) in twins.differences(&published) {
                let (first, count) = (&different[0], different.len());
                differences.0.push(format!("{id}, published of {minimum_n} or more: {count} rows, such as\n  {first}"));
            }
        }
    }
}

#[test]
fn everything_has_its_twin() {
    let names = |folder| twins(folder).into_keys().collect::<BTreeSet<_>>();
    let owned = |name: &str| name.to_owned();
    let rules: BTreeSet<_> = qa::rules().map(|rule| rule.id).filter(|id| !WITHOUT_TWIN.contains(id)).map(owned).collect();
    assert_eq!(names("qa"), rules);
    assert!(WITHOUT_TWIN.iter().all(|id| qa::find(id).is_some()));
    assert_eq!(names("warehouse"), RELATIONS.iter().map(|relation| owned(relation.name)).collect());
    assert_eq!(names("kpi"), KPIS.iter().map(|kpi| owned(kpi.id)).collect());
}

#[test]
fn every_table_is_generated() {
    let day = Date::ymd(2026, 3, 16).expect("a school day");
    let district = District::generate(Options { students: 300, seed: 1, day, faults: true });
    assert_eq!(district.files.keys().copied().collect::<Vec<_>>(), Table::ALL);
}

/// Compares a faulty district with the twins, then changes it at random and compares again, repeatedly.
fn try_out(own_seed: u64, workers: usize, batches: usize) {
    let seed = seed(own_seed);
    let day = Date::ymd(2026, 3, 16).expect("a school day");
    let district = District::generate(Options { students: 300, seed, day, faults: true });
    let mut trial = Trial::begin(&district, workers);
    let mut chaos = Chaos::new(seed, day);
    for batch in 0..=batches {
        if batch > 0 {
            let day = trial.engine.day();
            let changes = chaos.batch(&mut trial.engine, day, 250);
            trial.engine.commit(&changes).expect("the batch is taken");
        }
        let differences = trial.differences();
        let what = format!("seed {seed}, after batch {batch} of {batches}, on {}", trial.engine.day());
        assert!(differences.is_empty(), "ROLLCALL_TEST_SEED={seed} repeats it; {what}:\n{}", differences.join("\n"));
        let later = chaos.later(trial.engine.day());
        trial.engine.advance_to(later).expect("days pass");
    }
}

/// For a first look after a change.
#[test]
fn twins_agree_after_a_few_changes() {
    try_out(7, 1, 2);
}

#[test]
fn twins_agree_with_one_worker() {
    (1..=3).for_each(|own_seed| try_out(own_seed, 1, 40));
}

#[test]
fn twins_agree_with_two_workers() {
    (4..=6).for_each(|own_seed| try_out(own_seed, 2, 40));
}
