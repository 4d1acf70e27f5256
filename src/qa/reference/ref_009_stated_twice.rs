//! Same key twice in one batch with different content.

use crate::model::{Entry, RowName, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A delivery states each key once. If it states a key more than once with different contents, the last row counts,
    /// and the others are counted here. The violation closes with the next change or delivery of the key.
    ///
    /// ## Why it matters
    /// Which row wins depends on their order, which is not meaningful.
    ///
    /// ## How to fix it
    /// Correct the export so that it has each key once.
    "REF-009", "same key twice in one batch with different content", Error, ["displaced"], needs [],
    among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Superseded(superseded) = entry else { return };
    let subject = Subject::Row(superseded.table, RowName::Key(superseded.key));
    findings.open(subject, &[Value::Int(superseded.displaced.into())]);
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_rows_of_one_key() {
        let changes = "
            course | course_id title
            2025-09-02 + Art Drawing
            2025-09-02 + Art Painting
            2025-09-02 + Art Sculpture
            2025-09-02 + Math Algebra
            2025-09-02 + Math Algebra
            2025-09-03 + Art Sculpture
        ";
        check_rule(
            "REF-009",
            changes,
            expect![[r#"
            2025-09-02 + course|Art displaced=2
            2025-09-03 - course|Art displaced=2
        "#]],
        );
    }
}
