//! Full extracts: which rows they delete, and which faults they resolve.

use super::{Kept, courses, files, full, within};
use rollcall::district::Outcome;
use rollcall::model::Table;
use rollcall::plan::Plan;
use rollcall::source::Mode;
use rollcall::source::oneroster::OneRoster;
use std::collections::BTreeSet;

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
