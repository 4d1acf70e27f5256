//! The view of a school: its record, its calendars, the years for which it has sections, and its staffing standards. It
//! passes [`SchoolFacts`] to enrollments and sections.

use super::view;
pub use crate::model::tables::calendar_day::SchoolDay;
pub use crate::model::tables::organization::OrgFacts;
pub use crate::model::tables::staffing_standard::Standard;
use crate::model::{CalendarId, Date, Interval, OrgId, SchoolYear};
use serde::{Deserialize, Serialize};

/// The columns for enrollments and sections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SchoolFacts {
    /// The record; none if the organization is missing.
    pub organization: Option<OrgFacts>,
    /// The facts of each school year.
    pub years: Vec<YearFacts>,
    /// Maximum students in a section by its standards: the days, and the number.
    pub section_limits: Vec<(Interval, i32)>,
}

/// The facts of a school in a school year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct YearFacts {
    /// The school year.
    pub school_year: SchoolYear,
    /// Whether it has active sections.
    pub has_sections: bool,
    /// Its calendars, each with its instructional days in order.
    pub calendars: Vec<(CalendarId, Vec<Date>)>,
}

/// Without a calendar: the number of days of enrollment after which a section is expected.
const ROSTER_GRACE_DAYS: i64 = 14;
/// The number of instructional days after which a section is expected.
const ROSTER_GRACE_INSTRUCTIONAL: usize = 10;

/// The facts of a school year for an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearOf {
    /// The calendar used to count its days.
    pub calendar: Option<CalendarId>,
    /// Instructional days within it; none without a calendar.
    pub days_enrolled: Option<u16>,
    /// The day from which a section is expected; none if never.
    pub roster_due: Option<Date>,
}

impl SchoolFacts {
    /// The facts for an enrollment over `interval`, which may state a calendar.
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

view! {
    /// Everything about one school.
    SchoolView of OrgId, rows SchoolRow, builder SchoolViewBuilder {
        /// The record.
        one organization, Organization: OrgFacts, from Organization;
        /// A placeholder for a missing organization, so its enrollments are not lost.
        one missing, Missing: ();
        /// Sessions of type school year.
        many years, Year: (SchoolYear, Interval), from AcademicSession;
        /// Days of its calendars by year, calendar and date.
        many days, Day: SchoolDay, from CalendarDay;
        /// School years with active sections, once per section.
        many with_sections, Sections: SchoolYear, from Section;
        /// Staffing standards, each with whether it is the school's own or from the organization above.
        many standards, Standard: (Standard, bool), from StaffingStandard;
    }
}

impl SchoolView<'_> {
    /// The columns for enrollments and sections.
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

    /// The periods in which the same standards apply.
    pub(crate) fn standard_pieces(&self) -> Vec<Interval> {
        let begins = self.standards.iter().map(|(standard, _)| standard.from);
        let mut begins: Vec<Date> = begins.chain([Date::MIN]).collect();
        begins.sort_unstable();
        begins.dedup();
        let ends = begins.iter().skip(1).copied().map(Some).chain([None]);
        begins.iter().zip(ends).map(|(&begin, end)| Interval::new(begin, end)).collect()
    }

    pub(crate) fn standards_on(&self, day: Date, own: bool) -> impl Iterator<Item = &Standard> {
        let of = self.standards.iter().filter(move |(standard, is_own)| *is_own == own && standard.from <= day);
        of.map(|(standard, _)| standard)
    }
}
