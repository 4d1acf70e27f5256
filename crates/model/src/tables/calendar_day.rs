//! `calendar_day`: one day of one school calendar.

use crate::codes::DayType;
use crate::{CalendarDayId, CalendarId, Date, Fte, OrgId, Projection, SchoolYear, Text};

table! {
    /// A day of a school's calendar; only days of instruction count as days enrolled.
    CalendarDay "calendar_day" key(calendar_id, date) of CalendarDayId as key
    {
        /// The calendar or track.
        calendar_id: CalendarId,
        /// The school.
        school_id: OrgId,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// The day.
        date: Date,
        /// Kind of day.
        day_type: DayType,
        /// Whether there is instruction (regular or made up).
        is_instructional: bool,
        /// Membership that the day counts as, 0 to 1; 1 by default.
        membership_value: Option<Fte>,
        /// Bell schedule of the day.
        bell_schedule: Option<Text>,
    }
}

/// A day of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct SchoolDay {
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

impl Projection<OrgId, SchoolDay> for CalendarDay {
    fn project(&self, out: &mut impl FnMut(OrgId, SchoolDay)) {
        let day = SchoolDay {
            school_year: self.school_year,
            calendar: self.calendar_id,
            date: self.date,
            id: self.key,
            is_instructional: self.is_instructional,
            day_type: self.day_type,
        };
        out(self.school_id, day);
    }
}
