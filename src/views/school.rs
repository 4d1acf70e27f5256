//! The file of a school: its own record, its calendars, the years for which it has sections, and the staffing standards
//! that hold for it. What comes out of it are the [`SchoolFacts`] that enrollments and sections are joined with, and what
//! the school asks of its staffing.

use crate::model::codes::{DayType, Grade, OpStatus, OrgType, SchoolLevel, StaffRole};
use crate::model::{CalendarDayId, CalendarId, Date, Fte, Interval, OrgId, SchoolYear, Settings, StandardId};
use crate::tallies::staffing::{Measure, OrgScope, Role};
use serde::{Deserialize, Serialize};

/// A row of a school's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SchoolRow {
    /// The own record: at most one.
    Organization(OrgFacts),
    /// Stands in for an organization that is referred to and missing, so that no enrollment is lost.
    Missing,
    /// A session of the kind school year.
    Year(SchoolYear, Interval),
    /// A day of a calendar.
    Day(Day),
    /// The school has sections in use in that school year; as often as it has sections.
    Sections(SchoolYear),
    /// A staffing standard: the school's own, or its parent's for schools of its level.
    Standard(Standard, bool),
}

/// The columns of an organization that others read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrgFacts {
    /// Kind of organization.
    pub org_type: OrgType,
    /// The organization above.
    pub parent: Option<OrgId>,
    /// The level it teaches.
    pub level: Option<SchoolLevel>,
    /// Lowest grade.
    pub grade_low: Option<Grade>,
    /// Highest grade.
    pub grade_high: Option<Grade>,
    /// Operational status.
    pub status: Option<OpStatus>,
    /// First day open.
    pub open_date: Option<Date>,
    /// First day closed.
    pub close_date: Option<Date>,
}

/// A day of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day {
    /// School year.
    pub school_year: SchoolYear,
    /// The calendar.
    pub calendar: CalendarId,
    /// The day.
    pub date: Date,
    /// The row.
    pub id: CalendarDayId,
    /// Whether there is instruction.
    pub is_instructional: bool,
    /// Kind of day.
    pub day_type: DayType,
}

/// A staffing standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Standard {
    /// First day it holds.
    pub from: Date,
    /// The standard.
    pub id: StandardId,
    /// The role.
    pub role: StaffRole,
    /// Most students for one full-time equivalent.
    pub max_students_per_fte: Option<Fte>,
    /// Least full-time equivalents.
    pub min_fte: Option<Fte>,
    /// Most students in a section.
    pub max_section_size: Option<i32>,
}

/// A row of the file of an organization and those directly below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FamilyRow {
    /// An organization below it.
    Child(OrgId, Option<SchoolLevel>),
    /// A standard that it sets, and for which level.
    Standard(Standard, Option<SchoolLevel>),
}

/// Hands the standards of an organization to those directly below it.
pub fn inherited(rows: &[FamilyRow], out: &mut impl FnMut(OrgId, SchoolRow)) {
    for row in rows {
        let FamilyRow::Standard(standard, of_level) = *row else { continue };
        for other in rows {
            if let FamilyRow::Child(child, level) = *other
                && (of_level.is_none() || of_level == level)
            {
                out(child, SchoolRow::Standard(standard, false));
            }
        }
    }
}

/// What enrollments and sections are joined with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SchoolFacts {
    /// The own record; none when the organization is missing.
    pub organization: Option<OrgFacts>,
    /// What is known of each school year.
    pub years: Vec<YearFacts>,
    /// Most students in a section by its standards: the days, and the number.
    pub section_limits: Vec<(Interval, i32)>,
}

/// What a school has in a school year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct YearFacts {
    /// The school year.
    pub school_year: SchoolYear,
    /// Whether it has sections in use.
    pub has_sections: bool,
    /// Its calendars, each with the days of instruction in their order.
    pub calendars: Vec<(CalendarId, Vec<Date>)>,
}

/// How far a student must have been enrolled without a calendar before a section is missed, in days.
const ROSTER_GRACE_DAYS: i64 = 14;
/// How many days of instruction may pass before a section is missed.
const ROSTER_GRACE_INSTRUCTIONAL: usize = 10;

/// What a school's year says of an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearOf {
    /// The calendar that counts its days.
    pub calendar: Option<CalendarId>,
    /// Days of instruction within it; none without a calendar.
    pub days_enrolled: Option<u16>,
    /// The day from which a section is missed; none when never.
    pub roster_due: Option<Date>,
}

impl SchoolFacts {
    /// What the year says of an enrollment over `interval`, which states a calendar or not.
    pub fn year_of(&self, school_year: SchoolYear, stated: Option<CalendarId>, interval: Interval) -> YearOf {
        let year = self.years.iter().find(|year| year.school_year == school_year);
        let calendars = year.map_or(&[][..], |year| &year.calendars);
        let only = if let [(only, _)] = calendars { Some(*only) } else { None };
        let calendar = stated.or(only);
        let days = calendars.iter().find(|(id, _)| Some(*id) == calendar).map(|(_, days)| days);
        let first = |days: &Vec<Date>| days.partition_point(|&day| day < interval.begin);
        let days_enrolled = days.map(|days| {
            let end = interval.end.map_or(days.len(), |end| days.partition_point(|&day| day < end));
            end.saturating_sub(first(days)) as u16
        });
        let roster_due = match days {
            Some(days) => days.get(first(days) + ROSTER_GRACE_INSTRUCTIONAL).copied(),
            None => Some(interval.begin.plus(ROSTER_GRACE_DAYS)),
        };
        YearOf { calendar, days_enrolled, roster_due: roster_due.filter(|_| year.is_some_and(|year| year.has_sections)) }
    }
}

