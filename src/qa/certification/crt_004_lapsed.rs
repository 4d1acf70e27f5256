//! Credential lapsed during an assignment.

use crate::model::{Field, Interval, SchoolYear, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, is_certificated};

rule! {
    /// ## What it checks
    /// During an assignment that requires a credential, validity does not lapse: no day follows the end of a credential
    /// without another one being valid. Every day of the year counts, not only the as-of date: a lapse is reported until
    /// it is corrected, or until it is over and its school year has ended. Staff who never had a valid credential are
    /// reported by CRT-001 and CRT-002 instead.
    ///
    /// ## Why it matters
    /// The days in between were not certified, and states that compare by census day (CalSAAS) will find them.
    ///
    /// ## How to fix it
    /// Enter the renewal with its effective date; if there was a gap, document what was done about it.
    "CRT-004", "credential lapsed during an assignment", Error, ["from", "until"],
    needs [StaffAssignment, Credential], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let valid = view.certified(|_| true);
    for assignment in view.assignments.iter().filter(|a| is_certificated(a.role) && !a.interval.is_empty()) {
        for gap in date::uncovered(assignment.interval, &valid) {
            if valid.iter().any(|valid| valid.end == Some(gap.begin)) {
                let until = gap.end.map(|end| end.max(SchoolYear::of(gap.begin).end()));
                let evidence = [gap.begin.value(), gap.end.value()];
                findings.during(Subject::Assignment(assignment.id), &evidence, Interval::new(gap.begin, until));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_renewal_came_late() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date
            2025-09-02 + A1 T1 nurse 2025-08-20 .
            2025-09-02 + A2 T2 nurse 2025-08-20 .
            2025-09-02 + A3 T3 operational 2025-08-20 .
            credential | credential_id staff_id status effective_date expiration_date revoked_date
            2025-09-02 + C1 T1 active 2020-01-01 2025-10-01 .
            2025-09-02 + C2 T2 active 2025-09-10 . .
            2025-09-02 + C3 T3 active 2020-01-01 2025-10-01 .
            2025-10-05 + C4 T1 active 2025-10-08 . .
            2025-10-09 + C4 T1 active 2025-10-08 . .
            2026-07-02 + C2 T2 active 2025-09-10 . .
        ";
        check_rule(
            "CRT-004",
            changes,
            expect![[r#"
            2025-10-01 + A1 from=2025-10-01 until=.
            2025-10-05 + A1 from=2025-10-01 until=2025-10-08
            2025-10-05 - A1 from=2025-10-01 until=.
            2026-07-01 - A1 from=2025-10-01 until=2025-10-08
        "#]],
        );
    }
}
