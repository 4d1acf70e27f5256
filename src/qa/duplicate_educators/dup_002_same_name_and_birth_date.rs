//! Same normalized name and birth date.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// No two staff records have the same last name, first name and birth date, compared without case, accents,
    /// punctuation, spaces and generation suffix. The violation has an opaque key, so that no name is published.
    ///
    /// ## Why it matters
    /// Probably one person was entered twice: FTE and experience are split, and the person is counted twice.
    ///
    /// ## How to fix it
    /// Merge the records if they are one person; otherwise no correction is needed.
    "DUP-002", "same normalized name and birth date", Error, ["staff_id"], needs [Staff], among [Staff], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::NameAndBirth(key) = block else { return };
    if members.len() > 1 {
        for member in members {
            if let Member::Staff(staff) = member {
                findings.open(Subject::Match(key), &[staff.value()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn spelled_in_two_ways() {
        let changes = "
            staff | staff_id last_name first_name birth_date
            2025-09-02 + T1 Núñez Ana 1980-05-01
            2025-09-02 + T2 NUNEZ Ána 1980-05-01
            2025-09-02 + T3 Nunez Ana 1981-05-01
            2025-09-02 + T4 Nunez Ana .
            2025-09-03 + T2 Nunes Ana 1980-05-01
            2025-09-04 + T4 Nuñes ANA 1980-05-01
            2025-09-05 - T4
        ";
        check_rule(
            "DUP-002",
            changes,
            expect![[r#"
            2025-09-02 + 11c3f2e83d06deb1 staff_id=T1
            2025-09-02 + 11c3f2e83d06deb1 staff_id=T2
            2025-09-03 - 11c3f2e83d06deb1 staff_id=T1
            2025-09-03 - 11c3f2e83d06deb1 staff_id=T2
            2025-09-04 + 96e457f0513a1b38 staff_id=T2
            2025-09-04 + 96e457f0513a1b38 staff_id=T4
            2025-09-05 - 96e457f0513a1b38 staff_id=T2
            2025-09-05 - 96e457f0513a1b38 staff_id=T4
        "#]],
        );
    }
}
