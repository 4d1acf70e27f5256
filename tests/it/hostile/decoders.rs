//! Bombs for every decoder, alone and after valid rows: memory is measured, and an error says where.

use super::{ANY, MIB};
use crate::memory::most_held;
use proptest::prelude::*;
use rollcall::model::{Change, Table, Texts};
use rollcall::source::csv::Csv;
use rollcall::source::debezium::Debezium;
use rollcall::source::manifest::Manifest;
use rollcall::source::mapped::{Mapped, Profile};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, RecordSink, Scope};
use std::collections::BTreeMap;

/// Counts what is read and stores nothing.
#[derive(Default)]
struct Sink {
    texts: Texts,
    taken: u64,
    rejected: u64,
}

impl RecordSink for Sink {
    fn texts(&mut self) -> &mut Texts {
        &mut self.texts
    }
    fn change(&mut self, change: Change) {
        *if let Change::Reject(_) = change { &mut self.rejected } else { &mut self.taken } += 1;
    }
}

/// A decoder under test.
struct Decoder {
    name: &'static str,
    /// A header line and a row.
    head: &'static str,
    row: &'static str,
    read: fn(&[u8], &mut Sink) -> Result<Vec<FileReport>, FileError>,
    /// Whether the result is a copy of the file.
    copies: bool,
}

fn one(format: &dyn Format, file: &str, mode: Mode, bytes: &[u8], sink: &mut Sink) -> Result<Vec<FileReport>, FileError> {
    let mut read = |_: &str| Ok(bytes.to_vec());
    let mut delivery = Delivery { files: vec![file.to_owned()], read: &mut read, unless_stated: Some(mode) };
    format.read(&mut delivery, sink)
}

fn full() -> Mode {
    Mode::Full(Scope::default())
}

const PROFILE: &str = r#"
name = "test"

[lookup.sex]
files = ["sexes.csv"]
key = "ID"
value = "Sex"
join = ";"

[lookup.house]
files = ["houses.csv"]
key = "ID"
value = "House"
through = "sex"
optional = true

[[file]]
files = ["people.csv"]

[[file.makes]]
table = "student"

[file.makes.columns]
student_id = "ID"
first_name = "First"
last_name = "Last"
sex = { lookup = "house", by = "ID" }
"#;

fn mapped() -> Mapped {
    Mapped { profile: Profile::read("test.toml", PROFILE).expect("a valid profile") }
}

/// Reads people together with their lookup files.
fn people(files: &BTreeMap<&str, &[u8]>, sink: &mut Sink) -> Result<Vec<FileReport>, FileError> {
    let mut read = |name: &str| Ok(files[name].to_vec());
    let names = files.keys().map(|name| (*name).to_owned()).collect();
    mapped().read(&mut Delivery { files: names, read: &mut read, unless_stated: Some(full()) }, sink)
}

