//! Delivery that would delete too many rows.

use crate::model::{Entry, Field, Note, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery deletes at most a tenth of the rows of a table (`mass_delete_share`) or only a few rows
    /// (`mass_delete_rows`), whether by explicit deletes or by omitting rows from a full extract. A delivery that would
    /// delete more is put on hold: nothing of it takes effect, and later deliveries wait for it. The violation closes
    /// with the next delivery of the source.
    ///
    /// ## Why it matters
    /// An export that stopped halfway looks as if half of the students had left the district.
    ///
    /// ## How to fix it
    /// Review the delivery. If it is wrong, replace it. If it is right, accept it with `rollcall approve`.
    "REF-012", "delivery would delete too much", Critical, ["table", "deletes", "rows"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let Note::OnHold { label, table, deletes, live } = note.note
    {
        let [deletes, live] = [deletes, live].map(|rows| Value::Int(i64::try_from(rows).unwrap_or(i64::MAX)));
        findings.open(Subject::Delivery(note.source, label), &[table.value(), deletes, live]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_delivery_is_put_on_hold_and_replaced() {
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
