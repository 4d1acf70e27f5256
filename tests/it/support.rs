//! Shared helpers of the integration tests: a folder to run the program in, a generated district as text, and the outputs
//! of an engine as text.

use rollcall::district::{self, District, Incoming, Outcome};
use rollcall::engine::{Delta, Engine};
use rollcall::kpi::ZScores;
use rollcall::model::finding::digest;
use rollcall::model::{Change, Code, Date, OrgId, Table, Texts, Value};
use rollcall::plan::Output;
use rollcall::publish::relations;
use rollcall::qa;
use rollcall::source::{Delivery, FileError, Format, Mode};
use rollcall::store::disk::Simulated;
use rollcall::store::{Log, Position, Tail};
use rollcall::tallies::scores::{BaseGrain, Cell, Measured};
use rollcall::warehouse::RELATIONS;
use rollcall_generate::Options;
use rusqlite::Connection;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{self, Command};
use std::rc::Rc;

/// A file in memory that others can fill.
#[derive(Clone, Default)]
pub struct File(pub Rc<RefCell<Vec<u8>>>);

impl std::io::Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A folder to run the program in, removed after the test unless `KEEP` is set.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("rollcall-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("the temporary folder is writable");
        Folder(path)
    }

    /// With a feed of some days.
    pub fn with_feed(self, students: u32, days: u32) -> Folder {
        let (students, days) = (students.to_string(), days.to_string());
        self.run(&["generate", "--students", &students, "--days", &days, "feed"]);
        self
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).current_dir(&self.0).env_remove("COLUMNS");
        command
    }

    pub fn output(&self, arguments: &[&str]) -> process::Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// Runs successfully and returns the output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text is UTF-8")
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Writes a file, creating its folder.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(path, bytes).expect("the file can be written");
    }

    /// Every file in a folder, with its bytes.
    pub fn files(&self, below: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.0.join(below);
        let (mut folders, mut files) = (vec![root.clone()], BTreeMap::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("the folder is readable").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&root).expect("it is below the root").to_owned();
                    files.insert(name, fs::read(&path).expect("the file is readable"));
                }
            }
        }
        files
    }

    /// The SQLite file of a warehouse, read-only.
    pub fn database(&self, out: &str) -> Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let path = self.0.join(out).join("warehouse/out/warehouse.sqlite");
        Connection::open_with_flags(path, flags).expect("it is a database")
    }

    /// Asserts that some subfolders of two folders have the same bytes.
    pub fn assert_same(&self, one: &str, other: &str, below: &[&str], why: &str) {
        for folder in below {
            let [one, other] = [one, other].map(|out| self.files(&format!("{out}/{folder}")));
            let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(&one), names(&other), "{why}");
            for (name, bytes) in &one {
                // SQLite counts writes in its header.
                if name.extension().is_none_or(|extension| extension != "sqlite") {
                    assert!(bytes == &other[name], "{folder}/{} differs {why}", name.display());
                }
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::env::var_os("KEEP").is_none() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Files in memory, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A delivery in memory.
pub struct Delivered<'a> {
    pub label: &'a str,
    pub files: &'a Files,
    /// The mode of files that do not state it themselves.
    pub mode: Option<Mode>,
    pub format: &'a dyn Format,
}

impl Delivered<'_> {
    /// Reads it, recording which of its files are read.
    pub fn take(&self, district: &mut District<Simulated>, seen: &mut Vec<String>) -> Result<Outcome, district::Error> {
        let digests = self.files.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect();
        let mut read = |file: &str| -> Result<Vec<u8>, FileError> {
            seen.push(file.to_owned());
            Ok(self.files[file].clone())
        };
        let names = self.files.keys().cloned().collect();
        let mut delivery = Delivery { files: names, read: &mut read, unless_stated: self.mode.clone() };
        let Delivered { label, format, .. } = *self;
        district.take(&Incoming { source: "sis", label, format, digests: &digests, piece: None }, &mut delivery)
    }
}

/// The files of a generated district, by table.
pub fn district_files(options: &Options) -> (BTreeMap<Table, Vec<u8>>, rollcall_generate::AnswerKey) {
    let mut files: BTreeMap<Table, File> = BTreeMap::new();
    let key = rollcall_generate::district(options, |name| {
        let table = Table::named(name).expect("the generator writes tables of the model");
        Ok(files.entry(table).or_default().clone())
    });
    let key = key.expect("memory takes every byte");
    (files.into_iter().map(|(table, file)| (table, file.0.take())).collect(), key)
}

/// A change as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextChange {
    /// A row: the text of each column.
    Upsert(Table, Vec<String>),
    /// A deleted key.
    Delete(Table, String),
    /// The old key, and the row with its new one.
    KeyChange(Table, String, Vec<String>),
}

impl TextChange {
    pub fn table(&self) -> Table {
        match self {
            TextChange::Upsert(table, _) | TextChange::Delete(table, _) | TextChange::KeyChange(table, ..) => *table,
        }
    }

