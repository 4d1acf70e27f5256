//! Provenance of rows: every row of a district is found on the line that last stated it, in every format; and what changes it,
//! what ends it, and which logs have none.

use crate::support::{Delivered, File, Files, in_segment};
use rollcall::district::provenance::{self, Found, Provenance};
use rollcall::district::{self, District, Outcome};
use rollcall::model::{Batch, Change, Date, Record, RowName, SchoolYear, Table, Texts};
use rollcall::plan::Plan;
use rollcall::source::debezium::Debezium;
use rollcall::source::folder::Tables;
use rollcall::source::mapped::{Mapped, Profile};
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Collected, Delivery, Format, Mode, Scope};
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::{self, Item, Log, Logged, Position, frame, record};
use rollcall_generate::oneroster::{self, Version};
use rollcall_generate::{Extracts, FeedOptions};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Days with their files.
type Feed = BTreeMap<Date, Files>;

fn feed(extracts: Extracts) -> Feed {
    let first_day = Date::ymd(2025, 9, 15).expect("a day of the calendar");
    let options = FeedOptions { students: 300, seed: 3, first_day, days: 20, faults: true, extracts };
    let mut files: BTreeMap<Date, BTreeMap<String, File>> = BTreeMap::new();
    let written = rollcall_generate::feed(&options, |day, file| {
        Ok(files.entry(day).or_default().entry(file.to_owned()).or_default().clone())
    });
    written.expect("memory takes every byte");
    let taken = |of: BTreeMap<String, File>| of.into_iter().map(|(name, file)| (name, file.0.take())).collect();
    files.into_iter().map(|(day, of)| (day, taken(of))).collect()
}

/// Header and rows of a file of CSV.
fn records(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut records = reader.records().map(|record| record.expect("valid CSV").iter().map(str::to_owned).collect());
    (records.next().expect("a line of headers"), records.collect())
}

/// The tables of a day with their files.
fn tables(files: &Files) -> impl Iterator<Item = (Table, &Vec<u8>)> {
    files.iter().filter_map(|(file, bytes)| Some((Table::named(file.strip_suffix(".csv")?)?, bytes)))
}

/// The same feed with bad rows: every day has some rows without required values, which are valid at other times.
fn with_bad_rows(feed: &Feed) -> Feed {
    let mut feed = feed.clone();
    for (number, files) in feed.values_mut().enumerate() {
        let mut bad = Vec::new();
        for (table, bytes) in tables(files).filter(|(table, _)| (*table as usize + number).is_multiple_of(5)) {
            let (header, rows) = records(bytes);
            let spec = table.spec();
            let must = spec.columns.iter().rfind(|column| column.required && !spec.key.contains(&column.name));
            let Some((must, mut row)) = must.zip(rows.get(number % rows.len().max(1)).cloned()) else { continue };
            row[header.iter().position(|name| name == must.name).expect("files have all columns")].clear();
            let mut line = csv::Writer::from_writer(Vec::new());
            line.write_record(&row).expect("memory takes every byte");
            bad.push((format!("{}.csv", spec.name), line.into_inner().expect("memory takes every byte")));
        }
        bad.into_iter().for_each(|(file, line)| files.get_mut(&file).expect("it is there").extend(line));
    }
    feed
}

/// Changes as events, one per line, with lines in between that change nothing.
fn as_events(files: &Files) -> Files {
    let mut lines = String::new();
    for (table, bytes) in tables(files) {
        let (header, rows) = records(bytes);
        for row in rows {
            let text = |name: &str| header.iter().position(|header| header == name).map_or("", |column| &row[column]);
            let key = |parts: &mut dyn Iterator<Item = &str>| -> serde_json::Value {
                table.spec().key.iter().map(|name| ((*name).to_owned(), json!(parts.next()))).collect()
            };
            let columns = table.spec().columns.iter().map(|column| (column.name.to_owned(), json!(text(column.name))));
            let after: serde_json::Value = columns.collect();
            let own = key(&mut table.spec().key.iter().map(|name| text(name)));
            let (op, before, after) = match text("_op") {
                "delete" => ("d", own, json!(null)),
                "key_change" => ("u", key(&mut text("_old_key").split('/')), after),
                _ => ("c", json!(null), after),
            };
            let event = json!({"op": op, "before": before, "after": after, "source": {"table": table.spec().name}});
            lines += &format!("{event}\n\n");
        }
    }
    [("events.jsonl".to_owned(), lines.into_bytes())].into()
}

