//! Deliveries of a district: what a full extract deletes, what goes on hold, what is known, and with which settings each day
//! is computed. On a disk in memory, delivery by delivery.

use crate::support::{Delivered, Files};
use rollcall::district::{Approval, District, Error, HoldReason, Outcome, Past, Recovery};
use rollcall::engine::Engine;
use rollcall::model::{Date, Fixed, Settings, Table};
use rollcall::plan::Plan;
use rollcall::publish::changes::ClosedTimestamp;
use rollcall::qa;
use rollcall::quality::Violations;
use rollcall::source::debezium::Debezium;
use rollcall::source::folder::Tables;
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{FileError, Format, Mode, Scope};
use rollcall::store::disk::Simulated;
use rollcall::store::{self, Item, Log, Position, snapshot};
use std::collections::BTreeSet;

fn day(number: i64) -> Date {
    Date::ymd(2025, 9, 1).expect("a day of the calendar").plus(number)
}

fn full() -> Mode {
    Mode::Full(Scope::default())
}

fn within(scope: &str) -> Mode {
    Mode::Full(Scope::read(scope).expect("a scope"))
}

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// A stored district.
struct Kept {
    disk: Simulated,
    district: District<Simulated>,
    format: &'static dyn Format,
}

impl Kept {
    fn new() -> Kept {
        Kept::on(Simulated::default(), Plan::default()).expect("an empty disk").0
    }

    fn on(disk: Simulated, plan: Plan) -> Result<(Kept, Recovery), Error> {
        let (district, recovery) =
            District::open(disk.folder("state"), disk.folder("changes"), plan, 1, day(0), &mut |_, _| {})?;
        Ok((Kept { disk, district, format: &Tables }, recovery))
    }

    /// Closes and reopens the district.
    fn again(self, plan: Plan) -> (Kept, Recovery) {
        self.district.close().expect("the disk works");
        Kept::on(self.disk, plan).expect("what was written is read")
    }

    fn try_take(&mut self, label: &str, of: &Files, mode: Mode) -> Result<Outcome, Error> {
        Delivered { label, files: of, mode: Some(mode), format: self.format }.take(&mut self.district, &mut Vec::new())
    }

    fn take(&mut self, label: &str, of: &[(&str, &str)], mode: Mode) -> Outcome {
        self.try_take(label, &files(of), mode).expect("the delivery is read")
    }

    /// Approves a delivery on hold, as a separate process would.
    fn release(self, label: &str) -> Kept {
        self.district.close().expect("the disk works");
        let mut approval = Approval::open(self.disk.folder("state")).expect("what was written is read");
        assert!(approval.on_hold().any(|(source, held, _)| (source, held) == ("sis", label)));
        approval.approve("sis", label).expect("the disk works");
        Kept::on(self.disk, Plan::default()).expect("what was written is read").0
    }

    /// Accepts a delivery, expecting no hold, and returns the tables whose rows were not deleted.
    fn taken(&mut self, label: &str, of: &[(&str, &str)], mode: Mode) -> BTreeSet<Table> {
        match self.take(label, of, mode) {
            Outcome::Accepted { suspended, .. } => suspended,
            other => panic!("{label}: {other:?}"),
        }
    }

    fn flush(&mut self) -> Vec<ClosedTimestamp> {
        self.district.flush().expect("the disk works").into_iter().map(|(_, sealed)| sealed).collect()
    }

    fn keys(&mut self, table: Table) -> Vec<String> {
        keys(self.district.engine(), table)
    }

    /// The subjects of a rule's open violations.
    fn open(&mut self, rule: &str) -> Vec<String> {
        let violations = self.district.violations().clone();
        open(&violations, self.district.engine(), rule)
    }

    fn log(&self) -> Vec<u8> {
        self.disk.folder("state").bytes("log-00000001")
    }
}

fn keys(engine: &Engine, table: Table) -> Vec<String> {
    let texts = &engine.current().texts;
    let rows = engine.current().rows().of(table);
    let mut keys: Vec<String> = rows.map(|row| texts.symbol_text(table.space(), row.symbol()).to_owned()).collect();
    keys.sort();
    keys
}

fn open(violations: &Violations, engine: &Engine, rule: &str) -> Vec<String> {
    let of = violations.open().filter(|((number, _), _)| qa::numbered(*number).id == rule);
    of.map(|((_, subject), _)| subject.key(&engine.current().texts)).collect()
}

