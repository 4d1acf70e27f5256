//! Not enrolled on the test date.

use crate::model::codes::Participation;
use crate::model::{Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// A student who was tested was enrolled in the district on the test date or, without a test date, on some day of
    /// the testing window.
    ///
    /// ## Why it matters
    /// The result belongs to another district, student or date.
    ///
    /// ## How to fix it
    /// Correct the date or the student, or enter the enrollment.
    "ASM-006", "not enrolled on the test date", Warning, ["administration_date"],
    needs [Student, SchoolEnrollment, AssessmentResult], among [AssessmentResult], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.student.is_none() {
        return;
    }
    for result in view.results.iter().filter(|result| result.participation == Participation::Tested) {
        let window = result.scale.window.map(|(begin, end)| Interval::new(begin, Some(end)));
        let enrolled = |holds: &dyn Fn(Interval) -> bool| view.enrollments.iter().any(|e| e.counts() && holds(e.interval()));
        let is_missing = match (result.date, window) {
            (Some(day), _) => !enrolled(&|days| days.contains(day)),
            (None, Some(window)) => !enrolled(&|days| !days.intersect(window).is_empty()),
            (None, None) => false,
        };
        if is_missing {
            findings.open(Subject::Result(result.id), &[result.date.value()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_day_or_the_window() {
        let changes = "
            student | student_id
            2025-09-02 + S1
            school_enrollment | enrollment_id student_id entry_date exit_date
            2025-09-02 + E1 S1 2025-08-20 2025-09-10
            2025-09-02 + E2 S1 2024-08-20 2025-06-10
            assessment | assessment_id window_begin window_end
            2025-09-02 + M3 2025-09-10 2025-09-20
            assessment_result | result_id student_id assessment_id participation administration_date
            2025-09-02 + R1 S1 M3 tested 2025-09-10
            2025-09-02 + R2 S1 M3 tested .
            2025-09-02 + R3 S1 M3 absent 2025-09-10
            assessment | assessment_id window_begin window_end
            2025-09-03 + M3 2025-09-09 2025-09-20
            school_enrollment | enrollment_id student_id entry_date exit_date
            2025-09-04 + E1 S1 2025-08-20 2025-09-11
        ";
        check_rule(
            "ASM-006",
            changes,
            expect![[r#"
            2025-09-02 + R1 administration_date=2025-09-10
            2025-09-02 + R2 administration_date=.
            2025-09-03 - R2 administration_date=.
            2025-09-04 - R1 administration_date=2025-09-10
        "#]],
        );
    }
}
