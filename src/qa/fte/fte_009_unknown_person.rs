//! Assignment for an unknown person.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The person of an assignment has a staff record.
    ///
    /// ## Why it matters
    /// The FTE counts for nobody, and submissions are rejected (CALPADS CERT049).
    ///
    /// ## How to fix it
    /// Deliver the staff record, or correct the id on the assignment.
    "FTE-009", "assignment for an unknown person", Error, ["staff_id"], needs [Staff, StaffAssignment],
    among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if !view.exists() {
        for assignment in view.assignments {
            findings.open(Subject::Assignment(assignment.id), &[view.id.value()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_person_comes_later() {
        let changes = "
            staff_assignment | assignment_id staff_id
            2025-09-02 + A1 T1
            staff | staff_id
            2025-09-03 + T1
            2025-09-04 - T1
        ";
        check_rule(
            "FTE-009",
            changes,
            expect![[r#"
            2025-09-02 + A1 staff_id=T1
            2025-09-03 - A1 staff_id=T1
            2025-09-04 + A1 staff_id=T1
        "#]],
        );
    }
}
