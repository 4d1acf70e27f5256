//! No input causes a panic or uses memory out of proportion to its size: bombs for every decoder, measured by the bytes
//! allocated, and for the program, measured by its memory.

use crate::memory::most_held;
use crate::support::Folder;
use proptest::prelude::*;
use rollcall::model::{Change, Date, Fault, Reason, Rejected, RowName, Table, Texts};
use rollcall::source::csv::Csv;
use rollcall::source::debezium::Debezium;
use rollcall::source::manifest::Manifest;
use rollcall::source::mapped::{Mapped, Profile};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::zip::Zip;
use rollcall::source::{Delivery, FileError, FileReport, Format, Mode, RecordSink, Scope};
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::record::{self, Bytes, Counts, Header, HoldReason, Logged, Part, Placing, Quarantine};
use rollcall::store::snapshot::{self, Begin, Section};
use rollcall::store::{Log, Position, frame};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::process::Stdio;
use std::time::Duration;
use zip::write::{SimpleFileOptions, ZipWriter};

const MIB: usize = 1 << 20;
/// The memory any decoder may use for the shortest input: buffers, and a 1 MiB line as JSON.
const ANY: usize = 40 * MIB;

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

fn packed(entries: impl IntoIterator<Item = (String, usize)>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![0; MIB];
    for (name, mebibytes) in entries {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry can be begun");
        (0..mebibytes).for_each(|_| writer.write_all(&zeros).expect("memory takes every byte"));
    }
    writer.finish().expect("memory takes every byte").into_inner()
}

/// Opens an archive and reads everything; returns the number of files read and the first error.
fn unpack(bytes: &[u8]) -> (usize, Option<String>) {
    let mut zip = match Zip::open(Cursor::new(bytes)) {
        Ok(zip) => zip,
        Err(error) => return (0, Some(error.to_string())),
    };
    let read: Vec<_> = zip.files().iter().map(|file| zip.read(file).map(|bytes| bytes.len())).collect();
    let error = read.iter().find_map(|read| read.as_ref().err().map(FileError::to_string));
    (read.iter().filter(|read| read.is_ok()).count(), error)
}

#[test]
fn zip_bombs_are_not_unpacked() {
    // Two MiB that unpack to two GiB, and a hundred such entries.
    let one = packed([("course.csv".to_owned(), 2_000)]);
    let ((read, error), most) = most_held(|| unpack(&one));
    assert!(one.len() < 3 * MIB && read == 0 && most < MIB, "{most} bytes held for {}", one.len());
    let expected = "cannot read the zip file: \"course.csv\" unpacks to 2097152000 bytes from 2";
    assert!(error.as_ref().is_some_and(|error| error.starts_with(expected)), "{error:?}");
    let mut archive = zip::ZipArchive::new(Cursor::new(&one)).expect("a valid archive");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..100 {
        let entry = archive.by_index_raw(0).expect("the entry");
        writer.raw_copy_file_rename(entry, format!("{number}.csv")).expect("memory takes every byte");
    }
    let hundred = writer.finish().expect("memory takes every byte").into_inner();
    let ((read, error), most) = most_held(|| unpack(&hundred));
    assert!(read == 0 && error.is_some() && most < MIB, "{most} bytes held for {}", hundred.len());

    // Entries that claim to be small, packed or unpacked.
    for place in [20, 24] {
        let mut lying = one.clone();
        let central = lying.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").expect("a list of entries");
        lying[central + place..central + place + 4].copy_from_slice(&1_000u32.to_le_bytes());
        let ((read, error), most) = most_held(|| unpack(&lying));
        assert!(read == 0 && error.is_some() && most < MIB, "{place}: {error:?}, {most} bytes");
    }
    // A list of entries with a wrong count.
    for count in [0u16, 2, 0xFFFE, 0xFFFF] {
        let mut lying = packed([("course.csv".to_owned(), 0)]);
        let end = lying.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").expect("an end");
        lying[end + 8..end + 10].copy_from_slice(&count.to_le_bytes());
        lying[end + 10..end + 12].copy_from_slice(&count.to_le_bytes());
        let (_, most) = most_held(|| unpack(&lying));
        assert!(most < MIB, "{count}: {most} bytes");
    }
}