/// Full extracts as OneRoster.
fn as_oneroster(files: &Files, version: Version) -> Files {
    let options = oneroster::Options { version, school_year: SchoolYear(2026), has_inclusive_ends: false };
    let rows = tables(files).map(|(table, bytes)| (table, records(bytes).1)).collect();
    let mut written: BTreeMap<&str, File> = BTreeMap::new();
    oneroster::write(&rows, &options, |name| Ok(written.entry(name).or_default().clone())).expect("memory");
    written.into_iter().map(|(name, file)| (name.to_owned(), file.0.take())).collect()
}

/// A stored district.
struct Kept {
    disk: Simulated,
    district: District<Simulated>,
    format: &'static dyn Format,
}

impl Kept {
    fn new(first: Date, format: &'static dyn Format) -> Kept {
        Kept::on(Simulated::default(), first, format)
    }

    fn on(disk: Simulated, first: Date, format: &'static dyn Format) -> Kept {
        let opened = District::open(disk.folder("state"), disk.folder("changes"), Plan::default(), 1, first, &mut |_, _| {});
        Kept { district: opened.expect("the log is intact").0, disk, format }
    }

    fn of(feed: &Feed, format: &'static dyn Format) -> Kept {
        let mut district = Kept::new(*feed.keys().next().expect("a day"), format);
        for (day, files) in feed {
            if *day > district.district.day() {
                district.district.pass_to(*day).expect("the disk works");
            }
            district.take(&day.to_string(), files, None);
            district.flush();
        }
        district
    }

    fn take(&mut self, label: &str, files: &Files, mode: Option<Mode>) {
        let delivered = Delivered { label, files, mode, format: self.format };
        let outcome = delivered.take(&mut self.district, &mut Vec::new()).expect("the delivery is read");
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{label}: {outcome:?}");
    }

    fn flush(&mut self) {
        self.district.flush().expect("the disk works");
    }

    fn log(&self) -> Simulated {
        self.disk.folder("state")
    }

    fn texts(&mut self) -> &mut Texts {
        self.district.engine().texts()
    }
}

/// The changes on the first line of a file, given the lines before it.
fn said(format: &dyn Format, file: &str, bytes: &[u8], texts: &mut Texts) -> Vec<Change> {
    let mut taker = Collected { texts, batch: Batch::default() };
    let mut read = |_: &str| Ok(bytes.to_vec());
    let mut delivery = Delivery { files: vec![file.to_owned()], read: &mut read, unless_stated: Some(Mode::Delta) };
    format.read(&mut delivery, &mut taker).expect("the line is read");
    taker.batch.changes
}

/// Asserts that every row is on the line found for it, and every rejected line too; returns the number of each.
fn assert_found(
    feed: &Feed,
    format: &'static dyn Format,
    mut states: impl FnMut(&Record, &Provenance, &[u8], &mut Texts) -> bool,
) -> (usize, usize) {
    let mut district = Kept::of(feed, format);
    let current = district.district.engine().current();
    let rows: Vec<Record> = Table::ALL.iter().flat_map(|table| current.all_stated(*table)).collect();
    let mut rejected: BTreeMap<(Table, RowName), BTreeSet<(String, u32)>> = BTreeMap::new();
    for fault in current.rejected() {
        let place = (current.texts.text(fault.file).to_owned(), fault.line);
        rejected.entry((fault.table, fault.row)).or_default().insert(place);
    }
    let name = |row: &Record| (row.table(), RowName::Key(row.symbol()));
    let wanted: BTreeSet<_> = rows.iter().map(name).chain(rejected.keys().copied()).collect();
    let found = provenance::find(district.log(), &wanted).expect("the log is intact");
    assert_eq!(found.len(), wanted.len());
    let file = |place: &Provenance| {
        assert_eq!(place.source, "sis");
        let (day, files) = feed.iter().find(|(day, _)| day.to_string() == place.label).expect("a delivery of the feed");
        assert_eq!(rollcall::model::timestamp::day(place.time), *day);
        files.get(&place.file).expect("a file of the delivery")
    };
    for row in &rows {
        let place = found[&name(row)].stated.as_ref().expect("a row that is there was stated");
        assert!(states(row, place, file(place), district.texts()), "{row:?} is not at {place:?}");
    }
    for (name, found) in &found {
        let place = |place: &Provenance| {
            assert!(!line(file(place), place).is_empty());
            (place.file.clone(), place.line)
        };
        let places: BTreeSet<(String, u32)> = found.rejected.iter().map(place).collect();
        assert_eq!(rejected.get(name).cloned().unwrap_or_default(), places, "{name:?}");
    }
    (rows.len(), rejected.len())
}