static DECODERS: [Decoder; 8] = [
    Decoder {
        name: "csv",
        head: "course_id,org_id,title\n",
        row: "A,D,Art\n",
        read: |bytes, sink| Csv.decode(Table::Course, "course.csv", bytes, sink).map(|report| vec![report]),
        copies: false,
    },
    Decoder {
        name: "orgs of OneRoster",
        head: "sourcedId,name,type\n",
        row: "N,North,school\n",
        read: |bytes, sink| one(&OneRoster::DEFAULT, "orgs.csv", full(), bytes, sink),
        copies: true,
    },
    Decoder {
        name: "changed enrollments of OneRoster",
        head: "sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role\n",
        row: "e1,active,2025-09-01,c1,s1,student\n",
        read: |bytes, sink| one(&OneRoster::DEFAULT, "enrollments.csv", Mode::Delta, bytes, sink),
        copies: true,
    },
    Decoder {
        name: "users of OneRoster",
        head: "sourcedId,givenName,familyName,role,orgSourcedIds\n",
        row: "s1,Ada,Lee,student,N\n",
        read: |bytes, sink| one(&OneRoster::DEFAULT, "users.csv", full(), bytes, sink),
        copies: true,
    },
    Decoder {
        name: "debezium",
        head: "",
        row: "{\"op\":\"d\",\"before\":{\"course_id\":\"A\"},\"source\":{\"table\":\"course\"}}\n",
        read: |bytes, sink| one(&Debezium, "course.jsonl", full(), bytes, sink),
        copies: true,
    },
    Decoder {
        name: "mapped",
        head: "ID,First,Last\n",
        row: "S1,Ada,Lee\n",
        read: |bytes, sink| people(&[("people.csv", bytes), ("sexes.csv", b"ID,Sex\n1,2\n")].into(), sink),
        copies: true,
    },
    Decoder {
        name: "mapped, looked up",
        head: "ID,Sex\n",
        row: "S1,f\n",
        read: |bytes, sink| people(&[("people.csv", &b"ID,First,Last\n"[..]), ("sexes.csv", bytes)].into(), sink),
        copies: true,
    },
    Decoder {
        name: "manifest",
        head: "propertyName,value\n",
        row: "file.orgs,bulk\n",
        read: |bytes, _| Manifest::read(bytes).map(|_| Vec::new()),
        copies: false,
    },
];

/// Decodes a bomb, asserting that memory stays below this multiple of its bytes.
fn set_off(name: &str, decoder: &Decoder, bytes: &[u8], times: usize) -> Result<Sink, FileError> {
    let mut sink = Sink::default();
    let (read, most) = most_held(|| (decoder.read)(bytes, &mut sink));
    let beyond = most.saturating_sub(if decoder.copies { bytes.len() } else { 0 });
    let (length, of) = (bytes.len(), decoder.name);
    assert!(beyond <= times * length + ANY, "{of}: {name}: {beyond} bytes were held for {length}");
    match read {
        Ok(_) => Ok(sink),
        Err(error) => {
            let told = error.to_string();
            assert!(told.contains("line ") || matches!(error, FileError::Empty { .. }), "{of}: {name}: where? {told}");
            Err(error)
        }
    }
}

/// Decodes a bomb with every decoder: alone, and after a header and a valid row.
fn set_all_off(name: &str, bytes: &[u8], times: usize) {
    for decoder in &DECODERS {
        let _ = set_off(name, decoder, bytes, times);
        let behind = [decoder.head.as_bytes(), decoder.row.as_bytes(), bytes].concat();
        if let Ok(sink) = set_off(name, decoder, &behind, times) {
            assert!(sink.taken > 0 || decoder.name.contains("looked") || decoder.name == "manifest", "{}", decoder.name);
        }
    }
}

#[test]
fn a_line_that_does_not_end_costs_nothing() {
    set_all_off("one line", &vec![b'a'; 256 * MIB], 0);
    for byte in *b"\",\0;\t\r\n{[" {
        set_all_off(&format!("nothing but {:?}", char::from(byte)), &vec![byte; 32 * MIB], 0);
    }
}

#[test]
fn a_text_in_another_encoding_is_read_in_utf_8() {
    set_all_off("Windows-1252", &vec![b'\x80'; 16 * MIB], 3);
    set_all_off("UTF-16", &b"\xFF\xFEaa".repeat(4 * MIB), 3);
    set_all_off("UTF-16 of what it lacks", &b"\xFE\xFF\xD8\x00".repeat(4 * MIB), 3);
}