/// Courses by id, each with the title after its colon, or its id.
fn courses(ids: &str) -> String {
    let row = |id: &str| match id.split_once(':') {
        Some((id, title)) => format!("{id},D,{title}\n"),
        None => format!("{id},D,{id}\n"),
    };
    "course_id,org_id,title\n".to_owned() + &ids.split_whitespace().map(row).collect::<String>()
}

fn many(count: usize) -> String {
    courses(&(0..count).map(|number| format!("{number:04} ")).collect::<String>())
}

#[test]
fn a_full_extract_deletes_missing_rows() {
    let mut district = Kept::new();
    let staff = "staff_id,first_name,last_name\nT,Cy,Fox\n";
    district.taken("1", &[("course.csv", &courses("A B C")), ("staff.csv", staff)], full());
    // A table without a file is not an empty table.
    district.taken("2", &[("course.csv", &courses("A C E"))], full());
    assert_eq!(district.keys(Table::Course), ["A", "C", "E"]);
    assert_eq!(district.keys(Table::Staff), ["T"]);
    district.taken("3", &[("course.csv", &courses("F"))], Mode::Delta);
    assert_eq!(district.keys(Table::Course), ["A", "C", "E", "F"]);
    district.taken("4", &[("course.csv", &courses(""))], full());
    assert!(district.keys(Table::Course).is_empty());
}

#[test]
fn a_full_extract_of_a_school_deletes_nothing_of_another() {
    let enrollments = |rows: &str| {
        let row = |row: &str| row.replace('-', ",") + ",2026,03,2025-08-20\n";
        let rows: String = rows.split_whitespace().map(row).collect();
        format!("enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n{rows}")
    };
    let students = |ids: &str| {
        let rows: String = ids.split_whitespace().map(|id| format!("{id},Ada,Lee\n")).collect();
        format!("student_id,first_name,last_name\n{rows}")
    };
    let mut district = Kept::new();
    let (all, three) = (enrollments("E1-S1-N E2-S2-N E3-S3-S"), students("S1 S2 S3"));
    district.taken("1", &[("school_enrollment.csv", &all), ("student.csv", &three)], full());
    let of_north = [("school_enrollment.csv", &*enrollments("E1-S1-N")), ("student.csv", &*students("S1"))];
    district.taken("2", &of_north, within("school_id=N"));
    assert_eq!(district.keys(Table::SchoolEnrollment), ["E1", "E3"]);
    assert_eq!(district.keys(Table::Student), ["S1", "S2", "S3"], "students are of no school");
    // Both conditions must hold, and a year without enrollments matches nothing.
    district.taken("3", &[("school_enrollment.csv", &enrollments(""))], within("school_id=S;school_year=2025"));
    assert_eq!(district.keys(Table::SchoolEnrollment), ["E1", "E3"]);
    district.taken("4", &[("school_enrollment.csv", &enrollments(""))], within("school_id=S;school_year=2026"));
    assert_eq!(district.keys(Table::SchoolEnrollment), ["E1"]);
    // A row of a school outside the scope is accepted and deletes nothing there.
    district.taken("5", &[("school_enrollment.csv", &enrollments("E4-S2-S"))], within("school_id=N"));
    assert_eq!(district.keys(Table::SchoolEnrollment), ["E4"]);
}

#[test]
fn a_row_without_a_key_deletes_nothing() {
    let mut district = Kept::new();
    assert!(district.taken("1", &[("course.csv", &courses("A B C"))], full()).is_empty());
    let broken = courses("A:Arts") + "B,D\n";
    assert_eq!(district.taken("2", &[("course.csv", &broken)], full()), [Table::Course].into());
    assert_eq!(district.keys(Table::Course), ["A", "B", "C"]);
    assert_eq!(district.open("REF-003"), ["course|course.csv:3"]);
    // A row with a readable key is identified: its current row stays, and other missing rows are deleted.
    let faulty = courses("A") + "B,D,\n";
    assert!(district.taken("3", &[("course.csv", &faulty)], full()).is_empty());
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
    assert_eq!((district.open("REF-003"), district.open("REF-004")), (Vec::new(), vec!["course|B|title".to_owned()]));
    // An extract without faults resolves them, with rows that were there all along.
    district.taken("4", &[("course.csv", &courses("A B"))], full());
    assert_eq!((district.open("REF-004"), district.keys(Table::Course)), (Vec::new(), vec!["A".to_owned(), "B".to_owned()]));
}

