//! Two active staff share an e-mail address or user name.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// No two active staff records have the same e-mail address or the same user name, ignoring case. The violation has
    /// an opaque key, so that no address is published.
    ///
    /// ## Why it matters
    /// Systems that import the records reject one of them, or let one person into the account of the other.
    ///
    /// ## How to fix it
    /// Give each person a separate login, or merge the records if they are one person.
    "DUP-004", "two active staff share an e-mail address or user name", Error, ["staff_id"], needs [Staff],
    among [Staff], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::Login(login) = block else { return };
    if members.len() > 1 {
        for member in members {
            if let Member::Staff(staff) = member {
                findings.open(Subject::Login(login), &[staff.value()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn addresses_are_the_same_in_any_case() {
        let changes = "
            staff | staff_id email username is_active
            2025-09-02 + T1 A@x.org anna true
            2025-09-02 + T2 a@X.org . true
            2025-09-02 + T3 a@x.org ANNA false
            2025-09-03 + T3 b@x.org ANNA true
            2025-09-04 - T2
        ";
        check_rule(
            "DUP-004",
            changes,
            expect![[r#"
            2025-09-02 + 01bae246a4adb46a staff_id=T1
            2025-09-02 + 01bae246a4adb46a staff_id=T2
            2025-09-03 + da9114269465c70d staff_id=T1
            2025-09-03 + da9114269465c70d staff_id=T3
            2025-09-04 - 01bae246a4adb46a staff_id=T1
            2025-09-04 - 01bae246a4adb46a staff_id=T2
        "#]],
        );
    }
}
