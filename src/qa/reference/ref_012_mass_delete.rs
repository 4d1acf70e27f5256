//! Delivery that would delete too much.

use crate::model::{Entry, Field, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery deletes at most a tenth of the rows of a table (`mass_delete_share`), or few rows (`mass_delete_rows`),
    /// be it by saying so or by leaving rows out of a full extract. One that would delete more is held: nothing of it takes
    /// effect, and later deliveries wait behind it. The violation ends with the next delivery of the source.
    ///
    /// ## Why it matters
    /// An export that broke off halfway looks like a district that half of its students have left.
    ///
    /// ## How to fix it
    /// Look at the delivery. If it is wrong, replace it by a good one. If it is right, `rollcall release` lets it in.
    "REF-012", "delivery would delete too much", Critical, ["table", "deletes", "rows"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let Note::Held { label, table, deletes, live } = noted.note
    {
        let [deletes, live] = [deletes, live].map(|rows| Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)));
        findings.open(Subject::Delivery(noted.source, label), &[table.value(), deletes, live]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_delivery_is_held_and_replaced() {
        let changes = "
            2025-09-02 * sis . came
            2025-09-03 * sis . held 2025-09-03 student 900 1000
            2025-09-04 * sis . came
        ";
        check_rule(
            "REF-012",
            changes,
            expect![[r#"
            2025-09-03 + sis|2025-09-03 table=student deletes=900 rows=1000
            2025-09-04 - sis|2025-09-03 table=student deletes=900 rows=1000
        "#]],
        );
    }
}
