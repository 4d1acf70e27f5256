//! One small district in six formats: every format is read as the same rows. And mapped CSV alone: the position of bad rows,
//! deletes, required files, and errors in profiles.

use proptest::prelude::*;
use rollcall::model::{Change, Reason, Rejected, Table, Texts};
use rollcall::source::folder::Tables;
use rollcall::source::mapped::{Mapped, Profile, SHIPPED};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, RecordSink, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The changes of a delivery, as text.
#[derive(Default)]
struct Said {
    texts: Texts,
    rows: BTreeMap<Table, Vec<Vec<String>>>,
    deleted: Vec<(Table, String)>,
    rejected: Vec<Rejected>,
    modes: BTreeMap<Table, Mode>,
    open: Option<Table>,
}

impl RecordSink for Said {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        let table = match change {
            Change::Upsert(row) => {
                let values = row.values().into_iter().map(|value| value.text(&self.texts)).collect();
                self.rows.entry(row.table()).or_default().push(values);
                row.table()
            }
            Change::Delete(table, key) => {
                self.deleted.push((table, self.texts.symbol_text(table.space(), key).to_owned()));
                table
            }
            Change::Accept(..) | Change::Note(_) => panic!("a format notes nothing"),
            Change::Reject(rejected) => {
                self.rejected.push(rejected);
                rejected.table
            }
            Change::KeyChange(..) => panic!("none of these changes keys"),
        };
        assert_eq!(self.open, Some(table), "a change belongs to the table that was begun");
    }
    fn begin(&mut self, table: Table, mode: &Mode) {
        assert!(self.open.is_none() && self.modes.insert(table, mode.clone()).is_none(), "a table is begun once");
        self.open = Some(table);
    }
    fn end(&mut self, table: Table) {
        assert_eq!(self.open.take(), Some(table));
    }
}

type Files = BTreeMap<String, Vec<u8>>;

fn read(format: &dyn Format, files: &Files, mode: Mode) -> (Result<Vec<FileReport>, FileError>, Said) {
    let mut said = Said::default();
    let mut read = |name: &str| Ok(files[name].clone());
    let names = files.keys().cloned().collect();
    let mut delivery = Delivery { files: names, read: &mut read, unless_stated: Some(mode) };
    (format.read(&mut delivery, &mut said), said)
}

fn full() -> Mode {
    Mode::Full(Scope::default())
}

fn sample(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples").join(name);
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn of(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// A built-in profile filled in with the district of the samples.
fn mapped(name: &str) -> Mapped {
    let text = SHIPPED.iter().find(|(of, _)| *of == name).unwrap().1;
    let text = text.replace("\"district\"  ", "\"1000\"");
    let text = text.replace("district_name = \"District\"", "district_name = \"SYNTHETIC Maple Grove School District\"");
    Mapped { profile: Profile::read(name, &text).unwrap() }
}

/// What a format does not carry of the sample: whole tables if no columns are named, or these columns, among them ids that
/// the system assigns.
type Lacks = &'static [(Table, &'static [&'static str])];
/// The rows to compare, by the values of a column, if a format does not carry all.
type Only = &'static [(Table, &'static str, &'static [&'static str])];

const ONEROSTER: Lacks = &[
    (Table::Organization, &["grade_low", "grade_high"]),
    (Table::AcademicSession, &["school_id"]),
    (Table::CalendarDay, &[]),
    (Table::StudentStatus, &[]),
    (Table::SchoolEnrollment, &["entry_type", "exit_type"]),
    (Table::StaffEmployment, &[]),
    (Table::StaffAssignment, &["fte"]),
    (Table::Credential, &[]),
    (Table::CredentialAuthorization, &[]),
    (Table::Section, &["max_enrollment"]),
    (Table::SectionEnrollment, &["is_dropped"]),
    (Table::Clock, &[]),
];