fn line<'a>(bytes: &'a [u8], place: &Provenance) -> &'a [u8] {
    bytes.split(|byte| *byte == b'\n').nth(place.line as usize - 1).expect("the file has the line")
}

/// Whether a line states a row when read alone.
fn is_stated(row: &Record, changes: &[Change]) -> bool {
    matches!(changes, [Change::Upsert(stated) | Change::KeyChange(_, stated)] if stated == row)
}

#[test]
fn every_row_is_found_on_the_line_that_states_it() {
    let in_table = |row: &Record, place: &Provenance, bytes: &[u8], texts: &mut Texts| {
        let header = bytes.split(|byte| *byte == b'\n').next().expect("a line of headers");
        let alone = [header, b"\n", line(bytes, place), b"\n"].concat();
        place.line > 1 && is_stated(row, &said(&Tables, &place.file, &alone, texts))
    };
    let extracts = feed(Extracts::Full);
    let bad_deltas = with_bad_rows(&feed(Extracts::Delta));
    let (rows, rejected) = assert_found(&bad_deltas, &Tables, in_table);
    assert!(rows > 5_000 && rejected > 10, "{rows} rows, {rejected} rejected");
    let of_extracts = assert_found(&with_bad_rows(&extracts), &Tables, in_table);
    assert!(of_extracts.0 == rows && of_extracts.1 > 2, "{of_extracts:?}");
    let events = bad_deltas.iter().map(|(day, files)| (*day, as_events(files))).collect();
    let in_event = |row: &Record, place: &Provenance, bytes: &[u8], texts: &mut Texts| {
        is_stated(row, &said(&Debezium, &place.file, line(bytes, place), texts))
    };
    assert_eq!(assert_found(&events, &Debezium, in_event), (rows, rejected));
    for version in [Version::V1p1, Version::V1p2] {
        let files = extracts.iter().map(|(day, files)| (*day, as_oneroster(files, version))).collect();
        let by_id = |row: &Record, place: &Provenance, bytes: &[u8], texts: &mut Texts| {
            let key = texts.symbol_text(row.table().space(), row.symbol());
            let fields = &records(line(bytes, place)).0;
            // Enrollments of 1.1 are named after the user, the school and the year.
            place.line > 1 && fields.iter().any(|field| field == key || key.starts_with(&format!("{field}/")))
        };
        let (rows, _) = assert_found(&files, &OneRoster::DEFAULT, by_id);
        assert!(rows > 2_000, "{rows} rows");
    }
}

fn day(number: i64) -> Date {
    Date::ymd(2025, 9, 1).expect("a day of the calendar").plus(number)
}

fn course(text: &str) -> Files {
    [("course.csv".to_owned(), text.as_bytes().to_vec())].into()
}

fn full() -> Option<Mode> {
    Some(Mode::Full(Scope::default()))
}

/// Courses by id, each with the title after its colon, or its id.
fn courses(ids: &str) -> Files {
    let row = |id: &str| match id.split_once(':') {
        Some((id, title)) => format!("{id},D,{title}\n"),
        None => format!("{id},D,{id}\n"),
    };
    course(&("course_id,org_id,title\n".to_owned() + &ids.split_whitespace().map(row).collect::<String>()))
}

fn shown(place: &Provenance) -> String {
    format!("{}/{}:{}", place.label, place.file, place.line)
}

