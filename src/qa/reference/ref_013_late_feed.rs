//! Late feed.

use crate::model::{Date, Entry, Field, Interval, Note, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A source delivers again within a number of weekdays (`feed_age_max_weekdays`, 2): after a delivery on Monday the
    /// next one is due by Wednesday, and is late from Thursday on. Weekdays are Monday to Friday, regardless of school
    /// calendars: systems export during holidays too, and calendars differ by school. Extracts read with `rollcall run`
    /// are not feeds.
    ///
    /// ## Why it matters
    /// Everything published is as old as the last delivery, and looks as if nothing had changed since.
    ///
    /// ## How to fix it
    /// Check that the export ran and where its files went. A delivery without changes is still a delivery, with a
    /// manifest that says so.
    "REF-013", "feed is late", Warning, ["last_delivery"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let (None, Note::Came { day, .. }) = (note.table, note.note)
    {
        let late = weekdays_after(day, settings.feed_age_max_weekdays.saturating_add(1));
        findings.during(Subject::Source(note.source), &[day.value()], Interval::new(late, None));
    }
}

/// The day a number of weekdays after another.
fn weekdays_after(mut day: Date, weekdays: i64) -> Date {
    // Limits the loop; forty years are late enough.
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
