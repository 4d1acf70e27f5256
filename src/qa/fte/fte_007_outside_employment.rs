//! Assignment outside employment.

use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::{Employment, StaffView};

rule! {
    /// ## What it checks
    /// Every day of a current assignment is within an employment of the person by any employer.
    ///
    /// ## Why it matters
    /// States match assignments with employments (TX 040 and 050 records) and reject unmatched ones.
    ///
    /// ## How to fix it
    /// Enter the employment, or correct the dates of the employment or the assignment.
    "FTE-007", "assignment outside employment", Error, ["from", "until"],
    needs [StaffEmployment, StaffAssignment], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let mut employed: Vec<Interval> = view.employments.iter().map(|&Employment { interval, .. }| interval).collect();
    date::union(&mut employed);
    for assignment in view.assignments.iter().filter(|assignment| !assignment.interval.is_empty()) {
        if let Some(gap) = date::uncovered(assignment.interval, &employed).first() {
            let evidence = [gap.begin.value(), gap.end.value()];
            findings.during(Subject::Assignment(assignment.id), &evidence, assignment.interval);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_day_is_not_covered() {
        let changes = "
            staff_assignment | assignment_id staff_id begin_date end_date
            2025-09-02 + A1 T1 2025-08-20 2026-07-01
            2025-09-02 + A2 T1 2025-09-04 2025-09-06
            staff_employment | employment_id staff_id hire_date end_date
            2025-09-03 + M1 T1 2025-08-20 2025-12-01
            2025-09-05 + M2 T1 2025-12-02 .
            2025-09-07 + M2 T1 2025-12-01 .
        ";
        check_rule(
            "FTE-007",
            changes,
            expect![[r#"
            2025-09-02 + A1 from=2025-08-20 until=2026-07-01
            2025-09-03 + A1 from=2025-12-01 until=2026-07-01
            2025-09-03 - A1 from=2025-08-20 until=2026-07-01
            2025-09-05 + A1 from=2025-12-01 until=2025-12-02
            2025-09-05 - A1 from=2025-12-01 until=2026-07-01
            2025-09-07 - A1 from=2025-12-01 until=2025-12-02
        "#]],
        );
    }
}
