//! Unusual number of changes.

use crate::model::{Entry, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery changes about as many rows of a table as the twenty before it (`volume_deliveries`): the number
    /// differs from their mean by at most four standard deviations (`volume_deviations`). The deviation is at least the
    /// square root of the mean, and at least 1, so that a table that rarely changes may change once. The first delivery
    /// of a table is not counted. The violation closes with the next delivery of the table.
    ///
    /// ## Why it matters
    /// A job that ran twice, a lost filter or a mass edit shows up here first.
    ///
    /// ## How to fix it
    /// Find out what was done on that day: rollovers of a school year and mass edits are normal. The delivery is not put
    /// on hold.
    "REF-019", "unusual number of changes", Info, ["changes", "usual"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let (Some(table), Note::Volume { changes, deliveries, sum, squares }) = (note.table, note.note)
    {
        let [n, changes, sum, squares] = [deliveries, changes, sum, squares].map(i128::from);
        // Everything is multiplied by n, and squares by n squared, to avoid rounding.
        let distance = n * changes - sum;
        let variance = (n * squares - sum * sum).max(n * sum).max(n * n);
        let most = i128::from(settings.volume_deviations);
        if distance * distance > most * most * variance {
            let usual = (sum + n / 2) / n.max(1);
            let whole = |number: i128| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
            findings.open(Subject::Fed(note.source, table), &[whole(changes), whole(usual)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn three_times_the_usual_number() {
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
            2025-09-07 * sis course came
            2025-09-07 * sis course volume 352 20 2000 280000
            2025-09-08 * sis course came
            2025-09-08 * sis course volume 353 20 2000 280000
            2025-09-09 * sis course came
            2025-09-09 * sis course volume 900 20 2011 210000
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
                2025-09-07 - sis|course changes=5 usual=0
                2025-09-08 + sis|course changes=353 usual=100
                2025-09-09 + sis|course changes=900 usual=101
                2025-09-09 - sis|course changes=353 usual=100
            "#]],
        );
    }
}
