//! FTE above the hard limit.

use super::fte_001_over_allocation::over;
use crate::model::Settings;
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The assignments of a person never add up to more than 2 FTE on a day. The violation stays open as in FTE-001,
    /// which reports it too.
    ///
    /// ## Why it matters
    /// That much work is an error, not overtime; CALPADS rejects it (CERT046).
    ///
    /// ## How to fix it
    /// End assignments that are over, or correct their FTE.
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
