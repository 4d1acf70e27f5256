//! Result for an unknown student or assessment.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The student and the assessment of a result both have a record.
    ///
    /// ## Why it matters
    /// The result is missing from subgroups, or from all figures.
    ///
    /// ## How to fix it
    /// Deliver the missing record, or correct the id.
    "ASM-005", "result for an unknown student or assessment", Error, ["student_id", "assessment_id"],
    needs [Student, Assessment, AssessmentResult], among [AssessmentResult], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let student = view.student.is_none().then_some(view.id);
    for result in view.results {
        let assessment = (!result.scale.is_known).then_some(result.assessment);
        if student.is_some() || assessment.is_some() {
            findings.open(Subject::Result(result.id), &[student.value(), assessment.value()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_comes_after_the_other() {
        let changes = "
            assessment_result | result_id student_id assessment_id
            2025-09-02 + R1 S1 M3
            assessment | assessment_id
            2025-09-03 + M3
            student | student_id
            2025-09-04 + S1
            assessment | assessment_id
            2025-09-05 - M3
        ";
        check_rule(
            "ASM-005",
            changes,
            expect![[r#"
            2025-09-02 + R1 student_id=S1 assessment_id=M3
            2025-09-03 + R1 student_id=S1 assessment_id=.
            2025-09-03 - R1 student_id=S1 assessment_id=M3
            2025-09-04 - R1 student_id=S1 assessment_id=.
            2025-09-05 + R1 student_id=. assessment_id=M3
        "#]],
        );
    }
}
