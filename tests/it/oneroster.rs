//! OneRoster round trip: a district written as OneRoster 1.1 and 1.2 is read as the rows it was written from, and changes
//! have the right effect on the rows.

use crate::support::{self, File};
use proptest::prelude::*;
use rollcall::model::{Change, Date, Record, Rejected, SchoolYear, Table, Texts};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::zip::Zip;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, RecordSink, Scope};
use rollcall_generate::oneroster as written;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::num::NonZeroU32;

/// Current rows, as in an engine.
#[derive(Default)]
struct Store {
    texts: Texts,
    rows: BTreeMap<(Table, NonZeroU32), Record>,
    /// Keys stated in the current delivery.
    changes: Vec<Change>,
    open: Vec<Table>,
    modes: BTreeMap<Table, Mode>,
}

impl RecordSink for Store {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        let table = match change {
            Change::Upsert(row) | Change::KeyChange(_, row) => row.table(),
            Change::Delete(table, _) | Change::Reject(Rejected { table, .. }) => table,
            Change::Accept(..) | Change::Note(_) => panic!("a format notes nothing"),
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
    /// Accepts a delivery; returns its reports and the rejected rows.
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
                Change::KeyChange(..) | Change::Accept(..) | Change::Note(_) => panic!("OneRoster has no key changes"),
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

