//! `clock`: as_of date, census dates and lock dates; drives every date-relative rule.

use crate::{ClockId, Date, SchoolYear};

table! {
    /// Days that rules refer to: `as_of`, census days, windows.
    Clock "clock" key(clock_id) of ClockId
    {
        /// `as_of`, `census_fall`, `window_open:<x>` or `window_close:<x>`.
        clock_id: ClockId,
        /// The school year, named by its spring.
        school_year: SchoolYear,
        /// The day.
        date: Date,
    }
}
