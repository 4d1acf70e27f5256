//! Feed that is late.

use crate::model::{Date, Entry, Field, Interval, Note, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A source that has delivered delivers again within so many weekdays (`feed_age_max_weekdays`, 2): after a delivery
    /// on a Monday the next one is due by Wednesday, and is late from Thursday on. Days are counted from Monday to Friday,
    /// whatever school calendars say: systems export during holidays too, and calendars differ by school. What is read
    /// by `rollcall run` alone is no feed.
    ///
    /// ## Why it matters
    /// Everything that is published is as old as the last delivery, and looks as if nothing had changed since.
    ///
    /// ## How to fix it
    /// Look whether the export ran and where its files went. A delivery without changes is a delivery: its manifest says so.
    "REF-013", "feed is late", Warning, ["last_delivery"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let (None, Note::Came { day, .. }) = (noted.table, noted.note)
    {
        let late = weekdays_after(day, settings.feed_age_max_weekdays.saturating_add(1));
        findings.during(Subject::Source(noted.source), &[day.value()], Interval::new(late, None));
    }
}

/// The day that is so many weekdays after another.
fn weekdays_after(mut day: Date, weekdays: i64) -> Date {
    // Forty years are late enough.
    let mut left = weekdays.clamp(0, 10_000);
    while left > 0 {
        day = day.plus(1);
        left -= i64::from(day.weekday() <= 5);
    }
    day
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn weekends_do_not_count() {
        let changes = "
            2025-09-01 * sis . came
            2025-09-03
            2025-09-04
            2025-09-05 * sis . came
            2025-09-09
            2025-09-10
            2025-09-11 * sis . came
            2025-09-11 * hr . came
            2025-09-12 * sis . came
            2025-09-16
        ";
        check_rule(
            "REF-013",
            changes,
            expect![[r#"
            2025-09-04 + sis last_delivery=2025-09-01
            2025-09-05 - sis last_delivery=2025-09-01
            2025-09-10 + sis last_delivery=2025-09-05
            2025-09-11 - sis last_delivery=2025-09-05
            2025-09-16 + hr last_delivery=2025-09-11
        "#]],
        );
    }
}