    /// All rows of these tables as lines, with stated values only.
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

/// A small school in OneRoster 1.1, as its files.
const BULK: &[(&str, &str)] = &[
    (
        "manifest.csv",
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.academicSessions,bulk\n\
         file.users,bulk\nfile.demographics,bulk\nfile.enrollments,bulk\nfile.results,bulk\n",
    ),
    ("orgs.csv", "sourcedId,name,type,identifier\nD,Riverbend,local,\nN,North,school,\nS,South,school,990000100002\n"),
    (
        "academicSessions.csv",
        "sourcedId,title,type,startDate,endDate,schoolYear\nY,Year,schoolYear,2025-08-18,2026-06-06,2026\n",
    ),
    (
        "Users.csv",
        "sourcedID,enabledUser,ordSourcedIds,role,username,userIds,givenName,familyName,identifier,grades,password\n\
         s1,true,\"D,N\",student,ada,{stateId:42},Ada,Lee,,\"3,4\",secret\n\
         s2,1,N,Student,bo,,Bo,Day,B2,KG,secret\n\
         t1,TRUE,N,teacher,cy,,Cy,Fox,,,secret\n\
         t1,TRUE,S,teacher,cy,,Cy,Fox,,,secret\n\
         g1,TRUE,N,guardian,dee,,Dee,Lee,,,secret\n",
    ),
    (
        "demographics.csv",
        "userSoucedId,birthdate,sex,asian,white,hispanicOrLatinoEthnicity\ns1,2016-05-04,other,true,true,false\n\
         t1,1980-01-02,male,false,true,\n",
    ),
    (
        "enrollments.csv",
        "sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n\
         e1,c1,N,s1,student,,,\ne2,c1,N,t1,teacher,true,2025-08-18,\ne3,c1,N,s2,student,,,\n",
    ),
    ("results.csv", "sourcedId,score\nr1,5\n"),
];

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

fn school() -> Store {
    let mut store = Store::default();
    let (reports, rejected) = store.take(&files(BULK), &OneRoster::DEFAULT).expect("valid files");
    assert_eq!(rejected, []);
    let read_over: Vec<_> = reports.iter().filter(|report| report.ignored > 0).collect();
    let read_over: Vec<_> = read_over.iter().map(|report| (report.file.as_str(), &*report.table, report.ignored)).collect();
    assert_eq!(read_over, [("Users.csv", "student", 1), ("results.csv", "", 1)]);
    store
}

/// A delivery with changes of some files.
fn delta(version: &str, changed: &[(&str, &str)]) -> Files {
    let mut manifest = format!("propertyName,value\noneroster.version,{version}\n");
    for (name, _) in changed {
        manifest += &format!("file.{},delta\n", name.trim_end_matches(".csv"));
    }
    let mut all = files(changed);
    all.insert("manifest.csv".to_owned(), manifest.into_bytes());
    all
}

#[test]
fn a_delivery_may_be_one_zip() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in BULK {
        writer.start_file(format!("export/{name}"), zip::write::SimpleFileOptions::default()).expect("memory");
        writer.write_all(text.as_bytes()).expect("memory");
    }
    let mut zip = Zip::open(writer.finish().expect("memory")).expect("a valid archive");
    let unpacked: Files = zip.files().into_iter().map(|name| (name.clone(), zip.read(&name).expect("a file"))).collect();
    assert_eq!(unpacked, files(BULK));
    let mut store = Store::default();
    let mut read = |name: &str| zip.read(name);
    let mut delivery = Delivery { files: unpacked.into_keys().collect(), read: &mut read, unless_stated: None };
    let reports = OneRoster::DEFAULT.read(&mut delivery, &mut store).expect("valid files");
    assert_eq!(reports.len(), BULK.len() - 1);
}

const PEOPLE: [Table; 4] = [Table::Student, Table::Staff, Table::SchoolEnrollment, Table::StaffAssignment];
const ROSTERS: [Table; 2] = [Table::SectionEnrollment, Table::SectionStaff];

/// The effect of changed files on the lines of these tables: removed and added ones.
fn changed(store: &mut Store, tables: &[Table], delivery: &Files) -> Vec<String> {
    let before = store.lines(tables);
    let (_, rejected) = store.take(delivery, &OneRoster::DEFAULT).expect("valid files");
    assert_eq!(rejected, []);
    let after = store.lines(tables);
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

const USER_HEADER: &str =
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n";

fn users(rows: &str) -> Files {
    delta("1.1", &[("users.csv", &format!("{USER_HEADER}{rows}"))])
}

#[test]
fn real_world_files_are_read() {
    let store = school();
    let expected = [
        "school_enrollment enrollment_id=s1/N/2026 student_id=s1 school_id=N school_year=2026 grade_level=04 \
         entry_date=2025-08-18 exit_date=2026-06-06 exit_type=end_of_year status=primary inferred=true",
        "school_enrollment enrollment_id=s2/N/2026 student_id=s2 school_id=N school_year=2026 grade_level=KG \
         entry_date=2025-08-18 exit_date=2026-06-06 exit_type=end_of_year status=primary inferred=true",
        "staff staff_id=t1 first_name=Cy last_name=Fox birth_date=1980-01-02 sex=male race=white username=cy is_active=true",
        "staff_assignment assignment_id=t1/N/2026 staff_id=t1 org_id=N school_year=2026 role=teacher_ungraded \
         begin_date=2025-08-18 end_date=2026-06-06",
        "staff_assignment assignment_id=t1/S/2026 staff_id=t1 org_id=S school_year=2026 role=teacher_ungraded \
         begin_date=2025-08-18 end_date=2026-06-06",
        "student student_id=s1 state_student_id=42 first_name=Ada last_name=Lee birth_date=2016-05-04 sex=nonbinary \
         is_hispanic=false race=asian;white grade_level=04 is_enabled=true",
        "student student_id=s2 state_student_id=B2 first_name=Bo last_name=Day grade_level=KG is_enabled=true",
    ];
    assert_eq!(store.lines(&PEOPLE), expected);
    let expected = [
        "section_enrollment section_enrollment_id=e1 student_id=s1 section_id=c1 school_id=N",
        "section_enrollment section_enrollment_id=e3 student_id=s2 section_id=c1 school_id=N",
        "section_staff section_staff_id=e2 staff_id=t1 section_id=c1 role=teacher_of_record is_primary=true \
         begin_date=2025-08-18",
    ];
    assert_eq!(store.lines(&ROSTERS), expected);
}

#[test]
fn a_renamed_user_keeps_demographics() {
    let mut store = school();
    let told = changed(&mut store, &PEOPLE, &users("s1,active,2026-01-02T00:00:00Z,true,N,student,ada,Ida,Lee,04\n"));
    let told: Vec<String> = told.iter().map(|line| line.split(" is_hispanic").next().unwrap_or("").to_owned()).collect();
    // This delivery has no column for the state number, and a row of users is complete.
    let expected = [
        "- student student_id=s1 state_student_id=42 first_name=Ada last_name=Lee birth_date=2016-05-04 sex=nonbinary",
        "+ student student_id=s1 first_name=Ida last_name=Lee birth_date=2016-05-04 sex=nonbinary",
    ];
    assert_eq!(told, expected);
}

#[test]
fn demographics_alone_change_a_student() {
    let mut store = school();
    let text = "sourcedId,status,dateLastModified,birthDate,sex,asian,white,hispanicOrLatinoEthnicity\n\
                s2,active,2026-01-02,2020-02-03,female,maybe,false,true\nnobody,active,2026-01-02,2020-02-03,,,,\n";
    let told = changed(&mut store, &PEOPLE, &delta("1.1", &[("demographics.csv", text)]));
    let expected = [
        "- student student_id=s2 state_student_id=B2 first_name=Bo last_name=Day grade_level=KG is_enabled=true",
        "+ student student_id=s2 state_student_id=B2 first_name=Bo last_name=Day birth_date=2020-02-03 sex=female \
         is_hispanic=true race=asian=maybe grade_level=KG is_enabled=true",
    ];
    assert_eq!(told, expected);
    let told = changed(&mut store, &PEOPLE, &delta("1.1", &[("demographics.csv", "sourcedId,status\ns2,tobedeleted\n")]));
    assert_eq!(told, [format!("- {}", &expected[1][2..]), format!("+ {}", &expected[0][2..])]);
}

#[test]
fn a_deleted_user_leaves_nothing() {
    let mut store = school();
    let told = changed(&mut store, &PEOPLE, &users("s1,tobedeleted,2026-01-02,,,,,,,\nt1,toBeDeleted,2026-01-02,,,,,,,\n"));
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|line| line.starts_with("- ") && (line.contains("=s1") || line.contains("=t1"))));
    // Again, and with an unknown user: nothing happens.
    assert_eq!(changed(&mut store, &PEOPLE, &users("s1,tobedeleted,,,,,,,,\nx,tobedeleted,,,,,,,,\n")), [""; 0]);
}

