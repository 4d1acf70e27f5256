//! Staff changes during the year: people leave and are replaced, change their hours, renew their credentials, and help
//! in other sections. Counselors, nurses and librarians stay, because they are required by headcount.

use super::{Task, Year};
use crate::employees::state_staff_id;
use crate::schools::{DISTRICT, day_of};
use rollcall_model::Table;

/// Roles without a credential, whose FTE changes now and then.
pub(super) const HELPING: [&str; 3] = ["para_instructional", "school_admin_support", "operational"];

impl Year<'_> {
    /// The staff changes of a usual day.
    pub(super) fn move_staff(&mut self) {
        for _ in 0..self.times(0.06) {
            self.resign();
        }
        for _ in 0..self.times(0.12) {
            self.change_share();
        }
        for _ in 0..self.times(0.25) {
            self.renew();
        }
        for _ in 0..self.times(0.3) {
            self.stop_helping();
        }
        for _ in 0..self.times(0.5) {
            self.correct_staff();
        }
        for _ in 0..self.times(0.12) {
            let Some((_, assignment)) = self.worker() else { continue };
            let start: Vec<&str> = assignment.rsplitn(2, '-').collect();
            if !self.rows.is_touched(Table::StaffAssignment, &assignment) {
                let key = self.fresh(Table::StaffAssignment, &format!("{}-", start[1]));
                self.rows.rename(Table::StaffAssignment, &assignment, "assignment_id", &key);
            }
        }
        for _ in 0..self.times(0.1) {
            self.mistake();
        }
    }

    /// A person with one current assignment who has not changed today, and that assignment.
    pub(super) fn worker(&mut self) -> Option<(String, String)> {
        for _ in 0..40 {
            let staff = (500_001 + self.dice.below(self.next.1 - 500_001)).to_string();
            if self.reserved.contains(&staff) || self.touched.contains(&staff) {
                continue;
            }
            let of = self.rows.of(Table::StaffAssignment, &format!("{staff}-"));
            let today = of.filter(|view| view.holds("begin_date", "end_date", self.day));
            let today: Vec<_> = today.collect();
            let [one] = today[..] else { continue };
            if one.date("begin_date").is_some_and(|begin| begin < self.day) && self.employment(&staff).is_some() {
                let assignment = one.key.to_owned();
                self.touched.insert(staff.clone());
                return Some((staff, assignment));
            }
        }
        None
    }

    /// The employment of a person, if it is the only current one and open.
    pub(super) fn employment(&self, staff: &str) -> Option<String> {
        let of = self.rows.of(Table::StaffEmployment, &format!("E{staff}-"));
        let today: Vec<_> = of.filter(|view| view.holds("hire_date", "end_date", self.day)).collect();
        let [one] = today[..] else { return None };
        let settled = one.date("hire_date").is_some_and(|hired| hired < self.day) && one.text("end_date").is_empty();
        settled.then(|| one.key.to_owned())
    }

    /// A cell of an assignment.
    pub(super) fn of_assignment(&self, assignment: &str, column: &str) -> String {
        self.rows.get(Table::StaffAssignment, assignment).map(|view| view.text(column).to_owned()).unwrap_or_default()
    }

    /// A person leaves. A teacher is replaced at once; the post of an aide may be vacant for some weeks.
    fn resign(&mut self) -> Option<()> {
        let (staff, assignment) = self.worker()?;
        let [role, org] = ["role", "org_id"].map(|column| self.of_assignment(&assignment, column));
        let helps = HELPING.contains(&&*role);
        if org == DISTRICT || !(helps || role.starts_with("teacher_")) {
            return None;
        }
        let today = self.day.to_string();
        let employment = self.employment(&staff)?;
        if helps {
            let days = self.dice.between(3, 25) as usize;
            self.later(days, Task::Fill(assignment.clone()));
        } else {
            self.fill(&assignment);
        }
        self.rows.set(Table::StaffAssignment, &assignment, &[("end_date", &today)]);
        let cells = [("end_date", &*today), ("separation_reason", "resignation")];
        self.rows.set(Table::StaffEmployment, &employment, &cells);
        self.rows.set(Table::Staff, &staff, &[("is_active", "false")]);
        Some(())
    }

    /// Hires a successor for a post, with the required credential and the sections.
    pub(super) fn fill(&mut self, assignment: &str) {
        let staff = self.next.1;
        self.next.1 += 1;
        let [old, org, year] = ["staff_id", "org_id", "school_year"].map(|column| self.of_assignment(assignment, column));
        let (id, today) = (staff.to_string(), self.day.to_string());
        self.touched.insert(id.clone());
        let person = self.people.draw(self.plan.year, &mut self.dice);
        self.rows.add(
            Table::Staff,
            &[
                ("staff_id", &id),
                ("state_staff_id", &state_staff_id(staff)),
                ("first_name", &person.first),
                ("middle_name", person.middle.unwrap_or_default()),
                ("last_name", &person.last),
                ("birth_date", &person.birth.to_string()),
                ("sex", if person.female { "female" } else { "male" }),
                ("is_hispanic", if person.hispanic { "true" } else { "false" }),
                ("race", person.race),
                ("email", &format!("staff{staff}@synthetic.example")),
                ("username", &format!("staff{staff}")),
                ("highest_education", person.education),
                ("years_experience", &person.experience.to_string()),
                ("years_experience_district", "0"),
                ("is_active", "true"),
            ],
        );
        let fte = self.of_assignment(assignment, "fte");
        let employment = format!("E{staff}-1");
        self.rows.add(
            Table::StaffEmployment,
            &[
                ("employment_id", &employment),
                ("staff_id", &id),
                ("org_id", DISTRICT),
                ("hire_date", &today),
                ("employment_status", "probationary"),
                ("contract_fte", &fte),
                ("days_per_year", "190"),
            ],
        );
        let until = day_of(i32::from(self.plan.year.0), 7, 1).to_string();
        let cells: [(&str, &str); 5] = [
            ("assignment_id", &format!("{staff}-{}-1", self.short_year())),
            ("staff_id", &id),
            ("begin_date", &today),
            ("end_date", &until),
            ("employment_id", &employment),
        ];
        let row = self.rows.like(Table::StaffAssignment, assignment, &cells);
        self.rows.put(row);
        self.license(&old, staff);
        let of_school = self.rows.of(Table::SectionStaff, &format!("{org}-{}-", year.get(2..).unwrap_or_default()));
        let taught = of_school.filter(|view| view.text("staff_id") == old && view.holds("begin_date", "end_date", self.day));
        let taught: Vec<(String, String)> =
            taught.map(|view| (view.key.to_owned(), view.text("section_id").to_owned())).collect();
        for (row, section) in taught {
            let key = self.fresh(Table::SectionStaff, &format!("{section}-"));
            let cells = [("section_staff_id", &*key), ("staff_id", &id), ("begin_date", &today)];
            let next = self.rows.like(Table::SectionStaff, &row, &cells);
            self.rows.put(next);
            self.rows.set(Table::SectionStaff, &row, &[("end_date", &today)]);
        }
    }

    /// Enters a credential of a new person with the authorizations of the predecessor's.
    fn license(&mut self, old: &str, staff: u32) {
        let (first, year) = (format!("K{old}-1"), i32::from(self.plan.year.0));
        if self.rows.get(Table::Credential, &first).is_none() {
            return;
        }
        let (issued, id) = (day_of(year - 1, 7, 1).to_string(), format!("K{staff}-1"));
        let cells: [(&str, &str); 10] = [
            ("credential_id", &id),
            ("staff_id", &staff.to_string()),
            ("credential_number", &format!("ZZ{}1", state_staff_id(staff))),
            ("credential_type", "license"),
            ("level", "regular"),
            ("status", "active"),
            ("issue_date", &issued),
            ("effective_date", &issued),
            ("expiration_date", &day_of(year + 4, 7, 1).to_string()),
            ("revoked_date", ""),
        ];
        let card = self.rows.like(Table::Credential, &first, &cells);
        self.rows.put(card);
        let of = self.rows.of(Table::CredentialAuthorization, &format!("{first}/"));
        let keys: Vec<String> = of.map(|view| view.key.to_owned()).collect();
        for key in keys {
            let cells = [("credential_id", &*id), ("issue_date", &issued), ("expiration_date", "")];
            let row = self.rows.like(Table::CredentialAuthorization, &key, &cells);
            self.rows.put(row);
        }
    }

    /// A person changes hours from today on, with another contract.
    fn change_share(&mut self) -> Option<()> {
        let (staff, assignment) = self.worker()?;
        let role = self.of_assignment(&assignment, "role");
        let share = self.dice.pick(&["0.6000", "0.8000", "1.0000"]);
        if !HELPING.contains(&&*role) || share == self.of_assignment(&assignment, "fte") {
            return None;
        }
        let employment = self.employment(&staff)?;
        let today = self.day.to_string();
        let contract = self.fresh(Table::StaffEmployment, &format!("E{staff}-"));
        let cells = [("employment_id", &*contract), ("hire_date", &today), ("contract_fte", share)];
        let row = self.rows.like(Table::StaffEmployment, &employment, &cells);
        self.rows.put(row);
        self.rows.set(Table::StaffEmployment, &employment, &[("end_date", &today)]);
        let key = self.fresh(Table::StaffAssignment, &format!("{staff}-{}-", self.short_year()));
        let cells: [(&str, &str); 4] =
            [("assignment_id", &key), ("begin_date", &today), ("fte", share), ("employment_id", &contract)];
        let row = self.rows.like(Table::StaffAssignment, &assignment, &cells);
        self.rows.put(row);
        self.rows.set(Table::StaffAssignment, &assignment, &[("end_date", &today)]);
        Some(())
    }

    /// A credential that ends within two years is renewed.
    fn renew(&mut self) -> Option<()> {
        let (staff, _) = self.worker()?;
        let key = format!("K{staff}-1");
        let ends = self.rows.get(Table::Credential, &key)?.date("expiration_date")?;
        if ends.since(self.day) < 800 {
            self.rows.set(Table::Credential, &key, &[("expiration_date", &ends.plus(1826).to_string())]);
        }
        Some(())
    }

    /// A person stops helping in a section for some weeks.
    fn stop_helping(&mut self) -> Option<()> {
        let key = self.helpers.get(self.dice.below(self.helpers.len() as u32) as usize)?.clone();
        let view = self.rows.get(Table::SectionStaff, &key)?;
        let [staff, section] = ["staff_id", "section_id"].map(|column| view.text(column).to_owned());
        let here = view.date("begin_date").is_some_and(|begin| begin < self.day);
        if !here
            || !view.holds("begin_date", "end_date", self.day)
            || self.reserved.contains(&staff)
            || self.reserved.contains(&section)
        {
            return None;
        }
        let days = self.dice.between(5, 40) as usize;
        self.later(days, Task::Helps(key.clone()));
        self.rows.set(Table::SectionStaff, &key, &[("end_date", &self.day.to_string())]);
        Some(())
    }

    /// A person helps again until the end of the year, if still here.
    pub(super) fn help_again(&mut self, row: &str) {
        let Some(view) = self.rows.get(Table::SectionStaff, row) else { return };
        let [staff, section] = ["staff_id", "section_id"].map(|column| view.text(column).to_owned());
        let here = self.rows.get(Table::Staff, &staff).is_some_and(|view| view.text("is_active") == "true");
        if here && !self.reserved.contains(&section) {
            self.touched.insert(staff);
            let key = self.fresh(Table::SectionStaff, &format!("{section}-"));
            let (today, last) = (self.day.to_string(), self.plan.last_day.to_string());
            let cells = [("section_staff_id", &*key), ("begin_date", &today), ("end_date", &last)];
            let next = self.rows.like(Table::SectionStaff, row, &cells);
            self.rows.put(next);
            self.helpers.push(key);
        }
    }

    /// A correction of a person's data.
    fn correct_staff(&mut self) -> Option<()> {
        let (staff, _) = self.worker()?;
        let years = self.rows.get(Table::Staff, &staff)?.text("years_experience").parse::<u32>().ok()?;
        let education = self.dice.pick(&["Masters", "Masters", "Specialist"]);
        let cell = match self.dice.below(3) {
            0 => ("highest_education", education.to_owned()),
            1 => ("years_experience", (years + 1).to_string()),
            _ => ("middle_name", self.dice.pick(&["Lee", "Ann", "Ray", "Jo"]).to_owned()),
        };
        self.rows.set(Table::Staff, &staff, &[(cell.0, &cell.1)]);
        Some(())
    }

    /// A permit is entered for a person who has none, and removed again.
    fn mistake(&mut self) -> Option<()> {
        let (staff, _) = self.worker()?;
        self.rows.get(Table::Credential, &format!("K{staff}-1"))?;
        let key = self.fresh(Table::Credential, &format!("K{staff}-"));
        let (today, until) = (self.day.to_string(), self.day.plus(1826).to_string());
        let number = format!("ZZP{}{}", state_staff_id(staff.parse().ok()?), self.index);
        let cells: [(&str, &str); 8] = [
            ("credential_id", &key),
            ("credential_number", &number),
            ("credential_type", "permit"),
            ("level", "provisional"),
            ("status", "pending"),
            ("issue_date", &today),
            ("effective_date", &today),
            ("expiration_date", &until),
        ];
        let row = self.rows.like(Table::Credential, &format!("K{staff}-1"), &cells);
        let key = row.1.clone();
        self.rows.put(row);
        let days = self.dice.between(2, 9) as usize;
        self.later(days, Task::Edit(vec![(Table::Credential, key, None)]));
        Some(())
    }
}
