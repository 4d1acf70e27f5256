//! Generation suffix inside a name field.

use crate::model::{Entry, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// First, middle and last names do not end with Jr, Sr, II, III, IV or V, which have a separate column.
    ///
    /// ## Why it matters
    /// The name does not match other systems, and duplicates are not found.
    ///
    /// ## How to fix it
    /// Move the suffix to its column.
    "DUP-009", "generation suffix inside a name field", Warning, [], needs [Staff], among [Staff], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::Row(Record::Staff(row)) = entry
        && row.flaws.has_suffix()
    {
        findings.open(Subject::Staff(row.staff_id), &[]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_name_ends_with_a_suffix() {
        let changes = "
            staff | staff_id last_name
            2025-09-02 + T1 Smith-Jr
            2025-09-02 + T2 Smith,III
            2025-09-03 + T2 Smith
            2025-09-04 + T2 Smith,JR.
        ";
        check_rule(
            "DUP-009",
            changes,
            expect![[r#"
            2025-09-02 + T2
            2025-09-03 - T2
            2025-09-04 + T2
        "#]],
        );
    }
}
