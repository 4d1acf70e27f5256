//! Faults of sections, and of school calendars, sessions and courses.

use super::super::Year;
use super::super::rows::View;
use super::{Kind, Planter};
use crate::schools::{DISTRICT, school_id};
use rollcall_model::Table;
use rollcall_model::date::Date;

impl Planter {
    /// Spoils rows of a school; `until` is the day of the repair.
    pub(super) fn spoil_school(&mut self, year: &mut Year<'_>, kind: Kind, number: u32, until: Option<Date>) -> Option<()> {
        use Table::{AcademicSession, CalendarDay, Course, Section, SectionStaff};
        let (day, spring) = (year.day, year.plan.year.0);
        let staffed = year.plan.unstaffed.start;
        let school = school_id(self.dice.below(staffed)).to_string();
        let note = |year: &mut Year<'_>, rule, subject: &str| year.note(rule, subject.to_owned(), day, until);
        match kind {
            Kind::NoTeacher | Kind::TeacherTwice | Kind::TooFull => {
                let sections: Vec<String> = year
                    .rows
                    .of(Section, &format!("{school}-{}-", year.short_year()))
                    .map(|view| view.key.to_owned())
                    .collect();
                let section = sections.get(self.dice.below(sections.len() as u32) as usize)?.clone();
                let seats = year.seats.get(&section).copied().unwrap_or(0);
                let teaches = |view: &View<'_>| {
                    let teaches = view.text("role") == "teacher_of_record" && view.holds("begin_date", "end_date", day);
                    teaches && view.date("begin_date").is_some_and(|begin| begin.plus(20) < day)
                };
                let of = year.rows.of(SectionStaff, &format!("{section}-")).find(teaches)?;
                let (key, staff) = (of.key.to_owned(), of.text("staff_id").to_owned());
                if seats < 8
                    || year.reserved.contains(&section)
                    || year.reserved.contains(&staff)
                    || year.touched.contains(&staff)
                {
                    return None;
                }
                match kind {
                    Kind::NoTeacher => {
                        self.set(year, SectionStaff, &key, &[("end_date", &day.to_string())]);
                        note(year, "ENR-018", &section);
                    }
                    Kind::TeacherTwice => {
                        let again = format!("{section}-9");
                        let cells = [("section_staff_id", &*again), ("begin_date", &day.plus(-14).to_string())];
                        self.enter(year, SectionStaff, &key, &cells);
                        note(year, "DUP-007", &format!("{section}|{staff}"));
                    }
                    _ => {
                        self.set(year, Section, &section, &[("max_enrollment", &(seats / 4).to_string())]);
                        note(year, "RAT-004", &section);
                    }
                }
                year.reserved.extend([section, staff]);
            }
            Kind::Saturday => {
                let date = year.plan.first_day.plus(5 + 7 * i64::from(number)).to_string();
                let like = format!("CAL-{school}-{spring}/{}", year.plan.first_day);
                year.rows.get(CalendarDay, &like)?;
                let key = format!("CAL-{school}-{spring}/{date}");
                if year.rows.get(CalendarDay, &key).is_some() {
                    return None;
                }
                self.enter(year, CalendarDay, &like, &[("date", &date)]);
                note(year, "CAL-005", &key);
            }
            Kind::SessionDates => {
                let key = format!("{school}-{spring}-SU{number}");
                let (last, title) = (year.plan.last_day, format!("Summer Session {number}"));
                let cells: [(&str, &str); 5] = [
                    ("session_id", &key),
                    ("session_type", "summer"),
                    ("title", &title),
                    ("begin_date", &last.plus(20).to_string()),
                    ("end_date", &last.plus(10).to_string()),
                ];
                self.enter(year, AcademicSession, &format!("{school}-{spring}-FY"), &cells);
                note(year, "CAL-002", &key);
            }
            Kind::CourseTwice => {
                let once = |view: &View<'_>| !view.key.ends_with("-B");
                let named = |view: View<'_>| (view.key.to_owned(), view.text("course_code").to_owned());
                let (id, code) = year.rows.of(Course, "").filter(once).nth(number as usize).map(named)?;
                self.enter(year, Course, &id, &[("course_id", &format!("{id}-B"))]);
                note(year, "REF-008", &format!("course|{DISTRICT}|{code}"));
            }
            _ => return None,
        }
        Some(())
    }
}
