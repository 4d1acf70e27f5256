//! What a restart finds and does, and what the past tells.

use super::{Kept, courses, day, files, full, keys, many, open};
use rollcall::district::opening::Opening;
use rollcall::district::{District, Incoming, Outcome, Past, Recovery, repair};
use rollcall::model::Table;
use rollcall::model::finding::digest;
use rollcall::plan::Plan;
use rollcall::publish::changes::Line;
use rollcall::source::folder::Tables;
use rollcall::source::{Delivery, Mode};
use rollcall::store::disk::{Disk, Simulated};
use rollcall::store::snapshot;

const LOG: &str = "log-00000001";
const CHANGES: &str = "2025-09.jsonl";

/// Three days of courses, published and not closed.
fn of_three_days(between_snapshots: u64) -> Kept {
    let mut district = Kept::new();
    district.district.snapshot_every(between_snapshots);
    for (number, ids) in ["A B", "A C", "A C D"].into_iter().enumerate() {
        district.district.pass_to(day(number as i64)).expect("the disk works");
        district.taken(&number.to_string(), &[("course.csv", &courses(ids))], full());
        district.flush();
    }
    district
}

/// Opens what is on a disk; also the progress that was told.
fn reopened(disk: &Simulated) -> (District<Simulated>, Recovery, Vec<(u64, u64)>) {
    let mut told = Vec::new();
    let mut progress = |done, all| told.push((done, all));
    let (state, changes) = (disk.folder("state"), disk.folder("changes"));
    let opened = District::open(state, changes, Plan::default(), 1, day(0), &mut progress);
    let (district, recovery) = opened.expect("what was written is read");
    (district, recovery, told)
}

#[test]
fn a_restart_says_what_it_found_and_did() {
    let disk = of_three_days(u64::MAX).disk;
    let (log, changes) = (disk.folder("state").bytes(LOG), disk.folder("changes").bytes(CHANGES));
    let as_it_was = Recovery { batches: 3, changes: 2 + 2 + 1, ..Recovery::default() };
    let (_, recovery, told) = reopened(&disk.copy());
    assert_eq!(recovery, as_it_was);
    assert!(told.is_sorted_by(|one, other| one.0 <= other.0 && one.1 == other.1), "{told:?}");
    assert!(told[0].0 > 0 && told.last() == Some(&(log.len() as u64, log.len() as u64)), "{told:?}");

    // Bytes after the last item of the log, and after the last line.
    let torn = disk.copy();
    torn.folder("state").append(LOG, b"RCFR").expect("the disk works");
    torn.folder("changes").append(CHANGES, b"{\"half").expect("the disk works");
    assert_eq!(reopened(&torn).1, Recovery { torn: 4, unclosed: 6, ..as_it_was.clone() });
    assert_eq!(reopened(&torn).1, as_it_was, "they are cut off once");

    // Lines that are missing are published again, all of them.
    let unpublished = disk.copy();
    unpublished.folder("changes").truncate(CHANGES, 0).expect("the disk works");
    let (_, recovery, _) = reopened(&unpublished);
    assert!(recovery.published > 3 && recovery.published == told_timestamps(&changes), "{recovery:?}");
    assert_eq!(unpublished.folder("changes").bytes(CHANGES), changes);

    // Lines of what the log does not contain: the log was restored, or lost its end.
    let earlier = disk.copy();
    let last = memchr::memmem::rfind(&log, b"RCFR").expect("there are frames");
    earlier.folder("state").truncate(LOG, last as u64).expect("the disk works");
    earlier.folder("state").remove("sealed").expect("the disk works");
    let (state, lines) = (earlier.folder("state"), earlier.folder("changes"));
    let refused = District::open(state, lines, Plan::default(), 1, day(0), &mut |_, _| {}).err().expect("it is refused");
    let why = "reports/changes has 2025-09-03/1, but the log ends with 2025-09-02/1: something is missing";
    assert_eq!(refused.to_string(), why);
    let done = repair(earlier.folder("state"), earlier.folder("changes"), 1).expect("it can be repaired");
    let kept = earlier.folder("changes").bytes(CHANGES);
    assert!(changes.starts_with(&kept) && kept.len() < changes.len());
    let cut = changes.len() - kept.len();
    let expected =
        format!("{cut} bytes of reports/changes after 2025-09-02/1 are no longer used: the log does not have what they say");
    assert_eq!(done, [expected, "the district is as it was at 2025-09-02/1".to_owned()]);
    assert_eq!(reopened(&earlier).1.batches, 2);
}

/// How many timestamps some lines close.
fn told_timestamps(lines: &[u8]) -> u64 {
    let text = std::str::from_utf8(lines).expect("lines are text");
    let batches: std::collections::BTreeSet<&str> =
        text.lines().filter_map(|line| line.split("\"batch\":\"").nth(1)?.split('"').next()).collect();
    batches.len() as u64
}

