//! Duplicate result.

use crate::model::codes::Participation;
use crate::model::{AssessmentId, SchoolYear, Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// A student has at most one result per assessment and school year with participation `tested` that is not a retest.
    ///
    /// ## Why it matters
    /// It is unclear which result counts; the latest is published.
    ///
    /// ## How to fix it
    /// Remove the duplicate, or mark the later one as a retest.
    "ASM-004", "duplicate result", Error, ["results"], needs [AssessmentResult],
    among [AssessmentResult], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let tested = view.results.iter().filter(|result| result.participation == Participation::Tested && !result.is_retest);
    let mut tests: Vec<(AssessmentId, SchoolYear)> = tested.map(|result| (result.assessment, result.school_year)).collect();
    tests.sort_unstable();
    for same in tests.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
        let (assessment, year) = same[0];
        let subject = Subject::StudentTestYear(view.id, assessment, year);
        findings.open(subject, &[Value::Int(same.len() as i64)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_retest_is_none() {
        let changes = "
            assessment_result | result_id student_id assessment_id school_year participation is_retest
            2025-09-02 + R1 S1 M3 2025 tested .
            2025-09-02 + R2 S1 M3 2026 tested .
            2025-09-02 + R3 S1 M3 2026 absent .
            2025-09-03 + R3 S1 M3 2026 tested .
            2025-09-04 + R3 S1 M3 2026 tested true
        ";
        check_rule(
            "ASM-004",
            changes,
            expect![[r#"
            2025-09-03 + S1|M3|2026 results=2
            2025-09-04 - S1|M3|2026 results=2
        "#]],
        );
    }
}