#[test]
fn a_good_row_makes_good_a_bad_one_of_its_key_though_it_says_nothing_new() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    // The bad row first, then the one that is there; and the other way round.
    let none: [&str; 0] = [];
    for (label, rows, open) in [("2", "A,D,\nA,D,A\nB,D,B\n", &none[..]), ("3", "A,D,A\nA,D,\nB,D,B\n", &["course|A|title"])]
    {
        let text = format!("course_id,org_id,title\n{rows}");
        assert!(district.taken(label, &[("course.csv", &text)], full()).is_empty());
        assert_eq!(district.open("REF-004"), open, "{rows}");
        assert_eq!(district.keys(Table::Course), ["A", "B"]);
    }
}

#[test]
fn the_extract_of_a_school_resolves_the_faults_of_its_last_one() {
    let enrollments = |rows: &str| format!("enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n{rows}");
    let north = enrollments("E1,S1,N,2026,03,2025-08-20\n");
    let south = enrollments("E2,S2,S,2026,03,2025-08-20\n");
    let mut district = Kept::new();
    let table = Table::SchoolEnrollment;
    let broken = north.clone() + "E3,S3\n";
    assert_eq!(district.taken("1", &[("school_enrollment.csv", &broken)], within("school_id=N")), [table].into());
    let fault = ["school_enrollment|school_enrollment.csv:3"];
    assert_eq!(district.open("REF-003"), fault);
    // The extract of another school does not affect it, and a restart forgets nothing.
    district.taken("2", &[("school_enrollment.csv", &south)], within("school_id=S"));
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.open("REF-003"), fault);
    let again = north.clone() + "\nE3,S3,N\n";
    district.taken("3", &[("school_enrollment.csv", &again)], within("school_id=N"));
    assert_eq!(district.open("REF-003"), ["school_enrollment|school_enrollment.csv:4"]);
    assert!(district.taken("4", &[("school_enrollment.csv", &north)], within("school_id=N")).is_empty());
    assert!(district.open("REF-003").is_empty());
    assert_eq!(district.keys(table), ["E1", "E2"]);
}

#[test]
fn an_approval_covers_the_reported_reason_only() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &many(1000))], full());
    // The day was accepted; now its file is truncated.
    let is_held = |outcome: Outcome| match outcome {
        Outcome::OnHold(guard) => guard,
        other => panic!("it is not held: {other:?}"),
    };
    let broken = many(100);
    let changed = HoldReason::Changed { file: "course.csv".to_owned() };
    assert_eq!(is_held(district.take("1", &[("course.csv", &broken)], full())), changed);
    let mut district = district.release("1");
    let guard = is_held(district.take("1", &[("course.csv", &broken)], full()));
    assert_eq!(guard, HoldReason::MassDelete { table: "course".to_owned(), deletes: 900, live: 1000 });
    assert_eq!(district.keys(Table::Course).len(), 1000);
    // Other contents need another approval, and so does another mode.
    let mut district = district.release("1");
    let fewer = many(50);
    assert_eq!(is_held(district.take("1", &[("course.csv", &fewer)], full())), changed);
    assert_eq!(is_held(district.take("1", &[("course.csv", &broken)], within("org_id=D"))), changed);
}