#[test]
fn a_restart_from_a_snapshot_forgets_nothing() {
    let mut district = Kept::new();
    district.district.snapshot_every(1);
    district.taken("0", &[("course.csv", &courses("A B"))], full());
    district.flush();
    let (opening, time) = (district.district.opening().clone(), district.district.time());
    assert_ne!(opening, Opening::default());
    let (again, recovery, _) = reopened(&district.disk.copy());
    assert_eq!((again.opening(), again.time()), (&opening, time));
    assert_eq!(recovery, Recovery { snapshot: Some(time), ..Recovery::default() });
    // More than the snapshot is published, or less.
    district.district.snapshot_every(u64::MAX);
    district.district.pass_to(day(1)).expect("the disk works");
    district.taken("1", &[("course.csv", &courses("A C D"))], full());
    district.flush();
    let (again, recovery, _) = reopened(&district.disk.copy());
    assert_eq!((recovery.snapshot, recovery.is_gone, again.day()), (Some(time), false, day(1)));
    let gone = district.disk.copy();
    gone.folder("changes").remove(CHANGES).expect("the disk works");
    assert!(reopened(&gone).1.is_gone);

    // A snapshot does not hide the days before it.
    district.district.snapshot_every(0);
    district.district.pass_to(day(2)).expect("the disk works");
    // More than half of what the snapshot has.
    let long = many(40).replace(",D,", &format!(",D,{}", "long".repeat(200)));
    district.taken("2", &[("course.csv", &long)], Mode::Delta);
    district.flush();
    let state = district.disk.folder("state");
    assert_eq!(snapshot::list(&state).expect("the disk works").len(), 2);
    let known = |number: i64| {
        let past = Past::known_at(state.clone(), day(number), 1).expect("the log is intact");
        past.map(|mut past| keys(past.engine(), Table::Course).len())
    };
    assert_eq!([0, 1, 2, 3].map(known), [Some(2), Some(3), Some(43), None]);
}

#[test]
fn a_district_of_nothing_but_a_hold_has_no_past() {
    let mut district = Kept::new();
    let outcome = district.take("1", &[("course.csv", "course_id,org_id,titel\nA,D,Art\n")], full());
    assert!(matches!(outcome, Outcome::OnHold(_)), "{outcome:?}");
    district.flush();
    assert!(Past::now(district.disk.folder("state"), 1).expect("the log is intact").is_none());
}

#[test]
fn the_past_tells_what_the_district_told_and_what_a_delivery_would_change() {
    let mut district = Kept::new();
    let assigned = "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\nT-0,T,D,2026,teacher,2025-08-18,0.5\n";
    district.taken("1", &[("staff_assignment.csv", assigned), ("course.csv", &courses("A B"))], full());
    district.taken("2", &[("course.csv", "course_id,org_id,title\nA,D,\nB,D,Bio\n")], full());
    district.flush();
    let state = || district.disk.folder("state");
    let past = Past::now(state(), 1).expect("the log is intact").expect("something was delivered");
    let episodes: Vec<_> = past.history().episodes().collect();
    assert!(!episodes.is_empty() && episodes == district.district.history().episodes().collect::<Vec<_>>());
    assert!(past.files().eq(district.district.files()) && past.files().count() == 2);
    let rule = |id: &str| rollcall::qa::find(id).expect("there is such a rule");
    let violation = past.violation(rule("REF-004"), "course|A|title").expect("it is open");
    assert_eq!(violation.1.key(past.texts()), "course|A|title");
    assert_eq!(past.violation(rule("REF-004"), "course|B|title"), None);
    assert_eq!(past.violation(rule("REF-003"), "course|A|title"), None);
    let page = past.page(&violation);
    assert_eq!(
        (page.rule, page.subject.as_str(), page.is_open, page.episodes.len()),
        ("REF-004", "course|A|title", true, 1)
    );
    assert_eq!(page, district.district.page(&violation));

    let what_if = |of: &[(&str, &str)]| {
        let mut past = Past::now(state(), 1).expect("the log is intact").expect("something was delivered");
        let of = files(of);
        let digests = of.iter().map(|(name, bytes)| (name.clone(), digest(bytes))).collect();
        let mut read = |file: &str| Ok(of[file].clone());
        let mut delivery = Delivery { files: of.keys().cloned().collect(), read: &mut read, unless_stated: Some(full()) };
        let incoming = Incoming { source: "sis", label: "3", format: &Tables, digests: &digests, piece: None };
        let told = past.what_if(day(1), &incoming, &mut delivery).expect("the delivery is read");
        let violations = past.violations().clone();
        (told, open(&violations, past.engine(), "FTE-009").len())
    };
    let closed = |lines: &[Line]| -> Vec<(String, u64, u64)> {
        let of = |line: &Line| match line {
            Line::TimestampClosed(closed) => Some((closed.label.clone(), closed.opened, closed.closed)),
            _ => None,
        };
        lines.iter().filter_map(of).collect()
    };
    // The title is there again.
    let ((lines, reason), unknown) = what_if(&[("course.csv", &courses("A B"))]);
    assert_eq!((closed(&lines).last(), reason, unknown), (Some(&("3".to_owned(), 0, 1)), None, 0));
    // Rules that waited for a table would run.
    let ((lines, reason), unknown) = what_if(&[("staff.csv", "staff_id,first_name,last_name\nU,Cy,Fox\n")]);
    assert_eq!((closed(&lines).last(), reason, unknown), (Some(&("settings".to_owned(), 1, 0)), None, 1));
    // Nothing of it was logged.
    assert_eq!(Past::now(state(), 1).expect("the log is intact").expect("as before").files().count(), 2);
}