#[test]
fn a_student_who_moves_is_at_one_school() {
    let mut store = school();
    let told = changed(&mut store, &[Table::SchoolEnrollment], &users("s2,active,2026-01-02,true,S,student,bo,Bo,Day,KG\n"));
    let expected = "student_id=s2 school_id=S school_year=2026 grade_level=KG entry_date=2025-08-18 exit_date=2026-06-06 \
                    exit_type=end_of_year status=primary inferred=true";
    assert!(told[0].starts_with("- school_enrollment enrollment_id=s2/N/2026 "));
    assert_eq!(told[1..], [format!("+ school_enrollment enrollment_id=s2/S/2026 {expected}")]);
}

#[test]
fn a_student_who_becomes_a_teacher_is_no_longer_a_student() {
    let mut store = school();
    let told = changed(&mut store, &PEOPLE, &users("s1,active,2026-01-02,true,S,teacher,ada,Ada,Lee,\n"));
    let begins: Vec<&str> = told.iter().map(|line| line.split('=').next().unwrap_or("")).collect();
    let expected = [
        "- school_enrollment enrollment_id",
        "- student student_id",
        "+ staff staff_id",
        "+ staff_assignment assignment_id",
    ];
    assert_eq!(begins, expected);
    assert!(told[2].contains("birth_date=2016-05-04 sex=nonbinary is_hispanic=false race=asian;white username=ada"));
    // And back.
    let told = changed(&mut store, &PEOPLE, &users("s1,active,2026-01-03,true,N,student,ada,Ada,Lee,04\n"));
    assert_eq!(told.len(), 4);
    assert!(store.lines(&PEOPLE).iter().any(|line| line.starts_with("student student_id=s1 first_name=Ada")));
}

const ENROLLMENT_HEADER: &str = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role\n";