#[test]
fn a_truncated_extract_of_a_school_goes_on_hold() {
    let enrollments = |schools: std::ops::Range<usize>| {
        let rows = schools.flat_map(|school| {
            (0..100).map(move |number| format!("E{school}-{number},S{school}-{number},N{school},2026,03,2025-08-20\n"))
        });
        "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n".to_owned() + &rows.collect::<String>()
    };
    let mut district = Kept::new();
    district.taken("1", &[("school_enrollment.csv", &enrollments(0..20))], full());
    let outcome = district.take("2", &[("school_enrollment.csv", &enrollments(0..0))], within("school_id=N3"));
    let Outcome::OnHold(HoldReason::MassDelete { deletes: 100, live: 100, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(district.keys(Table::SchoolEnrollment).len(), 2000);
}

#[test]
fn a_district_whose_first_delivery_is_on_hold_numbers_timestamps_once() {
    let mut district = Kept::new();
    let titel = "course_id,org_id,titel\nA,D,Art\n";
    assert!(matches!(district.take("1", &[("course.csv", titel)], full()), Outcome::OnHold(HoldReason::Header { .. })));
    let mut sealed = district.flush();
    assert_eq!(district.open("REF-002"), ["sis|1/course.csv"]);
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    sealed.extend(district.flush());
    assert!(district.open("REF-002").is_empty());
    let batches: Vec<&str> = sealed.iter().map(|sealed| sealed.batch.as_str()).collect();
    assert!(batches.is_sorted() && batches.windows(2).all(|pair| pair[0] != pair[1]), "{batches:?}");
    assert_eq!(sealed.iter().map(|sealed| (sealed.opened, sealed.closed)).collect::<Vec<_>>().last(), Some(&(0, 1)));
    // The published lines are reproduced from the log.
    let lines = district.disk.folder("changes").bytes("2025-09.jsonl");
    let Ok(cut) = std::str::from_utf8(&lines) else { panic!("lines are text") };
    assert_eq!(cut.lines().filter(|line| line.contains("REF-002")).count(), 2);
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
    assert_eq!(district.disk.folder("changes").bytes("2025-09.jsonl"), lines);
}

#[test]
fn texts_of_any_length_are_logged_except_of_deliveries_on_hold() {
    let mut district = Kept::new();
    let long = |range: std::ops::Range<usize>| {
        let rows = range.map(|number| format!("{number:05},D,{}{number}\n", "long ".repeat(1600)));
        "course_id,org_id,title\n".to_owned() + &rows.collect::<String>()
    };
    // Longer than a frame of the log.
    district.taken("1", &[("course.csv", &long(0..9_000))], full());
    district.flush();
    let length = district.log().len();
    let other = long(10_000..19_000);
    assert!(matches!(district.take("2", &[("course.csv", &other)], full()), Outcome::OnHold(_)));
    district.flush();
    assert!(district.log().len() < length + 4096, "nothing is logged except the hold");
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course).len(), 9_000);
}

#[test]
fn a_key_stated_twice_is_reported_whatever_the_current_row() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &courses("A B C"))], full());
    let none: [&str; 0] = [];
    for (number, (stated, expected, titles)) in [
        // The first equals the current row.
        ("A A:Arts B C", &["course|A"][..], "Arts"),
        ("A:Arts B C", &none, "Arts"),
        // The last does.
        ("A A:Arts B C", &["course|A"], "Arts"),
        // Both differ from it; three times; and back to the current row.
        ("A:Art1 A:Art2 B C", &["course|A"], "Art2"),
        ("A:Art2 A:Art1 A:Art2 B C", &["course|A"], "Art2"),
        // The same row twice, new or not.
        ("A:Art2 A:Art2 B C", &none, "Art2"),
        ("A:Art3 B B A:Art3 C", &none, "Art3"),
        // Two keys.
        ("A:Art3 B:Bio C A:Art4 B", &["course|A", "course|B"], "Art4"),
        ("A:Art4 B C", &none, "Art4"),
    ]
    .into_iter()
    .enumerate()
    {
        let suspended = district.taken(&format!("then {number}"), &[("course.csv", &courses(stated))], full());
        assert!(suspended.is_empty());
        let mut open = district.open("REF-009");
        open.sort();
        assert_eq!(open, expected, "{stated}");
        let engine = district.district.engine();
        let texts = &engine.current().texts;
        let rows = engine.current().rows().of(Table::Course).map(|row| row.values());
        let title = rows.filter(|row| row[0].text(texts) == "A").map(|row| row[3].text(texts)).collect::<Vec<_>>();
        assert_eq!(title, [titles], "{stated}: the last statement counts");
    }
}

