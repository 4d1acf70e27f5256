//! Pieces of a stream, changes that come late, and what is remembered of accepted files.

use super::{Kept, day, files, full, many};
use crate::support::Files;
use rollcall::district::{HoldReason, Incoming, Outcome};
use rollcall::model::Table;
use rollcall::model::finding::digest;
use rollcall::plan::Plan;
use rollcall::source::debezium::Debezium;
use rollcall::source::oneroster::OneRoster;
use rollcall::source::{Delivery, Mode};
use std::collections::BTreeMap;

/// Change events of courses, each with the second at which its source made it.
fn events(events: &[(&str, &str, u32)]) -> String {
    let row = |of: &str| match of.split_once(':') {
        Some((id, title)) => format!("{{\"course_id\":\"{id}\",\"org_id\":\"D\",\"title\":\"{title}\"}}"),
        None => "null".to_owned(),
    };
    let event = |(before, after, second): &(&str, &str, u32)| {
        let op = if after.is_empty() { "d" } else { "u" };
        let source = format!("{{\"table\":\"course\",\"ts_ms\":{second}000}}");
        let (before, after) = (row(before), row(after));
        format!("{{\"op\":\"{op}\",\"before\":{before},\"after\":{after},\"source\":{source}}}\n")
    };
    events.iter().map(event).collect()
}

impl Kept {
    /// Takes a piece of a stream that ends at a line.
    fn piece(&mut self, end: u64, text: &str) -> Outcome {
        let mut read = |_: &str| Ok(text.as_bytes().to_vec());
        let mut delivery =
            Delivery { files: vec!["events.jsonl".to_owned()], read: &mut read, unless_stated: Some(Mode::Delta) };
        let digests = BTreeMap::from([("events.jsonl".to_owned(), digest(text.as_bytes()))]);
        let so_far = format!("digest of {end} lines");
        let piece = Some((end, so_far.as_str()));
        let incoming = Incoming { source: "sis", label: "events", format: &Debezium, digests: &digests, piece };
        self.district.take(&incoming, &mut delivery).expect("the piece is read")
    }

    /// The titles of the courses, by id.
    fn titles(&mut self) -> Vec<String> {
        let current = self.district.current();
        let rows = current.rows().of(Table::Course).map(|row| row.values());
        let mut titles: Vec<String> =
            rows.map(|row| format!("{}:{}", row[0].text(&current.texts), row[3].text(&current.texts))).collect();
        titles.sort();
        titles
    }

    /// The evidence of a rule's open violations.
    fn evidence(&mut self, rule: &str) -> Vec<String> {
        let texts = &self.district.current().texts;
        let violations = self.district.violations();
        let open = violations.open().map(|(violation, _)| violation);
        let open = open.filter(|(number, _)| rollcall::qa::numbered(*number).id == rule);
        let mut evidence: Vec<String> = open
            .map(|violation| {
                let observed = violations.observed(violation, texts);
                let values: Vec<&str> = observed.iter().flatten().map(|(_, value)| value.as_str()).collect();
                format!("{} {}", violation.1.key(texts), values.join(" "))
            })
            .collect();
        evidence.sort();
        evidence
    }
}

#[test]
fn deletes_of_a_day_count_together_though_they_come_in_pieces() {
    let gone = |range: std::ops::Range<usize>| {
        let ids: Vec<String> = range.map(|number| format!("{number:04}:x")).collect();
        events(&ids.iter().map(|id| (id.as_str(), "", 1)).collect::<Vec<_>>())
    };
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &many(600))], full());
    let accepted = |outcome: Outcome| assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    accepted(district.piece(40, &gone(0..40)));
    // A piece without deletes changes nothing about that.
    accepted(district.piece(41, &events(&[("", "new:New", 1)])));
    accepted(district.piece(60, &gone(40..60)));
    // Of the 601 courses of the day 60 are gone.
    let (mut district, _) = district.again(Plan::default());
    let held = HoldReason::MassDelete { table: "course".to_owned(), deletes: 61, live: 601 };
    match district.piece(61, &gone(60..61)) {
        Outcome::OnHold(reason) => assert_eq!(reason, held),
        other => panic!("{other:?}"),
    }
    let on_hold: Vec<_> = district.district.on_hold().collect();
    assert_eq!(on_hold, [("sis", "events", &held)]);
    // On the next day the count begins at zero.
    district.district.pass_to(day(1)).expect("the disk works");
    accepted(district.piece(61, &gone(60..114)));
    assert_eq!(district.keys(Table::Course).len(), 600 - 114 + 1);
    // What is remembered of the file is its position.
    let of_events = district.district.files().find(|((_, file), _)| file == "events.jsonl");
    let accepted = of_events.map(|(_, accepted)| (accepted.file.rows, accepted.file.digest.as_str()));
    assert_eq!(accepted, Some((61, "digest of 61 lines")));
}

