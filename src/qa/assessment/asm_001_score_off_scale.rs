//! Score outside the scale.

use crate::model::codes::Participation;
use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The score of a tested student is within the score scale of the assessment.
    ///
    /// ## Why it matters
    /// The score belongs to another test or was mistyped, and distorts means and levels.
    ///
    /// ## How to fix it
    /// Correct the score, or the score scale of the assessment.
    "ASM-001", "score outside the scale", Error, ["score"], needs [Assessment, AssessmentResult],
    among [AssessmentResult], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for result in view.results.iter().filter(|result| result.scale.is_off && result.participation == Participation::Tested) {
        findings.open(Subject::Result(result.id), &[result.score.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_score_or_the_scale_is_wrong() {
        let changes = "
            assessment | assessment_id subject score_min score_max
            2025-09-02 + M3 math 200 400
            assessment_result | result_id student_id assessment_id participation score
            2025-09-02 + R1 S1 M3 tested 450
            2025-09-02 + R2 S2 M3 absent 450
            2025-09-02 + R3 S3 M3 tested 400
            assessment | assessment_id subject score_min score_max
            2025-09-03 + M3 math 200 500
            2025-09-04 + M3 math 410 .
            assessment_result | result_id student_id assessment_id participation score
            2025-09-05 + R3 S3 M3 tested 410
        ";
        check_rule(
            "ASM-001",
            changes,
            expect![[r#"
            2025-09-02 + R1 score=450
            2025-09-03 - R1 score=450
            2025-09-04 + R3 score=400
            2025-09-05 - R3 score=400
        "#]],
        );
    }
}