/// The provenance of a course, and after an exclamation mark that of its rejected lines.
fn at(disk: &Simulated, texts: &Texts, id: &str) -> String {
    let key = texts.find_symbol(Table::Course.space(), id).expect("a course that was seen");
    let name = (Table::Course, RowName::Key(key));
    let mut found = provenance::find(disk.clone(), &[name].into()).expect("the log is intact");
    let Found { stated, rejected } = found.remove(&name).unwrap_or_default();
    let rejected = rejected.iter().map(|place| format!("!{}", shown(place)));
    stated.iter().map(shown).chain(rejected).collect::<Vec<_>>().join(" ")
}

#[test]
fn provenance_is_that_of_the_last_change() {
    let mut district = Kept::new(day(0), &Tables);
    let changes = |rows: &str| course(&format!("_op,_old_key,course_id,org_id,title\n{rows}"));
    let faulty = |rows: &str| course(&format!("course_id,org_id,title\n{rows}"));
    for (label, files, mode, expected) in [
        ("first", courses("A B C D"), full(), &[("A", "first/course.csv:2"), ("C", "first/course.csv:4")][..]),
        ("same", courses("D C B A"), full(), &[("A", "first/course.csv:2"), ("C", "first/course.csv:4")]),
        ("other", courses("D A:Arts C B"), full(), &[("A", "other/course.csv:3"), ("C", "first/course.csv:4")]),
        // A change always counts.
        ("change", changes("\n,,A,D,Arts\n"), None, &[("A", "change/course.csv:3"), ("C", "first/course.csv:4")]),
        ("moved", changes("key_change,B,E,D,Bio\n"), None, &[("E", "moved/course.csv:2"), ("B", "")]),
        ("deleted", changes("delete,,E,,\nupsert,,B,D,B\n"), None, &[("E", ""), ("B", "deleted/course.csv:3")]),
        ("left out", courses("A:Arts C D"), full(), &[("B", ""), ("A", "change/course.csv:3")]),
        ("twice", courses("A:Arts C A:Art D"), full(), &[("A", "twice/course.csv:4"), ("C", "first/course.csv:4")]),
        // The current row is the stated one, and the rejected line is listed beside it.
        (
            "bad",
            changes(",,A,D,\n,,C,D,Chem\n,,A,,\n"),
            None,
            &[("A", "twice/course.csv:4 !bad/course.csv:2 !bad/course.csv:4"), ("C", "bad/course.csv:3")],
        ),
        ("worse", changes("\n\n,,A,D,\n"), None, &[("A", "twice/course.csv:4 !worse/course.csv:4")]),
        ("good", changes(",,A,D,Arts\n"), None, &[("A", "good/course.csv:2")]),
        ("bad again", faulty("A,D,\nC,D,Chem\nD,D,D\n"), full(), &[("A", "good/course.csv:2 !bad again/course.csv:2")]),
        // A repeated row counts as new if it resolves a rejection.
        ("good again", courses("C:Chem A:Arts D"), full(), &[("A", "good again/course.csv:3"), ("C", "bad/course.csv:3")]),
        ("never there", changes(",,X,D,\n"), None, &[("X", "!never there/course.csv:2")]),
        ("never mind", changes("delete,,X,,\n"), None, &[("X", "")]),
    ] {
        district.take(label, &files, mode);
        district.flush();
        let disk = district.log();
        for (id, expected) in expected {
            assert_eq!(at(&disk, district.texts(), id), *expected, "{id} after {label}");
        }
    }
}

#[test]
fn a_row_without_a_key_is_named_by_its_line() {
    let mut district = Kept::new(day(0), &Tables);
    district.take("1", &courses("A"), full());
    district.take("2", &course("course_id,org_id,title\nA,D,A\nB,D\n"), full());
    district.flush();
    let name = |district: &mut Kept| -> BTreeSet<_> {
        district.district.engine().current().rejected().map(|rejected| (rejected.table, rejected.row)).collect()
    };
    let names = name(&mut district);
    let found = provenance::find(district.log(), &names).expect("the log is intact");
    let places: Vec<String> = found.values().flat_map(|found| &found.rejected).map(shown).collect();
    assert_eq!((names.len(), places), (1, vec!["2/course.csv:3".to_owned()]));
    district.take("3", &courses("A"), full());
    district.flush();
    assert!(provenance::find(district.log(), &names).expect("the log is intact").is_empty());
}

