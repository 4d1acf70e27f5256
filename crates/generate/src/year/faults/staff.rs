//! Faults of staff: of staff records, credentials, employments and assignments.

use super::super::Year;
use super::super::staff::HELPING;
use super::{Kind, Planter};
use crate::schools::{DISTRICT, school_id};
use rollcall_model::Table;
use rollcall_model::date::Date;
use std::collections::BTreeSet;

impl Planter {
    /// Spoils rows of a staff member; `until` is the day of the repair.
    pub(super) fn spoil_staff(&mut self, year: &mut Year<'_>, kind: Kind, until: Option<Date>) -> Option<()> {
        use Table::{Credential, Staff, StaffAssignment, StaffEmployment};
        let (day, today) = (year.day, year.day.to_string());
        let (staff, assignment) = year.worker()?;
        let employment = year.employment(&staff)?;
        let [role, org, fte] = ["role", "org_id", "fte"].map(|column| year.of_assignment(&assignment, column));
        let old = year.rows.get(StaffEmployment, &employment)?.date("hire_date")?.plus(40) < day;
        let helps = HELPING.contains(&&*role);
        let whole = fte == "1.0000" && helps && old && org != DISTRICT;
        let card = format!("K{staff}-1");
        let licensed = year.rows.get(Credential, &card).is_some();
        let leads = ["principal", "assistant_principal", "counselor", "librarian"].contains(&&*role);
        let second = year.fresh(StaffAssignment, &format!("{staff}-{}-", year.short_year()));
        let elsewhere = (0..year.plan.closed).map(|school| school_id(school).to_string()).find(|school| *school != org)?;
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::StaffStateId | Kind::SharedLogin | Kind::SharedNumber => {
                let (other, _) = year.worker()?;
                let theirs = format!("K{other}-1");
                if kind == Kind::SharedNumber && !(licensed && year.rows.get(Credential, &theirs).is_some()) {
                    return None;
                }
                match kind {
                    Kind::StaffStateId => {
                        let id = year.rows.get(Staff, &other)?.text("state_staff_id").to_owned();
                        self.set(year, Staff, &staff, &[("state_staff_id", &id)]);
                        note(year, "DUP-001", &id);
                    }
                    Kind::SharedLogin => {
                        let mail = year.rows.get(Staff, &other)?.text("email").to_owned();
                        self.set(year, Staff, &staff, &[("email", &mail)]);
                        let both = BTreeSet::from([&staff, &other]);
                        let both: Vec<&str> = both.into_iter().map(String::as_str).collect();
                        note(year, "DUP-004", &format!("dup:{}", both.join("+")));
                    }
                    _ => {
                        let number = year.rows.get(Credential, &theirs)?.text("credential_number").to_owned();
                        self.set(year, Credential, &card, &[("credential_number", &number)]);
                        note(year, "CRT-010", &format!("credential|ZZ|{number}"));
                    }
                }
                year.reserved.insert(other);
            }
            Kind::SuffixInName => {
                let last = format!("{} Jr", year.rows.get(Staff, &staff)?.text("last_name"));
                self.set(year, Staff, &staff, &[("last_name", &last)]);
                note(year, "DUP-009", &staff);
            }
            Kind::IncompleteCard if licensed => {
                self.set(year, Credential, &card, &[("level", "")]);
                note(year, "CRT-011", &card);
            }
            Kind::ExpiresSoon if licensed => {
                // On a Saturday: there is no delivery on that day, but the warning opens anyway.
                let opens = day.plus(i64::from(6 + 7 - day.weekday()));
                self.set(year, Credential, &card, &[("expiration_date", &opens.plus(90).to_string())]);
                year.note("CRT-003", card, opens, until);
            }
            Kind::NotValid if licensed && leads => {
                self.set(year, Credential, &card, &[("status", "pending")]);
                note(year, "CRT-002", &assignment);
            }
            Kind::NoAuthorization | Kind::Revoked if licensed && leads => {
                let key = year.fresh(Credential, &format!("K{staff}-"));
                let number = format!("ZZX{staff}{}", year.index);
                let cells: [(&str, &str); 4] = match kind {
                    Kind::Revoked => [
                        ("credential_id", &key),
                        ("credential_number", &number),
                        ("credential_type", "permit"),
                        ("status", "revoked"),
                    ],
                    _ => [
                        ("credential_id", &key),
                        ("credential_number", &number),
                        ("credential_type", "license"),
                        ("status", "active"),
                    ],
                };
                self.enter(year, Credential, &card, &cells);
                match kind {
                    Kind::Revoked => note(year, "CRT-012", &assignment),
                    _ => note(year, "CRT-014", &key),
                }
            }
            Kind::OrphanCredential if licensed => {
                let (key, number) = (format!("K{staff}-9"), format!("ZZX{staff}9"));
                let cells: [(&str, &str); 4] = [
                    ("credential_id", &key),
                    ("staff_id", &format!("{staff}9")),
                    ("credential_number", &number),
                    ("credential_type", "permit"),
                ];
                self.enter(year, Credential, &card, &cells);
                note(year, "CRT-016", &key);
            }
            Kind::OrphanAssignment if helps => {
                let before = year.plan.year.0 - 1;
                let key = format!("{staff}9-{:02}-8", before % 100);
                let cells: [(&str, &str); 6] = [
                    ("assignment_id", &key),
                    ("staff_id", &format!("{staff}9")),
                    ("school_year", &before.to_string()),
                    ("begin_date", &format!("{}-08-04", before - 1)),
                    ("end_date", &format!("{before}-07-01")),
                    ("employment_id", ""),
                ];
                self.enter(year, StaffAssignment, &assignment, &cells);
                note(year, "FTE-009", &key);
            }
            Kind::OverAllocated | Kind::TwoPrimaries | Kind::AssignmentTwice | Kind::AssignmentOverlap if whole => {
                let begin = year.of_assignment(&assignment, "begin_date");
                let (at, share, from, primary) = match kind {
                    Kind::OverAllocated => (&elsewhere, "0.5000", &today, "false"),
                    Kind::TwoPrimaries => (&elsewhere, "0.0400", &today, "true"),
                    Kind::AssignmentTwice => (&org, "0.0400", &begin, "false"),
                    _ => (&org, "0.0400", &today, "false"),
                };
                let cells: [(&str, &str); 5] = [
                    ("assignment_id", &second),
                    ("org_id", at),
                    ("fte", share),
                    ("begin_date", from),
                    ("is_primary", primary),
                ];
                self.enter(year, StaffAssignment, &assignment, &cells);
                match kind {
                    Kind::OverAllocated => ["FTE-001", "FTE-005"].iter().for_each(|rule| note(year, rule, &staff)),
                    Kind::TwoPrimaries => note(year, "FTE-019", &staff),
                    _ => {
                        if kind == Kind::AssignmentTwice {
                            note(year, "DUP-005", &format!("staff_assignment|{staff}|{org}|{role}|{begin}"));
                        }
                        note(year, "DUP-006", &format!("{staff}|{org}|{role}"));
                    }
                }
            }
            Kind::FteOutOfRange if whole => {
                self.set(year, StaffAssignment, &assignment, &[("fte", "1.0400")]);
                note(year, "FTE-003", &assignment);
            }
            Kind::NoFte if whole => {
                self.set(year, StaffAssignment, &assignment, &[("fte", "")]);
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "")]);
                note(year, "FTE-004", &assignment);
            }
            Kind::ContractLong if whole => {
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "1.2500")]);
                note(year, "FTE-006", &staff);
            }
            Kind::ContractShort if whole => {
                self.set(year, StaffEmployment, &employment, &[("contract_fte", "0.8000")]);
                note(year, "FTE-005", &staff);
            }
            Kind::EndedEmployment if whole => {
                let cells = [("end_date", &*today), ("separation_reason", "resignation")];
                self.set(year, StaffEmployment, &employment, &cells);
                note(year, "FTE-007", &assignment);
            }
            _ => return None,
        }
        year.reserved.insert(staff);
        Some(())
    }
}
