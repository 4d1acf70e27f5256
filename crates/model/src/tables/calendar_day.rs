//! `calendar_day`: one day of one school calendar.

use crate::codes::DayType;
use crate::{CalendarId, Date, Fte, OrgId, SchoolYear, Text};

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
        /// What the day counts as membership, 0 to 1; 1 by default.
        membership_value: Option<Fte>,
        /// Bell schedule of the day.
        bell_schedule: Option<Text>,
    }
}
