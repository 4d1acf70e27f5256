//! OneRoster, there and back: a district written as OneRoster 1.1 and 1.2 is read as the rows it was written from; and
//! what changes say is what becomes of the rows.

use crate::support;
use proptest::prelude::*;
use rollcall::generate::{self, oneroster as written};
use rollcall::model::{Change, Date, Record, Rejected, SchoolYear, Table, Texts};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, Scope, Taker};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// Current rows, as an engine would keep them.
#[derive(Default)]
struct Store {
    texts: Texts,
    rows: BTreeMap<(Table, NonZeroU32), Record>,
    /// What is stated in the delivery in hand.
    changes: Vec<Change>,
    open: Vec<Table>,
    modes: BTreeMap<Table, Mode>,
}

impl Taker for Store {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        let table = match change {
            Change::Upsert(row) | Change::KeyChange(_, row) => row.table(),
            Change::Delete(table, _) | Change::Reject(Rejected { table, .. }) => table,
        };
        assert_eq!(self.open, [table], "a change belongs to the table that was begun");
        self.changes.push(change);
    }
    fn begin(&mut self, table: Table, mode: &Mode) {
        assert!(self.open.is_empty() && self.modes.insert(table, mode.clone()).is_none(), "a table is begun once");
        self.open.push(table);
    }
    fn end(&mut self, table: Table) {
        assert_eq!(self.open.pop(), Some(table));
    }
    fn current(&self, table: Table, key: NonZeroU32) -> Option<Record> {
        self.rows.get(&(table, key)).copied()
    }
}

type Files = BTreeMap<String, Vec<u8>>;

impl Store {
    /// Takes a delivery; gives its reports, and the rows of files that were rejected.
    fn take(&mut self, files: &Files, format: &OneRoster) -> Result<(Vec<FileReport>, Vec<Rejected>), FileError> {
        (self.changes, self.modes) = (Vec::new(), BTreeMap::new());
        let names = files.keys().cloned().collect();
        let mut read = |name: &str| Ok(files[name].clone());
        let mut delivery = Delivery { files: names, read: &mut read, unless_stated: None };
        let result = format.read(&mut delivery, self);
        self.open.clear();
        let reports = result?;
        let changes = std::mem::take(&mut self.changes);
        let full: Vec<Table> =
            self.modes.iter().filter(|(_, mode)| **mode != Mode::Delta).map(|(table, _)| *table).collect();
        self.rows.retain(|(table, _), _| !full.contains(table));
        let mut rejected = Vec::new();
        for change in changes {
            match change {
                Change::Upsert(row) => drop(self.rows.insert((row.table(), row.symbol()), row)),
                Change::Delete(table, key) => drop(self.rows.remove(&(table, key))),
                Change::KeyChange(..) => panic!("OneRoster has no key changes"),
                Change::Reject(row) => rejected.push(row),
            }
        }
        Ok((reports, rejected))
    }

    /// The rows of a table, by key: the text of these columns.
    fn of(&self, table: Table, columns: &[&str]) -> BTreeMap<String, Vec<String>> {
        let spec = table.spec();
        let places: Vec<usize> = columns.iter().map(|column| spec.column(column).expect("a column")).collect();
        let rows = self.rows.iter().filter(|((of, _), _)| *of == table);
        rows.map(|((_, key), row)| {
            let values = row.values();
            let texts = places.iter().map(|&place| values[place].text(&self.texts)).collect();
            (self.texts.symbol_text(table.space(), *key).to_owned(), texts)
        })
        .collect()
    }

    /// All rows of these tables as lines: only what is stated.
    fn lines(&self, tables: &[Table]) -> Vec<String> {
        let mut lines = Vec::new();
        for &table in tables {
            for row in self.rows.values().filter(|row| row.table() == table) {
                let stated = table.spec().columns.iter().zip(row.values());
                let texts = stated.map(|(column, value)| (column.name, value.text(&self.texts)));
                let texts = texts.filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}={text}"));
                lines.push(format!("{} {}", table.spec().name, texts.collect::<Vec<_>>().join(" ")));
            }
        }
        lines.sort();
        lines
    }
}

