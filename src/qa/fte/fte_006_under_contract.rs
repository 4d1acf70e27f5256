//! Assigned FTE far below contract FTE.

use crate::model::{Field, Interval, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The current assignments of a person add up to at least the contract FTE minus 0.20, once the contract is 30 days
    /// old.
    ///
    /// ## Why it matters
    /// An assignment is missing: it is unknown what the person is paid for, and ratios look worse than they are.
    ///
    /// ## How to fix it
    /// Enter the missing assignment, or correct the contract.
    "FTE-006", "assigned FTE far below contract FTE", Warning, ["from", "fte", "contract_fte"],
    needs [StaffEmployment, StaffAssignment], among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    for load in view.loads(|assignment| assignment.fte.is_some(), false) {
        let (Some(contract), Some(hired)) = (load.contract_fte, load.hired) else { continue };
        let settled = Interval::new(hired.plus(settings.employment_grace_days), None);
        let days = load.holds.intersect(settled);
        if contract - load.fte > settings.fte_under_contract.0.into() {
            let evidence = [days.begin.value(), Value::Decimal(load.fte, 4), Value::Decimal(contract, 4)];
            findings.during(Subject::Staff(view.id), &evidence, days);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn less_than_the_contract() {
        let changes = "
            staff_employment | employment_id staff_id hire_date end_date contract_fte
            2025-09-02 + M1 T1 2025-08-20 2025-12-01 1
            staff_assignment | assignment_id staff_id begin_date end_date fte
            2025-09-02 + A1 T1 2025-08-20 . 0.79
            2025-10-02 + A1 T1 2025-08-20 . 0.8
            2025-10-03 + A1 T1 2025-08-20 2025-10-05 0.8
            2025-12-02 + A1 T1 2025-08-20 2025-10-05 0.8
        ";
        check_rule(
            "FTE-006",
            changes,
            expect![[r#"
            2025-09-19 + T1 from=2025-09-19 fte=0.79 contract_fte=1
            2025-10-02 - T1 from=2025-09-19 fte=0.79 contract_fte=1
            2025-10-05 + T1 from=2025-10-05 fte=0 contract_fte=1
            2025-12-01 - T1 from=2025-10-05 fte=0 contract_fte=1
        "#]],
        );
    }
}
