//! Unusual number of changes.

use crate::model::{Entry, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery changes about as many rows of a table as the twenty before it did (`volume_deliveries`): its number
    /// differs from their mean by at most four standard deviations (`volume_deviations`). The deviation is taken to be at
    /// least the square root of the mean, and at least 1, so that a table that hardly ever changes may change once. The
    /// first delivery of a table counts for nothing. The violation ends with the next delivery of the table.
    ///
    /// ## Why it matters
    /// A job that ran twice, a filter that was lost, or a mass edit looks like this before anything else does.
    ///
    /// ## How to fix it
    /// Ask what was done on that day: rollovers of a school year and mass edits are usual. Nothing is held back.
    "REF-019", "unusual number of changes", Info, ["changes", "usual"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let (Some(table), Note::Volume { changes, deliveries, sum, squares }) = (noted.table, noted.note)
    {
        let [n, changes, sum, squares] = [deliveries, changes, sum, squares].map(i128::from);
        // All times n, and squares times its square: nothing is rounded.
        let distance = n * changes - sum;
        let variance = (n * squares - sum * sum).max(n * sum).max(n * n);
        let most = i128::from(settings.volume_deviations);
        if distance * distance > most * most * variance {
            let usual = (sum + n / 2) / n.max(1);
            let whole = |number: i128| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            findings.open(Subject::Fed(noted.source, table), &[whole(changes), whole(usual)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn three_times_what_is_usual() {
        let changes = "
            2025-09-02 * sis course volume 140 20 2000 200000
            2025-09-03 * sis course came
            2025-09-03 * sis course volume 141 20 2000 200000
            2025-09-04 * sis course came
            2025-09-04 * sis course volume 59 20 2000 200000
            2025-09-05 * sis course came
            2025-09-05 * sis course volume 4 20 0 0
            2025-09-06 * sis course came
            2025-09-06 * sis course volume 5 20 0 0
        ";
        check_rule(
            "REF-019",
            changes,
            expect![[r#"
            2025-09-03 + sis|course changes=141 usual=100
            2025-09-04 + sis|course changes=59 usual=100
            2025-09-04 - sis|course changes=141 usual=100
            2025-09-05 - sis|course changes=59 usual=100
            2025-09-06 + sis|course changes=5 usual=0
        "#]],
        );
    }
}
