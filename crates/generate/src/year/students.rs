//! Student changes during the year: students come, move, leave, change classes, and their data changes.

use super::rows::View;
use super::{Task, Year, is_member, rank};
use crate::schools::{COHORTS, DISTRICT, GRADES, LOCAL_EXITS, Level, day_of, school_id};
use crate::students::state_student_id;
use crate::{names, rosters};
use rollcall_model::Table;
use rollcall_model::date::{Date, SchoolYear};

impl Year<'_> {
    /// The student changes of a usual day.
    pub(super) fn move_students(&mut self) {
        // Schedules change most in the first weeks.
        let schedules = if self.index < 30 { 1.5 } else { 0.7 };
        for _ in 0..self.times(0.34) {
            self.enroll();
        }
        for _ in 0..self.times(0.25) {
            let Some((student, enrollment)) = self.settled() else { continue };
            self.leave(&student, &enrollment, self.day);
            self.rows.set(Table::Student, &student, &[("is_enabled", "false")]);
        }
        for _ in 0..self.times(0.25) {
            self.transfer();
        }
        for _ in 0..self.times(schedules) {
            self.change_schedule();
        }
        for _ in 0..self.times(3.5) {
            self.change_circumstances();
        }
        for _ in 0..self.times(5.0) {
            self.correct();
        }
        for _ in 0..self.times(0.25) {
            let Some((student, enrollment)) = self.settled() else { continue };
            if !self.rows.is_touched(Table::SchoolEnrollment, &enrollment) {
                let key = self.fresh(Table::SchoolEnrollment, &format!("{student}-"));
                self.rows.rename(Table::SchoolEnrollment, &enrollment, "enrollment_id", &key);
            }
        }
        for _ in 0..self.times(0.3) {
            let Some((student, enrollment)) = self.settled().filter(|(student, _)| !self.is_mentored(student)) else {
                continue;
            };
            let row = self.mentor(&student, &enrollment, None);
            // Entered for the wrong student, and soon noticed.
            let days = self.dice.between(2, 9) as usize;
            self.later(days, Task::Edit(vec![(Table::ProgramParticipation, row, None)]));
        }
        if self.day.weekday() == 5 {
            self.count_minutes();
        }
    }

    /// The primary enrollment of a student on a day.
    pub(super) fn enrollment(&self, student: &str, day: Date) -> Option<View<'_>> {
        let mut of = self.rows.of(Table::SchoolEnrollment, &format!("{student}-"));
        of.find(|view| view.text("status") == "primary" && is_member(view, day))
    }

    /// A student who has not changed today and has been enrolled for some time, and the enrollment.
    pub(super) fn settled(&mut self) -> Option<(String, String)> {
        for _ in 0..60 {
            let student = (1_000_001 + self.dice.below(self.next.0 - 1_000_001)).to_string();
            if self.reserved.contains(&student) || self.touched.contains(&student) {
                continue;
            }
            let Some(view) = self.enrollment(&student, self.day) else { continue };
            let long = view.date("entry_date").is_some_and(|entry| entry.plus(6) < self.day);
            let enrollment = view.key.to_owned();
            if long && view.text("exit_date").is_empty() {
                self.touched.insert(student.clone());
                return Some((student, enrollment));
            }
        }
        None
    }

    /// A new student.
    pub(super) fn enroll(&mut self) -> Option<(String, String)> {
        let grade = self.dice.weighted(&COHORTS[..13]);
        let school = school_id(self.plan.any_school(Level::of(grade), &mut self.dice)).to_string();
        self.class_at(&school, grade)?;
        let student = self.next.0.to_string();
        self.next.0 += 1;
        let dice = &mut self.dice;
        let autumn = i32::from(self.plan.year.0) - 1;
        let birth = day_of(autumn - 5 - i32::from(grade), 9, 1).plus(-dice.between(0, 364)).to_string();
        let female = dice.chance(0.487);
        let (race, hispanic) =
            dice.weighted(&[(("white", false), 45), (("white", true), 28), (("black", false), 17), (("asian", false), 10)]);
        let last = names::LAST[names::last(hispanic, race == "asian", dice) as usize];
        let (first, middle) = (names::first(dice), names::first(dice));
        let [first, middle] = [first, middle].map(|name| names::first_name(female, name));
        let entry_type = dice.weighted(&[
            ("transfer_from_public", 70),
            ("transfer_from_private", 12),
            ("from_homeschool", 6),
            ("from_out_of_country", 12),
        ]);
        let grade9 = if grade > 8 { (self.plan.year.0 - u16::from(grade - 9)).to_string() } else { String::new() };
        let drawn = [
            ("frl", "free", dice.chance(0.4)),
            ("english_learner", "el_current", dice.chance(0.08)),
            ("iep", "yes", dice.chance(0.1)),
        ];
        self.rows.add(
            Table::Student,
            &[
                ("student_id", &student),
                ("state_student_id", &state_student_id(self.next.0 - 1)),
                ("first_name", first),
                ("middle_name", middle),
                ("last_name", last),
                ("birth_date", &birth),
                ("sex", if female { "female" } else { "male" }),
                ("is_hispanic", if hispanic { "true" } else { "false" }),
                ("race", race),
                ("race_declined", "false"),
                ("home_language", "en"),
                ("grade9_entry_year", &grade9),
                ("grade_level", GRADES[grade as usize]),
                ("is_enabled", "true"),
            ],
        );
        for (kind, value, has) in drawn {
            if has {
                self.begin_status(&student, kind, value);
            }
        }
        let key = self.rows.add(
            Table::SchoolEnrollment,
            &[
                ("enrollment_id", &format!("{student}-1")),
                ("student_id", &student),
                ("school_id", &school),
                ("school_year", &self.plan.year.0.to_string()),
                ("grade_level", GRADES[grade as usize]),
                ("entry_date", &self.day.to_string()),
                ("entry_type", entry_type),
                ("status", "primary"),
                ("membership_fte", "1.0000"),
                ("is_no_show", "false"),
                ("is_repeating", "false"),
                ("class_of", &(self.plan.year.0 + u16::from(12 - grade)).to_string()),
                ("inferred", "false"),
            ],
        );
        self.seat(&student, &school, grade);
        self.heads.entry(school).or_default().0 += 1;
        self.touched.insert(student.clone());
        self.invite_newcomer(&student);
        Some((student, key))
    }

    /// Moves a student to another school of the district, if there is room.
    fn transfer(&mut self) -> Option<()> {
        let (student, enrollment) = self.settled()?;
        let view = self.rows.get(Table::SchoolEnrollment, &enrollment)?;
        let (grade, from) = (rank(view.text("grade_level"))? as u8, view.text("school_id").to_owned());
        let to = self.other_school(&from, grade)?;
        self.close(&student, &enrollment, self.day, "transfer_in_district");
        self.move_in(&student, &enrollment, &to, self.day);
        self.seat(&student, &to, grade);
        self.heads.entry(to).or_default().0 += 1;
        Some(())
    }

    /// Another school with the grade and with room.
    pub(super) fn other_school(&mut self, school: &str, grade: u8) -> Option<String> {
        let schools = self.plan.of_level(Level::of(grade));
        let number = school.parse::<u32>().ok()?.checked_sub(school_id(0))?;
        if schools.len() < 2 {
            return None;
        }
        let to = school_id(self.plan.other_school(number, &mut self.dice)).to_string();
        self.class_at(&to, grade).map(|_| to)
    }

    /// A second enrollment like the first, at another school; returns its key.
    pub(super) fn move_in(&mut self, student: &str, like: &str, school: &str, entry: Date) -> String {
        let key = self.fresh(Table::SchoolEnrollment, &format!("{student}-"));
        let cells: [(&str, &str); 7] = [
            ("enrollment_id", &key),
            ("school_id", school),
            ("entry_date", &entry.to_string()),
            ("entry_type", "transfer_in_district"),
            ("exit_date", ""),
            ("exit_type", ""),
            ("calendar_id", ""),
        ];
        let row = self.rows.like(Table::SchoolEnrollment, like, &cells);
        self.rows.put(row);
        key
    }

    /// Ends an enrollment for good, and everything that depends on it.
    pub(super) fn leave(&mut self, student: &str, enrollment: &str, exit: Date) {
        let mut kind = self.dice.weighted(&[
            ("transfer_out_public", 68),
            ("transfer_private", 12),
            ("homeschool", 10),
            ("moved_out_of_country", 10),
        ]);
        if let Some((code, _)) = LOCAL_EXITS.iter().find(|(_, standard)| *standard == kind) {
            kind = if self.dice.chance(0.3) { code } else { kind };
        }
        self.close(student, enrollment, exit, kind);
        let day = exit.to_string();
        let parts = self.rows.of(Table::ProgramParticipation, &format!("{student}-P"));
        let open: Vec<String> =
            parts.filter(|view| view.text("end_date").is_empty()).map(|view| view.key.to_owned()).collect();
        for part in open {
            self.rows.set(Table::ProgramParticipation, &part, &[("end_date", &day), ("exit_reason", "withdrew")]);
        }
    }

    fn close(&mut self, student: &str, enrollment: &str, exit: Date, kind: &str) {
        let school = self.rows.get(Table::SchoolEnrollment, enrollment).map(|view| view.text("school_id").to_owned());
        let cells = [("exit_date", &*exit.to_string()), ("exit_type", kind)];
        self.rows.set(Table::SchoolEnrollment, enrollment, &cells);
        self.end_rosters(student, exit);
        if let Some((heads, _)) = school.and_then(|school| self.heads.get_mut(&school)) {
            *heads -= 1;
        }
    }

    /// The open class enrollments of a student.
    pub(super) fn open_rosters(&self, student: &str) -> Vec<String> {
        let of = self.rows.of(Table::SectionEnrollment, &format!("{student}-{}-", self.short_year()));
        of.filter(|view| view.text("end_date").is_empty()).map(|view| view.key.to_owned()).collect()
    }

    fn end_rosters(&mut self, student: &str, end: Date) {
        for key in self.open_rosters(student) {
            self.end_roster(&key, end);
        }
    }

    fn end_roster(&mut self, key: &str, end: Date) {
        if let Some(seats) = self.section_of(key).and_then(|section| self.seats.get_mut(&section)) {
            *seats -= 1;
        }
        self.rows.set(Table::SectionEnrollment, key, &[("end_date", &end.to_string())]);
    }

    /// The section of a class enrollment.
    pub(super) fn section_of(&self, roster: &str) -> Option<String> {
        self.rows.get(Table::SectionEnrollment, roster).map(|view| view.text("section_id").to_owned())
    }

    /// The sections of the smallest class of a grade, if school and class have room.
    fn class_at(&self, school: &str, grade: u8) -> Option<Vec<String>> {
        let (heads, room) = *self.heads.get(school)?;
        if heads >= room {
            return None;
        }
        let start = format!("{school}-{}-{grade:02}-", self.short_year());
        // Support classes have a number instead of a grade in their key.
        let of_grade = |view: &View<'_>| view.key[start.len()..].contains('-');
        let sections = self.rows.of(Table::Section, &start).filter(of_grade);
        let sections: Vec<String> = sections.map(|view| view.key.to_owned()).collect();
        let number = |section: &String| section[start.len()..].split('-').next().map(str::to_owned);
        let filled = |class: &&[String]| {
            class.iter().map(|section| self.seats.get(section).copied().unwrap_or(0)).max().unwrap_or(u32::MAX)
        };
        let emptiest = sections.chunk_by(|a, b| number(a) == number(b)).min_by_key(filled)?;
        (filled(&emptiest) < rosters::seats(grade)).then(|| emptiest.to_vec())
    }

    /// Enrolls a student in the sections of a class from today on.
    fn seat(&mut self, student: &str, school: &str, grade: u8) {
        for section in self.class_at(school, grade).unwrap_or_default() {
            self.seat_in(student, school, &section);
        }
    }

    fn seat_in(&mut self, student: &str, school: &str, section: &str) {
        let key = self.fresh(Table::SectionEnrollment, &format!("{student}-{}-", self.short_year()));
        let cells: [(&str, &str); 7] = [
            ("section_enrollment_id", &key),
            ("student_id", student),
            ("section_id", section),
            ("school_id", school),
            ("begin_date", &self.day.to_string()),
            ("is_homeroom", if section.ends_with("-HR") { "true" } else { "false" }),
            ("is_dropped", "false"),
        ];
        self.rows.add(Table::SectionEnrollment, &cells);
        *self.seats.entry(section.to_owned()).or_default() += 1;
    }

    /// Moves a student to the smallest class of the grade.
    fn change_schedule(&mut self) -> Option<()> {
        let (student, enrollment) = self.settled()?;
        let view = self.rows.get(Table::SchoolEnrollment, &enrollment)?;
        let (school, grade) = (view.text("school_id").to_owned(), rank(view.text("grade_level"))? as u8);
        let to = self.class_at(&school, grade)?;
        // Support classes continue.
        let goes_on = |section: &str| section.ends_with("-RES") || section.ends_with("-ELD");
        let open = self.open_rosters(&student).into_iter().filter_map(|key| Some((self.section_of(&key)?, key)));
        let from: Vec<(String, String)> = open.filter(|(section, _)| !goes_on(section)).collect();
        if from.iter().any(|(section, _)| to.contains(section)) {
            return None;
        }
        from.iter().for_each(|(_, roster)| self.end_roster(roster, self.day));
        to.iter().for_each(|section| self.seat_in(&student, &school, section));
        Some(())
    }

    /// Records that a circumstance begins today.
    pub(super) fn begin_status(&mut self, student: &str, kind: &str, value: &str) -> String {
        let key = self.fresh(Table::StudentStatus, &format!("{student}-{kind}-"));
        let disability = if kind == "iep" { "specific_learning_disability" } else { "" };
        let cells: [(&str, &str); 8] = [
            ("status_id", &key),
            ("student_id", student),
            ("org_id", DISTRICT),
            ("status_type", kind),
            ("status_value", value),
            ("begin_date", &self.day.to_string()),
            ("primary_disability", disability),
            ("inferred", "false"),
        ];
        self.rows.add(Table::StudentStatus, &cells)
    }

    /// A circumstance begins, ends or changes.
    fn change_circumstances(&mut self) -> Option<()> {
        let (student, _) = self.settled()?;
        let kind = self.dice.weighted(&[
            ("frl", 50),
            ("homeless", 12),
            ("iep", 12),
            ("english_learner", 8),
            ("s504", 8),
            ("gifted", 6),
            ("foster", 4),
        ]);
        let of = self.rows.of(Table::StudentStatus, &format!("{student}-{kind}-"));
        let open = |view: &View<'_>| view.holds("begin_date", "end_date", self.day);
        let status = |view: View<'_>| (view.key.to_owned(), view.text("status_value").to_owned(), view.date("begin_date"));
        let open = of.filter(open).map(status).next();
        match open {
            None => {
                let value = match kind {
                    "frl" => self.dice.pick(&["free", "reduced", "direct_cert"]),
                    "english_learner" => "el_current",
                    _ => "yes",
                };
                // Needs are seldom identified, and seldom end.
                let found = self.dice.chance(if kind == "frl" || kind == "homeless" { 0.5 } else { 0.12 });
                if found {
                    self.begin_status(&student, kind, value);
                }
            }
            Some((key, value, begin)) => {
                if begin.is_none_or(|begin| begin >= self.day) {
                    return None;
                }
                self.rows.set(Table::StudentStatus, &key, &[("end_date", &self.day.to_string())]);
                match (kind, &*value) {
                    ("english_learner", "el_current") => drop(self.begin_status(&student, kind, "el_monitor1")),
                    ("frl", _) if self.dice.chance(0.6) => {
                        let other = if value == "reduced" { "free" } else { "reduced" };
                        self.begin_status(&student, kind, other);
                    }
                    _ => {}
                }
            }
        }
        Some(())
    }

    /// A data entry error and its correction.
    fn correct(&mut self) -> Option<()> {
        let (student, _) = self.settled()?;
        let view = self.rows.get(Table::Student, &student)?;
        let female = view.text("sex") == "female";
        let birth = view.date("birth_date")?;
        let name = names::first_name(female, names::first(&mut self.dice));
        let cell = match self.dice.below(10) {
            0 => ("first_name", name.to_owned()),
            1 | 2 => {
                let other = birth.plus(self.dice.between(-9, 9));
                if self.implausible(&student, other).is_empty() {
                    ("birth_date", other.to_string())
                } else {
                    ("middle_name", name.to_owned())
                }
            }
            3..6 => ("middle_name", name.to_owned()),
            6 | 7 => ("home_language", self.dice.pick(&["en", "es", "vi", "ar", "zh"]).to_owned()),
            _ => return self.correct_score(&student),
        };
        self.rows.set(Table::Student, &student, &[(cell.0, &cell.1)]);
        Some(())
    }

    /// The enrollments of a student for which a birth date would be implausible.
    pub(super) fn implausible(&self, student: &str, birth: Date) -> Vec<String> {
        let of = self.rows.of(Table::SchoolEnrollment, &format!("{student}-"));
        let wrong = |view: &View<'_>| {
            let year = SchoolYear(view.text("school_year").parse().unwrap_or(0));
            let (Some(grade), days) = (rank(view.text("grade_level")), year.first_of_september().since(birth)) else {
                return false;
            };
            let grade = grade as i64;
            days >= 0 && (4 * days < 1461 * (4 + grade) || 8 * days > 1461 * (17 + 2 * grade))
        };
        of.filter(wrong).map(|view| view.key.to_owned()).collect()
    }

    /// Whether a student has or had a mentor.
    pub(super) fn is_mentored(&self, student: &str) -> bool {
        let mut parts = self.rows.of(Table::ProgramParticipation, &format!("{student}-P"));
        parts.any(|view| view.text("program_id") == "P-MENTOR")
    }

    /// Enters a mentor for a student from today on, or until a day; returns the key.
    pub(super) fn mentor(&mut self, student: &str, enrollment: &str, end: Option<Date>) -> String {
        let key = self.fresh(Table::ProgramParticipation, &format!("{student}-P"));
        let view = self.rows.get(Table::SchoolEnrollment, enrollment);
        let school = view.map(|view| view.text("school_id").to_owned()).unwrap_or_default();
        let cells: [(&str, &str); 7] = [
            ("participation_id", &key),
            ("student_id", student),
            ("program_id", "P-MENTOR"),
            ("school_id", &school),
            ("begin_date", &self.day.to_string()),
            ("end_date", &end.map_or_else(String::new, |end| end.to_string())),
            ("arm", "treatment"),
        ];
        self.rows.add(Table::ProgramParticipation, &cells)
    }

    /// At the end of the week the tutoring minutes are entered.
    fn count_minutes(&mut self) {
        let year = format!("-{}", self.plan.year.0);
        let tutored = self.rows.of(Table::ProgramParticipation, "").filter(|view| {
            let open = view.text("end_date").is_empty() && view.text("arm") == "treatment";
            open && view.text("program_id").ends_with(&year) && !self.reserved.contains(view.text("student_id"))
        });
        let minutes = |view: View<'_>| (view.key.to_owned(), view.text("dosage_minutes").parse().unwrap_or(0u32));
        let tutored: Vec<(String, u32)> = tutored.map(minutes).collect();
        for (key, before) in tutored {
            let more = 15 * self.dice.below(7);
            let minutes = (before + more).to_string();
            self.rows.set(Table::ProgramParticipation, &key, &[("dosage_minutes", &minutes)]);
        }
    }
}
