//! Delete of a row that does not exist.

use crate::model::{Entry, Note, RowName, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A row that a delivery deletes, or gives a new key, existed before the delivery. The violation closes with the
    /// next delivery of the table by the source.
    ///
    /// ## Why it matters
    /// Either the delivery with the row was lost, or the key is misspelled and the intended row still exists.
    ///
    /// ## How to fix it
    /// Look the key up in the source. If deliveries were lost, deliver a full extract.
    "REF-011", "delete of an unknown key", Warning, [], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let (Some(table), Note::UnknownDelete(key)) = (note.table, note.note)
    {
        findings.open(Subject::Row(table, RowName::Key(key)), &[]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_row_that_never_existed() {
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
