//! Credential number used by two people.

use crate::model::{Field, Settings, Subject, Table};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// A state credential number belongs to one person.
    ///
    /// ## Why it matters
    /// One of the two has another person's credential, and is certified on paper only.
    ///
    /// ## How to fix it
    /// Look up the number with the state, and correct the wrong one.
    "CRT-010", "credential number used by two people", Error, ["staff_id", "credential_id"],
    needs [Credential], among [Credential], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::Natural(Table::Credential, key) = block else { return };
    if holders(members) > 1 {
        for member in members {
            if let Member::Credential(staff, credential) = member {
                findings.open(Subject::Natural(Table::Credential, key), &[staff.value(), credential.value()]);
            }
        }
    }
}

/// The number of people who hold the credentials of a match block.
pub(crate) fn holders(members: &[Member]) -> usize {
    let mut staff: Vec<_> = members
        .iter()
        .filter_map(|member| if let Member::Credential(staff, _) = member { Some(*staff) } else { None })
        .collect();
    staff.sort_unstable();
    staff.dedup();
    staff.len()
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_hold_one_number() {
        let changes = "
            credential | credential_id staff_id state credential_number
            2025-09-02 + C1 T1 CA 77
            2025-09-02 + C2 T1 CA 77
            2025-09-02 + C3 T2 NV 77
            2025-09-03 + C3 T2 CA 77
            2025-09-04 + C3 T2 CA .
        ";
        check_rule(
            "CRT-010",
            changes,
            expect![[r#"
            2025-09-03 + credential|CA|77 staff_id=T1 credential_id=C1
            2025-09-03 + credential|CA|77 staff_id=T1 credential_id=C2
            2025-09-03 + credential|CA|77 staff_id=T2 credential_id=C3
            2025-09-04 - credential|CA|77 staff_id=T1 credential_id=C1
            2025-09-04 - credential|CA|77 staff_id=T1 credential_id=C2
            2025-09-04 - credential|CA|77 staff_id=T2 credential_id=C3
        "#]],
        );
    }
}
