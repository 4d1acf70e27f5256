//! The rows of a person: staff, employments and assignments.

use super::Office;
use super::posts::{FULL, Post};
use crate::employees::{Person, state_staff_id};
use crate::schools::{DISTRICT, GRADES, day_of, school_id};
use rollcall_model::date::Date;
use std::io::{self, Write};

/// An assignment as written.
#[derive(Clone, Copy)]
pub(super) struct Assignment {
    pub(super) number: u32,
    pub(super) post: Post,
    /// `None` for the district.
    pub(super) school: Option<u32>,
    pub(super) begin: Date,
    /// `None` for the end of the school year.
    pub(super) end: Option<Date>,
    pub(super) year: u16,
    /// `None` if a fault omits it.
    pub(super) fte: Option<i32>,
    pub(super) primary: bool,
    /// The employment it belongs to, if stated.
    pub(super) employment: Option<u32>,
}

impl Assignment {
    /// The same assignment with another number and post, at another organization.
    pub(super) fn also(&self, number: u32, post: Post, school: Option<u32>) -> Assignment {
        Assignment { number, post, school, fte: Some(post.fte), ..*self }
    }

    pub(super) fn secondary(self) -> Assignment {
        Assignment { primary: false, ..self }
    }
}

/// An employment.
#[derive(Clone, Copy)]
pub(super) struct Contract {
    pub(super) staff: u32,
    pub(super) hired: Date,
    /// Full time until this year began; people hired since then have one contract.
    pub(super) returning: bool,
    pub(super) end: Option<Date>,
}

impl<W: Write> Office<'_, W> {
    /// Writes a staff row under a new id, which it returns; with `state_id_of` and `mail_of` it uses another person's
    /// data.
    pub(super) fn enter(
        &mut self,
        person: &Person,
        district: u32,
        active: bool,
        state_id_of: Option<u32>,
        mail_of: Option<u32>,
    ) -> io::Result<u32> {
        let staff = self.next_staff;
        self.next_staff += 1;
        let row = &mut self.sheets.staff;
        row.show(staff).text(&state_staff_id(state_id_of.unwrap_or(staff)));
        row.text(&person.first).text(person.middle.unwrap_or_default()).text(&person.last);
        row.none(1).text(person.former.as_deref().unwrap_or_default()).date(person.birth);
        row.text(if person.female { "female" } else { "male" }).flag(person.hispanic).text(person.race);
        row.show(format_args!("staff{}@synthetic.example", mail_of.unwrap_or(staff))).show(format_args!("staff{staff}"));
        row.text(person.education).show(person.experience).show(district).flag(active).end()?;
        Ok(staff)
    }

    /// Writes the employment of a person: full time until this year began, and by the contract since. `again` is whether
    /// a fault enters it again.
    pub(super) fn employ(&mut self, contract: &Contract, fte: Option<i32>, again: bool) -> io::Result<()> {
        let change = self.plan.year.begin();
        let changed = contract.returning && fte != Some(FULL);
        let now = (if changed { change } else { contract.hired }, contract.end, fte);
        let before = changed.then_some((contract.hired, Some(change), Some(FULL)));
        let mut rows: Vec<(Date, Option<Date>, Option<i32>)> = before.into_iter().chain([now]).collect();
        if again {
            // Without FTE, which would count twice.
            rows.push((rows[0].0, rows[0].1, None));
            let (staff, hired) = (contract.staff, rows[0].0);
            self.answers.note("REF-008", format!("staff_employment|{staff}|{DISTRICT}|{hired}"));
        }
        for (index, (hired, end, fte)) in rows.into_iter().enumerate() {
            let row = &mut self.sheets.staff_employment;
            row.show(format_args!("E{}-{}", contract.staff, index + 1)).show(contract.staff).text(DISTRICT);
            row.date(hired).maybe_date(end).text(if contract.returning { "tenured" } else { "probationary" });
            row.maybe_fraction(fte).show(190).text(if contract.end.is_some() { "resignation" } else { "" }).end()?;
        }
        Ok(())
    }

    /// Writes an assignment of a school year, and adds it to the totals of its school if it is current.
    pub(super) fn assign(&mut self, staff: u32, assignment: &Assignment, certified: bool) -> io::Result<()> {
        let Assignment { number, post, school, begin, year, fte, .. } = *assignment;
        let end = assignment.end.unwrap_or(day_of(i32::from(year), 7, 1));
        let row = &mut self.sheets.staff_assignment;
        row.show(format_args!("{staff}-{:02}-{number}", year % 100)).show(staff);
        match school {
            Some(school) => row.show(school_id(school)),
            None => row.text(DISTRICT),
        };
        row.show(year).text(post.role).text(post.title).none(1).text(post.subject);
        row.text(GRADES[post.grades.0 as usize]).text(GRADES[post.grades.1 as usize]);
        row.date(begin).date(end).maybe_fraction(fte).flag(assignment.primary);
        match assignment.employment {
            Some(employment) => row.show(format_args!("E{staff}-{employment}")),
            None => row.none(1),
        };
        row.text(if post.population == "special_education" { "special_education" } else { "general" }).end()?;
        let Some(school) = school else { return Ok(()) };
        if post.teaches && fte == Some(FULL) && year + 1 == self.plan.year.0 {
            self.last_year[school as usize].push(staff);
        }
        if begin <= self.plan.day && self.plan.day < end {
            let (of, fte) = (&mut self.staffing[school as usize], i64::from(fte.unwrap_or(0)));
            of.staff += 1;
            match post.role {
                "counselor" => of.counselor += fte,
                "nurse" => of.nurse += fte,
                "librarian" => of.librarian += fte,
                _ if post.teaches => {
                    of.teacher_fte += fte;
                    of.counted += fte;
                    of.uncertified += if certified { 0 } else { fte };
                }
                _ => {}
            }
        }
        Ok(())
    }
}
