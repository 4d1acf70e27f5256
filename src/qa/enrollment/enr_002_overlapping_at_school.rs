//! Overlapping enrollments at the same school.

use crate::model::{Settings, Subject};
use crate::qa::overlap::overlap;
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// No two enrollments of a student at one school overlap, whether primary or secondary. Empty enrollments are
    /// ignored.
    ///
    /// ## Why it matters
    /// The student is counted twice at the school, and attendance is recorded on both. CALPADS rejects it (SENR0178).
    ///
    /// ## How to fix it
    /// Delete the duplicate, or end the earlier enrollment on the day the later one begins.
    "ENR-002", "overlapping enrollments at the same school", Error, ["from", "enrollments"],
    needs [SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let mut enrollments: Vec<&Enrollment> = view.enrollments.iter().filter(|e| !e.interval().is_empty()).collect();
    if enrollments.len() < 2 {
        return;
    }
    enrollments.sort_by_key(|e| (e.school, e.entry_date));
    for at_school in enrollments.chunk_by(|a, b| a.school == b.school) {
        if let Some(evidence) = overlap(at_school.iter().map(|e| e.interval())) {
            findings.open(Subject::StudentAt(view.id, at_school[0].school), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn twice_at_one_school() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type status
            2025-09-02 + E1 S1 North 2025-08-20 . . .
            2025-09-02 + E2 S1 North 2025-09-01 . . secondary
            2025-09-02 + E3 S1 South 2025-09-01 . . secondary
            2025-09-02 + E4 S2 North 2025-08-20 . . .
            2025-09-02 + E5 S2 North 2025-09-01 . . secondary
            2025-09-03 - E2
        ";
        check_rule(
            "ENR-002",
            changes,
            expect![[r#"
                2025-09-02 + S1|North from=2025-09-01 enrollments=2
                2025-09-02 + S2|North from=2025-09-01 enrollments=2
                2025-09-03 - S1|North from=2025-09-01 enrollments=2
            "#]],
        );
    }
}
