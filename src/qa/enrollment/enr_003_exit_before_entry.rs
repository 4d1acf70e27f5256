//! Exit before entry.

use crate::model::{Entry, Field, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// An enrollment does not end before it begins. The exit date is the first day not enrolled, so an exit on the entry
    /// date is an enrollment that never took place, which is not an error.
    ///
    /// ## Why it matters
    /// The enrollment has no days, so the student is missing from every count.
    ///
    /// ## How to fix it
    /// Correct the exit or the entry date; remove the exit if the student is still there.
    "ENR-003", "exit before entry", Error, ["entry_date", "exit_date"], needs [SchoolEnrollment],
    among [SchoolEnrollment], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::SchoolEnrollment(row)) = entry else { return };
    if row.exit_date.is_some_and(|exit| exit < row.entry_date) {
        findings.open(Subject::Enrollment(row.enrollment_id), &[row.entry_date.value(), row.exit_date.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn an_exit_before_the_entry() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-09-02 2025-09-01 other
            2025-09-02 + E2 S2 North 2025-09-02 2025-09-02 no_show
            2025-09-02 + E3 S3 North 2025-09-02 . .
            2025-09-03 + E1 S1 North 2025-09-02 2025-09-20 other
        ";
        check_rule(
            "ENR-003",
            changes,
            expect![[r#"
            2025-09-02 + E1 entry_date=2025-09-02 exit_date=2025-09-01
            2025-09-03 - E1 entry_date=2025-09-02 exit_date=2025-09-01
        "#]],
        );
    }
}