/// The files and lines of the changes in the last batch.
fn last(disk: &Simulated) -> Vec<String> {
    let log = Log::open(disk.clone()).expect("the log is intact");
    let mut reader = log.reader(log.begin(), None).expect("the log is there");
    let mut last = Vec::new();
    while let Some((item, _)) = reader.next_item().expect("the log is intact") {
        if let Item::Batch(_, parts) = item {
            let places = |part: &store::Part| {
                let places = part.places.iter().map(|place| place.expect("the line numbers are valid"));
                places.map(|(file, line)| format!("{file}:{line}")).collect::<Vec<_>>()
            };
            last = parts.iter().flat_map(places).collect();
        }
    }
    last
}

#[test]
fn rows_deleted_by_omission_have_no_line() {
    let mut district = Kept::new(day(0), &Tables);
    let staff = |rows: &str| ("staff.csv".to_owned(), format!("staff_id,first_name,last_name\n{rows}").into_bytes());
    let mut files = courses("A B C");
    files.extend([staff("T,Cy,Fox\n")]);
    district.take("1", &files, full());
    district.flush();
    assert_eq!(last(&district.log()), ["staff.csv:2", "course.csv:2", "course.csv:3", "course.csv:4"]);
    // Also for an empty file.
    let mut files = courses("A:Arts C");
    files.extend([staff("")]);
    district.take("2", &files, full());
    district.flush();
    assert_eq!(last(&district.log()), ["staff.csv:0", "course.csv:2", "course.csv:0"]);
}

#[test]
fn a_row_made_of_several_lines_is_found_on_its_main_line() {
    let mut district = Kept::new(day(0), &OneRoster::DEFAULT);
    let manifest = |mode: &str| {
        let file = |stem: &str| format!("file.{stem},{mode}\n");
        let files: String = ["orgs", "users", "roles", "demographics"].into_iter().map(file).collect();
        format!("propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\nrollcall.schoolYear,2026\n{files}")
    };
    let orgs = "sourcedId,status,name,type\nD,,Riverbend,district\nN,,North,school\n";
    let delivery = |mode: &str, orgs: &str, users: &str, roles: &str, demographics: &str| -> Files {
        let files = [
            ("manifest.csv", manifest(mode)),
            ("orgs.csv", orgs.to_owned()),
            ("users.csv", format!("sourcedId,status,enabledUser,givenName,familyName,grades\n{users}")),
            ("roles.csv", format!("userSourcedId,sourcedId,status,roleType,role,beginDate,endDate,orgSourcedId\n{roles}")),
            ("demographics.csv", format!("sourcedId,status,birthDate,sex\n{demographics}")),
        ];
        files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect()
    };
    let users = "t,,true,Cy,Fox,\ns2,,true,Bo,Ray,03\ns1,,true,Ada,Lee,03\n";
    let roles = "s1,r1,,primary,student,2025-08-18,,N\nt,r3,,primary,teacher,2025-08-18,,N\ns2,r2,,primary,student,x,,N\n";
    let born = "s1,,2016-01-01,female\ns2,,soon,male\n";
    district.take("1", &delivery("bulk", orgs, users, roles, born), None);
    district.flush();
    let (orgs, none) = ("sourcedId,status,name,type\n", "");
    let first = last(&district.log());
    // A bad line is reported by itself: the birth date of one person, and the first day of a role.
    assert_eq!(
        first,
        [
            "orgs.csv:2",
            "orgs.csv:3",
            "users.csv:4",
            "demographics.csv:3",
            "users.csv:2",
            "roles.csv:2",
            "roles.csv:4",
            "roles.csv:3"
        ]
    );
    // Changes: of demographics alone, of a deleted user, and of a deleted role.
    let changed = delivery("delta", orgs, "\nt,tobedeleted,,,,\n", "t,r3,tobedeleted,,,,,\n", "s1,,2016-02-02,female\n");
    district.take("2", &changed, None);
    district.flush();
    assert_eq!(last(&district.log()), ["demographics.csv:2", "users.csv:3", "roles.csv:2"]);
    // Rows omitted by full extracts.
    district.take("3", &delivery("bulk", "sourcedId,status,name,type\nD,,Riverbend,district\n", none, none, none), None);
    district.flush();
    assert_eq!(last(&district.log()), ["orgs.csv:0", "users.csv:0", "roles.csv:0"]);
}