#[test]
fn a_mass_delete_waits_for_approval() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &many(600))], full());
    district.flush();
    let held = |outcome: Outcome| match outcome {
        Outcome::OnHold(HoldReason::MassDelete { table, deletes, live }) => (table, deletes, live),
        other => panic!("{other:?}"),
    };
    let next = many(500) + "new,D,New\n";
    assert_eq!(held(district.take("2", &[("course.csv", &next)], full())), ("course".to_owned(), 100, 600));
    let gone: String = (0..61).map(|number| format!("delete,{number:04},,\n")).collect();
    let gone = format!("_op,course_id,org_id,title\n{gone}");
    assert_eq!(held(district.take("3", &[("course.csv", &gone)], Mode::Delta)), ("course".to_owned(), 61, 600));
    // Nothing took effect except the hold, which is reported once.
    assert_eq!((district.keys(Table::Course).len(), district.open("REF-012").len()), (600, 2));
    let said: Vec<_> = district.flush().into_iter().map(|sealed| (sealed.label, sealed.opened)).collect();
    assert_eq!(said, [("2".to_owned(), 1), ("3".to_owned(), 1)]);
    let log = district.log();
    held(district.take("2", &[("course.csv", &next)], full()));
    assert!(district.flush().is_empty() && district.log() == log);
    // Exactly a tenth is not more than a tenth.
    district.taken("4", &[("course.csv", &many(540))], full());
    assert_eq!(district.keys(Table::Course).len(), 540);
    // Once approved, it is accepted with the same contents only.
    let mut district = district.release("2");
    let other = many(400) + "new,D,New\n";
    assert_eq!(held(district.take("2", &[("course.csv", &other)], full())), ("course".to_owned(), 140, 540));
    let mut district = district.release("2");
    district.taken("2", &[("course.csv", &other)], full());
    assert_eq!(district.keys(Table::Course).len(), 401);
    let next = other;
    assert!(matches!(district.take("2", &[("course.csv", &next)], full()), Outcome::Known));
    // Any number of a few rows may be deleted.
    let mut few = Kept::new();
    few.taken("1", &[("course.csv", &many(50))], full());
    few.taken("2", &[("course.csv", &courses(""))], full());
    assert!(few.keys(Table::Course).is_empty());
}

