//! Grade span of the authorization does not cover the students.

use crate::model::codes::{Code, Grade};
use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, matches, spans};

rule! {
    /// ## What it checks
    /// The teacher of record of a section currently holds a valid authorization for the subject that covers the grades
    /// of the enrolled students or, if there are none, those of the course. Teachers without any authorization for the
    /// subject are reported by CRT-005 instead. The grade of a student is that of the latest primary enrollment at the
    /// school of the section in its school year.
    ///
    /// ## Why it matters
    /// A credential for elementary grades does not certify a class in grade 9, and the section counts as misassigned.
    ///
    /// ## How to fix it
    /// Enter the authorization with its grades, or assign an authorized teacher.
    "CRT-006", "grade span of the authorization does not cover the students", Error, ["lowest", "highest"],
    needs [Course, Section, SectionStaff, Credential, CredentialAuthorization], among [SectionStaff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for teaching in view.teaching.iter().filter(|teaching| teaching.is_of_record()) {
        let (Some(subject), Some(grades)) = (teaching.subject, teaching.grades) else { continue };
        let for_subject = view.authorized(|authorization| matches(authorization, teaching, subject));
        let spanning =
            view.authorized(|authorization| matches(authorization, teaching, subject) && spans(authorization, grades));
        let evidence = [grades.0, grades.1].map(|rank| Grade::from_rank(rank).value());
        for days in for_subject {
            let taught: Interval = teaching.interval.intersect(days);
            for gap in date::uncovered(taught, &spanning) {
                findings.during(Subject::SectionStaff(teaching.id), &evidence, gap);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_roster_or_the_course_says_which_grades() {
        let changes = "
            course | course_id subject grades
            2025-09-02 + K1 math 06;07
            section | section_id course_id school_id school_year session_ids
            2025-09-02 + C1 K1 North 2026 Y
            section_staff | section_staff_id section_id staff_id role
            2025-09-02 + X1 C1 T1 teacher_of_record
            credential | credential_id staff_id status effective_date
            2025-09-02 + L1 T1 active 2020-01-01
            credential_authorization | credential_id seq subject grade_low grade_high
            2025-09-02 + L1 1 math KG 07
            school_enrollment | enrollment_id student_id school_id entry_date grade_level school_year
            2025-09-02 + E1 S1 North 2025-08-20 08 2026
            section_enrollment | section_enrollment_id student_id section_id
            2025-09-03 + R1 S1 C1
            school_enrollment | enrollment_id student_id school_id entry_date grade_level school_year
            2025-09-04 + E1 S1 North 2025-08-20 07 2026
            2025-09-05 + E1 S1 North 2025-08-20 08 2026
            credential_authorization | credential_id seq subject grade_low grade_high
            2025-09-06 + L1 2 math 06 08
            2025-09-07 - L1/2
            2025-09-08 - L1/1
        ";
        check_rule(
            "CRT-006",
            changes,
            expect![[r#"
            2025-09-03 + X1 lowest=08 highest=08
            2025-09-04 - X1 lowest=08 highest=08
            2025-09-05 + X1 lowest=08 highest=08
            2025-09-06 - X1 lowest=08 highest=08
            2025-09-07 + X1 lowest=08 highest=08
            2025-09-08 - X1 lowest=08 highest=08
        "#]],
        );
    }
}
