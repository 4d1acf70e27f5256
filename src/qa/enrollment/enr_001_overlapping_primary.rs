//! Overlapping primary enrollments.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// A student has at most one primary enrollment on any day. Empty enrollments, no-shows and invalid enrollments are
    /// ignored.
    ///
    /// ## Why it matters
    /// Two schools claim the student: membership days, funding and every rate count the student twice. CALPADS rejects
    /// it (SENR0027, SENR0028).
    ///
    /// ## How to fix it
    /// End the earlier enrollment on the day the later one begins, or make one of them secondary.
    "ENR-001", "overlapping primary enrollments", Critical, ["from", "enrollments"],
    needs [SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if let Some([from, enrollments]) = overlap(view.enrollments.iter().filter(|e| e.is_primary()).map(Enrollment::interval))
    {
        findings.open(Subject::Student(view.id), &[from, enrollments]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_schools_at_once() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type status
            2025-09-02 + E1 S1 North 2025-08-20 . . .
            2025-09-02 + E2 S1 South 2025-09-01 . . .
            2025-09-03 + E1 S1 North 2025-08-20 2025-09-01 transfer_in_district .
            2025-09-04 + E1 S1 North 2025-08-20 2025-09-05 transfer_in_district .
            2025-09-05 + E2 S1 South 2025-09-01 . . secondary
        ";
        check_rule(
            "ENR-001",
            changes,
            expect![[r#"
            2025-09-02 + S1 from=2025-09-01 enrollments=2
            2025-09-03 - S1 from=2025-09-01 enrollments=2
            2025-09-04 + S1 from=2025-09-01 enrollments=2
            2025-09-05 - S1 from=2025-09-01 enrollments=2
        "#]],
        );
    }

    #[test]
    fn no_shows_and_empty_enrollments_do_not_count() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 . .
            2025-09-02 + E2 S1 South 2025-08-20 2025-08-20 no_show
            2025-09-02 + E3 S1 South 2025-09-01 2025-10-01 invalid
            2025-09-02 + E4 S1 South 2025-10-01 2025-09-01 other
            2025-09-03 + E3 S1 South 2025-09-01 2025-10-01 other
            2025-09-04 - E3
        ";
        check_rule(
            "ENR-001",
            changes,
            expect![[r#"
            2025-09-03 + S1 from=2025-09-01 enrollments=2
            2025-09-04 - S1 from=2025-09-01 enrollments=2
        "#]],
        );
    }

    #[test]
    fn every_enrollment_of_a_chain_is_counted_once() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-01-01 2025-12-01 other
            2025-09-02 + E2 S1 South 2025-02-01 2025-03-01 other
            2025-09-02 + E3 S1 South 2025-04-01 2025-05-01 other
            2025-09-02 + E4 S1 South 2025-11-01 2026-02-01 other
            2025-09-02 + E5 S1 North 2026-02-01 2026-03-01 other
            2025-09-03 - E1
        ";
        check_rule(
            "ENR-001",
            changes,
            expect![[r#"
            2025-09-02 + S1 from=2025-02-01 enrollments=4
            2025-09-03 - S1 from=2025-02-01 enrollments=4
        "#]],
        );
    }
}