#[test]
fn a_zip_file_may_have_any_number_of_names() {
    for count in [1_000, 100_000] {
        let many = packed((0..count).map(|number| (format!("{number}.csv"), 0)));
        let ((read, error), most) = most_held(|| unpack(&many));
        assert_eq!((read, error.is_some()), if count == 1_000 { (1_000, false) } else { (0, true) }, "{error:?}");
        assert!(most < 12 * many.len() + MIB, "{most} bytes held for {}", many.len());
    }
    // Folders within folders, as deep as a name allows.
    let deep = packed((0..100).map(|number| (format!("{}{number}.csv", "a/".repeat(32_000)), 0)));
    let ((read, error), most) = most_held(|| unpack(&deep));
    assert_eq!((read, error), (0, None));
    assert!(most < 6 * deep.len() + MIB, "{most} bytes held for {}", deep.len());
    let nested = packed([("a.zip".to_owned(), 1), ("x/../a.csv".to_owned(), 0)]);
    assert!(unpack(&nested).1.is_some_and(|error| error.contains("leads out of the archive")));
}

/// A log of one segment, and a snapshot, as records.
fn kept() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let mut texts = Texts::default();
    let marks = texts.marks();
    let row = |texts: &mut Texts, id: &str| {
        let text = |column: usize| ["", id, "D", "Art"][[1, 2, 0, 3].get(column).copied().unwrap_or(0)].to_owned();
        let fields: Vec<String> = (0..Table::Course.spec().columns.len()).map(text).collect();
        Table::Course.read(|column| &fields[column], texts, |column, _| panic!("column {column}")).expect("a valid row")
    };
    let rows = ["A", "B", "C"].map(|id| row(&mut texts, id));
    let file = texts.id("course.csv");
    let reason = Reason::Field { column: 3, position: 4, fault: Fault::Missing, value: None };
    let rejected = Rejected { table: Table::Course, row: RowName::Place(file, 3), file, line: 3, reason };
    let mut part = Part { words: texts.since(&marks), ..Part::default() };
    rows.iter().for_each(|row| part.push(&Change::Upsert(*row)));
    part.push(&Change::Delete(Table::Course, rows[0].symbol()));
    part.push(&Change::KeyChange(rows[1].symbol(), rows[2]));
    part.push(&Change::Reject(rejected));
    part.push(&Change::Accept(Table::Course, RowName::Place(file, 2)));
    part.stamps.push((Table::Course, rows[0].symbol(), 1));
    let mut placing = Placing::default();
    for (file, line) in [("course.csv", 2), ("course_2.csv", 9), ("course_2.csv", 4)] {
        let file = placing.file(file);
        placing.push(file, line);
    }
    let report = FileReport { file: "course.csv".to_owned(), table: "course".into(), rows: 5, ..FileReport::default() };
    let header = Header {
        time: 7,
        source: "sis".to_owned(),
        label: "2025-09-02".to_owned(),
        files: vec![report],
        tables: vec![(Table::Course, Counts { upserts: 3, deletes: 1, key_changes: 1, rejected: 1 })],
        doubtful: vec![(Table::Course, Scope::default(), vec![RowName::Place(file, 3)])],
        delivered: vec![Table::Course],
        parts: 1,
        is_stream: false,
        is_ordered: false,
        held: Some(Quarantine {
            reason: HoldReason::Changed { file: "course.csv".to_owned() },
            lifted: Vec::new(),
            digests: BTreeMap::new(),
            unless_stated: Some(Mode::Delta),
        }),
    };
    let words = texts.since(&marks);
    let day = Date::ymd(2025, 9, 2).expect("a day of the calendar");
    let logged = [
        Logged::Segment { number: 1, rollcall: "0".to_owned() },
        Logged::Days(day),
        Logged::Places(placing.finish()),
        Logged::Part(part),
        Logged::Batch(header),
        Logged::Released("sis".to_owned(), "2025-09-02".to_owned()),
    ];
    let begin = Begin { time: 1, log: Position { segment: 1, offset: 0 }, rollcall: "0".to_owned() };
    let sections = [
        Section::Begin(begin),
        Section::Words(words),
        Section::Rows(rows.to_vec()),
        Section::Faults(vec![rejected], Vec::new()),
        Section::Kept("roll".to_owned(), Bytes(vec![1; 40])),
        Section::End(5),
    ];
    let encoded = |value: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        value(&mut bytes);
        bytes
    };
    (
        logged.iter().map(|logged| encoded(&|bytes| record::encode(logged, bytes))).collect(),
        sections.iter().map(|section| encoded(&|bytes| record::encode(section, bytes))).collect(),
    )
}

