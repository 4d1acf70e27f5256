//! Exit without reason, or reason without exit.

use crate::model::codes::ExitType;
use crate::model::{Entry, Field, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// An enrollment has both an exit date and an exit reason, or neither. The reason `unknown` counts as none; an
    /// unmapped local code counts as a reason and is reported by REF-005.
    ///
    /// ## Why it matters
    /// Dropout and graduation rates depend on the reason, and membership on the date.
    ///
    /// ## How to fix it
    /// Enter the reason for the exit, or clear the reason if the student is still enrolled.
    "ENR-004", "exit without reason, or reason without exit", Error, ["exit_date", "exit_type"],
    needs [SchoolEnrollment], among [SchoolEnrollment], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::SchoolEnrollment(row)) = entry else { return };
    let has_reason = row.exit_type.is_some_and(|reason| reason != ExitType::NotKnown);
    if row.exit_date.is_some() != has_reason {
        findings.open(Subject::Enrollment(row.enrollment_id), &[row.exit_date.value(), row.exit_type.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_without_the_other() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 2025-09-01 .
            2025-09-02 + E2 S2 North 2025-08-20 2025-09-01 unknown
            2025-09-02 + E3 S3 North 2025-08-20 . dropout
            2025-09-02 + E4 S4 North 2025-08-20 2025-09-01 W11
            2025-09-03 + E1 S1 North 2025-08-20 2025-09-01 homeschool
            2025-09-03 + E2 S2 North 2025-08-20 2025-09-01 homeschool
            2025-09-03 + E3 S3 North 2025-08-20 . .
        ";
        check_rule(
            "ENR-004",
            changes,
            expect![[r#"
            2025-09-02 + E1 exit_date=2025-09-01 exit_type=.
            2025-09-02 + E2 exit_date=2025-09-01 exit_type=unknown
            2025-09-02 + E3 exit_date=. exit_type=dropout
            2025-09-03 - E1 exit_date=2025-09-01 exit_type=.
            2025-09-03 - E2 exit_date=2025-09-01 exit_type=unknown
            2025-09-03 - E3 exit_date=. exit_type=dropout
        "#]],
        );
    }
}
