//! Change that is older than the current row.

use crate::model::{Entry, Note, RowName, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// If a source states when it made a change (`source.ts_ms` in Debezium, or a column `_source_ts`), changes of a row
    /// arrive in that order. A change that is older than the last known one is not applied, and is reported here. The
    /// violation closes with the next delivery of the table by the source.
    ///
    /// ## Why it matters
    /// Queues and files may overtake each other. Without this check, an old address would replace a new one.
    ///
    /// ## How to fix it
    /// Nothing is lost if the later change is right. Otherwise deliver the row again with a current timestamp, and find
    /// out why changes arrive out of order.
    "REF-010", "stale change", Warning, ["seconds_older"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let (Some(table), Note::Stale { key, older }) = (note.table, note.note)
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
