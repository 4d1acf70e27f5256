//! Reported level disagrees with the cut scores.

use crate::model::codes::Participation;
use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The performance level and the proficiency reported with a score match the cut scores.
    ///
    /// ## Why it matters
    /// The score, the reported level or the cut scores are wrong; published figures follow the cut scores.
    ///
    /// ## How to fix it
    /// Compare with the vendor's file; then correct the result or the cut scores.
    "ASM-003", "reported level disagrees with the cut scores", Error, ["level_reported", "level", "proficient_reported"],
    needs [Assessment, AssessmentCut, AssessmentResult], among [AssessmentResult], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for result in view.results.iter().filter(|result| result.participation == Participation::Tested) {
        let differ = |reported: Option<_>, given: Option<_>| reported.is_some() && given.is_some() && reported != given;
        let proficiency_differs = result.reported.is_some()
            && result.scale.is_proficient.is_some()
            && result.reported != result.scale.is_proficient;
        if differ(result.level, result.scale.level) || proficiency_differs {
            let evidence = [result.level.value(), result.scale.level.value(), result.reported.value()];
            findings.open(Subject::Result(result.id), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_cut_moves() {
        let changes = "
            assessment | assessment_id subject
            2025-09-02 + M3 math
            assessment_cut | assessment_id grade level_code level_rank min_score is_proficient
            2025-09-02 + M3 03 low 1 100 false
            2025-09-02 + M3 03 high 2 300 true
            assessment_result | result_id student_id assessment_id grade_level participation score level_code is_proficient
            2025-09-02 + R1 S1 M3 03 tested 299 low true
            2025-09-02 + R2 S2 M3 03 tested 300 low .
            2025-09-02 + R3 S3 M3 03 tested 300 high true
            2025-09-02 + R4 S4 M3 03 absent 300 low .
            assessment_cut | assessment_id grade level_code level_rank min_score is_proficient
            2025-09-03 + M3 03 high 2 299 true
            2025-09-04 + M3 03 high 2 301 true
        ";
        check_rule(
            "ASM-003",
            changes,
            expect![[r#"
            2025-09-02 + R1 level_reported=low level=low proficient_reported=true
            2025-09-02 + R2 level_reported=low level=high proficient_reported=.
            2025-09-03 + R1 level_reported=low level=high proficient_reported=true
            2025-09-03 - R1 level_reported=low level=low proficient_reported=true
            2025-09-04 + R1 level_reported=low level=low proficient_reported=true
            2025-09-04 + R3 level_reported=high level=low proficient_reported=true
            2025-09-04 - R1 level_reported=low level=high proficient_reported=true
            2025-09-04 - R2 level_reported=low level=high proficient_reported=.
        "#]],
        );
    }
}