#[test]
fn a_header_may_be_of_any_width() {
    for decoder in &DECODERS {
        let columns: Vec<String> = (0..2_000).map(|number| format!("c{number}")).collect();
        let wide = format!("{},{}\n{}", decoder.head.trim_end(), columns.join(","), decoder.row.repeat(3));
        if let Ok(sink) = set_off("2,000 columns", decoder, wide.as_bytes(), 0) {
            assert!(["debezium", "mapped, looked up", "manifest"].contains(&decoder.name) || sink.rejected > 0);
        }
        let fifty = vec![decoder.head.trim_end(); 50].join(",") + "\n" + decoder.row;
        let twice = set_off("a header fifty times", decoder, fifty.as_bytes(), 0);
        assert!(["debezium", "manifest"].contains(&decoder.name) || twice.is_err(), "{}", decoder.name);
        // A header between rows is a row.
        let between = decoder.head.to_owned() + &(decoder.row.to_owned() + decoder.head).repeat(50);
        let _ = set_off("a header after each row", decoder, between.as_bytes(), 0);
        for width in [1_000, 100_000] {
            let commas = ",".repeat(width) + "\n" + decoder.row;
            let _ = set_off("a header of commas", decoder, commas.as_bytes(), 0);
        }
    }
}

#[test]
fn a_file_of_bad_lines_is_abandoned() {
    let many = 8 * MIB;
    for decoder in &DECODERS {
        for line in ["x\n", "0\n", "\"\n", "1,\n", "1,,\n", "1,,,,\n", ",,,,,x\n"] {
            let bytes = [decoder.head.as_bytes(), &line.as_bytes().repeat(many / line.len())].concat();
            // Rows of users are stored, with the text between their fields.
            let times = if decoder.name.starts_with("users") { 10 } else { 2 };
            let error = set_off(line, decoder, &bytes, times).err();
            match decoder.name {
                "manifest" => assert!(matches!(error, Some(FileError::Manifest { .. }))),
                "mapped, looked up" => assert_eq!(error, None, "what is looked up in is told of where its rows are made"),
                _ if line == "\"\n" => {}
                of => {
                    let told = error.unwrap_or_else(|| panic!("{of}: {line:?} is taken"));
                    let is_alike = matches!(told, FileError::Flooded { line: 100_000.., rejected: 100_001, .. })
                        || of.starts_with("users") && matches!(told, FileError::TooManyAlike { line: 1_001.., .. });
                    assert!(is_alike, "{of}: {line:?}: {told}");
                    assert!(told.to_string().contains(", line 1"), "{told}");
                }
            }
        }
    }
    // Many bad rows are fine among many valid ones.
    let rows: String = (0..300_000).map(|row| if row % 12 == 0 { "x\n" } else { "A,D,Art\n" }).collect();
    let sink = set_off("some of many", &DECODERS[0], format!("{}{rows}", DECODERS[0].head).as_bytes(), 0);
    assert_eq!(sink.map(|sink| sink.rejected), Ok(25_000));
    let rows: String = (0..2_000_000).map(|row| if row % 12 == 0 { "x\n" } else { "A,D,Art\n" }).collect();
    let sink = set_off("some of many", &DECODERS[0], format!("{}{rows}", DECODERS[0].head).as_bytes(), 0);
    assert_eq!(sink.map(|sink| sink.rejected), Ok(166_667));
}

#[test]
fn open_quotes_cost_a_line_each() {
    for decoder in &DECODERS {
        for line in ["\"x\n", "x,\"x\n", "\"\"\"x\n"] {
            let bytes = [decoder.head, decoder.row, &line.repeat(20_000)].concat();
            let _ = set_off(line, decoder, bytes.as_bytes(), 0);
        }
    }
}

#[test]
fn many_rows_use_proportional_memory() {
    for decoder in &DECODERS {
        let bytes = decoder.head.to_owned() + &decoder.row.repeat(8 * MIB / decoder.row.len());
        let read = set_off("one row, over and over", decoder, bytes.as_bytes(), 6);
        match decoder.name {
            "users of OneRoster" => {
                let expected = "users.csv, line 1002: \"s1\" has more than 1000 rows";
                assert_eq!(read.err().map(|error| error.to_string()).as_deref(), Some(expected));
            }
            "manifest" => assert!(read.is_err()),
            _ => assert!(read.is_ok()),
        }
    }
    let lines: String = (0..1_000_000).map(|number| format!("file.{number},bulk\n")).collect();
    let (read, most) = most_held(|| Manifest::read(lines.as_bytes()));
    assert!(read.is_err() && most < MIB, "{most} bytes");
    // Different users: each is stored until roles and demographics are known.
    let users: String = (0..90_000).map(|number| format!("{number},A,L,student,N\n")).collect();
    let users = DECODERS[3].head.to_owned() + &users;
    let sink = set_off("90,000 users", &DECODERS[3], users.as_bytes(), 12).expect("valid users");
    assert_eq!((sink.taken, sink.rejected), (90_000, 270_000), "no enrollment knows its school year");
}

