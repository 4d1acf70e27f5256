//! A generated district, written as OneRoster and read again.

use super::{Files, Store};
use crate::support::{self, File};
use rollcall::model::{Date, SchoolYear, Table};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Format, Mode, Scope};
use rollcall_generate::oneroster as written;
use std::collections::{BTreeMap, BTreeSet};

/// A generated district as rows of text.
fn district(students: u32) -> written::Tables {
    let day = Date::ymd(2026, 3, 16).expect("a day of the calendar");
    let (files, _) = support::district_files(&rollcall_generate::Options { students, seed: 11, day, faults: false });
    let rows = |bytes: Vec<u8>| {
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let records = reader.records().map(|record| record.expect("valid CSV").iter().map(str::to_owned).collect());
        records.collect::<Vec<Vec<String>>>()
    };
    files.into_iter().map(|(table, bytes)| (table, rows(bytes))).collect()
}

fn write(tables: &written::Tables, version: written::Version, has_inclusive_ends: bool) -> Files {
    let mut files: BTreeMap<String, File> = BTreeMap::new();
    let options = written::Options { version, school_year: SchoolYear(2026), has_inclusive_ends };
    written::write(tables, &options, |name| Ok(files.entry(name.to_owned()).or_default().clone())).expect("memory");
    files.into_iter().map(|(name, file)| (name, file.0.take())).collect()
}

/// The columns of each table that OneRoster carries.
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

/// The columns of enrollments that 1.2 carries.
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

/// The written rows as they should be read.
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
            // The standard does not require it.
            row[race] = row[race].split(';').filter(|race| *race != "mena").collect::<Vec<_>>().join(";");
        }
        if table == Table::SchoolEnrollment {
            row[place(table, "inferred")] = "false".to_owned();
        }
        let read = table.read(|column| &row[column], &mut store.texts, |column, fault| panic!("{column} {fault:?}"));
        let read = read.expect("a valid row");
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
fn a_district_survives_the_round_trip() {
    let tables = district(300);
    for (version, is_inclusive) in
        [(written::Version::V1p1, false), (written::Version::V1p2, false), (written::Version::V1p2, true)]
    {
        let files = write(&tables, version, is_inclusive);
        let mut store = Store::default();
        assert!(OneRoster::DEFAULT.sniff(&files.keys().cloned().collect::<Vec<_>>(), &mut |_| Vec::new()));
        let (reports, rejected) = store.take(&files, &OneRoster::DEFAULT).expect("sound files");
        assert_eq!(rejected, []);
        assert!(reports.iter().all(|report| report.rejected + report.ignored == 0 && report.rows > 0), "{reports:?}");
        assert_same(&store, &tables, &CARRIED);
        assert!(store.modes.values().all(|mode| *mode == Mode::Full(Scope::default())));
        if version == written::Version::V1p2 {
            assert_same(&store, &tables, &MEMBERSHIPS);
        }
        // The same delivery again changes nothing.
        let before = store.rows.clone();
        store.take(&files, &OneRoster::DEFAULT).expect("valid files");
        assert_eq!(store.rows, before);
    }
}

#[test]
fn memberships_of_1_1_follow_from_users() {
    let tables = district(300);
    let mut store = Store::default();
    store.take(&write(&tables, written::Version::V1p1, false), &OneRoster::DEFAULT).expect("valid files");
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