    pub fn fields(&self) -> &[String] {
        match self {
            TextChange::Upsert(_, fields) | TextChange::KeyChange(_, _, fields) => fields,
            TextChange::Delete(..) => &[],
        }
    }

    /// The key of the row, or the deleted key.
    pub fn key(&self) -> String {
        match self {
            TextChange::Delete(_, key) => key.clone(),
            TextChange::Upsert(table, fields) | TextChange::KeyChange(table, _, fields) => {
                table.key_text(|column| &fields[column]).expect("rows have keys")
            }
        }
    }

    /// The change in the symbols of an engine.
    pub fn change(&self, texts: &mut Texts) -> Change {
        let read = |table: &Table, fields: &[String], texts: &mut Texts| {
            let row = table.read(
                |column| &fields[column],
                texts,
                |column, fault| panic!("{}.{}: {fault:?}", table.spec().name, table.spec().columns[column].name),
            );
            row.expect("a row without faults is read")
        };
        match self {
            TextChange::Upsert(table, fields) => Change::Upsert(read(table, fields, texts)),
            TextChange::Delete(table, key) => Change::Delete(*table, texts.symbol(table.space(), key)),
            TextChange::KeyChange(table, old, fields) => {
                let old = texts.symbol(table.space(), old);
                Change::KeyChange(old, read(table, fields, texts))
            }
        }
    }
}

/// The readable rows of a small generated district with planted faults.
pub fn district_rows(students: u32, seed: u64) -> Vec<TextChange> {
    let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
    let (files, _) = district_files(&Options { students, seed, day, faults: true });
    let mut rows = Vec::new();
    for (table, bytes) in files {
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        for record in reader.records() {
            let record = record.expect("the generator writes valid CSV");
            let fields: Vec<String> = record.iter().map(str::to_owned).collect();
            let mut sound = true;
            table.read(|column| &fields[column], &mut Texts::default(), |_, _| sound = false);
            if sound {
                rows.push(TextChange::Upsert(table, fields));
            }
        }
    }
    rows
}

/// Everything an engine publishes now, as sorted lines.
pub fn published(engine: &mut Engine) -> Vec<String> {
    let mut lines = Vec::new();
    // Some relations are the same for every district.
    for relation in RELATIONS.iter().filter(|relation| !["dim_role", "dim_subgroup"].contains(&relation.name)) {
        let sheet = relations::rendered(relation, engine, &ZScores::default()).expect("the workers work");
        lines.extend(sheet.rows.iter().map(|row| format!("{} {}", relation.name, row.join("|"))));
    }
    let tallies = engine.tallies().expect("the workers work");
    let texts = &engine.current().texts;
    lines.extend(tallies.scores.iter().map(|(cell, scores)| {
        let Cell { of, school, subgroup, .. } = *cell;
        let grade = cell.grade_code().map_or("all", |grade| grade.text(texts));
        format!("scores {} {grade} {subgroup:?} {scores:?}", measured(of, school, texts))
    }));
    lines.extend(tallies.today.iter().map(|tally| tally.text(texts)));
    lines.sort();
    lines
}

/// Deltas as text: for each timestamp, the lines added and removed.
pub fn deltas_as_text(engine: &Engine, deltas: &[Delta]) -> Vec<(u64, Vec<(String, i64)>)> {
    let texts = &engine.current().texts;
    let updates = |delta: &Delta| {
        let mut updates: Vec<(String, i64)> =
            delta.updates.iter().map(|(output, diff)| (line(output, texts), i64::from(*diff))).collect();
        updates.sort();
        updates
    };
    deltas.iter().map(|delta| (delta.time, updates(delta))).collect()
}

fn measured(of: Measured, school: Option<OrgId>, texts: &Texts) -> String {
    let school = school.map_or("district", |school| texts.text(school));
    match of {
        Measured::Test(assessment, year) => format!("{} {year} {school}", texts.text(assessment)),
        Measured::Program(program, arm, part) => format!("{} {arm} {part:?} {school}", texts.text(program)),
    }
}

fn line(output: &Output, texts: &Texts) -> String {
    let joined = |values: &[Value]| values.iter().map(|value| value.text(texts)).collect::<Vec<_>>().join("|");
    match output {
        Output::Finding(finding) => {
            let rule = qa::numbered(finding.rule).id;
            format!("{rule} {} {}", finding.subject.key(texts), joined(&finding.evidence))
        }
        Output::Scores(grain, scores) => {
            let BaseGrain { of, school, grade, demographics } = *grain;
            format!("scores {} {grade:?} {demographics:?} {scores:?}", measured(of, school, texts))
        }
        Output::Tally(tally) => tally.text(texts),
        Output::Row(row) => format!("{} {}", row.relation().name, joined(&row.values())),
    }
}

/// The end of a log, as if its segment were full and this one were begun.
pub fn in_segment(segment: u64, log: &Log<Simulated>) -> Tail {
    let mut reader = log.reader(log.begin(), None).expect("the log is there");
    while reader.next_item().expect("the log is intact").is_some() {}
    Tail { end: Position { segment, offset: 0 }, ..reader.tail().expect("the log is intact") }
}