const POWERSCHOOL: Lacks = &[
    (Table::StudentStatus, &[]),
    (Table::SchoolEnrollment, &["enrollment_id"]),
    (Table::StaffEmployment, &[]),
    (Table::StaffAssignment, &[]),
    (Table::Credential, &[]),
    (Table::CredentialAuthorization, &[]),
    (Table::SectionStaff, &["is_primary"]),
    (Table::Clock, &[]),
];

const INFINITE_CAMPUS: Lacks = &[
    (Table::Organization, &["grade_low", "grade_high"]),
    (Table::AcademicSession, &["session_id"]),
    (Table::CalendarDay, &["calendar_id"]),
    (Table::Student, &["grade_level", "is_enabled"]),
    (Table::StudentStatus, &["status_id"]),
    (Table::SchoolEnrollment, &["enrollment_id"]),
    (Table::Staff, &["email"]),
    (Table::StaffEmployment, &["employment_id", "contract_fte"]),
    (Table::StaffAssignment, &["assignment_id"]),
    (Table::Credential, &[]),
    (Table::CredentialAuthorization, &[]),
    (Table::Course, &["course_id", "org_id", "subject"]),
    (Table::Section, &["course_id", "session_ids", "max_enrollment"]),
    (Table::SectionStaff, &["section_staff_id"]),
    (Table::SectionEnrollment, &["school_id", "is_dropped"]),
    (Table::Clock, &[]),
];

const SKYWARD: Lacks = &[
    (Table::AcademicSession, &["session_id"]),
    (Table::CalendarDay, &["calendar_id"]),
    (Table::Student, &["grade_level", "is_enabled"]),
    (Table::StudentStatus, &[]),
    (Table::SchoolEnrollment, &["enrollment_id"]),
    (Table::Staff, &["state_staff_id", "email"]),
    (Table::StaffEmployment, &[]),
    (Table::StaffAssignment, &[]),
    (Table::Course, &["course_id", "org_id", "subject"]),
    (Table::Section, &["course_id", "session_ids", "room"]),
    (Table::SectionEnrollment, &["school_id", "is_dropped"]),
    (Table::Clock, &[]),
];

const AERIES: Lacks = &[
    (Table::Organization, &["grade_low", "grade_high"]),
    // One for the whole district represents all.
    (Table::AcademicSession, &["session_id", "school_id", "title"]),
    (Table::StudentStatus, &["status_id"]),
    (Table::SchoolEnrollment, &["enrollment_id", "entry_type"]),
    (Table::Staff, &["state_staff_id"]),
    (Table::StaffEmployment, &["employment_id"]),
    (Table::StaffAssignment, &["assignment_id"]),
    (Table::Credential, &[]),
    (Table::CredentialAuthorization, &[]),
    (Table::Course, &["subject"]),
    (Table::Section, &["section_id", "session_ids", "max_enrollment"]),
    (Table::SectionStaff, &["section_staff_id", "section_id", "begin_date", "end_date"]),
    (Table::SectionEnrollment, &["section_enrollment_id", "section_id", "is_dropped"]),
    (Table::Clock, &[]),
];

/// The columns in the sample in rollcall's own tables.
fn stated(files: &Files, table: Table) -> Vec<&'static str> {
    let text = String::from_utf8(files[&format!("{}.csv", table.spec().name)].clone()).unwrap();
    let headers: BTreeSet<&str> = text.lines().next().unwrap().split(',').collect();
    table.spec().columns.iter().map(|column| column.name).filter(|name| headers.contains(name)).collect()
}

/// The distinct rows to compare, with some columns.
fn rows(said: &Said, table: Table, columns: &[&str], only: Only) -> BTreeSet<Vec<String>> {
    let place = |name: &str| table.spec().column(name).unwrap();
    let wanted = |row: &&Vec<String>| {
        let mut of = only.iter().filter(|(of, ..)| *of == table);
        of.all(|(_, column, values)| values.contains(&row[place(column)].as_str()))
    };
    let rows = said.rows.get(&table).into_iter().flatten().filter(wanted);
    rows.map(|row| columns.iter().map(|name| row[place(name)].clone()).collect()).collect()
}

