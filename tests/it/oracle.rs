//! A second opinion on everything that is computed: for each rule, relation and KPI there is a twin in plain SQL, and
//! what the dataflow says after a load and after every batch of random changes must be what SQLite says when it is asked
//! the twin over the same rows. What came out change by change must add up to what stands.

use crate::chaos::{Chaos, District, Standing, seed};
use rollcall::engine::Engine;
use rollcall::generate::Options;
use rollcall::kpi::kpi_05_proficiency_gap::pairs;
use rollcall::kpi::{KPIS, Tallies};
use rollcall::model::codes::{StaffRole, Subject};
use rollcall::model::finding::opaque;
use rollcall::model::{Code, CodeSet, Date, FieldType, Record, SchoolYear, Settings, Spec, Table, Texts, Value};
use rollcall::plan::{Output, Plan};
use rollcall::qa;
use rollcall::register::Register;
use rollcall::warehouse::staff_file::{covers, generalist_covers, is_certificated, is_teacher};
use rollcall::warehouse::staffing::Place;
use rollcall::warehouse::{RELATIONS, Source};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, params, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Rules about deliveries, of which accepted rows tell nothing.
const WITHOUT_TWIN: [&str; 3] = ["REF-003", "REF-004", "REF-009"];

/// A value as SQL has it: days are numbers, decimals are scaled, codes and ids are texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Sql {
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
            Value::Symbol(..) | Value::Code(..) | Value::Odd(..) => Sql::Text(value.text(texts)),
            Value::Codes(..) | Value::List(_) => unreachable!("members stand in tables of their own"),
        }
    }

    fn text(text: impl Into<String>) -> Sql {
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

/// Rows with how often each is there.
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

/// The name of the table that holds the members of a list column, and that of its column: `grades` of `course` stand in
/// `course_grade.grade`, `session_ids` of `section` in `section_session.session_id`.
fn members(spec: &Spec, list: &str) -> (String, String) {
    let member = list.strip_suffix('s').unwrap_or(list);
    (format!("{}_{}", spec.name, member.strip_suffix("_id").unwrap_or(member)), member.to_owned())
}

/// The accepted rows of a register in normal form, and what the library says about codes, years, subjects and roles.
fn database(register: &Register, day: Date) -> Connection {
    let mut db = Connection::open_in_memory().expect("SQLite has memory");
    let transaction = db.transaction().expect("nobody else is at it");
    for &table in Table::ALL {
        store(&transaction, table, register).unwrap_or_else(|error| panic!("{}: {error}", table.spec().name));
    }
    store_helpers(&transaction, day).expect("helper tables are stored");
    transaction.commit().expect("what was stored is kept");
    db
}

fn store(db: &Connection, table: Table, register: &Register) -> rusqlite::Result<()> {
    let spec = table.spec();
    let stored: Vec<_> = spec.columns.iter().filter_map(|column| Some((column.name, sql_type(column.kind)?))).collect();
    let more = (table == Table::Staff).then_some(("match_key", "TEXT"));
    let columns: Vec<_> = stored.iter().copied().chain(more).collect();
    let declared: Vec<String> = columns.iter().map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
    db.execute_batch(&format!(
        "CREATE TABLE {} ({}, PRIMARY KEY ({}))",
        spec.name,
        declared.join(", "),
        spec.key.join(", ")
    ))?;
    for column in spec.columns.iter().filter(|column| table.referred(column).is_some()) {
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
    let texts = &register.texts;
    for record in register.rows().of(table) {
        let values = record.values();
        for (position, insert) in &mut lists {
            for member in values[*position].items(texts) {
                insert.execute(params![values[0].text(texts), member])?;
            }
        }
        let own = spec.columns.iter().zip(&values).filter(|(column, _)| sql_type(column.kind).is_some());
        let mut own: Vec<Sql> = own.map(|(_, &value)| Sql::of(value, texts)).collect();
        if let Record::Staff(staff) = record {
            own.push(staff.match_key.map_or(Sql::Null, |key| Sql::Text(opaque(texts.text(key)))));
        }
        insert.execute(params_from_iter(&own))?;
    }
    Ok(())
}

fn store_helpers(db: &Connection, day: Date) -> rusqlite::Result<()> {
    db.execute_batch(
        "CREATE TABLE today (day INTEGER);
         CREATE TABLE code (code_set TEXT, value TEXT, rank INTEGER, PRIMARY KEY (code_set, value));
         CREATE TABLE school_year_span (school_year INTEGER PRIMARY KEY, begin_date INTEGER, end_date INTEGER);
         CREATE TABLE subject_cover (authorized TEXT, subject TEXT, PRIMARY KEY (authorized, subject));
         CREATE TABLE generalist_cover (subject TEXT PRIMARY KEY);
         CREATE TABLE certificated_role (role TEXT PRIMARY KEY);
         CREATE TABLE teacher_role (role TEXT PRIMARY KEY);",
    )?;
    db.execute("INSERT INTO today VALUES (?)", [day.number()])?;
    for set in CodeSet::ALL {
        for (rank, value) in set.values().iter().enumerate() {
            db.execute("INSERT INTO code VALUES (?, ?, ?)", params![set.name(), value, rank as i64])?;
        }
    }
    for year in (1900..=2200).map(SchoolYear) {
        let span = [i64::from(year.0), year.begin().number(), year.end().number()];
        db.execute("INSERT INTO school_year_span VALUES (?, ?, ?)", span)?;
    }
    for (authorized, name) in known::<Subject>() {
        for (_, subject) in known::<Subject>().filter(|&(subject, _)| covers(authorized, subject)) {
            db.execute("INSERT INTO subject_cover VALUES (?, ?)", [name, subject])?;
        }
        if generalist_covers(authorized) {
            db.execute("INSERT INTO generalist_cover VALUES (?)", [name])?;
        }
    }
    for (role, name) in known::<StaffRole>() {
        if is_certificated(role) {
            db.execute("INSERT INTO certificated_role VALUES (?)", [name])?;
        }
        if is_teacher(role) {
            db.execute("INSERT INTO teacher_role VALUES (?)", [name])?;
        }
    }
    Ok(())
}

/// The known values of a code set with their texts.
fn known<C: Code>() -> impl Iterator<Item = (C, &'static str)> {
    (0..).map_while(C::from_rank).zip(C::SET.values().iter().copied())
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

/// What was found to differ.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    /// Notes the rows that two sides do not have in common.
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

/// An engine, what came out of it, and the twins to hold it against.
struct Trial {
    engine: Engine,
    standing: Standing,
    rules: BTreeMap<String, String>,
    relations: BTreeMap<String, String>,
    kpis: BTreeMap<String, String>,
}

impl Trial {
    fn begin(district: &District, workers: usize) -> Trial {
        let settings = Settings { deltas_with_rows: true, ..Settings::default() };
        let engine = district.load(Plan { settings, ..Plan::default() }, workers);
        let standing = Standing::default();
        Trial { engine, standing, rules: twins("qa"), relations: twins("warehouse"), kpis: twins("kpi") }
    }

    /// Compares everything as it stands; what differs is told.
    fn differences(&mut self) -> Vec<String> {
        self.standing.take(self.engine.settle().expect("the workers work"));
        let db = database(&self.engine.register, self.engine.day());
        let mut differences = Differences::default();
        self.compare_rules(&db, &mut differences);
        self.compare_relations(&db, &mut differences);
        self.compare_kpis(&db, &mut differences);
        differences.0
    }

    fn compare_rules(&self, db: &Connection, differences: &mut Differences) {
        let texts = &self.engine.register.texts;
        let mut found: BTreeMap<&str, Rows> = BTreeMap::new();
        for (finding, count) in self.standing.findings() {
            let evidence = finding.evidence.iter().map(|&value| Sql::of(value, texts));
            let row: Vec<Sql> = [Sql::Text(finding.subject.key(texts))].into_iter().chain(evidence).collect();
            let rule = qa::numbered(finding.rule).id;
            if count < 1 {
                differences.0.push(format!("{rule}: {row:?} stands {count} times"));
            }
            // Found for several reasons, a fault is still one fault.
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
        let texts = &self.engine.register.texts;
        let row_of =
            |values: Vec<Value>, texts: &Texts| values.into_iter().map(|value| Sql::of(value, texts)).collect::<Vec<_>>();
        for (output, count) in self.standing.outputs() {
            if let Output::Row(row) = output {
                let rows = by_deltas.entry(row.relation().name).or_default();
                *rows.entry(row_of(row.values(), texts)).or_default() += count;
            }
        }
        for relation in RELATIONS {
            let name = relation.name;
            let values: Vec<Vec<Value>> = match relation.source {
                Source::Register(rows) => rows(&self.engine.register),
                _ => self.engine.rows(relation).expect("the workers work").iter().map(|row| row.values()).collect(),
            };
            let texts = &self.engine.register.texts;
            let here = counted(values.into_iter().map(|values| row_of(values, texts)));
            let columns: Vec<&str> = relation.columns.iter().map(|(name, _)| *name).collect();
            let key =
                relation.key.iter().map(|key| columns.iter().position(|column| column == key).expect("keys are columns"));
            let key: Vec<usize> = key.collect();
            let keys: BTreeSet<Vec<&Sql>> =
                here.keys().map(|row| key.iter().map(|&column| &row[column]).collect()).collect();
            if keys.len() as i64 != here.values().sum::<i64>() || keys.iter().flatten().any(|&part| *part == Sql::Null) {
                differences.0.push(format!("{name}: {:?} is no key", relation.key));
            }
            if !matches!(relation.source, Source::Register(_)) {
                let there = by_deltas.remove(name).unwrap_or_default();
                differences.compare(&format!("{name}: peeked here, added up from Deltas there"), &here, &there);
            }
            let mut twin = self.relations[name].clone();
            if name == "fct_school_enrollment" {
                // The one column that joins have to bring into the file; the twin leaves it out.
                twin = format!(
                    "SELECT t.*, o.school_level FROM ({twin}\n) t LEFT JOIN organization o ON o.org_id = t.school_id"
                );
            }
            let (twin_columns, there) = ask(db, name, &twin);
            assert_eq!(columns, twin_columns, "{name}");
            differences.compare(name, &here, &there);
        }
    }

    fn compare_kpis(&mut self, db: &Connection, differences: &mut Differences) {
        let tallies = self.engine.tallies().expect("the workers work");
        let texts = &self.engine.register.texts;
        let (mut scores, mut staffing) = (BTreeMap::new(), BTreeMap::new());
        for (output, count) in self.standing.outputs() {
            match *output {
                Output::Scores(cell, tally) => scores.insert((cell, tally), count).map_or((), drop),
                Output::Staffing(place, tally) => staffing.insert((place, tally), count).map_or((), drop),
                Output::Finding(_) | Output::Row(_) => {}
            }
        }
        let once = |tally| (tally, 1);
        let deltas = "peeked here, added up from Deltas there";
        differences.compare(&format!("scores: {deltas}"), &tallies.scores.iter().copied().map(once).collect(), &scores);
        let once = |tally| (tally, 1);
        differences.compare(
            &format!("staffing: {deltas}"),
            &tallies.staffing.iter().copied().map(once).collect(),
            &staffing,
        );
        for (id, twin) in &self.kpis {
            let here = match id.as_str() {
                "KPI-02" => rates(&tallies, texts),
                "KPI-05" => gaps(&tallies, texts),
                "KPI-10" => staffed(&tallies, texts),
                _ => panic!("{id} is a twin of no KPI"),
            };
            differences.compare(id, &counted(here), &ask(db, id, twin).1);
        }
    }
}

/// Assessment, school year, school and grade of a cell.
fn grain(cell: &rollcall::warehouse::scores::Cell, texts: &Texts) -> [Sql; 4] {
    [
        Sql::text(texts.text(cell.assessment)),
        Sql::Number(cell.school_year.0.into()),
        cell.school.map_or(Sql::Null, |school| Sql::text(texts.text(school))),
        cell.grade_code().map_or(Sql::Null, |grade| Sql::text(grade.text(texts))),
    ]
}

fn rates(tallies: &Tallies, texts: &Texts) -> Vec<Vec<Sql>> {
    let row = |(cell, scores): &(rollcall::warehouse::scores::Cell, rollcall::warehouse::scores::Scores)| {
        let (category, value) = cell.subgroup.name();
        let figures = [Sql::text(category), Sql::text(value), Sql::Number(scores.n), Sql::Number(scores.hits)];
        grain(cell, texts).into_iter().chain(figures).collect()
    };
    tallies.scores.iter().map(row).collect()
}

fn gaps(tallies: &Tallies, texts: &Texts) -> Vec<Vec<Sql>> {
    let cells: BTreeMap<_, _> = tallies.scores.iter().copied().collect();
    let mut rows = Vec::new();
    for (reference, focal) in pairs() {
        for (cell, of_reference) in cells.iter().filter(|(cell, _)| cell.subgroup == reference) {
            if let Some(of_focal) = cells.get(&rollcall::warehouse::scores::Cell { subgroup: focal, ..*cell }) {
                let (category, reference) = reference.name();
                let names = [category, reference, focal.name().1].map(Sql::text);
                let figures = [of_reference.n, of_reference.hits, of_focal.n, of_focal.hits].map(Sql::Number);
                rows.push(grain(cell, texts).into_iter().chain(names).chain(figures).collect());
            }
        }
    }
    rows
}

/// Places with students or teachers; one that has only other staff has no row.
fn staffed(tallies: &Tallies, texts: &Texts) -> Vec<Vec<Sql>> {
    let staffed = tallies.staffing.iter().filter(|(_, staffing)| staffing.headcount != 0 || staffing.teacher_fte != 0);
    let row = |(place, staffing): &(Place, rollcall::warehouse::staffing::Staffing)| {
        let org = match place {
            Place::District => Sql::Null,
            Place::Organization(org) => Sql::text(texts.text(*org)),
        };
        vec![org, Sql::Number(staffing.headcount), Sql::Number(staffing.teacher_fte)]
    };
    staffed.map(row).collect()
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

/// Holds a faulty district against the twins, then changes it at random and holds it against them again and again.
fn try_out(own_seed: u64, workers: usize, batches: usize) {
    let seed = seed(own_seed);
    let day = Date::ymd(2026, 3, 16).expect("a school day");
    let district = District::generate(Options { students: 300, seed, day, faults: true });
    let mut trial = Trial::begin(&district, workers);
    let mut chaos = Chaos::new(seed, day);
    for batch in 0..=batches {
        if batch > 0 {
            let day = trial.engine.day();
            let changes = chaos.batch(&mut trial.engine.register, day, 250);
            trial.engine.commit(&changes).expect("the batch is taken");
        }
        let differences = trial.differences();
        let what = format!("seed {seed}, after batch {batch} of {batches}, on {}", trial.engine.day());
        assert!(differences.is_empty(), "ROLLCALL_TEST_SEED={seed} repeats it; {what}:\n{}", differences.join("\n"));
        let later = chaos.later(trial.engine.day());
        trial.engine.advance_to(later).expect("days pass");
    }
}

#[test]
fn twins_agree_with_one_worker() {
    (1..=3).for_each(|own_seed| try_out(own_seed, 1, 40));
}

#[test]
fn twins_agree_with_two_workers() {
    (4..=6).for_each(|own_seed| try_out(own_seed, 2, 40));
}
