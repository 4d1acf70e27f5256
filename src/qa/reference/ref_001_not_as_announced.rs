//! Files of a delivery differ from the manifest.

use crate::model::{Entry, Field, Note, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery has the files that its manifest lists as bulk or delta, and none that it lists as absent. An accepted
    /// file does not change: if a file of the same name has different contents, the delivery is put on hold. The
    /// violation closes with the next delivery of the source.
    ///
    /// ## Why it matters
    /// If a file is missing, its tables remain as they were, and nobody notices that they are outdated. A file that
    /// should not be there is not read.
    ///
    /// ## How to fix it
    /// Deliver the missing file, or correct the manifest. Corrections of a day that was already accepted belong in the
    /// delivery of a later day; if a changed file is intended, accept it with `rollcall approve`.
    "REF-001", "files are not those that were announced", Critical, ["problem"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(note) = entry
        && let Note::File { file, problem } = note.note
    {
        findings.open(Subject::File(note.source, file), &[problem.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_file_is_missing_for_a_day() {
        let changes = "
            2025-09-02 * sis . came
            2025-09-02 * sis . file section missing
            2025-09-03 * sis . came
            2025-09-03 * sis . file section missing
            2025-09-03 * hr . came
            2025-09-04 * sis . came
        ";
        check_rule(
            "REF-001",
            changes,
            expect![[r#"
            2025-09-02 + sis|section problem=missing
            2025-09-04 - sis|section problem=missing
        "#]],
        );
    }
}
