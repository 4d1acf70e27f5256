//! Files as they come: names and values of real systems, manifests, archives, and any bytes.

use super::{BULK, Files, PEOPLE, ROSTERS, Store, USER_HEADER, delta, files, school};
use proptest::prelude::*;
use rollcall::model::Table;
use rollcall::source::oneroster::OneRoster;
use rollcall::source::zip::Zip;
use rollcall::source::{Delivery, FileError, Format, Mode, Scope};
use std::io::{Cursor, Write};

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
