//! Assigned FTE exceeds contract FTE.

use crate::model::{Date, Field, Interval, SchoolYear, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// On no day of a contract with an FTE do the assignments of a person exceed it by more than 0.05. Every day counts,
    /// not only the as-of date: the violation is open until it is corrected, or until it is over and its school year has
    /// ended.
    ///
    /// ## Why it matters
    /// Either the person works without pay, or an assignment is wrong.
    ///
    /// ## How to fix it
    /// Correct the contract or the assignments.
    "FTE-005", "assigned FTE exceeds contract FTE", Warning, ["from", "fte", "contract_fte"],
    needs [StaffEmployment, StaffAssignment], among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    for load in view.loads(|assignment| assignment.fte.is_some(), false) {
        let Some(contract) = load.contract_fte else { continue };
        if load.fte > contract + i64::from(settings.fte_over_contract.0) {
            let from = load.holds.begin;
            let until = load.holds.end.map(|end| end.max(SchoolYear::of(from).end()));
            let evidence = [from.value(), Value::Decimal(load.fte, 4), Value::Decimal(contract, 4)];
            findings.during(Subject::Staff(view.id), &evidence, Interval::new(Date::MIN, until));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn more_than_the_contract() {
        let changes = "
            staff_employment | employment_id staff_id hire_date end_date contract_fte
            2025-09-02 + M1 T1 2020-08-01 . 0.5
            staff_assignment | assignment_id staff_id begin_date end_date fte
            2025-09-02 + A1 T1 2025-08-20 . 0.55
            2025-09-03 + A2 T1 2025-10-01 2025-11-01 0.1
            staff_employment | employment_id staff_id hire_date end_date contract_fte
            2025-09-04 + M2 T1 2025-10-15 . 0.2
            2026-07-02 + M3 T2 2025-10-15 . 0.2
        ";
        check_rule(
            "FTE-005",
            changes,
            expect![[r#"
            2025-09-03 + T1 from=2025-10-01 fte=0.65 contract_fte=0.5
            2026-07-01 - T1 from=2025-10-01 fte=0.65 contract_fte=0.5
        "#]],
        );
    }
}
