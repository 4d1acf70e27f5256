//! Changed files: their effect on the rows.

use super::{Files, PEOPLE, ROSTERS, Store, USER_HEADER, delta, school};
use rollcall::model::Table;
use rollcall::source::oneroster::OneRoster;

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

fn users(rows: &str) -> Files {
    delta("1.1", &[("users.csv", &format!("{USER_HEADER}{rows}"))])
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