#[test]
fn rows_of_an_export_are_found_in_its_files() {
    let profile = "name = \"sys\"\n[[always]]\ntable = \"organization\"\n\
                   columns = { org_id = \"D\", org_type = \"district\", name = \"SYNTHETIC District\" }\n\
                   [[file]]\nfiles = [\"kids*.csv\"]\n[[file.makes]]\ntable = \"student\"\n[file.makes.columns]\n\
                   student_id = \"ID\"\nfirst_name = \"First\"\nlast_name = \"Last\"\n";
    let profile = Profile::read("sys.toml", profile).expect("a valid profile");
    let format: &'static Mapped = Box::leak(Box::new(Mapped { profile }));
    let mut district = Kept::new(day(0), format);
    let kids =
        |ids: &str| ids.split(' ').fold("ID,First,Last\n".to_owned(), |text, id| text + id + ",Ada,Lee\n").into_bytes();
    let files = [("kids1.csv".to_owned(), kids("1 2")), ("kids2.csv".to_owned(), kids("3"))];
    district.take("1", &files.into(), full());
    district.flush();
    assert_eq!(last(&district.log()), [":0", "kids1.csv:2", "kids1.csv:3", "kids2.csv:2"]);
}

#[test]
fn batches_that_are_not_durable_are_not_found() {
    let mut district = Kept::new(day(0), &Tables);
    district.take("1", &courses("A"), full());
    let disk = district.log();
    assert_eq!(at(&disk, district.texts(), "A"), "");
    district.flush();
    assert_eq!(at(&disk, district.texts(), "A"), "1/course.csv:2");
    district.take("2", &courses("A:Arts"), full());
    assert_eq!(at(&disk, district.texts(), "A"), "1/course.csv:2");
    district.flush();
    assert_eq!(at(&disk, district.texts(), "A"), "2/course.csv:2");
}

/// The frames of a segment, each with its end.
fn frames(disk: &Simulated, name: &str) -> Vec<(Vec<u8>, usize)> {
    let bytes = disk.bytes(name);
    let (mut rest, mut frames) = (&bytes[..], Vec::new());
    let mut payload = Vec::new();
    while let frame::Found::Whole(frame) = frame::read(&mut rest, &mut payload).expect("memory can be read") {
        frames.extend((frame.kind == frame::Kind::Content).then(|| (payload.clone(), bytes.len() - rest.len())));
    }
    frames
}

#[test]
fn a_truncated_log_covers_its_complete_batches() {
    let mut district = Kept::new(day(0), &Tables);
    for (number, ids) in ["A", "A:Arts B", "B", "A B:Bio"].into_iter().enumerate() {
        district.take(&number.to_string(), &courses(ids), full());
        district.flush();
    }
    let name = "log-00000001";
    let (disk, length) = (district.log(), district.log().bytes(name).len());
    let ends: Vec<usize> = frames(&disk, name).into_iter().map(|(_, end)| end).collect();
    let cut = |length: usize| {
        let copy = disk.copy();
        let mut cut = copy.clone();
        cut.remove("sealed").and_then(|()| cut.truncate(name, length as u64)).expect("the disk works");
        copy
    };
    let ids = ["A", "B"];
    let mut told: BTreeSet<Vec<String>> = BTreeSet::new();
    for length in (0..=length).step_by(7).chain(ends.iter().copied()) {
        let whole = ends.iter().copied().filter(|end| *end <= length).max().unwrap_or(0);
        let [torn, whole] = [length, whole].map(|length| ids.map(|id| at(&cut(length), district.texts(), id)).to_vec());
        assert_eq!(torn, whole, "{length} bytes");
        told.insert(whole);
    }
    assert_eq!(told.len(), 5, "{told:?}");
    // Damage before the end makes the log invalid.
    let damaged = disk.copy();
    damaged.damage(name, ends[0] - 3);
    let wanted = [(Table::Course, RowName::Place(district.texts().id("course.csv"), 2))].into();
    assert!(matches!(provenance::find(damaged, &wanted), Err(district::Error::Log(store::Error::Damaged { .. }))));
}

