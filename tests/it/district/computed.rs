//! With which tables and settings each day is computed, and that past days stay as they were.

use super::{Kept, day, full, open};
use rollcall::district::Past;
use rollcall::model::{Fixed, Settings};
use rollcall::plan::Plan;
use rollcall::source::Mode;

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
