//! FTE out of range on one assignment.

use crate::model::{Entry, Field, Fixed, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// The FTE of an assignment is between 0 and 1.
    ///
    /// ## Why it matters
    /// Usually a percentage was entered as a share: 50 instead of 0.5 makes one person fifty.
    ///
    /// ## How to fix it
    /// Enter the share of full time, where 1 is full time.
    "FTE-003", "FTE out of range on one assignment", Error, ["fte"], needs [StaffAssignment],
    among [StaffAssignment], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::StaffAssignment(row)) = entry else { return };
    let Some(fte) = row.fte else { return };
    if fte < Fixed(0) || fte > settings.fte_single_cap {
        findings.open(Subject::Assignment(row.assignment_id), &[fte.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn percent_instead_of_shares() {
        let changes = "
            staff_assignment | assignment_id staff_id fte
            2025-09-02 + A1 T1 50
            2025-09-02 + A2 T2 -0.5
            2025-09-02 + A3 T3 1
            2025-09-02 + A4 T4 .
            2025-09-02 + A5 T5 0
            2025-09-03 + A1 T1 0.5
            2025-09-04 - A2
        ";
        check_rule(
            "FTE-003",
            changes,
            expect![[r#"
            2025-09-02 + A1 fte=50
            2025-09-02 + A2 fte=-0.5
            2025-09-03 - A1 fte=50
            2025-09-04 - A2 fte=-0.5
        "#]],
        );
    }
}