#[test]
fn a_change_older_than_the_last_of_its_row_has_no_effect() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &super::courses("A B C"))], full());
    district.piece(3, &events(&[("", "A:Art", 200), ("", "A:Arts", 200), ("", "B:Bio", 200)]));
    assert_eq!(district.titles(), ["A:Arts", "B:Bio", "C:C"], "of two changes at once the last counts");
    // In the same piece, in another one, and after a restart.
    district.piece(5, &events(&[("", "C:Chem", 300), ("", "C:Chemistry", 200)]));
    assert_eq!(
        (district.titles(), district.evidence("REF-010")),
        (vec!["A:Arts".to_owned(), "B:Bio".to_owned(), "C:Chem".to_owned()], vec!["course|C 100".to_owned()],)
    );
    let (mut district, _) = district.again(Plan::default());
    district.piece(6, &events(&[("", "A:Old", 190), ("B:Bio", "", 150)]));
    assert_eq!(district.titles(), ["A:Arts", "B:Bio", "C:Chem"]);
    // Pieces of one day are one delivery: what was noted of the first stays.
    assert_eq!(district.evidence("REF-010"), ["course|A 10", "course|B 50", "course|C 100"]);
    // A row takes a new key only if neither has changed since.
    district.piece(7, &events(&[("A:Arts", "D:Arts", 100)]));
    assert_eq!(district.titles(), ["A:Arts", "B:Bio", "C:Chem"]);
    district.piece(8, &events(&[("A:Arts", "B:Arts", 199)]));
    assert_eq!(district.titles(), ["A:Arts", "B:Bio", "C:Chem"]);
    district.piece(9, &events(&[("A:Arts", "D:Arts", 400)]));
    assert_eq!(district.titles(), ["B:Bio", "C:Chem", "D:Arts"]);
}

#[test]
fn a_full_extract_keeps_the_row_of_a_change_that_came_late() {
    let stamped = |rows: &str| {
        let row = |row: &str| row.replace('@', ",D,Title,") + "\n";
        "course_id,org_id,title,_source_ts\n".to_owned() + &rows.split_whitespace().map(row).collect::<String>()
    };
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", &stamped("A@2025-09-01T10:00:00Z B@2025-09-01T10:00:00Z"))], full());
    let staff = ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n");
    district.taken("2", &[("course.csv", &stamped("A@2025-09-01T09:00:00Z")), staff], full());
    assert_eq!(district.keys(Table::Course), ["A"], "A is stated, if late, and B is not");
    assert_eq!(district.evidence("REF-010"), ["course|A 3600"]);
}

#[test]
fn a_delivery_is_known_by_the_digests_of_all_of_its_files() {
    let course = ("course.csv", &*super::courses("A"));
    let staff = ("staff.csv", "staff_id,first_name,last_name\nT,Cy,Fox\n");
    let digests = |of: &Files| of.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect::<BTreeMap<_, _>>();
    let mut district = Kept::new();
    district.taken("1", &[course, ("readme.txt", "hello")], full());
    let district = &district.district;
    for (label, of, is_known) in [
        ("1", &[course][..], true),
        ("1", &[course, ("readme.txt", "hello")], true),
        ("1", &[course, ("readme.txt", "goodbye")], false),
        ("1", &[course, staff], false),
        ("2", &[course], false),
    ] {
        assert_eq!(district.is_known("sis", label, &digests(&files(of))), is_known, "{label} {of:?}");
    }
    let of_course = digests(&files(&[course]));
    assert!(!district.is_known("hr", "1", &of_course));
    let remembered = district.files().map(|((source, file), accepted)| {
        (source.as_str(), file.as_str(), accepted.label.as_str(), accepted.file.rows, accepted.file.digest.clone())
    });
    let course = ("sis", "course.csv", "1", 1, of_course["course.csv"].clone());
    assert_eq!(remembered.collect::<Vec<_>>(), [course, ("sis", "readme.txt", "1", 0, digest(b"hello"))]);
    assert_eq!(district.time(), rollcall::model::timestamp::at(day(0), 1));
}

#[test]
fn what_does_not_fit_the_manifest_or_the_table_is_noted_by_file() {
    let manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,absent\n\
                    file.academicSessions,bulk\nfile.classes,bulk\nrollcall.schoolYear,2026\n";
    let orgs = "sourcedId,name,type\nD,Riverbend,district\nN,North,school\n";
    let sessions = "sourcedId,title,type,startDate,endDate,schoolYear\nY,Year,schoolYear,2025-08-18,2026-06-06,2026\n";
    let users = "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,grades\n\
                 s1,true,N,student,s1,Ada,Lee,03\n";
    let mut district = Kept::new();
    district.format = &OneRoster::DEFAULT;
    let given = [
        ("manifest.csv", manifest),
        ("orgs.csv", orgs),
        ("academicSessions.csv", sessions),
        ("users.csv", users),
        ("readme.txt", "hello"),
    ];
    district.taken("1", &given, full());
    let noted = ["sis|classes announced but missing", "sis|users.csv announced as absent but present"];
    assert_eq!(district.evidence("REF-001"), noted);
    assert!(district.keys(Table::Student).is_empty(), "what is announced as absent is not read");
    let remembered: Vec<String> = district.district.files().map(|((_, file), _)| file.clone()).collect();
    assert_eq!(remembered, ["academicSessions.csv", "manifest.csv", "orgs.csv", "readme.txt"]);

    // Of a header as much is quoted as anyone reads.
    let mut district = Kept::new();
    let long = format!("course_id,org_id,title,{},other\n", "x".repeat(1_000));
    district.taken("1", &[("course.csv", &long)], full());
    let [quoted] = &district.evidence("REF-002")[..] else { panic!("one header is noted") };
    assert!(quoted.contains(&"x".repeat(120)) && !quoted.contains(&"x".repeat(121)), "{quoted}");
}

#[test]
fn a_delete_of_what_was_never_there_is_noted_unless_it_ends_a_fault() {
    let mut district = Kept::new();
    district.taken("1", &[("course.csv", "course_id,org_id,title\nA,D,Art\nB,D,\n")], full());
    assert_eq!(district.evidence("REF-004").len(), 1);
    let gone = "_op,course_id,org_id,title\ndelete,A,,\ndelete,B,,\ndelete,C,,\ndelete,C,,\n";
    district.taken("2", &[("course.csv", gone)], Mode::Delta);
    assert_eq!(district.open("REF-011"), ["course|C"]);
    assert!(district.evidence("REF-004").is_empty() && district.keys(Table::Course).is_empty());
}