#[test]
fn a_day_that_is_there_is_not_logged_again() {
    let mut district = of_three_days(u64::MAX);
    let log = district.log();
    for number in [2, 1] {
        district.district.pass_to(day(number)).expect("the disk works");
        assert!(district.flush().is_empty() && district.log() == log && district.district.day() == day(2));
    }
}

#[test]
fn a_snapshot_is_written_when_it_is_worth_it() {
    // Not for a few kilobytes of log.
    let (mut district, recovery) = of_three_days(u64::MAX).again(Plan::default());
    assert_eq!((recovery.snapshot, recovery.batches), (None, 3));
    // The first one may come early, the next once half its bytes are logged.
    district.district.snapshot_every(1);
    let titles: String = (0..500).map(|number| format!("{number}:{} ", "long".repeat(9))).collect();
    district.taken("long", &[("course.csv", &courses(&titles))], full());
    district.flush();
    let state = district.disk.folder("state");
    let snapshots = || snapshot::list(&state).expect("the disk works");
    let first = snapshots();
    let length = state.length(&first[0]).expect("there is one");
    let (begin, mut before) = (district.log().len() as u64, 0);
    for number in 0..1_000 {
        district.taken(&format!("then {number}"), &[("course.csv", &courses(&format!("X:{number}")))], Mode::Delta);
        district.flush();
        let logged = district.log().len() as u64 - begin;
        if snapshots() != first {
            assert!(before <= length / 2 && logged > length / 2, "{before} to {logged} bytes, and {length} of the snapshot");
            return;
        }
        before = logged;
    }
    panic!("there is no other snapshot");
}

#[test]
fn codes_that_a_map_mentions_are_logged_with_it() {
    let map = "source,code_set,source_code,canonical_code\nsis,sex,w,female\n";
    let students = "student_id,first_name,last_name,sex\nS2,Cy,Fox,v\nS1,Ada,Lee,w\n";
    let mut district = Kept::new();
    district.taken("1", &[("code_map.csv", map)], full());
    // The texts of a delivery that is not accepted are forgotten, and no others.
    let outcome = district.take("2", &[("student.csv", "student_id,name\nS1,Ada\n")], full());
    assert!(matches!(outcome, Outcome::OnHold(_)), "{outcome:?}");
    district.taken("3", &[("student.csv", students)], full());
    let sexes = |district: &Kept| -> Vec<String> {
        let current = district.district.current();
        let student = Table::Student.spec().column("sex").expect("students have a sex");
        current.rows().of(Table::Student).map(|row| row.values()[student].text(&current.texts)).collect()
    };
    assert_eq!(sexes(&district), ["v", "female"]);
    let (district, recovery) = district.again(Plan::default());
    assert_eq!((recovery.batches, sexes(&district)), (3, vec!["v".to_owned(), "female".to_owned()]));
}

#[test]
fn headlines_are_of_the_district_and_of_each_school() {
    let teacher = |number: usize| format!("A{number},T{number},N,2026,teacher_elem,2025-08-18,1\n");
    let assigned = "assignment_id,staff_id,org_id,school_year,role,begin_date,fte\n".to_owned()
        + &(0..6).map(teacher).collect::<String>();
    let pupil = |number: usize| format!("E{number},S{number},N,2026,03,2025-08-20\n");
    let enrolled = "enrollment_id,student_id,school_id,school_year,grade_level,entry_date\n".to_owned()
        + &(0..12).map(pupil).collect::<String>();
    let mut district = Kept::new();
    district.taken("1", &[("staff_assignment.csv", &assigned), ("school_enrollment.csv", &enrolled)], full());
    district.flush();
    let told = |district: &Kept, school: Option<&str>| {
        let district = &district.district;
        let lines = school.map_or_else(|| district.headlines(), |school| district.headlines_at(school));
        lines.iter().map(|line| (line.kpi.id, line.value.clone())).collect::<Vec<_>>()
    };
    let ratio = ("KPI-10", Some("2.0".to_owned()));
    assert!(told(&district, None).contains(&ratio) && told(&district, Some("N")).contains(&ratio));
    assert_eq!(told(&district, Some("S")), []);
    let (district, _) = district.again(Plan::default());
    assert!(told(&district, None).contains(&ratio));
}
