//! Enrollment of an unknown student or school.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// The student and the school of an enrollment both have a record.
    ///
    /// ## Why it matters
    /// The enrollment counts for no student or for no school.
    ///
    /// ## How to fix it
    /// Deliver the missing record, or correct the id.
    "ENR-012", "enrollment of an unknown student or school", Error, ["student_id", "school_id"],
    needs [Student, Organization, SchoolEnrollment], among [SchoolEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let student = view.student.is_none().then_some(view.id);
    for enrollment in view.enrollments {
        let is_unknown = view.schooling_of(enrollment).is_some_and(|schooling| !schooling.is_known);
        let school = is_unknown.then_some(enrollment.school);
        if student.is_some() || school.is_some() {
            findings.open(Subject::Enrollment(enrollment.id), &[student.value(), school.value()]);
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
            school_enrollment | enrollment_id student_id school_id
            2025-09-02 + E1 S1 North
            student | student_id
            2025-09-03 + S1
            organization | org_id
            2025-09-04 + North
            2025-09-05 - North
        ";
        check_rule(
            "ENR-012",
            changes,
            expect![[r#"
            2025-09-02 + E1 student_id=S1 school_id=North
            2025-09-03 + E1 student_id=. school_id=North
            2025-09-03 - E1 student_id=S1 school_id=North
            2025-09-04 - E1 student_id=. school_id=North
            2025-09-05 + E1 student_id=. school_id=North
        "#]],
        );
    }
}
