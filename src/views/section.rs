//! The view of a section: its record, course, sessions and school, its staff and its class enrollments. It limits teaching and
//! enrollment to the days of the section before they go to the views of persons.
//!
//! The grades of a section's students go to its teachers through a second view, that of the [`ClassRow`]s, because a
//! student's view needs the class enrollment first.

use super::parents::CourseFacts;
use super::staff::{StaffRow, Teaching};
use super::student::{Roster, StudentRow};
use super::{rows, view};
use crate::model::codes::{Grade, Subject};
pub use crate::model::tables::section::SectionFacts;
use crate::model::tables::section_enrollment::Rostered;
use crate::model::tables::section_staff::StatedTeaching;
use crate::model::{Code, Codes, Date, Interval, OrgId, PeriodId, SectionId, SectionStaffId, StaffId, StudentId, date};

/// An empty interval.
const NEVER: Interval = Interval::new(Date::MIN, Some(Date::MIN));

view! {
    /// Everything about one section. The days of staff and class enrollments are limited to those of the section.
    SectionView of SectionId, rows SectionRow, builder SectionViewBuilder {
        /// The record; none if other rows refer to a missing section.
        one section, Section: SectionFacts, from Section;
        /// Its course; none if it is missing.
        one course, Course: CourseFacts;
        /// The organization above its school, if the school is known.
        one above, District: Option<OrgId>;
        /// Maximum students by the standards of its school: the days, and the number.
        many limits, Limit: (Interval, i32);
        /// The sessions it meets in.
        many sessions, Session: Interval;
        /// Its periods.
        many periods, Period: PeriodId, from Section;
        /// Its staff.
        many staff, Staff: StatedTeaching, from SectionStaff;
        /// Its class enrollments, by student.
        many students, Student: Rostered, from SectionEnrollment;
    }
    finish cut_to_days;
    computed {
        /// The organization above its school.
        district: Option<OrgId> = |builder: &SectionViewBuilder| builder.above.flatten();
        /// Its days: those of its sessions, or of its school year; empty if it is missing or not
        /// in use.
        days: Interval = days;
    }
}

/// The days of a section.
fn days(builder: &SectionViewBuilder) -> Interval {
    let Some(SectionFacts { is_active: true, school_year, .. }) = builder.section else { return NEVER };
    let sessions = builder.sessions.iter().copied().filter(|session| !session.is_empty());
    let span = sessions.reduce(|a, b| Interval::new(a.begin.min(b.begin), a.end.max(b.end)));
    span.unwrap_or(Interval::new(school_year.begin(), Some(school_year.end())))
}

/// Limits teaching and enrollment to the days of the section.
fn cut_to_days(builder: &mut SectionViewBuilder) {
    let days = days(builder);
    builder.staff.iter_mut().for_each(|staff| staff.interval = staff.interval.intersect(days));
    builder.students.iter_mut().for_each(|student| student.interval = student.interval.intersect(days));
}

/// A period with the same number of enrolled students.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// The days.
    pub holds: Interval,
    /// The number of students.
    pub students: i64,
}

