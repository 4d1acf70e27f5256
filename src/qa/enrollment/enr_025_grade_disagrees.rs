//! Grade disagrees between student record and enrollment.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The grade on the student record is the grade of the active primary enrollment.
    ///
    /// ## Why it matters
    /// Lists based on one and counts based on the other disagree.
    ///
    /// ## How to fix it
    /// Correct the wrong one; after a promotion it is usually the student record.
    "ENR-025", "grade disagrees between student record and enrollment", Warning, ["student_grade", "enrollment_grade"],
    needs [Student, SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let Some(grade) = view.student.and_then(|student| student.grade_level) else { return };
    for enrollment in view.enrollments.iter().filter(|e| e.is_primary() && e.grade_level != grade) {
        let evidence = [grade.value(), enrollment.grade_level.value()];
        findings.during(Subject::Student(view.id), &evidence, enrollment.interval());
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn last_years_grade() {
        let changes = "
            student | student_id grade_level
            2025-09-02 + S1 02
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type grade_level
            2025-09-02 + E1 S1 North 2024-08-20 2025-06-12 end_of_year 02
            2025-09-02 + E2 S1 North 2025-09-04 . . 03
            student | student_id grade_level
            2025-09-08 + S1 03
        ";
        check_rule(
            "ENR-025",
            changes,
            expect![[r#"
            2025-09-04 + S1 student_grade=02 enrollment_grade=03
            2025-09-08 - S1 student_grade=02 enrollment_grade=03
        "#]],
        );
    }
}