#[test]
fn enrollments_go_and_change_their_role() {
    let mut store = school();
    let text = format!("{ENROLLMENT_HEADER}e1,tobedeleted,2026-01-02,,,,\ne2,tobedeleted,2026-01-02,c1,N,t1,teacher\n");
    let told = changed(&mut store, &ROSTERS, &delta("1.1", &[("enrollments.csv", &text)]));
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("- section_enrollment section_enrollment_id=e1"));
    assert!(told[1].starts_with("- section_staff section_staff_id=e2"));
    let text = format!("{ENROLLMENT_HEADER}e3,active,2026-01-02,c1,N,s2,aide\n");
    let told = changed(&mut store, &ROSTERS, &delta("1.1", &[("enrollments.csv", &text)]));
    assert!(told[0].starts_with("- section_enrollment section_enrollment_id=e3"));
    assert_eq!(told[1..], ["+ section_staff section_staff_id=e3 staff_id=s2 section_id=c1 role=assistant"]);
    // The later of two lines about a record counts, wherever it is.
    let row = |status: &str, day: u32| format!("e4,{status},2026-01-0{day}T10:00:00Z,c1,N,s1,student\n");
    let text = format!("{ENROLLMENT_HEADER}{}{}", row("tobedeleted", 3), row("active", 2));
    assert_eq!(changed(&mut store, &ROSTERS, &delta("1.1", &[("enrollments.csv", &text)])), [""; 0]);
}

const ROLE_HEADER: &str = "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n";

#[test]
fn roles_of_1_2_change_by_themselves() {
    let mut store = school();
    let roles = |rows: &str| delta("1.2", &[("roles.csv", &format!("{ROLE_HEADER}{rows}"))]);
    let told = changed(&mut store, &PEOPLE, &roles("r1,active,2026-01-02,s1,primary,student,2025-09-01,2025-12-20,N\n"));
    let expected = "+ school_enrollment enrollment_id=r1 student_id=s1 school_id=N school_year=2026 grade_level=04 \
                    entry_date=2025-09-01 exit_date=2025-12-20 status=primary inferred=false";
    assert_eq!(told, [expected]);
    // A second role; the first stays.
    let told = changed(&mut store, &PEOPLE, &roles("r2,active,2026-01-02,s1,secondary,aide,2025-12-20,,N\n"));
    let begins: Vec<&str> = told.iter().map(|line| line.split(" first_name").next().unwrap_or("")).collect();
    assert_eq!(begins[0], "+ staff staff_id=s1");
    assert!(begins[1].starts_with("+ staff_assignment assignment_id=r2") && begins.len() == 2, "{begins:?}");
    // The role that made the person a student changes: the student is deleted.
    let told = changed(&mut store, &PEOPLE, &roles("r1,active,2026-01-03,s1,primary,teacher,2026-01-05,,N\n"));
    let begins: Vec<&str> = told.iter().map(|line| line.split('=').next().unwrap_or("")).collect();
    let expected = ["- school_enrollment enrollment_id", "- student student_id", "+ staff_assignment assignment_id"];
    assert_eq!(begins, expected);
    let told = changed(&mut store, &PEOPLE, &roles("r1,tobedeleted,2026-01-04,,,,,,\nr2,tobedeleted,2026-01-04,s1,,,,,\n"));
    assert_eq!(told.len(), 2, "the person stays until users.csv says otherwise: {told:?}");
    // A renamed user of 1.2 is the same user.
    let text =
        "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName\ns1,active,2026-01-05,true,a,Ida,Lee\n";
    let told = changed(&mut store, &PEOPLE, &delta("1.2", &[("users.csv", text)]));
    assert!(told.len() == 2 && told[1].starts_with("+ staff staff_id=s1 first_name=Ida"), "{told:?}");
}