impl SectionView<'_> {
    /// The number of enrolled students over time; each student counts once a day.
    pub fn seats(&self) -> Vec<Seats> {
        let mut changes: Vec<(Date, i64)> = Vec::new();
        let mut add = |interval: Interval| {
            changes.push((interval.begin, 1));
            changes.extend(interval.end.map(|end| (end, -1)));
        };
        for of_student in self.students.chunk_by(|a, b| a.student == b.student) {
            let taken = of_student.iter().filter(|row| !row.is_dropped && !row.interval.is_empty()).map(|row| row.interval);
            if of_student.len() == 1 {
                taken.for_each(&mut add);
            } else {
                let mut intervals: Vec<Interval> = taken.collect();
                date::union(&mut intervals);
                intervals.into_iter().for_each(&mut add);
            }
        }
        changes.sort_unstable();
        let mut students = 0;
        let mut seats: Vec<Seats> = Vec::new();
        for same_day in changes.chunk_by(|a, b| a.0 == b.0) {
            let more: i64 = same_day.iter().map(|(_, more)| more).sum();
            if more == 0 {
                continue;
            }
            let day = same_day[0].0;
            if let Some(last) = seats.last_mut().filter(|last| last.holds.end.is_none()) {
                last.holds.end = Some(day);
            }
            students += more;
            if students > 0 {
                seats.push(Seats { holds: Interval::new(day, None), students });
            }
        }
        seats
    }

    /// The subject taught, if known.
    pub fn subject(&self) -> Option<Subject> {
        let subject = self.course.and_then(|course| course.subject);
        subject.filter(|subject| !matches!(subject, Subject::NoneOf | Subject::Unknown(_)))
    }

    /// The rows that it adds to the views of its students.
    pub fn rosters(&self, out: &mut impl FnMut(StudentId, StudentRow)) {
        for row in self.students {
            let roster = Roster {
                section: self.id,
                interval: row.interval,
                id: row.id,
                school: self.section.map(|section| section.school),
                school_year: self.section.map(|section| section.school_year),
                is_homeroom: row.is_homeroom,
                is_dropped: row.is_dropped,
            };
            out(row.student, StudentRow::Roster(roster));
        }
    }

    /// The rows that it adds to the views of its staff, with the grades of the course.
    pub fn teaching(&self, out: &mut impl FnMut(StaffId, Teaching)) {
        let mut periods = [None; 8];
        periods.iter_mut().zip(self.periods).for_each(|(slot, &period)| *slot = Some(period));
        let grades = self.course.map_or(Codes::EMPTY, |course| course.grades);
        let ranks = (0..32).filter(|rank| grades.bits >> rank & 1 == 1);
        for row in self.staff {
            let teaching = Teaching {
                interval: row.interval,
                id: row.id,
                section: self.id,
                role: row.role,
                allocation: row.allocation,
                course: self.section.map(|section| section.course),
                school: self.section.map(|section| section.school),
                school_year: self.section.map(|section| section.school_year),
                district: self.district,
                population: self.section.map(|section| section.population),
                room: self.section.and_then(|section| section.room),
                periods,
                subject: self.subject(),
                is_elementary: only_elementary(grades),
                grades: span(ranks.clone().map(|rank| rank as u8)),
            };
            out(row.staff, teaching);
        }
    }
}

/// The lowest and highest position of grades up to grade 13, if there are any.
pub fn span(ranks: impl Iterator<Item = u8>) -> Option<(u8, u8)> {
    let last = Grade::G13.rank().unwrap_or(0);
    ranks.filter(|&rank| rank <= last).fold(None, |span, rank| match span {
        None => Some((rank, rank)),
        Some((low, high)) => Some((rank.min(low), rank.max(high))),
    })
}

fn only_elementary(grades: Codes<Grade>) -> bool {
    use Grade::{G01, G02, G03, G04, G05, G06, Kg};
    let elementary = [Kg, G01, G02, G03, G04, G05, G06].iter().filter_map(|&grade| grade.rank());
    let elementary = elementary.fold(0u32, |bits, rank| bits | 1 << rank);
    grades.bits != 0 && grades.bits & !elementary == 0 && grades.unrecognized[0].is_none()
}

rows! {
    /// A row of a class: a person who teaches the section, or the grade of a student.
    ClassRow by SectionId {
        /// A grade of students in the class, by position, once per student.
        Grade: u8;
        /// A person who teaches it.
        Teacher: (StaffId, SectionStaffId);
    }
}

/// The rows that a class adds to the views of its teachers: the grades of its students, if any are known.
pub fn class_links(rows: &[ClassRow], out: &mut impl FnMut(StaffId, StaffRow)) {
    let grades = rows.iter().filter_map(|row| if let ClassRow::Grade(rank) = row { Some(*rank) } else { None });
    let Some(grades) = span(grades) else { return };
    for row in rows {
        if let ClassRow::Teacher((staff, id)) = *row {
            out(staff, StaffRow::Grades((id, grades)));
        }
    }
}
