//! Two staff records share a state educator id.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// A state educator id is on one staff record only.
    ///
    /// ## Why it matters
    /// The state merges the two records: either the assignments, credentials and evaluations of two people are mixed, or
    /// one person's experience is counted twice.
    ///
    /// ## How to fix it
    /// Merge the records if they are one person; otherwise correct one of the ids.
    "DUP-001", "two staff records share a state educator id", Critical, ["staff_id"], needs [Staff],
    among [Staff], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::StateStaff(id) = block else { return };
    if members.len() > 1 {
        for member in members {
            if let Member::Staff(staff) = member {
                findings.open(Subject::StateStaff(id), &[staff.value()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_number_on_two_records() {
        let changes = "
            staff | staff_id state_staff_id
            2025-09-02 + T1 900
            2025-09-02 + T2 900
            2025-09-02 + T3 901
            2025-09-02 + T4 .
            2025-09-02 + T5 .
            2025-09-03 + T3 900
            2025-09-04 - T2
            2025-09-05 + T3 902
        ";
        check_rule(
            "DUP-001",
            changes,
            expect![[r#"
            2025-09-02 + 900 staff_id=T1
            2025-09-02 + 900 staff_id=T2
            2025-09-03 + 900 staff_id=T3
            2025-09-04 - 900 staff_id=T2
            2025-09-05 - 900 staff_id=T1
            2025-09-05 - 900 staff_id=T3
        "#]],
        );
    }
}
