//! The file of a section: its own record, its course, sessions and school, who teaches in it and who is on its roster. It
//! says when the section meets, and cuts rosters and teaching to those days before they go into the files of persons.
//!
//! What students bring to a section (their grades) goes to its teachers through a second file, that of the [`ClassRow`]s,
//! because a student's file needs the roster first.

use super::parents::CourseFacts;
use super::staff::{StaffRow, Teaching};
use super::student::{Roster, StudentRow};
use crate::model::codes::{ClassroomRole, Grade, Population, Subject};
use crate::model::{
    Code, Codes, CourseId, Date, Fte, Interval, OrgId, PeriodId, SchoolYear, SectionEnrollmentId, SectionId, SectionStaffId,
    StaffId, StudentId, Text, date,
};
use crate::tallies::staffing::{Measure, OrgScope};
use serde::{Deserialize, Serialize};

/// A row of a section's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SectionRow {
    /// The own record: at most one.
    Section(SectionFacts),
    /// Its course, joined in; none when the course is missing.
    Course(CourseFacts),
    /// The organization above its school, joined in.
    District(Option<OrgId>),
    /// Most students by the standards of its school, joined in.
    Limit(Interval, i32),
    /// A session it meets in, joined in.
    Session(Interval),
    /// A period it meets in.
    Period(PeriodId),
    /// Somebody who teaches in it.
    Staff(Stated),
    /// A student on its roster.
    Student(Rostered),
}

/// The columns of a section that rules read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SectionFacts {
    /// The course.
    pub course: CourseId,
    /// The school.
    pub school: OrgId,
    /// School year.
    pub school_year: SchoolYear,
    /// Whether it is in use.
    pub is_active: bool,
    /// Population it serves.
    pub population: Population,
    /// Room.
    pub room: Option<Text>,
    /// Seats.
    pub max_enrollment: Option<i32>,
}

/// Somebody who teaches, as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stated {
    /// The row.
    pub id: SectionStaffId,
    /// Who.
    pub staff: StaffId,
    /// As what.
    pub role: ClassroomRole,
    /// The days, as far as stated.
    pub interval: Interval,
    /// Share of the instruction.
    pub allocation: Option<Fte>,
}

/// A student on a roster, as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rostered {
    /// Who.
    pub student: StudentId,
    /// The row.
    pub id: SectionEnrollmentId,
    /// The days, as far as stated.
    pub interval: Interval,
    /// Whether it is the student's homeroom.
    pub is_homeroom: bool,
    /// Whether the student dropped it.
    pub is_dropped: bool,
}

/// No day at all.
const NEVER: Interval = Interval::new(Date::MIN, Some(Date::MIN));

/// Everything about one section.
#[derive(Debug)]
pub struct SectionView<'a> {
    /// Which.
    pub id: SectionId,
    /// The own record; none when others refer to a section that is missing.
    pub section: Option<SectionFacts>,
    /// Its course; none when it is missing.
    pub course: Option<CourseFacts>,
    /// The organization above its school.
    pub district: Option<OrgId>,
    /// The days on which it meets: those of its sessions, else those of its school year; empty when it is missing or not
    /// in use.
    pub days: Interval,
    /// Most students by the standards of its school: the days, and the number.
    pub limits: &'a [(Interval, i32)],
    /// Its periods.
    pub periods: &'a [PeriodId],
    /// Who teaches, with the days cut to those of the section.
    pub staff: &'a [Stated],
    /// Who is on the roster, with the days cut to those of the section; by student.
    pub students: &'a [Rostered],
}

/// Room to sort a file's rows by kind, used over and over.
#[derive(Default)]
pub struct SectionViewBuilder {
    limits: Vec<(Interval, i32)>,
    periods: Vec<PeriodId>,
    staff: Vec<Stated>,
    students: Vec<Rostered>,
}

impl SectionViewBuilder {
    /// The file made of these rows.
    pub fn view<'a>(&'a mut self, id: SectionId, rows: &[SectionRow]) -> SectionView<'a> {
        self.limits.clear();
        self.periods.clear();
        self.staff.clear();
        self.students.clear();
        let (mut section, mut course, mut district) = (None, None, None);
        let mut span: Option<Interval> = None;
        for row in rows {
            match *row {
                SectionRow::Section(facts) => section = Some(facts),
                SectionRow::Course(facts) => course = Some(facts),
                SectionRow::District(above) => district = above,
                SectionRow::Limit(holds, limit) => self.limits.push((holds, limit)),
                SectionRow::Session(session) if session.is_empty() => {}
                SectionRow::Session(session) => {
                    let before = span.unwrap_or(session);
                    span = Some(Interval::new(before.begin.min(session.begin), before.end.max(session.end)));
                }
                SectionRow::Period(period) => self.periods.push(period),
                SectionRow::Staff(staff) => self.staff.push(staff),
                SectionRow::Student(student) => self.students.push(student),
            }
        }
        let days = match section {
            Some(SectionFacts { is_active: true, school_year, .. }) => {
                span.unwrap_or(Interval::new(school_year.begin(), Some(school_year.end())))
            }
            _ => NEVER,
        };
        self.staff.iter_mut().for_each(|staff| staff.interval = staff.interval.intersect(days));
        self.students.iter_mut().for_each(|student| student.interval = student.interval.intersect(days));
        SectionView {
            id,
            section,
            course,
            district,
            days,
            limits: &self.limits,
            periods: &self.periods,
            staff: &self.staff,
            students: &self.students,
        }
    }
}

/// A stretch of time in which as many students are on the roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// The days.
    pub holds: Interval,
    /// The students.
    pub students: i64,
}

impl SectionView<'_> {
    /// The roster by how many students are on it, each counted once a day.
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

    /// The subject that is taught, when it is known.
    pub fn subject(&self) -> Option<Subject> {
        let subject = self.course.and_then(|course| course.subject);
        subject.filter(|subject| !matches!(subject, Subject::NoneOf | Subject::Unknown(_)))
    }

    /// The rows that it puts into the files of its students.
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

    /// The rows that it puts into the files of those who teach in it, with the grades of the course.
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

    /// What it adds to its school.
    pub fn members(&self, out: &mut impl FnMut(OrgScope, Measure, Interval, i32)) {
        let Some(section) = self.section.filter(|section| section.is_active) else { return };
        let year = Interval::new(section.school_year.begin(), Some(section.school_year.end()));
        let seats = self.seats();
        for place in [OrgScope::District, OrgScope::Organization(section.school)] {
            out(place, Measure::Section, year, 1);
            for seats in &seats {
                out(place, Measure::Seat, seats.holds, seats.students as i32);
            }
        }
    }
}

/// The least and the greatest of the positions of grades up to grade 13; none without any.
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
    grades.bits != 0 && grades.bits & !elementary == 0 && grades.odd[0].is_none()
}

/// A row of a class: who teaches a section, and the grades of its students.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClassRow {
    /// A grade of students on the roster, by its position; as often as there are such students.
    Grade(u8),
    /// Somebody who teaches.
    Teacher(StaffId, SectionStaffId),
}

/// The rows that a class puts into the files of those who teach it: the grades of the students, when any are known.
pub fn class_links(rows: &[ClassRow], out: &mut impl FnMut(StaffId, StaffRow)) {
    let grades = rows.iter().filter_map(|row| if let ClassRow::Grade(rank) = row { Some(*rank) } else { None });
    let Some(grades) = span(grades) else { return };
    for row in rows {
        if let ClassRow::Teacher(staff, id) = *row {
            out(staff, StaffRow::Grades(id, grades));
        }
    }
}