/// Reads everything on a disk, as a start does before anything takes effect; returns the number of records.
fn read_disk(disk: &Simulated) -> usize {
    let mut texts = Texts::default();
    let mut count = 0;
    if let Ok(log) = Log::open(disk.clone())
        && let Ok(mut reader) = log.reader(log.begin())
    {
        while let Ok(Some((item, _))) = reader.next_item() {
            count += 1;
            if let rollcall::store::Item::Batch(_, parts) = item {
                for part in parts {
                    let _ = texts.take(&part.words);
                    count += part.changes().take_while(Result::is_ok).count();
                    let _ = part.places.iter().take_while(Result::is_ok).count();
                }
            }
        }
        let _ = reader.tail(log.begin());
    }
    for file in snapshot::list(disk).expect("a simulated disk lists its files") {
        let mut texts = Texts::default();
        let _ = snapshot::read(disk, &file, |section| {
            count += 1;
            if let Section::Words(words) = section {
                let _ = texts.take(&words);
            }
            Ok(())
        });
    }
    count
}

/// A disk with a log of these frames, and a snapshot.
fn disk(log: &[Vec<u8>], sections: &[Vec<u8>]) -> Simulated {
    let mut disk = Simulated::default();
    for (file, payloads) in [("log-00000001", log), ("snapshot-0000000000000001", sections)] {
        let mut bytes = Vec::new();
        payloads.iter().for_each(|payload| frame::write(payload, &mut bytes));
        disk.append(file, &bytes).expect("a simulated disk takes every byte");
    }
    disk
}

#[test]
fn a_log_that_claims_more_than_it_has_is_no_log() {
    let (log, sections) = kept();
    assert_eq!(read_disk(&disk(&log, &sections)), 3 + 7 + 4);
    // Every number in it becomes the maximum, with a valid checksum.
    for (is_log, payloads) in [(true, &log), (false, &sections)] {
        for record in 0..payloads.len() {
            for place in 0..payloads[record].len() {
                for claim in [&[253, 255, 255, 255, 255, 255, 255, 255, 127][..], &[252, 255, 255, 255, 3], &[255], &[]] {
                    let mut payloads = payloads.clone();
                    payloads[record].splice(place..=place, claim.iter().copied());
                    let disk = if is_log { disk(&payloads, &[]) } else { disk(&[], &payloads) };
                    let (_, most) = most_held(|| read_disk(&disk));
                    assert!(most <= frame::LONGEST + ANY, "record {record} at {place}: {most} bytes");
                }
            }
        }
    }
    // A frame that claims the maximum length.
    let mut head = b"RCFR\x01\0\0\0".to_vec();
    head.extend((frame::LONGEST as u32).to_le_bytes());
    let mut many = Simulated::default();
    many.append("log-00000001", &head.repeat(100_000)).expect("a simulated disk takes every byte");
    let (_, most) = most_held(|| read_disk(&many));
    assert!(most < 12 * 100_000 * 8, "{most} bytes");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// No bytes in a log or a snapshot cause a panic, with or without valid checksums.
    #[test]
    fn any_log_is_read(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..6),
        any in prop::collection::vec(any::<u8>(), 0..80),
        is_framed in any::<bool>(),
    ) {
        let (mut log, mut sections) = kept();
        for (record, place, byte) in changes {
            for payloads in [&mut log, &mut sections] {
                let payload = record.index(payloads.len());
                let place = place.index(payloads[payload].len());
                payloads[payload][place] = byte;
            }
        }
        if is_framed {
            log.insert(1, any.clone());
            sections.insert(1, any.clone());
        }
        let mut disk = disk(&log, &sections);
        if !is_framed {
            disk.append("log-00000001", &any).expect("a simulated disk takes every byte");
            disk.append("snapshot-0000000000000002", &any).expect("a simulated disk takes every byte");
        }
        let (_, most) = most_held(|| read_disk(&disk));
        prop_assert!(most <= frame::LONGEST + ANY, "{} bytes", most);
    }

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

