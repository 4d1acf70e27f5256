//! Missing state id, birth date, sex or race.

use crate::model::codes::StudentField;
use crate::model::{Codes, Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// A student who is currently enrolled has a state id, a birth date, a sex, and an answer to the question about race
    /// and ethnicity, which may be that it was declined.
    ///
    /// ## Why it matters
    /// State reports reject the student (CALPADS CERT004, GERR0001), and equity figures exclude the student.
    ///
    /// ## How to fix it
    /// Complete the record from the enrollment papers.
    "ENR-024", "missing state id, birth date, sex or race", Error, ["missing"],
    needs [Student, SchoolEnrollment], among [Student], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    let Some(student) = view.student else { return };
    let has_race = student.is_hispanic.is_some() || !student.race.is_empty() || student.race_declined;
    let missing = Codes::of([
        (!student.has_state_id).then_some(StudentField::StateStudentId),
        student.birth_date.is_none().then_some(StudentField::BirthDate),
        student.sex.is_none().then_some(StudentField::Sex),
        (!has_race).then_some(StudentField::Race),
    ]);
    if !missing.is_empty() {
        for days in view.enrolled() {
            findings.during(Subject::Student(view.id), &[missing.value()], days);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn while_the_student_is_enrolled() {
        let changes = "
            student | student_id state_student_id birth_date sex is_hispanic race race_declined
            2025-09-02 + S1 . . female . . .
            2025-09-02 + S2 7 2015-01-01 male . . true
            2025-09-02 + S3 . . . . . .
            school_enrollment | enrollment_id student_id entry_date exit_date
            2025-09-02 + E1 S1 2025-08-20 2025-09-04
            2025-09-02 + E2 S2 2025-08-20 .
            student | student_id state_student_id birth_date sex is_hispanic race race_declined
            2025-09-03 + S1 7 2015-01-01 . false . .
        ";
        check_rule(
            "ENR-024",
            changes,
            expect![[r#"
            2025-09-02 + S1 missing=state_student_id;birth_date;race
            2025-09-03 + S1 missing=sex
            2025-09-03 - S1 missing=state_student_id;birth_date;race
        "#]],
        );
    }
}
