//! Files of a delivery are not those that were announced.

use crate::model::{Entry, Field, Note, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery has the files that its manifest says are in it, whole or as changes, and none that it says are absent.
    /// A file that was taken stays as it was: with other contents under the same name the delivery is held. The
    /// violation ends with the next delivery of the source.
    ///
    /// ## Why it matters
    /// A file that is missing leaves its tables as they were, and nobody notices that they are old. A file that should
    /// not be there is not read.
    ///
    /// ## How to fix it
    /// Deliver the missing file, or correct the manifest. Corrections of a day that was taken belong into the delivery of
    /// a later day; `rollcall release` lets a changed file in where it is meant.
    "REF-001", "files are not those that were announced", Critical, ["problem"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::DeliveryNote(noted) = entry
        && let Note::File { file, problem } = noted.note
    {
        findings.open(Subject::File(noted.source, file), &[problem.value()]);
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