/// Runs the program; returns its exit code, its output, and its peak memory in bytes.
fn run(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, u64) {
    let path = folder.0.join("printed");
    let print = || Stdio::from(fs::File::options().create(true).append(true).open(&path).expect("the file is writable"));
    let _ = fs::remove_file(&path);
    let child = folder.command(arguments).stdout(print()).stderr(print()).spawn();
    let mut child = child.expect("the program starts");
    let mut most = 0;
    let status = loop {
        // The peak so far, on Linux; elsewhere unknown.
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = line.and_then(|line| line.parse::<u64>().ok()).map_or(most, |kibibytes| kibibytes << 10);
        match child.try_wait().expect("it can be waited for") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    (status.code(), fs::read_to_string(&path).expect("text is UTF-8"), most)
}

/// Moves the second day of a feed aside to make room for another.
fn without_second_day(folder: &Folder) {
    fs::rename(folder.0.join("feed/2025-09-16"), folder.0.join("good")).expect("a day can be moved");
}

/// Restores the second day of a feed.
fn with_second_day(folder: &Folder) {
    fs::rename(folder.0.join("good"), folder.0.join("feed/2025-09-16")).expect("a day can be moved");
}

/// Replays a feed whose second day is a bomb; returns the output.
fn replayed(folder: &Folder, more: &[&str], code: i32, expected: &str) -> String {
    let (ended, printed, most) = run(folder, &[&["replay", "feed", "--out", "out"], more].concat());
    assert_eq!(ended, Some(code), "{expected}: {printed}");
    assert!(printed.contains("2025-09-16") && printed.contains(expected), "{expected}: {printed}");
    assert!(!printed.contains("panicked"), "{printed}");
    assert!(most < 320 << 20, "{expected}: {most} bytes");
    println!("{:>4} MiB at most: {expected}", most >> 20);
    printed
}

#[test]
fn a_day_that_is_a_bomb_is_refused_whole() {
    let folder = Folder::new("hostile").with_feed(300, 1);
    folder.run(&["replay", "feed", "--out", "whole"]);
    without_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    let before = folder.files("out");
    let refuse = |more: &[&str], expected: &str| {
        let printed = replayed(&folder, more, 2, expected);
        assert!(printed.len() < 2_000, "{printed}");
        assert!(folder.files("out") == before, "{expected}: something was taken");
    };
    for (file, bytes, more, expected) in [
        (
            "course.csv",
            format!("course_id,org_id,title\n{}", "x\n".repeat(2_000_000)),
            &["--mode", "full"][..],
            "course.csv, line 100002: 100001 rows rejected so far, too many to continue",
        ),
        ("manifest.csv", "file.x,bulk\n".repeat(1_000_000), &[], "manifest.csv, line 87382: it is longer than 1 MiB"),
        (
            "users.csv",
            format!("sourcedId,givenName,familyName,role,orgSourcedIds\n{}", "1,,,,\n".repeat(1_000_000)),
            &["--mode", "full"],
            "users.csv, line 1002: \"1\" has more than 1000 rows",
        ),
        ("course.jsonl", "[\n".repeat(1_000_000), &[], "course.jsonl, line 100001: 100001 rows rejected so far"),
    ] {
        folder.write(&format!("feed/2025-09-16/{file}"), bytes);
        refuse(more, expected);
        fs::remove_dir_all(folder.0.join("feed/2025-09-16")).expect("a day can be removed");
    }
    folder.write("feed/2025-09-16.zip", packed([("course.csv".to_owned(), 2_000)]));
    refuse(&["--mode", "full"], "\"course.csv\" unpacks to 2097152000 bytes");
    fs::remove_file(folder.0.join("feed/2025-09-16.zip")).expect("a day can be removed");
    // The next day is accepted as if the bomb had never been there.
    with_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    folder.assert_same("whole", "out", &["reports", "warehouse"], "after days that were refused");
}

#[test]
fn a_day_whose_header_is_a_bomb_goes_on_hold() {
    let folder = Folder::new("hostile-header").with_feed(300, 1);
    folder.run(&["replay", "feed", "--out", "whole"]);
    without_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    let full = &["--mode", "full"][..];
    let mapped = &["--format", "mapped", "--profile", "powerschool", "--mode", "full"][..];
    for (file, bytes, more) in [
        ("course.csv", vec![b'a'; 64 * MIB], full),
        ("course.csv", vec![b','; 64 * MIB], full),
        ("course.csv", vec![0; 64 * MIB], full),
        ("orgs.csv", vec![b'"'; 64 * MIB], full),
        ("students.csv", vec![b'\t'; 64 * MIB], mapped),
        ("course.csv", (0..2_000).map(|n| format!("c{n},")).collect::<String>().into(), full),
        ("course.csv", Vec::new(), full),
    ] {
        folder.write(&format!("feed/2025-09-16/{file}"), &bytes);
        replayed(&folder, more, 4, if bytes.is_empty() { "course.csv is empty" } else { ", line 1: " });
        fs::remove_dir_all(folder.0.join("feed/2025-09-16")).expect("a day can be removed");
    }
    with_second_day(&folder);
    folder.run(&["replay", "feed", "--out", "out"]);
    // The hold is reported; no row was accepted.
    let tables = |out: &str| {
        let mut files = folder.files(&format!("{out}/warehouse"));
        files.retain(|name, _| {
            name.extension().is_some_and(|ending| ending == "csv") && !name.to_string_lossy().contains("_dq_")
        });
        files
    };
    assert!(tables("whole") == tables("out") && tables("out").len() > 20);
}

#[test]
fn a_day_with_some_bad_lines_is_accepted_without_them() {
    let folder = Folder::new("hostile-lines").with_feed(300, 1);
    let day = folder.0.join("feed/2025-09-16");
    fs::rename(&day, folder.0.join("good")).expect("a day can be moved");
    let deep = "[".repeat(1_000_000);
    let long = "x".repeat(32 * MIB);
    let event = "{\"op\":\"d\",\"before\":{\"course_id\":\"none\"},\"source\":{\"table\":\"course\"}}";
    folder.write("feed/2025-09-16/course.jsonl", format!("{deep}\n{event}\n\0\n{long}"));
    let (code, printed, most) = run(&folder, &["replay", "feed", "--out", "out"]);
    assert!(code == Some(0) && !printed.contains("panicked"), "{printed}");
    assert!(printed.contains("3 rejected") && most < 320 << 20, "{most} bytes: {printed}");
    let report = folder.read("out/reports/data_quality_report.json");
    assert!(report.contains("course.jsonl:1\"") && report.contains("course.jsonl:4\""), "lines are named by their places");
    // A whole day in place of the bad one; unreadable rows stay open until their table is delivered again.
    folder.write("feed/2025-09-17/student.csv", fs::read(folder.0.join("good/student.csv")).expect("students change"));
    let printed = folder.run(&["replay", "feed", "--out", "out"]);
    assert!(printed.contains("REF-003"), "{printed}");
}