#[test]
fn a_delivery_is_accepted_once_and_a_late_file_separately() {
    let mut district = Kept::new();
    let course = ("course.csv", &*courses("A B"));
    district.taken("1", &[course], full());
    district.flush();
    let (log, operations) = (district.log(), district.disk.operations());
    assert!(matches!(district.take("1", &[course], full()), Outcome::Known));
    assert!(district.flush().is_empty());
    assert_eq!((district.log(), district.disk.operations()), (log, operations), "nothing is written");

    // A new file: the others are not read again and delete nothing.
    district.taken("2", &[("course.csv", &courses("A B C"))], full());
    let staff = ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n");
    let (mut read, both) = (Vec::new(), files(&[course, staff]));
    let late = Delivered { label: "1", files: &both, mode: Some(full()), format: &Tables };
    let outcome = late.take(&mut district.district, &mut read).expect("the delivery is read");
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert_eq!(read.iter().collect::<BTreeSet<_>>(), BTreeSet::from([&"staff.csv".to_owned()]));
    assert_eq!((district.keys(Table::Course).len(), district.keys(Table::Staff).len()), (3, 1));
    assert!(matches!(district.take("1", &[course, staff], full()), Outcome::Known));

    // The same name with other contents.
    let other = ("course.csv", &*courses("A Z"));
    match district.take("1", &[other, staff], full()) {
        Outcome::OnHold(HoldReason::Changed { file }) => assert_eq!(file, "course.csv"),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(district.keys(Table::Course), ["A", "B", "C"]);
    let mut district = district.release("1");
    district.taken("1", &[other, staff], full());
    assert_eq!(district.keys(Table::Course), ["A", "Z"]);

    // All of it is also known after a restart.
    let (mut district, _) = district.again(Plan::default());
    assert!(matches!(district.take("1", &[other, staff], full()), Outcome::Known));
    assert!(matches!(district.take("1", &[course, staff], full()), Outcome::OnHold(_)));
    // With another name it is another delivery.
    district.taken("3", &[other, staff], full());
}

#[test]
fn an_unreadable_delivery_has_no_effect() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &courses("A B"))], full());
    district.flush();
    let log = district.log();
    let long = "staff_id,first_name,last_name\n".to_owned() + &"x\n".repeat(100_001);
    let unsound = files(&[("course.csv", &courses("A C")), ("staff.csv", &long)]);
    let error = district.try_take("2", &unsound, full()).expect_err("staff cannot be read");
    assert!(matches!(&error, Error::Delivery(FileError::Flooded { file, .. }) if file == "staff.csv"), "{error}");
    assert_eq!(district.keys(Table::Course), ["A", "B"]);
    assert!(district.flush().is_empty() && district.log() == log);
    // A file with the headers of another goes on hold; that is reported, and the file has no other effect.
    match district.take("2", &[("course.csv", &courses("A C")), ("staff.csv", "staff_id,name\nT,Cy\n")], full()) {
        Outcome::OnHold(HoldReason::Header { file, .. }) => assert_eq!(file, "staff.csv"),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!((district.keys(Table::Course), district.open("REF-002").len()), (vec!["A".to_owned(), "B".to_owned()], 1));
    // The texts of both were interned, and are logged when first needed.
    district.taken("3", &[("course.csv", &courses("A C D"))], full());
    let (mut district, _) = district.again(Plan::default());
    assert_eq!(district.keys(Table::Course), ["A", "C", "D"]);
    // Once corrected, it is accepted under its name.
    district.taken(
        "2",
        &[("course.csv", &courses("A C")), ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n")],
        full(),
    );
    assert_eq!((district.open("REF-002"), district.keys(Table::Staff)), (Vec::new(), vec!["T".to_owned()]));
}

/// Assignments of one person for a whole year, each with its FTE.
fn assignments(staff: &str, shares: &[&str]) -> String {
    let head = "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\n".to_owned();
    let row = |(number, share): (usize, &&str)| format!("{staff}-{number},{staff},D,2026,teacher,2025-08-18,{share}\n");
    head + &shares.iter().enumerate().map(row).collect::<String>()
}

#[test]
fn rules_run_from_the_batch_that_delivers_their_tables() {
    let mut district = Kept::new();
    district.taken("1", &[("staff_assignment.csv", &assignments("T", &["0.5"]))], full());
    assert_eq!(district.open("FTE-009"), [""; 0], "whether the person is known, nobody can say");
    assert!(district.district.computed().absent_tables.iter().any(|table| table == "staff"));
    district.flush();
    district.district.pass_to(day(1)).expect("the disk works");
    // The person comes in the same batch, so is never missing.
    district.taken("2", &[("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n")], full());
    let said = district.flush();
    assert!(said.iter().all(|sealed| sealed.opened == 0), "{said:?}");
    assert!(!district.district.computed().absent_tables.iter().any(|table| table == "staff"));
    district.taken("3", &[("staff_assignment.csv", &assignments("U", &["0.5"]))], Mode::Delta);
    assert_eq!(district.open("FTE-009").len(), 1);
    district.district.pass_to(day(2)).expect("the disk works");
    district.flush();

    // The other way round: the rule immediately finds existing rows.
    let mut other = Kept::new();
    other.taken("1", &[("staff_assignment.csv", &assignments("T", &["0.5"]))], full());
    other.taken("2", &[("staff.csv", "staff_id,first_name,last_name\nU,Cy,Fox\n")], full());
    assert_eq!(other.open("FTE-009").len(), 1);
    let said: Vec<_> = other.flush().into_iter().map(|sealed| (sealed.label, sealed.opened)).collect();
    assert_eq!(said.last(), Some(&("settings".to_owned(), 1)), "{said:?}");

    // The feed continues, and a past day is computed as it was.
    let (mut district, recovery) = district.again(Plan::default());
    assert_eq!(recovery.differences, [""; 0]);
    assert_eq!(district.open("FTE-009").len(), 1);
    let state = district.disk.folder("state");
    let then = Past::known_at(state.clone(), day(0), 1).expect("the log is intact").expect("the log covers it");
    assert!(then.computed().absent_tables.iter().any(|table| table == "staff"));
    let now = Past::known_at(state, day(2), 1).expect("the log is intact").expect("the log covers it");
    assert_eq!(open(&now.violations().clone(), &now.into_engine(), "FTE-009").len(), 1);
}

#[test]
fn a_change_of_thresholds_has_its_own_timestamp() {
    let mut district = Kept::new();
    let staff = ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n");
    let shares = assignments("T", &["0.7", "0.5"]);
    district.taken("1", &[staff, ("staff_assignment.csv", &shares)], full());
    assert_eq!(district.open("FTE-001"), ["T"]);
    district.district.pass_to(day(3)).expect("the disk works");
    district.flush();
    let lenient = Plan { settings: Settings { fte_cap: Fixed(12_500), ..Settings::default() }, ..Plan::default() };
    let (mut district, recovery) = district.again(lenient.clone());
    assert_eq!(recovery.differences, ["fte_cap = 1.05 then, 1.25 now"]);
    assert_eq!(district.open("FTE-001"), [""; 0]);
    let said = district.flush();
    let told: Vec<_> = said.iter().map(|sealed| (sealed.label.as_str(), sealed.changes, sealed.closed)).collect();
    assert_eq!(told, [("settings", 0, 1)]);
    assert!(said[0].batch.starts_with(&day(3).to_string()) && !said[0].batch.ends_with("/0"), "{}", said[0].batch);
    // The same settings again are no change.
    let (mut district, recovery) = district.again(lenient);
    assert!(recovery.differences.is_empty() && district.flush().is_empty());
    district.district.pass_to(day(5)).expect("the disk works");
    district.district.close().expect("the disk works");

    for (number, expected, cap) in [(0, 1, 10_500), (2, 1, 10_500), (3, 0, 12_500), (5, 0, 12_500)] {
        let state = district.disk.folder("state");
        let past = Past::known_at(state, day(number), 1).expect("the log is intact").expect("the log covers it");
        let violations = past.violations().clone();
        assert_eq!(rollcall::district::computed::plan(past.computed()).settings.fte_cap, Fixed(cap), "day {number}");
        let engine = past.into_engine();
        assert_eq!((open(&violations, &engine, "FTE-001").len(), engine.day()), (expected, day(number)));
    }
    let state = district.disk.folder("state");
    assert!(Past::known_at(state, day(6), 1).expect("the log is intact").is_none(), "the day is in the future");
}

#[test]
fn a_pruned_log_needs_a_snapshot() {
    let mut district = Kept::new();
    district.district.snapshot_every(1);
    district.taken("1", &[("course.csv", &courses("A"))], full());
    district.flush();
    district.district.pass_to(day(1)).expect("the disk works");
    district.flush();
    let disk = district.disk.clone();
    district.district.close().expect("the disk works");
    // The log continues in another segment, as if one were full.
    let mut log = Log::open(disk.folder("state")).expect("the log is intact");
    log.resume(Position { segment: 2, offset: 0 }).expect("the disk works");
    log.append(&Item::Days(day(2))).and_then(|()| log.commit()).expect("the disk works");
    let (mut district, _) = Kept::on(disk.clone(), Plan::default()).expect("the log is intact");
    district.district.snapshot_every(1);
    let state = disk.folder("state");
    let begins = |file: &String| snapshot::read(&state, file, |_| Ok(())).expect("a valid snapshot").log.segment;
    let mut last = 2;
    while last < 20 && !snapshot::list(&state).expect("the disk works").iter().all(|file| begins(file) == 2) {
        last += 1;
        district.district.pass_to(day(last)).expect("the disk works");
        let titles: String = (0..500).map(|number| format!("{number}:{last} ")).collect();
        district.taken(&last.to_string(), &[("course.csv", &(courses("A B") + &courses(&titles)[23..]))], full());
        district.flush();
    }
    let end = Position { segment: 2, offset: 0 };
    let (_, _) = district.again(Plan::default());
    let mut log = Log::open(disk.folder("state")).expect("the log is intact");
    assert_eq!(log.prune(end).expect("the disk works"), 1);

    // With its snapshots it covers the days after them, but none before.
    let (mut district, recovery) = Kept::on(disk.copy(), Plan::default()).expect("there are snapshots");
    assert!(recovery.snapshot.is_some() && recovery.damaged.is_empty());
    assert_eq!(district.keys(Table::Course).len(), 502);
    let known_at = |disk: &Simulated, number: i64| {
        let past = Past::known_at(disk.folder("state"), day(number), 1).expect("the log tells, or does not");
        past.map(|mut past| keys(past.engine(), Table::Course).len())
    };
    assert_eq!(known_at(&disk, last), Some(502));
    assert_eq!([0, 1, 2].map(|number| known_at(&disk, number)), [None, None, None]);

    // Without them it cannot be read from the middle.
    // The byte is the version of a frame: this is damage, not a later version.
    for file in snapshot::list(&state).expect("the disk works") {
        state.damage(&file, 40);
    }
    let error = Kept::on(disk.copy(), Plan::default()).err().expect("it cannot be understood");
    assert!(matches!(&error, Error::Log(store::Error::Missing { file }) if file == "log-00000001"), "{error}");
    assert_eq!(error.to_string(), "log-00000001 is missing from the log");
    assert_eq!([0, last].map(|number| known_at(&disk, number)), [None, None]);
    assert!(Past::now(disk.folder("state"), 1).is_err());
}

#[test]
fn the_saved_state_may_be_longer_than_a_frame() {
    let mut district = Kept::new();
    // File names are stored three times each, and 72 MiB of them exceed a frame.
    for number in 0..12 {
        let name = format!("{number}{}.txt", "x".repeat(2 << 20));
        district.taken(&number.to_string(), &[("course.csv", &courses(&format!("A:{number}"))), (&name, "")], full());
        district.flush();
    }
    let (mut district, recovery) = district.again(Plan::default());
    assert!(recovery.snapshot.is_some() && recovery.damaged.is_empty());
    let state = district.disk.folder("state");
    let longest = snapshot::list(&state).expect("the disk works").into_iter().map(|file| state.bytes(&file).len()).max();
    assert!(longest > Some(store::frame::LONGEST), "{longest:?} bytes");
    assert_eq!(district.keys(Table::Course), ["A"]);
}

#[test]
fn texts_interned_before_the_first_row_fit_into_frames() {
    // Change events are read to the end before the rows of a table are stated; their texts exceed a frame.
    let event = |number: usize| {
        let title = format!("{number:05}{}", "x".repeat(16_000));
        let row = format!("{{\"course_id\":\"E{number}\",\"org_id\":\"D\",\"title\":\"{title}\"}}");
        format!("{{\"op\":\"c\",\"after\":{row},\"source\":{{\"table\":\"course\"}}}}\n")
    };
    let mut district = Kept::new();
    district.format = &Debezium;
    district.taken("1", &[("course.jsonl", &(0..4_400).map(event).collect::<String>())], Mode::Delta);
    let (mut district, recovery) = district.again(Plan::default());
    assert!(recovery.snapshot.is_some() && recovery.damaged.is_empty());
    assert_eq!(district.keys(Table::Course).len(), 4_400);
    // Also from the log alone.
    let state = district.disk.folder("state");
    for file in snapshot::list(&state).expect("the disk works") {
        state.damage(&file, 40);
    }
    let (mut district, recovery) = district.again(Plan::default());
    assert!(!recovery.damaged.is_empty() && recovery.batches == 1, "{recovery:?}");
    assert_eq!(district.keys(Table::Course).len(), 4_400);
}

#[test]
fn a_broken_line_of_users_deletes_nobody() {
    let manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\n\
                    file.academicSessions,bulk\nfile.users,bulk\nrollcall.schoolYear,2026\n";
    let orgs = "sourcedId,name,type\nD,Riverbend,district\nN,North,school\n";
    let sessions = "sourcedId,title,type,startDate,endDate,schoolYear\nY,Year,schoolYear,2025-08-18,2026-06-06,2026\n";
    let users = |rows: &str| {
        let row = |id: &str| {
            let role = if id.starts_with('t') { "teacher" } else { "student" };
            format!("{id},true,N,{role},{id},Ada,Lee,03\n")
        };
        let rows: String = rows.split_whitespace().map(row).collect();
        format!("sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n{rows}")
    };
    let delivery = |users: &str| {
        files(&[("manifest.csv", manifest), ("orgs.csv", orgs), ("academicSessions.csv", sessions), ("users.csv", users)])
    };
    let mut district = Kept::new();
    district.format = &OneRoster::DEFAULT;
    let mut take = |label: &str, users: &str| {
        let outcome = district.try_take(label, &delivery(users), full()).expect("the delivery is read");
        let Outcome::Accepted { suspended, .. } = outcome else { panic!("{outcome:?}") };
        let count = [Table::Student, Table::Staff, Table::SchoolEnrollment, Table::StaffAssignment];
        (suspended, count.map(|table| district.keys(table).len()))
    };
    assert_eq!(take("1", &users("s1 s2 s3 t1 t2")), (BTreeSet::new(), [3, 2, 3, 2]));
    // Nobody knows whose line it was, a student's or a teacher's.
    let everybody = [Table::Student, Table::Staff, Table::SchoolEnrollment, Table::StaffAssignment].into();
    assert_eq!(take("2", &(users("s1 t1") + "s2,tr\n")), (everybody, [3, 2, 3, 2]));
    assert_eq!(take("3", &users("s1 s4 t1")), (BTreeSet::new(), [2, 1, 2, 1]));
    // A user of unknown role may be a staff member with unstated enrollments; it is not another student, so missing students
    // are deleted.
    let nobody = users("s1") + "x,true,N,,x,Ada,Lee,\n";
    let (suspended, counts) = take("4", &nobody);
    assert!(suspended.contains(&Table::Staff) && counts == [1, 1, 2, 1], "{suspended:?} {counts:?}");
}