#[test]
fn bad_rows_and_bad_files_say_where() {
    let mut store = school();
    let text = format!("{USER_HEADER}s1,active,,true,N,student,a,,Lee,04\ns2,inactive,,true,N,student,b,Bo,Day,KG\nlost\n");
    let (reports, rejected) = store.take(&delta("1.1", &[("users.csv", &text)]), &OneRoster::DEFAULT).expect("a valid file");
    let told = rejected.iter().map(|row| {
        let report = rollcall::quality::report::describe(row, &store.texts);
        format!("{}:{} {:?} {:?} {}", report.file, report.line, report.position, report.column, report.reason)
    });
    let expected = [
        "users.csv:3 Some(2) None the operation is unknown, or a key change has no old key",
        "users.csv:4 None None the line has 1 fields, but the header has 10",
        "users.csv:2 Some(8) Some(\"first_name\") first_name is required and empty",
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!((reports[0].rows, reports[0].rejected), (3, 3));

    let mut error = |changed: &[(&str, &str)]| {
        let error = store.take(&delta("1.1", changed), &OneRoster::DEFAULT).expect_err("a bad file");
        format!("{error}; {}", error.hint())
    };
    assert_eq!(
        error(&[("orgs.csv", "sourcedId,nmae,type\n")]),
        "orgs.csv, line 1: required column `name` is missing; did you mean `nmae`? rename the header"
    );
    assert!(
        error(&[("users.csv", "sourcedId,givenName,familyName\n")]).contains("required column `orgSourcedIds` is missing")
    );
    assert!(error(&[("orgs.csv", "")]).contains("orgs.csv is empty"));
    let mut no_mode = files(BULK);
    no_mode.remove("manifest.csv");
    assert!(matches!(store.take(&no_mode, &OneRoster::DEFAULT), Err(FileError::NoMode { .. })));
}

#[test]
fn ends_scopes_and_years_follow_the_manifest() {
    let mut delivery = files(BULK);
    let manifest = "propertyName,value\nfile.orgs,bulk\nfile.academicSessions,bulk\nfile.users,bulk\n\
                    file.demographics,delta\nfile.enrollments,bulk\nfile.results,absent\nscope,school_id=N\n\
                    rollcall.endDates,Inclusive\nrollcall.schoolYear,2025\nrollcall.identifiers,local\n";
    delivery.insert("manifest.csv".to_owned(), manifest.as_bytes().to_vec());
    let mut store = Store::default();
    store.take(&delivery, &OneRoster::DEFAULT).expect("valid files");
    assert_eq!(store.of(Table::AcademicSession, &["end_date"])["Y"], ["2026-06-07"]);
    assert_eq!(store.of(Table::Student, &["state_student_id"])["s2"], [""]);
    let expected = ["2025", "2024-07-01", "2025-07-01"];
    let read = store.of(Table::SchoolEnrollment, &["school_year", "entry_date", "exit_date"]);
    assert_eq!(read["s2/N/2025"], expected);
    let scope = Mode::Full(Scope(vec![("school_id".to_owned(), "N".to_owned())]));
    assert_eq!(store.modes[&Table::SchoolEnrollment], scope);
    assert_eq!(store.modes[&Table::Student], Mode::Delta, "demographics are changes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// No bytes cause a panic, random or from a modified delivery; and no row is lost: rows of independent tables are
    /// accepted, rejected or ignored.
    #[test]
    fn any_bytes_are_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..12),
        any in prop::collection::vec(prop::sample::select(b"A,\"\n\r;\t\0\xC3\xFF1-:{}".to_vec()), 0..80),
        is_delta in any::<bool>(),
    ) {
        let mut delivery = files(BULK);
        let names: Vec<String> = delivery.keys().cloned().collect();
        for (file, place, byte) in changes {
            let bytes = delivery.get_mut(file.get(&names)).expect("a file");
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        for bytes in delivery.iter_mut().filter(|(name, _)| *name != "manifest.csv").map(|(_, bytes)| bytes) {
            bytes.extend_from_slice(&any);
        }
        let mut store = if is_delta { school() } else { Store::default() };
        if is_delta {
            let manifest = delivery.get_mut("manifest.csv").expect("a file");
            *manifest = String::from_utf8_lossy(manifest).replace("bulk", "delta").into_bytes();
        }
        if let Ok((reports, _)) = store.take(&delivery, &OneRoster::DEFAULT) {
            for report in reports {
                prop_assert!(report.rejected + report.ignored <= report.rows, "{report:?}");
            }
        }
    }
}
