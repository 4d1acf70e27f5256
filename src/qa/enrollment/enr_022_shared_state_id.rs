//! Two students share a state id.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};

rule! {
    /// ## What it checks
    /// A state student id is on one student record only.
    ///
    /// ## Why it matters
    /// The state merges the two records: one student has the other's results, and one is missing.
    ///
    /// ## How to fix it
    /// Merge the records if they are one student; otherwise correct one of the ids.
    "ENR-022", "two students share a state id", Error, ["student_id"], needs [Student], among [Student], MatchBlock(check)
}

fn check(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::StateStudent(number) = block else { return };
    if members.len() > 1 {
        for member in members {
            if let Member::Student(student) = member {
                findings.open(Subject::StateStudent(number), &[student.value()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_have_one_number() {
        let changes = "
            student | student_id state_student_id
            2025-09-02 + S1 77
            2025-09-02 + S2 77
            2025-09-02 + S3 78
            2025-09-03 + S3 77
            2025-09-04 + S2 .
            2025-09-05 - S1
        ";
        check_rule(
            "ENR-022",
            changes,
            expect![[r#"
            2025-09-02 + 77 student_id=S1
            2025-09-02 + 77 student_id=S2
            2025-09-03 + 77 student_id=S3
            2025-09-04 - 77 student_id=S2
            2025-09-05 - 77 student_id=S1
            2025-09-05 - 77 student_id=S3
        "#]],
        );
    }
}
