//! Change that is older than what is there.

use crate::model::{Entry, Note, RowName, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// Where a source tells when it made a change (Debezium's `source.ts_ms`, a column `_source_ts`), changes of a row
    /// arrive in that order. One that was made before the last one that is known is not taken, and is reported here. The
    /// violation ends with the next delivery of the table by the source.
    ///
    /// ## Why it matters
    /// Queues and files overtake each other. Without the check an old address would replace a new one.
    ///
    /// ## How to fix it
    /// Nothing is lost if the later change is right. Otherwise state the row again, as of now, and look for the reason why
    /// changes arrive out of order.
    "REF-010", "stale change", Warning, ["seconds_older"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let (Some(table), Note::Stale { key, older }) = (noted.table, noted.note)
    {
        findings.open(Subject::Row(table, RowName::Key(key)), &[Value::Decimal(older, 3)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn an_old_change_comes_late() {
        let changes = "
            2025-09-02 * sis course came
            2025-09-02 * sis course stale Art 90500
            2025-09-03 * sis . came
            2025-09-04 * sis course came
        ";
        check_rule(
            "REF-010",
            changes,
            expect![[r#"
            2025-09-02 + course|Art seconds_older=90.5
            2025-09-04 - course|Art seconds_older=90.5
        "#]],
        );
    }
}
