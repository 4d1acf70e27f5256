//! More than one primary assignment on a day.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// At most one of the current assignments of a person is primary.
    ///
    /// ## Why it matters
    /// Systems with one role per person (OneRoster) choose either.
    ///
    /// ## How to fix it
    /// Keep only the main assignment marked as primary.
    "FTE-019", "more than one primary assignment on a day", Error, ["assignments"],
    needs [StaffAssignment], among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.assignments.iter().filter(|assignment| assignment.is_primary).nth(1).is_none() {
        return;
    }
    // Ignore employments, so that only primary assignments bound the periods.
    let without_employments = StaffView { employments: &[], ..*view };
    for load in without_employments.loads(|assignment| assignment.is_primary, false) {
        if load.assignments > 1 {
            findings.during(Subject::Staff(view.id), &[Value::Int(load.assignments)], load.holds);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_at_once() {
        let changes = "
            staff_assignment | assignment_id staff_id begin_date end_date is_primary
            2025-09-02 + A1 T1 2025-08-20 2025-09-10 true
            2025-09-02 + A2 T1 2025-09-04 . true
            2025-09-02 + A3 T1 2025-08-20 . false
            2025-09-05 + A3 T1 2025-08-20 . true
        ";
        check_rule(
            "FTE-019",
            changes,
            expect![[r#"
            2025-09-04 + T1 assignments=2
            2025-09-05 + T1 assignments=3
            2025-09-05 - T1 assignments=2
        "#]],
        );
    }
}