#[test]
fn one_person_may_be_at_any_number_of_schools() {
    // As many as a row can name, with another row for each.
    let orgs: String = (0..3_000).map(|number| format!("{number},")).collect();
    let rows: String = (0..900).map(|number| format!("t1,Cy,Fox,teacher,\"{orgs}{number}x\"\n")).collect();
    let bytes = DECODERS[3].head.to_owned() + &rows;
    assert!(set_off("a teacher everywhere", &DECODERS[3], bytes.as_bytes(), 8).is_ok());
}

#[test]
fn json_may_be_of_any_depth_and_width() {
    let debezium = DECODERS.iter().find(|decoder| decoder.name == "debezium").expect("it is one of them");
    let event =
        |after: &str| format!("{}{{\"op\":\"c\",\"after\":{after},\"source\":{{\"table\":\"course\"}}}}\n", debezium.row);
    let deep = |open: &str, close: &str, times: usize| event(&(open.repeat(times) + "1" + &close.repeat(times)));
    let names: String = (0..60_000).map(|number| format!("\"c{number}\":0,")).collect();
    for (name, bytes) in [
        ("arrays, a million deep", "[".repeat(1_000_000)),
        ("arrays in a row", deep("[", "]", 400_000)),
        ("objects in a row", deep("{\"a\":", "}", 120_000)),
        ("as deep as is read", deep("[", "]", 120)),
        ("an array of half a million", event(&format!("[{}0]", "0,".repeat(500_000)))),
        ("a list in a column", event(&format!("{{\"title\":[{}0]}}", "0,".repeat(500_000)))),
        ("sixty thousand names", event(&format!("{{{names}\"course_id\":1}}"))),
        ("a line beyond a mebibyte", event(&format!("\"{}\"", "x".repeat(MIB)))),
    ] {
        let sink = set_off(name, debezium, bytes.as_bytes(), 0).expect("a bad line is rejected alone");
        assert!(sink.rejected > 0 || name == "a list in a column", "{name}");
    }
}

#[test]
fn a_long_text_is_looked_up_by_any_number_of_keys() {
    let sexes = format!("ID,Sex\nx,{}\n", "f".repeat(16_000));
    let houses: String = (0..200_000).map(|number| format!("{number},x\n")).collect();
    let houses = format!("ID,House\n{houses}");
    let files = [
        ("houses.csv", houses.as_bytes()),
        ("people.csv", &b"ID,First,Last\n7,Ada,Lee\n"[..]),
        ("sexes.csv", sexes.as_bytes()),
    ];
    let mut sink = Sink::default();
    let (read, most) = most_held(|| people(&files.into(), &mut sink));
    assert!(read.is_ok() && sink.taken == 1);
    assert!(most < 24 * houses.len() + MIB, "{most} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// No bytes of a manifest cause a panic, and its content can be queried.
    #[test]
    fn any_manifest_is_read(
        bytes in prop::collection::vec(prop::sample::select(b"file.scope,bulk=\"\n\r;1\0\xC3\xFF".to_vec()), 0..200),
        stem in "[file.scope]{0,6}",
    ) {
        if let Ok(manifest) = Manifest::read(&bytes) {
            let _ = (manifest.mode(&stem, &stem), manifest.scope(&stem), manifest.source(), manifest.files().count());
        }
        let stated = [b"propertyName,value\nfile.student,bulk\nscope,", &bytes[..]].concat();
        if let Ok(manifest) = Manifest::read(&stated) {
            let _ = manifest.mode("student", "student");
        }
    }
}
