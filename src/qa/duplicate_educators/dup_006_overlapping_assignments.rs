//! Overlapping assignments of one person, organization and role.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::staff::{Assignment, StaffView};

rule! {
    /// ## What it checks
    /// The assignments of a person to one organization and role do not overlap. Empty ones are ignored.
    ///
    /// ## Why it matters
    /// Reports with one row per person, school and job (CALPADS SASS) count the person twice.
    ///
    /// ## How to fix it
    /// End the earlier one when the later one begins, or merge the two.
    "DUP-006", "overlapping assignments of one person, organization and role", Warning, ["from", "assignments"],
    needs [StaffAssignment], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.assignments.len() < 2 {
        return;
    }
    let mut assignments: Vec<&Assignment> = view.assignments.iter().filter(|a| !a.interval.is_empty()).collect();
    assignments.sort_by_key(|a| (a.org, a.role, a.interval));
    for same in assignments.chunk_by(|a, b| (a.org, a.role) == (b.org, b.role)) {
        if let Some(evidence) = overlap(same.iter().map(|a| a.interval)) {
            findings.open(Subject::StaffAt(view.id, same[0].org, same[0].role), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_rows_of_one_role_share_a_day() {
        let changes = "
            staff_assignment | assignment_id staff_id org_id role begin_date end_date
            2025-09-02 + A1 T1 North nurse 2025-08-20 2025-10-01
            2025-09-02 + A2 T1 North nurse 2025-09-20 .
            2025-09-02 + A3 T1 South nurse 2025-09-20 .
            2025-09-02 + A4 T1 North nurse 2025-08-25 2025-08-25
            2025-09-02 + A5 T2 North nurse 2025-08-20 .
            2025-09-02 + A6 T2 North nurse 2025-09-20 .
            2025-09-03 + A1 T1 North nurse 2025-08-20 2025-09-20
        ";
        check_rule(
            "DUP-006",
            changes,
            expect![[r#"
                2025-09-02 + T1|North|nurse from=2025-09-20 assignments=2
                2025-09-02 + T2|North|nurse from=2025-09-20 assignments=2
                2025-09-03 - T1|North|nurse from=2025-09-20 assignments=2
            "#]],
        );
    }
}
