//! Weekend or out-of-year instructional day.

use crate::model::codes::DayType;
use crate::model::{Field, SchoolYear, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::school::SchoolView;

rule! {
    /// ## What it checks
    /// An instructional day is not a Saturday or Sunday, unless it is a makeup day. It is in its school year, and within
    /// the school's own sessions of type school year if the school has any.
    ///
    /// ## Why it matters
    /// Days enrolled and attendance are counted against days that did not happen.
    ///
    /// ## How to fix it
    /// Correct the date, or the day type.
    "CAL-005", "weekend or out-of-year instructional day", Error, ["day_type"], needs [CalendarDay],
    among [CalendarDay], School(check)
}

fn check(view: &SchoolView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for day in view.days.iter().filter(|day| day.is_instructional) {
        let is_weekend = day.date.weekday() > 5 && day.day_type != DayType::Makeup;
        let sessions = || view.years.iter().filter(|(year, days)| *year == day.school_year && !days.is_empty());
        let is_within = sessions().next().is_none() || sessions().any(|(_, days)| days.contains(day.date));
        if is_weekend || SchoolYear::of(day.date) != day.school_year || !is_within {
            findings.open(Subject::CalendarDay(day.id), &[day.day_type.value()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_session_bounds_the_year() {
        let changes = "
            calendar_day | calendar_id date school_id school_year is_instructional day_type
            2025-09-02 + K 2025-09-06 North 2026 true instructional
            2025-09-02 + K 2025-09-05 North 2026 true instructional
            2025-09-02 + K 2025-09-07 North 2026 true makeup
            2025-09-02 + K 2025-09-13 North 2026 false instructional
            2025-09-02 + K 2025-08-20 North 2026 true instructional
            2025-09-02 + K 2025-06-30 North 2026 true instructional
            academic_session | session_id school_id school_year session_type begin_date end_date
            2025-09-03 + Y North 2026 school_year 2025-08-21 2026-06-10
            2025-09-03 + F North 2026 semester 2025-08-21 2026-01-10
            2025-09-04 + Y North 2026 school_year 2025-08-20 2026-06-10
            2025-09-05 + Z South 2027 school_year 2026-08-20 2027-06-10
            calendar_day | calendar_id date school_id school_year is_instructional day_type
            2025-09-05 + L 2025-09-05 South 2026 true instructional
        ";
        check_rule(
            "CAL-005",
            changes,
            expect![[r#"
            2025-09-02 + K/2025-06-30 day_type=instructional
            2025-09-02 + K/2025-09-06 day_type=instructional
            2025-09-03 + K/2025-08-20 day_type=instructional
            2025-09-04 - K/2025-08-20 day_type=instructional
        "#]],
        );
    }
}