/// A generated district as rows of texts.
fn district(students: u32) -> written::Tables {
    let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
    let (files, _) = support::district_files(&generate::Options { students, seed: 11, day, faults: false });
    let rows = |bytes: Vec<u8>| {
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let records = reader.records().map(|record| record.expect("sound CSV").iter().map(str::to_owned).collect());
        records.collect::<Vec<Vec<String>>>()
    };
    files.into_iter().map(|(table, bytes)| (table, rows(bytes))).collect()
}

fn write(tables: &written::Tables, version: written::Version, has_inclusive_ends: bool) -> Files {
    use std::{cell::RefCell, io, rc::Rc};
    #[derive(Clone, Default)]
    struct File(Rc<RefCell<Vec<u8>>>);
    impl io::Write for File {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut files: BTreeMap<String, File> = BTreeMap::new();
    let options = written::Options { version, school_year: SchoolYear(2026), has_inclusive_ends };
    written::write(tables, &options, |name| Ok(files.entry(name.to_owned()).or_default().clone())).expect("memory");
    files.into_iter().map(|(name, file)| (name, file.0.take())).collect()
}

/// What OneRoster carries of each table.
const CARRIED: [(Table, &[&str]); 8] = [
    (Table::Organization, &["org_id", "org_type", "name", "parent_org_id", "nces_id"]),
    (
        Table::AcademicSession,
        &["session_id", "school_year", "session_type", "title", "begin_date", "end_date", "parent_session_id"],
    ),
    (
        Table::Course,
        &["course_id", "org_id", "course_code", "title", "subject", "state_course_code", "grades", "school_year"],
    ),
    (
        Table::Section,
        &["section_id", "course_id", "school_id", "school_year", "session_ids", "title", "section_type", "periods", "room"],
    ),
    (
        Table::Student,
        &[
            "student_id",
            "state_student_id",
            "first_name",
            "middle_name",
            "last_name",
            "birth_date",
            "sex",
            "is_hispanic",
            "race",
            "grade_level",
            "is_enabled",
        ],
    ),
    (
        Table::Staff,
        &[
            "staff_id",
            "state_staff_id",
            "first_name",
            "middle_name",
            "last_name",
            "birth_date",
            "sex",
            "is_hispanic",
            "race",
            "email",
            "username",
            "is_active",
        ],
    ),
    (
        Table::SectionEnrollment,
        &["section_enrollment_id", "student_id", "section_id", "school_id", "begin_date", "end_date"],
    ),
    (Table::SectionStaff, &["section_staff_id", "staff_id", "section_id", "role", "is_primary", "begin_date", "end_date"]),
];
/// What 1.2 carries of memberships.
const MEMBERSHIPS: [(Table, &[&str]); 2] = [
    (
        Table::SchoolEnrollment,
        &["enrollment_id", "student_id", "school_id", "school_year", "entry_date", "exit_date", "status", "inferred"],
    ),
    (
        Table::StaffAssignment,
        &["assignment_id", "staff_id", "org_id", "school_year", "begin_date", "end_date", "is_primary"],
    ),
];

/// The rows that were written, as they should be read.
fn expected(tables: &written::Tables, table: Table, columns: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut store = Store::default();
    let place = |table: Table, column: &str| table.spec().column(column).expect("a column");
    let ids = |table: Table, column: &str, filter: &dyn Fn(&[String]) -> bool| -> BTreeSet<String> {
        let rows = tables[&table].iter().filter(|row| filter(row));
        rows.map(|row| row[place(table, column)].clone()).collect()
    };
    let of_year = |table: Table| move |row: &[String]| row[place(table, "school_year")] == "2026";
    let sections = ids(Table::Section, "section_id", &of_year(Table::Section));
    let students = ids(Table::SchoolEnrollment, "student_id", &of_year(Table::SchoolEnrollment));
    let staff = ids(Table::StaffAssignment, "staff_id", &of_year(Table::StaffAssignment));
    let is_written = |row: &Vec<String>| {
        let text = |column: &str| row[place(table, column)].as_str();
        match table {
            Table::Organization => true,
            Table::Student => students.contains(text("student_id")),
            Table::Staff => staff.contains(text("staff_id")),
            Table::SectionEnrollment => sections.contains(text("section_id")) && text("is_dropped") != "true",
            Table::SectionStaff => sections.contains(text("section_id")),
            _ => ["", "2026"].contains(&text("school_year")),
        }
    };
    for row in tables[&table].iter().filter(|row| is_written(row)) {
        let mut row = row.clone();
        if let (Table::Student | Table::Staff, Some(race)) = (table, table.spec().column("race")) {
            // The standard does not ask for it.
            row[race] = row[race].split(';').filter(|race| *race != "mena").collect::<Vec<_>>().join(";");
        }
        if table == Table::SchoolEnrollment {
            row[place(table, "inferred")] = "false".to_owned();
        }
        let read = table.read(|column| &row[column], &mut store.texts, |column, fault| panic!("{column} {fault:?}"));
        let read = read.expect("a sound row");
        store.rows.insert((table, read.symbol()), read);
    }
    store.of(table, columns)
}

fn assert_same(store: &Store, tables: &written::Tables, carried: &[(Table, &[&str])]) {
    for (table, columns) in carried {
        let (expected, read) = (expected(tables, *table, columns), store.of(*table, columns));
        let differ = expected.iter().find(|(key, row)| read.get(*key) != Some(*row));
        if let Some((key, row)) = differ {
            panic!("{}: {key} was {row:?}, is {:?}", table.spec().name, read.get(key));
        }
        assert_eq!(expected.len(), read.len(), "{}: more rows than were written", table.spec().name);
        assert!(expected.len() > 3, "{}: hardly a row", table.spec().name);
    }
}

#[test]
fn a_district_comes_back() {
    let tables = district(300);
    for (version, is_inclusive) in
        [(written::Version::V1p1, false), (written::Version::V1p2, false), (written::Version::V1p2, true)]
    {
        let files = write(&tables, version, is_inclusive);
        let mut store = Store::default();
        assert!(OneRoster::DEFAULT.sniff(&files.keys().cloned().collect::<Vec<_>>()));
        let (reports, rejected) = store.take(&files, &OneRoster::DEFAULT).expect("sound files");
        assert_eq!(rejected, []);
        assert!(reports.iter().all(|report| report.rejected + report.ignored == 0 && report.rows > 0), "{reports:?}");
        assert_same(&store, &tables, &CARRIED);
        assert!(store.modes.values().all(|mode| *mode == Mode::Full(Scope::default())));
        if version == written::Version::V1p2 {
            assert_same(&store, &tables, &MEMBERSHIPS);
        }
        // The same delivery once more says the same.
        let before = store.rows.clone();
        store.take(&files, &OneRoster::DEFAULT).expect("sound files");
        assert_eq!(store.rows, before);
    }
}

#[test]
fn memberships_of_1_1_follow_from_users() {
    let tables = district(300);
    let mut store = Store::default();
    store.take(&write(&tables, written::Version::V1p1, false), &OneRoster::DEFAULT).expect("sound files");
    let read = store.of(Table::SchoolEnrollment, &["student_id", "school_id", "grade_level", "entry_date", "exit_date"]);
    let stated = expected(&tables, Table::SchoolEnrollment, &["student_id", "school_id"]);
    let schools: BTreeSet<Vec<String>> = stated.into_values().collect();
    assert_eq!(read.values().map(|row| row[..2].to_vec()).collect::<BTreeSet<_>>(), schools);
    let years = expected(&tables, Table::AcademicSession, &["session_type", "begin_date", "end_date"]);
    let years: Vec<_> = years.into_values().filter(|row| row[0] == "school_year").collect();
    let (first, last) = (years.iter().map(|row| &row[1]).min(), years.iter().map(|row| &row[2]).max());
    assert!(read.values().all(|row| Some(&row[3]) == first && Some(&row[4]) == last));
    assert!(read.iter().all(|(key, row)| *key == format!("{}/{}/2026", row[0], row[1])));
}
