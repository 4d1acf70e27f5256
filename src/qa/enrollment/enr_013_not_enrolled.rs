//! Active student with no active enrollment.

use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::student::{Enrollment, StudentView};

rule! {
    /// ## What it checks
    /// A student who is active in the source (`is_enabled`) is currently enrolled. Class enrollments are not considered.
    ///
    /// ## Why it matters
    /// The student can log in and appears in lists, but is missing from every count.
    ///
    /// ## How to fix it
    /// Enroll the student, or deactivate the record of a student who has left.
    "ENR-013", "active student with no active enrollment", Error, ["last_exit"],
    needs [Student, SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.student.and_then(|student| student.is_enabled) != Some(true) {
        return;
    }
    let mut enrolled: Vec<Interval> = view.enrollments.iter().filter(|e| e.counts()).map(Enrollment::interval).collect();
    date::union(&mut enrolled);
    for gap in date::uncovered(Interval::ALWAYS, &enrolled) {
        let last_exit = enrolled.iter().filter_map(|interval| interval.end).take_while(|&end| end <= gap.begin).last();
        findings.during(Subject::Student(view.id), &[last_exit.value()], gap);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn days_pass_after_the_exit() {
        let changes = "
            student | student_id is_enabled
            2025-09-02 + S1 true
            2025-09-02 + S2 true
            2025-09-02 + S3 false
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 2025-09-04 other
            2025-09-06 + E2 S1 North 2025-09-08 . .
            student | student_id is_enabled
            2025-09-09 + S2 false
        ";
        check_rule(
            "ENR-013",
            changes,
            expect![[r#"
            2025-09-02 + S2 last_exit=.
            2025-09-04 + S1 last_exit=2025-09-04
            2025-09-08 - S1 last_exit=2025-09-04
            2025-09-09 - S2 last_exit=.
        "#]],
        );
    }
}