/// Everything about one school.
#[derive(Debug)]
pub struct SchoolView<'a> {
    /// Which.
    pub id: OrgId,
    /// The own record.
    pub organization: Option<OrgFacts>,
    /// Sessions of the kind school year.
    pub years: &'a [(SchoolYear, Interval)],
    /// Days of its calendars by year, calendar and date.
    pub days: &'a [Day],
    /// School years with sections in use.
    pub with_sections: &'a [SchoolYear],
    /// Standards, each with whether it is the school's own.
    pub standards: &'a [(Standard, bool)],
}

/// Room to sort a file's rows by kind, used over and over.
#[derive(Default)]
pub struct SchoolViewBuilder {
    years: Vec<(SchoolYear, Interval)>,
    days: Vec<Day>,
    with_sections: Vec<SchoolYear>,
    standards: Vec<(Standard, bool)>,
}

impl SchoolViewBuilder {
    /// The file made of these rows.
    pub fn view<'a>(&'a mut self, id: OrgId, rows: &[SchoolRow]) -> SchoolView<'a> {
        self.years.clear();
        self.days.clear();
        self.with_sections.clear();
        self.standards.clear();
        let mut organization = None;
        for row in rows {
            match *row {
                SchoolRow::Organization(facts) => organization = Some(facts),
                SchoolRow::Missing => {}
                SchoolRow::Year(year, interval) => self.years.push((year, interval)),
                SchoolRow::Day(day) => self.days.push(day),
                SchoolRow::Sections(year) => self.with_sections.push(year),
                SchoolRow::Standard(standard, is_own) => self.standards.push((standard, is_own)),
            }
        }
        SchoolView {
            id,
            organization,
            years: &self.years,
            days: &self.days,
            with_sections: &self.with_sections,
            standards: &self.standards,
        }
    }
}

impl SchoolView<'_> {
    /// What enrollments and sections are joined with.
    pub fn facts(&self) -> SchoolFacts {
        let mut years: Vec<YearFacts> = Vec::new();
        for of_year in self.days.chunk_by(|a, b| a.school_year == b.school_year) {
            let calendars = of_year.chunk_by(|a, b| a.calendar == b.calendar).map(|of_calendar| {
                let days = of_calendar.iter().filter(|day| day.is_instructional).map(|day| day.date);
                (of_calendar[0].calendar, days.collect())
            });
            let school_year = of_year[0].school_year;
            let has_sections = self.with_sections.contains(&school_year);
            years.push(YearFacts { school_year, has_sections, calendars: calendars.collect() });
        }
        for &school_year in self.with_sections {
            if !years.iter().any(|year| year.school_year == school_year) {
                years.push(YearFacts { school_year, has_sections: true, calendars: Vec::new() });
            }
        }
        let mut section_limits = Vec::new();
        for piece in self.standard_pieces() {
            let least = |own: bool| {
                let sizes = self.standards_on(piece.begin, own).filter_map(|standard| standard.max_section_size);
                sizes.min()
            };
            section_limits.extend(least(true).or_else(|| least(false)).map(|limit| (piece, limit)));
        }
        SchoolFacts { organization: self.organization, years, section_limits }
    }

    /// The stretches of time in which the same standards hold.
    fn standard_pieces(&self) -> Vec<Interval> {
        let begins = self.standards.iter().map(|(standard, _)| standard.from);
        let mut begins: Vec<Date> = begins.chain([Date::MIN]).collect();
        begins.sort_unstable();
        begins.dedup();
        let ends = begins.iter().skip(1).copied().map(Some).chain([None]);
        begins.iter().zip(ends).map(|(&begin, end)| Interval::new(begin, end)).collect()
    }

    fn standards_on(&self, day: Date, own: bool) -> impl Iterator<Item = &Standard> {
        let of = self.standards.iter().filter(move |(standard, is_own)| *is_own == own && standard.from <= day);
        of.map(|(standard, _)| standard)
    }

    /// What the school adds to its own staffing: that it is open, and what its staffing must be.
    pub fn members(&self, settings: &Settings, out: &mut impl FnMut(OrgScope, Measure, Interval)) {
        let Some(organization) = self.organization else { return };
        if organization.org_type != OrgType::School {
            return;
        }
        let place = OrgScope::Organization(self.id);
        if matches!(organization.status, None | Some(OpStatus::Active | OpStatus::New | OpStatus::Reopened)) {
            let open = Interval::new(organization.open_date.unwrap_or(Date::MIN), organization.close_date);
            out(place, Measure::Open, open);
        }
        for piece in self.standard_pieces() {
            for role in Role::WITH_STANDARDS {
                let of_role =
                    |own: bool| self.standards_on(piece.begin, own).filter(move |s| Role::of(s.role) == Some(role));
                let own = of_role(true).next().is_some();
                let mut least = None;
                let mut most = None;
                let mut any = false;
                for standard in of_role(own) {
                    any = true;
                    // What is not above zero asks for nothing.
                    least = least.max(standard.min_fte.map(|fte| fte.0).filter(|fte| *fte > 0));
                    let of = standard.max_students_per_fte.map(|most| most.0).filter(|most| *most > 0);
                    most = most.into_iter().chain(of).min();
                }
                if !any && role == Role::Counselor {
                    most = Some(settings.students_per_counselor_max.0);
                }
                if least.is_some() || most.is_some() {
                    let (min_fte, max_students) = (least.unwrap_or(0), most.unwrap_or(0));
                    out(place, Measure::Standard { role, min_fte, max_students }, piece);
                }
            }
        }
    }
}