#[test]
fn a_large_batch_has_its_line_numbers() {
    let mut district = Kept::new(day(0), &Tables);
    // More than is written at once, so it is logged in parts.
    let long: String = (0..700).map(|number| format!("{number}:{}{number} ", "long".repeat(2_000))).collect();
    district.take("1", &courses(&long), full());
    district.flush();
    let (name, disk) = ("log-00000001", district.log());
    let ends: Vec<usize> = frames(&disk, name).into_iter().map(|(_, end)| end).collect();
    assert!(ends.len() > 3, "{ends:?}");
    for end in &ends {
        let mut cut = disk.copy();
        cut.remove("sealed").and_then(|()| cut.truncate(name, *end as u64)).expect("the disk works");
        let expected = if Some(end) == ends.last() { ["1/course.csv:2", "1/course.csv:701"] } else { ["", ""] };
        assert_eq!(["0", "699"].map(|id| at(&cut, district.texts(), id)), expected, "{end} of {ends:?}");
    }
}

/// The log without places, as version 1 of the format was.
fn without_places(disk: &Simulated) -> Simulated {
    let name = "log-00000001";
    let old = Simulated::default();
    let mut payloads = Vec::new();
    for (payload, _) in frames(disk, name) {
        let (mut rest, mut kept) = (&payload[..], Vec::new());
        while !rest.is_empty() {
            let logged: Logged = record::decode(&mut rest).expect("the log is intact");
            if !matches!(logged, Logged::Places(_)) {
                record::encode(&logged, &mut kept);
            }
        }
        payloads.push(kept);
    }
    old.folder("state").append(name, &store::head::file(name, &payloads)).expect("the disk works");
    old
}

#[test]
fn a_log_without_places_can_be_read_but_has_no_provenance() {
    let mut district = Kept::new(day(0), &Tables);
    district.take("1", &courses("A B C"), full());
    district.take("2", &courses("A:Arts B"), full());
    district.flush();
    let mut old = Kept::on(without_places(&district.log()), day(0), &Tables);
    let disk = old.log();
    let titles = |district: &mut Kept| {
        let current = district.district.engine().current();
        current.all_stated(Table::Course).map(|row| row.values()[3].text(&current.texts)).collect::<Vec<_>>()
    };
    assert_eq!(titles(&mut old), titles(&mut district));
    assert_eq!(["A", "B", "C"].map(|id| at(&disk, old.texts(), id)), ["", "", ""]);
    // New changes have provenance again.
    old.take("3", &courses("A:Arts B:Bio"), full());
    old.flush();
    assert_eq!(["A", "B", "C"].map(|id| at(&disk, old.texts(), id)), ["", "3/course.csv:3", ""]);
}

#[test]
fn a_pruned_log_covers_what_was_stated_since() {
    let mut district = Kept::new(day(0), &Tables);
    district.take("1", &courses("A B"), full());
    district.flush();
    let disk = district.disk.clone();
    district.district.close().expect("the disk works");
    // The log continues in another segment, as if one were full.
    let second = Position { segment: 2, offset: 0 };
    let mut log = Log::open(disk.folder("state")).expect("the log is intact");
    log.resume(&in_segment(2, &log)).expect("the disk works");
    log.append(&Item::Days(day(1))).and_then(|()| log.commit()).expect("the disk works");
    let mut district = Kept::on(disk, day(0), &Tables);
    district.take("2", &courses("A:Arts B"), full());
    district.flush();
    let disk = district.log();
    let all = |district: &mut Kept| ["A", "B"].map(|id| at(&disk, district.texts(), id));
    assert_eq!(all(&mut district), ["2/course.csv:2", "1/course.csv:3"]);
    let mut log = Log::open(disk.clone()).expect("the log is intact");
    assert_eq!(log.prune(second).expect("the disk works"), 1);
    assert_eq!(all(&mut district), ["2/course.csv:2", ""]);
}
