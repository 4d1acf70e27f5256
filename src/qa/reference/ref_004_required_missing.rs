//! Required value missing.

use crate::model::{Entry, Reason, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// No required column is empty.
    ///
    /// ## Why it matters
    /// The row is skipped and the last valid row with its key remains, so published data is older than it looks.
    ///
    /// ## How to fix it
    /// Fill the column in the source and deliver the row again.
    "REF-004", "required value missing", Error, ["line"], needs [], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Rejected(rejected) = entry else { return };
    if let Reason::Field { column, .. } = rejected.reason
        && rejected.reason.is_missing()
    {
        let subject = Subject::Column(rejected.table, rejected.row, column);
        findings.open(subject, &[Value::Int(rejected.line.into())]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_columns_are_empty() {
        let changes = "
            section | section_id course_id school_id school_year
            2025-09-02 + X1 ! ! 2026
            2025-09-03 + X1 Algebra ! 2026
            2025-09-04 + X1 Algebra North 2026
        ";
        check_rule(
            "REF-004",
            changes,
            expect![[r#"
            2025-09-02 + section|X1|course_id line=2
            2025-09-02 + section|X1|school_id line=2
            2025-09-03 + section|X1|school_id line=3
            2025-09-03 - section|X1|course_id line=2
            2025-09-03 - section|X1|school_id line=2
            2025-09-04 - section|X1|school_id line=3
        "#]],
        );
    }
}
