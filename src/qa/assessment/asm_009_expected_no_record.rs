//! Expected to test, no record.

use crate::model::{Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// After the testing window of a state summative accountability assessment there is a record, tested or not, for
    /// every student who had a primary enrollment on its first day in a grade that takes it. The violation closes at the
    /// end of the school year.
    ///
    /// ## Why it matters
    /// The student counts as not tested, and the school may miss the 95% that ESSA requires.
    ///
    /// ## How to fix it
    /// Enter the result, or the reason why the student was not tested.
    "ASM-009", "expected to test, no record", Warning, ["school_id"],
    needs [SchoolEnrollment, Assessment, AssessmentResult], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for expected in view.expected_tests().filter(|expected| !expected.has_result) {
        let holds = Interval::new(expected.test.end, Some(expected.test.school_year.end()));
        let subject = Subject::StudentTest(view.id, expected.test.assessment);
        findings.during(subject, &[expected.school.value()], holds);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_window_closes() {
        let changes = "
            assessment | assessment_id category school_year window_begin window_end grades is_accountability
            2025-09-02 + M3 state_summative 2026 2025-09-03 2025-09-05 03;04 true
            2025-09-02 + I3 interim 2026 2025-09-03 2025-09-05 03;04 true
            school_enrollment | enrollment_id student_id school_id school_year grade_level entry_date
            2025-09-02 + E1 S1 North 2026 03 2025-08-20
            2025-09-02 + E2 S2 North 2026 05 2025-08-20
            2025-09-02 + E3 S3 North 2026 03 2025-09-04
            assessment_result | result_id student_id assessment_id participation
            2025-09-07 + R1 S1 M3 absent
            2025-09-08 - R1
            2026-07-02 - R1
        ";
        check_rule(
            "ASM-009",
            changes,
            expect![[r#"
            2025-09-05 + S1|M3 school_id=North
            2025-09-07 - S1|M3 school_id=North
            2025-09-08 + S1|M3 school_id=North
            2026-07-01 - S1|M3 school_id=North
        "#]],
        );
    }
}