#[test]
fn one_district_is_the_same_in_every_format() {
    let own = sample("rollcall");
    let (reports, base) = read(&Tables, &own, full());
    reports.unwrap();
    assert!(base.rejected.is_empty() && base.rows.len() == own.len() - 1, "every table of the sample has rows");
    const SESSIONS: &[&str] = &["school_year", "semester"];
    let formats: [(&str, Box<dyn Format>, Lacks, Only); 5] = [
        ("oneroster", Box::new(OneRoster::DEFAULT), ONEROSTER, &[]),
        ("powerschool", Box::new(mapped("powerschool")), POWERSCHOOL, &[]),
        (
            "infinite_campus",
            Box::new(mapped("infinite_campus")),
            INFINITE_CAMPUS,
            &[(Table::AcademicSession, "session_type", SESSIONS)],
        ),
        ("skyward", Box::new(mapped("skyward")), SKYWARD, &[(Table::AcademicSession, "session_type", &["school_year"])]),
        (
            "aeries",
            Box::new(mapped("aeries")),
            AERIES,
            &[
                (Table::AcademicSession, "session_type", &["school_year"]),
                (Table::StudentStatus, "status_type", &["iep", "s504"]),
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, format, lacks, only) in formats {
        let (reports, said) = read(format.as_ref(), &sample(name), full());
        let reports = reports.unwrap_or_else(|error| panic!("{name}: {error}: {}", error.hint()));
        assert!(said.rejected.is_empty() && reports.iter().all(|report| report.rejected == 0), "{name}");
        assert!(said.modes.values().all(|mode| name == "aeries" || *mode == full()), "{name}: {:?}", said.modes);
        for table in base.rows.keys().copied() {
            let lacking = lacks.iter().find(|(of, _)| *of == table).map(|(_, columns)| *columns);
            if lacking.is_some_and(<[_]>::is_empty) {
                assert!(!said.rows.contains_key(&table), "{name} has {}", table.spec().name);
                continue;
            }
            let lacking = lacking.unwrap_or_default();
            let all = stated(&own, table);
            let carried: Vec<&str> = all.iter().copied().filter(|column| !lacking.contains(column)).collect();
            let [ours, theirs] = [&base, &said].map(|said| rows(said, table, &carried, only));
            if ours != theirs {
                wrong.push(format!("{name} {} {carried:?}\n  {ours:?}\n  {theirs:?}", table.spec().name));
            }
            // The lists must not claim too much.
            for column in lacking {
                let more: Vec<&str> = all.iter().copied().filter(|of| carried.contains(of) || of == column).collect();
                if rows(&base, table, &more, only) == rows(&said, table, &more, only) {
                    wrong.push(format!("{name} carries {}.{column}", table.spec().name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const PROFILE: &str = r#"
name = "test"
dates = ["%m/%d/%Y"]
[lookup.number]
files = ["people*.csv"]
key = "ID"
value = "Number"
[[file]]
files = ["people*.csv"]
where = [{ column = "School", not = ["999"] }]
delete = [{ column = "DEL", is = ["1"] }]
[[file.makes]]
table = "student"
[file.makes.columns]
student_id = "Number"
first_name = ["Nick", "First"]
last_name = "Last"
birth_date = "Born"
sex = { column = "Sex", codes = { 1 = "male", 2 = "female" } }
race = { column = "Race", split = " ", codes = { W = "white", B = "black" } }
[[file.makes]]
table = "school_enrollment"
[file.makes.columns]
enrollment_id = { template = "{Number}-{School}-{In}" }
student_id = "Number"
school_id = "School"
school_year = { column = "In", as = "school_year" }
grade_level = { column = "Grade", otherwise = "UG" }
entry_date = "In"
exit_date = { column = "Out", end = "inclusive" }
[[file]]
files = ["past*.csv"]
op = { column = "what", upsert = ["I", "U"], delete = ["D"] }
[[file.makes]]
table = "school_enrollment"
[file.makes.columns]
enrollment_id = "Row"
student_id = { lookup = "number", by = "ID" }
school_id = "School"
school_year = { column = "Year", plus = 1991 }
grade_level = "Grade"
entry_date = "In"
membership_fte = { column = "Share", divide = 100 }
"#;

fn profile() -> Mapped {
    Mapped { profile: Profile::read("test.toml", PROFILE).unwrap() }
}

const PEOPLE: &str = "ID,Number,First,Nick,Last,Born,Sex,Race,School,In,Out,Grade,DEL\n\
    1,S1,Ada,,Lind,3/4/2017,2,W B,N,9/2/2025,6/5/2026,03,0\n\
    2,S2,Ben,Benny,Moe,2017/03/04,1,W Q,N,9/2/2025,,,\n\
    3,S3,Cy,,Nye,,9,,999,9/2/2025,,04,\n\
    4,S4,Di,,Oh,,,,N,9/2/2025,,04,1\n";

#[test]
fn rows_follow_the_profile_and_bad_ones_are_named_by_their_place_in_the_export() {
    let past = "what,Row,ID,School,Year,Grade,In,Share\nI,P1,1,N,34,02,9/3/2024,62.5\nD,P0,,,,,,\nx,P2,1,N,34,02,9/3/2024,\n\
                U,P3,7,N,34,02,9/3/2024,\n";
    let (reports, said) = read(&profile(), &of(&[("People 1.CSV", PEOPLE), ("past.csv", past)]), full());
    let reports = reports.unwrap();
    let cells = |table: Table, columns: &[&str]| rows(&said, table, columns, &[]).into_iter().map(|row| row.join("|"));
    let students = cells(Table::Student, &["student_id", "first_name", "birth_date", "sex", "race"]);
    assert_eq!(students.collect::<Vec<_>>(), ["S1|Ada|2017-03-04|female|black;white"]);
    let columns = ["enrollment_id", "student_id", "school_year", "grade_level", "entry_date", "exit_date", "membership_fte"];
    let expected = [
        "P1|S1|2025|02|2024-09-03||0.625",
        "S1-N-9/2/2025|S1|2026|03|2025-09-02|2026-06-06|",
        "S2-N-9/2/2025|S2|2026|UG|2025-09-02||",
    ];
    assert_eq!(cells(Table::SchoolEnrollment, &columns).collect::<Vec<_>>(), expected);
    // If changes are stated beside a full extract, the table contains changes only.
    assert_eq!((said.modes[&Table::Student].clone(), said.modes[&Table::SchoolEnrollment].clone()), (full(), Mode::Delta));
    let gone = ["S4-N-9/2/2025", "P0"].map(|key| (Table::SchoolEnrollment, key.to_owned()));
    assert_eq!(said.deleted, gone);
    let place = |rejected: &Rejected| {
        let position = match rejected.reason {
            Reason::Field { position, .. } | Reason::Operation { position, .. } | Reason::Stamp { position, .. } => position,
            _ => 0,
        };
        (said.texts.text(rejected.file), rejected.line, position)
    };
    let places: Vec<_> = said.rejected.iter().map(place).collect();
    assert_eq!(places, [("People 1.CSV", 3, 6), ("past.csv", 4, 1), ("past.csv", 5, 3)]);
    let counts: Vec<_> = reports.iter().map(|report| (report.rows, report.rejected, report.ignored)).collect();
    assert_eq!(counts, [(4, 1, 1), (4, 2, 0)]);
}

#[test]
fn a_delivery_lists_what_is_missing() {
    let past = "Row,ID,School,Year,Grade,In\nP1,1,N,34,02,9/3/2024\n";
    let (error, _) = read(&profile(), &of(&[("past.csv", past)]), full());
    assert_eq!(error.unwrap_err().to_string(), "past.csv needs people*.csv in full for [lookup.number]");
    let (error, _) = read(&profile(), &of(&[("past.csv", past), ("people.csv", PEOPLE)]), Mode::Delta);
    assert!(matches!(error, Err(FileError::MissingLookup { .. })));
    let manifest = "propertyName,value\nfile.people,bulk\nfile.past,delta\nscope,all\n";
    let files = of(&[("past.csv", past), ("people.csv", PEOPLE), ("manifest.csv", manifest)]);
    assert!(read(&profile(), &files, Mode::Delta).0.is_ok());
    let (error, _) = read(&profile(), &of(&[("people.csv", &PEOPLE.replace("Number", "Numbr"))]), full());
    let error = error.unwrap_err();
    let said = "people.csv, line 1: column Number, the source of [lookup.number], is missing";
    let of_table = "people.csv, line 1: column Number, the source of `student.student_id`, is missing";
    assert!([said, of_table].contains(&error.to_string().as_str()), "{error}");
    assert_eq!(error.hint(), "did you mean `Numbr`? change it in the profile");
    let (error, _) = read(&profile(), &of(&[("people.csv", "ID,people.Last,x.Last\n1,a,b\n")]), full());
    assert!(matches!(error, Err(FileError::TwiceSource { .. })));
    let (error, _) = read(&profile(), &of(&[("other.csv", "a\n1\n")]), full());
    assert!(matches!(error, Err(FileError::NoMapped { .. })));
    // Enrollments are complete only with those of the past; students are complete alone.
    let (_, said) = read(&profile(), &of(&[("people.csv", PEOPLE)]), full());
    assert_eq!((said.modes[&Table::Student].clone(), said.modes[&Table::SchoolEnrollment].clone()), (full(), Mode::Delta));
}

#[test]
fn a_profile_that_is_wrong_says_where() {
    for (from, to, expected) in [
        ("dates = [\"%m/%d/%Y\"]", "dates = [\"%m/%d\"]", "test.toml, line 3, column 10: \"%m/%d\" is not a date format"),
        ("table = \"student\"", "table = \"studnet\"", "test.toml, line 13, column 9: unknown table `studnet`"),
        ("last_name = ", "lst_name = ", "test.toml, line 17, column 1: `student` has no column `lst_name`"),
        ("last_name = \"Last\"\n", "", "test.toml, line 13, column 9: `student` requires column `last_name`"),
        ("1 = \"male\"", "1 = \"mael\"", "test.toml, line 19, column 1: Sex has no code \"mael\""),
        ("lookup = \"number\"", "lookup = \"numbr\"", "test.toml, line 38, column 1: unknown [lookup.numbr]"),
        ("by = \"ID\" }", "by = \"ID\", whole = 1 }", "invalid type"),
        ("plus = 1991", "plsu = 1991", "unknown field `plsu`"),
        ("{Number}-{School}-{In}", "{Number", "an unclosed or empty brace"),
        ("end = \"inclusive\"", "end = \"inklusive\"", "unknown variant `inklusive`"),
        ("column = \"Share\", divide = 100", "column = \"Share\", end = \"inclusive\"", "the column is not a date"),
        ("[{ column = \"School\", not = [\"999\"] }]", "[{ column = \"School\" }]", "the condition has no test"),
        ("name = \"test\"", "name = ", "line 2"),
    ] {
        assert!(PROFILE.contains(from), "{from}");
        let error = Profile::read("test.toml", &PROFILE.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(expected) && error.line > 1, "{to}: {error}");
        assert!(!error.hint.is_empty());
    }
}

proptest! {
    /// No bytes can cause a panic, and no row is lost: each is accepted, rejected or skipped.
    #[test]
    fn any_bytes_are_read(
        bytes in prop::collection::vec(prop::sample::select(b"S1,N\"\n\r;9/2025-\t\0\xC3\xFF".to_vec()), 0..300),
    ) {
        let text = [b"ID,Number,First,Last,School,In,Grade,DEL\n".as_slice(), &bytes].concat();
        let files: Files = [("people.csv".to_owned(), text)].into();
        let (reports, _) = read(&profile(), &files, full());
        let _ = reports.unwrap();
        let files: Files = [("people.csv".to_owned(), bytes.clone()), ("past.csv".to_owned(), bytes)].into();
        let _ = read(&profile(), &files, full());
    }
}
