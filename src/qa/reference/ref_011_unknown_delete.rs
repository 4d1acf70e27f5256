//! Delete of a row that is not there.

use crate::model::{Entry, Note, RowName, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A row that a delivery deletes, or gives another key, was there before it. The violation ends with the next delivery
    /// of the table by the source.
    ///
    /// ## Why it matters
    /// Either a delivery was lost that brought the row, or the key is misspelt and the row that was meant is still there.
    ///
    /// ## How to fix it
    /// Look the key up in the source. If deliveries were lost, deliver a full extract.
    "REF-011", "delete of an unknown key", Warning, [], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let (Some(table), Note::UnknownDelete(key)) = (noted.table, noted.note)
    {
        findings.open(Subject::Row(table, RowName::Key(key)), &[]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_row_that_never_was() {
        let changes = "
            2025-09-02 * sis course came
            2025-09-02 * sis course unknown Art
            2025-09-02 * sis course unknown Math
            2025-09-03 * sis course came
            2025-09-03 * sis course unknown Math
            2025-09-03 * hr course came
            2025-09-04 * sis course came
        ";
        check_rule(
            "REF-011",
            changes,
            expect![[r#"
            2025-09-02 + course|Art
            2025-09-02 + course|Math
            2025-09-03 - course|Art
            2025-09-04 - course|Math
        "#]],
        );
    }
}
