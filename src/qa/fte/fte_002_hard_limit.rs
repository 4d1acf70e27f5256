//! FTE above the hard limit.

use super::fte_001_over_allocation::over;
use crate::model::Settings;
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// On no day do the assignments of one person sum to more than 2 full-time equivalents. It stays open as FTE-001
    /// does, which reports it too.
    ///
    /// ## Why it matters
    /// So much work is no overtime but an error; CALPADS refuses it (CERT046).
    ///
    /// ## How to fix it
    /// End the assignments that are over, or correct their FTE.
    "FTE-002", "FTE above the hard limit", Critical, ["from", "fte"], needs [StaffAssignment],
    among [Staff], Staff(check)
}

fn check(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    over(settings.fte_hard_cap, view, findings);
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_full_jobs_and_more() {
        let changes = "
            staff_assignment | assignment_id staff_id begin_date end_date fte
            2025-09-02 + A1 T1 2025-08-20 . 1
            2025-09-02 + A2 T1 2025-08-20 . 1
            2025-09-03 + A3 T1 2025-10-01 2025-11-01 0.5
            2026-07-02 + A4 T2 2025-10-01 2025-11-01 0.5
        ";
        check_rule(
            "FTE-002",
            changes,
            expect![[r#"
            2025-09-03 + T1 from=2025-10-01 fte=2.5
            2026-07-01 - T1 from=2025-10-01 fte=2.5
        "#]],
        );
    }
}
