//! Faults of students: of student records, enrollments, class enrollments, statuses, results and programs.

use super::super::rows::View;
use super::super::windows::was_there;
use super::super::{Year, rank};
use super::{Kind, Planter};
use crate::schools::{GRADES, Level};
use rollcall_model::Table;
use rollcall_model::date::Date;

impl Planter {
    /// Spoils rows of a student; `until` is the day of the repair.
    pub(super) fn spoil_student(&mut self, year: &mut Year<'_>, kind: Kind, number: u32, until: Option<Date>) -> Option<()> {
        use Table::{AssessmentResult, ProgramParticipation, SchoolEnrollment, SectionEnrollment, Student, StudentStatus};
        let (day, today) = (year.day, year.day.to_string());
        if kind == Kind::NeverClosed {
            return self.never_closed(year, until);
        }
        if kind == Kind::NoRoster {
            return self.no_roster(year, until);
        }
        let (student, enrollment) = year.settled()?;
        if matches!(kind, Kind::ProgramOutside | Kind::ProgramTwice) && year.is_mentored(&student) {
            return None;
        }
        let view = year.rows.get(SchoolEnrollment, &enrollment)?;
        let [school, grade] = ["school_id", "grade_level"].map(|column| view.text(column).to_owned());
        let place = rank(&grade)? as u8;
        let next = year.fresh(SchoolEnrollment, &format!("{student}-"));
        let result = |of: &str| {
            let found = year.rows.of(AssessmentResult, &format!("{student}-INT-{}-", year.plan.year.0));
            let scored = |view: &View<'_>| !view.text("score").is_empty();
            found.filter(scored).last().map(|view| (view.key.to_owned(), view.text(of).to_owned()))
        };
        let calls = |view: View<'_>| view.key.to_owned();
        let status = year.rows.of(StudentStatus, &format!("{student}-")).next().map(calls);
        let hold = |year: &mut Year<'_>| year.reserved.insert(student.clone());
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::NoStateId => {
                self.set(year, Student, &student, &[("state_student_id", "")]);
                note(year, "ENR-024", &student);
            }
            Kind::StaleGrade => {
                let other = if place == 0 { GRADES[1] } else { GRADES[place as usize - 1] };
                self.set(year, Student, &student, &[("grade_level", other)]);
                note(year, "ENR-025", &student);
            }
            Kind::WrongAge => {
                let (born, month, date) = year.rows.get(Student, &student)?.date("birth_date")?.to_ymd();
                let birth = Date::ymd(born - 10, month, date.min(28))?;
                let wrong = year.implausible(&student, birth);
                self.set(year, Student, &student, &[("birth_date", &birth.to_string())]);
                wrong.iter().for_each(|enrollment| note(year, "ENR-011", enrollment));
            }
            Kind::SharedStateId => {
                let (other, _) = year.settled()?;
                let id = year.rows.get(Student, &other)?.text("state_student_id").to_owned();
                self.set(year, Student, &student, &[("state_student_id", &id)]);
                year.reserved.insert(other);
                note(year, "ENR-022", &id);
            }
            Kind::StillEnabled | Kind::HalfExit | Kind::RosterOutside | Kind::ProgramOutside => {
                let roster = year.open_rosters(&student).into_iter().next()?;
                year.leave(&student, &enrollment, day);
                year.rows.set(Student, &student, &[("is_enabled", "false")]);
                match kind {
                    Kind::StillEnabled => {
                        self.set(year, Student, &student, &[("is_enabled", "true")]);
                        note(year, "ENR-013", &student);
                    }
                    Kind::HalfExit => {
                        let reason = if number.is_multiple_of(2) { "" } else { "unknown" };
                        self.set(year, SchoolEnrollment, &enrollment, &[("exit_type", reason)]);
                        note(year, "ENR-004", &enrollment);
                    }
                    Kind::RosterOutside => {
                        self.set(year, SectionEnrollment, &roster, &[("end_date", "")]);
                        note(year, "ENR-014", &roster);
                    }
                    _ => {
                        let part = year.mentor(&student, &enrollment, None);
                        self.spoiled.push((ProgramParticipation, part.clone(), None));
                        note(year, "PRG-002", &part);
                    }
                }
            }
            Kind::AnnouncedExit => {
                // On the Saturday after next, and nobody deactivates the record on that day.
                let exit = day.plus(i64::from(6 + 7 - day.weekday()));
                year.leave(&student, &enrollment, exit);
                self.spoiled.push(year.rows.like(Student, &student, &[("is_enabled", "false")]));
                year.note("ENR-013", student.clone(), exit, until);
            }
            Kind::TwoSchools => {
                // Not on the days that determine where a student is tested.
                let near = |begin: Date| (-3..14).contains(&begin.since(day));
                if year.list.iter().any(|assessment| assessment.summative && near(assessment.window.0)) {
                    return None;
                }
                let other = year.other_school(&school, place)?;
                let second = year.move_in(&student, &enrollment, &other, day);
                self.spoiled.push((SchoolEnrollment, second, None));
                note(year, "ENR-001", &student);
            }
            Kind::TwiceAtSchool => {
                let cells: [(&str, &str); 3] =
                    [("enrollment_id", &next), ("status", "services_only"), ("entry_date", &today)];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-002", &format!("{student}|{school}"));
            }
            Kind::ExitBeforeEntry => {
                let cells: [(&str, &str); 5] = [
                    ("enrollment_id", &next),
                    ("status", "services_only"),
                    ("entry_date", &today),
                    ("exit_date", &day.plus(-5).to_string()),
                    ("exit_type", "other"),
                ];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-003", &next);
            }
            Kind::WrongYear => {
                // Too far ahead; the violation closes as the day approaches.
                let exit = day.plus(45);
                let cells = [("exit_date", &*exit.to_string()), ("exit_type", "transfer_out_public")];
                self.set(year, SchoolEnrollment, &enrollment, &cells);
                for roster in year.open_rosters(&student) {
                    self.set(year, SectionEnrollment, &roster, &[("end_date", &exit.to_string())]);
                }
                year.note("ENR-008", enrollment.clone(), day, Some(exit.plus(-30)));
            }
            Kind::RosterTwice => {
                let roster = year.open_rosters(&student).into_iter().next()?;
                let section = year.section_of(&roster)?;
                let key = format!("{student}-{}-", year.short_year());
                let key = year.fresh(SectionEnrollment, &key);
                self.enter(year, SectionEnrollment, &roster, &[("section_enrollment_id", &key)]);
                note(year, "ENR-021", &format!("{student}|{section}"));
            }
            Kind::GradeJump => {
                let last = (year.plan.year.0 - 1).to_string();
                let of = |view: &View<'_>| view.text("school_year") == last && view.text("is_no_show") != "true";
                let before = year.rows.of(SchoolEnrollment, &format!("{student}-")).filter(of).map(calls).last()?;
                let was = year.rows.get(SchoolEnrollment, &before)?.text("grade_level").to_owned();
                let (low, high) = Level::of(rank(&was)? as u8).grades();
                let repeats = year.rows.get(SchoolEnrollment, &enrollment)?.text("is_repeating") == "true";
                let to = [i32::from(place) + 1, i32::from(place) - 2];
                let to = to.into_iter().find(|to| (i32::from(low)..=i32::from(high)).contains(to) && !repeats)?;
                let birth = year.rows.get(Student, &student)?.date("birth_date")?;
                self.set(year, SchoolEnrollment, &before, &[("grade_level", GRADES[to as usize])]);
                note(year, "ENR-026", &student);
                year.implausible(&student, birth).iter().for_each(|enrollment| note(year, "ENR-011", enrollment));
            }
            Kind::OrphanEnrollment => {
                let cells: [(&str, &str); 5] = [
                    ("enrollment_id", &next),
                    ("student_id", &format!("{student}9")),
                    ("entry_date", &day.plus(-5).to_string()),
                    ("exit_date", &day.plus(-2).to_string()),
                    ("exit_type", "transfer_out_public"),
                ];
                self.enter(year, SchoolEnrollment, &enrollment, &cells);
                note(year, "ENR-012", &next);
            }
            Kind::OrphanResult => {
                let (like, _) = result("score")?;
                let key = format!("{like}-X");
                let cells = [("result_id", &*key), ("student_id", &format!("{student}9"))];
                self.enter(year, AssessmentResult, &like, &cells);
                note(year, "ASM-005", &key);
            }
            Kind::OrphanStatus => {
                let key = year.begin_status(&student, "title1", "yes");
                self.spoiled.push((StudentStatus, key.clone(), None));
                year.rows.set(StudentStatus, &key, &[("student_id", &format!("{student}9"))]);
                note(year, "REF-007", &format!("student_status|student_id|{student}9"));
            }
            Kind::Unreadable | Kind::Missing => {
                let key = year.begin_status(&student, "title1", "yes");
                self.spoiled.push(year.rows.copy(StudentStatus, &key));
                if kind == Kind::Unreadable {
                    year.rows.set(StudentStatus, &key, &[("begin_date", "2026-13-01")]);
                    note(year, "REF-003", &format!("student_status|{key}"));
                } else {
                    year.rows.set(StudentStatus, &key, &[("status_value", "")]);
                    note(year, "REF-004", &format!("student_status|{key}|status_value"));
                }
            }
            Kind::StatusTwice => {
                let like = status?;
                let view = year.rows.get(StudentStatus, &like)?;
                let subject = format!("{student}|{}|{}", view.text("status_type"), view.text("begin_date"));
                self.enter(year, StudentStatus, &like, &[("status_id", &format!("{like}-B"))]);
                note(year, "REF-008", &format!("student_status|{subject}"));
            }
            Kind::UnknownCode => {
                let code = format!("E{}", 70 + number);
                self.set(year, SchoolEnrollment, &enrollment, &[("entry_type", &code)]);
                note(year, "REF-005", &format!("EntryType|{code}"));
            }
            Kind::ScoreOffScale => {
                let (key, _) = result("score")?;
                let cells: [(&str, &str); 3] = [("score", "999"), ("level_code", "L4"), ("is_proficient", "true")];
                self.set(year, AssessmentResult, &key, &cells);
                note(year, "ASM-001", &key);
            }
            Kind::LevelDisagrees => {
                let (key, proficient) = result("is_proficient")?;
                let other = if proficient == "true" { "false" } else { "true" };
                self.set(year, AssessmentResult, &key, &[("is_proficient", other)]);
                note(year, "ASM-003", &key);
            }
            Kind::TestedTwice => {
                let (key, test) = result("assessment_id")?;
                self.enter(year, AssessmentResult, &key, &[("result_id", &format!("{key}-B"))]);
                note(year, "ASM-004", &format!("{student}|{test}|{}", year.plan.year.0));
            }
            Kind::TestedAway => {
                let (key, _) = result("score")?;
                let summer = year.plan.year.begin().plus(10);
                if was_there(year, &student, summer) {
                    return None;
                }
                self.set(year, AssessmentResult, &key, &[("administration_date", &summer.to_string())]);
                note(year, "ASM-006", &key);
            }
            Kind::ProgramDates => {
                let part = year.mentor(&student, &enrollment, Some(day.plus(-4)));
                self.spoiled.push((ProgramParticipation, part.clone(), None));
                note(year, "PRG-001", &part);
            }
            Kind::ProgramTwice => {
                year.mentor(&student, &enrollment, None);
                let second = year.mentor(&student, &enrollment, None);
                self.spoiled.push((ProgramParticipation, second, None));
                note(year, "PRG-003", &format!("{student}|P-MENTOR"));
            }
            _ => return None,
        }
        hold(year);
        Some(())
    }

    /// An enrollment of a graduate is reopened.
    fn never_closed(&mut self, year: &mut Year<'_>, until: Option<Date>) -> Option<()> {
        for _ in 0..200 {
            let student = (1_000_001 + self.dice.below(year.next.0 - 1_000_001)).to_string();
            let of = year.rows.of(Table::SchoolEnrollment, &format!("{student}-"));
            let last = of.last().filter(|view| view.text("exit_type") == "graduated");
            let Some(key) = last.map(|view| view.key.to_owned()).filter(|_| !year.reserved.contains(&student)) else {
                continue;
            };
            self.set(year, Table::SchoolEnrollment, &key, &[("exit_date", ""), ("exit_type", "")]);
            year.note("ENR-005", key, year.day, until);
            year.reserved.insert(student);
            return Some(());
        }
        None
    }

    /// A new student whose classes are dropped; they are missed after ten instructional days.
    fn no_roster(&mut self, year: &mut Year<'_>, until: Option<Date>) -> Option<()> {
        let (student, enrollment) = year.enroll()?;
        for roster in year.open_rosters(&student) {
            self.set(year, Table::SectionEnrollment, &roster, &[("is_dropped", "true")]);
        }
        let school = year.rows.get(Table::SchoolEnrollment, &enrollment)?.text("school_id").to_owned();
        let calendar = year.rows.of(Table::CalendarDay, &format!("CAL-{school}-{}/", year.plan.year.0));
        let taught = calendar.filter(|view| view.text("is_instructional") == "true").filter_map(|view| view.date("date"));
        let due = taught.filter(|date| *date >= year.day).nth(10);
        if let Some(due) = due {
            year.note("ENR-015", enrollment, due, until);
        }
        year.reserved.insert(student);
        Some(())
    }
}
