//! Out of field: no authorization for the subject.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The teacher of record of a section in use currently holds a valid credential that authorizes the subject of the
    /// course. English language arts covers reading and writing; an elementary generalist covers the core subjects, but
    /// only in courses for kindergarten to grade 6. Courses without a subject are ignored.
    ///
    /// ## Why it matters
    /// Federal and state reports count the section as taught out of field (ED out-of-field status; CalSAAS exceptions).
    ///
    /// ## How to fix it
    /// Enter the authorization, assign an authorized teacher, or correct the subject of the course.
    "CRT-005", "out of field: no authorization for the subject", Error, ["subject"],
    needs [Course, Section, SectionStaff, Credential, CredentialAuthorization], among [SectionStaff], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for teaching in view.teaching {
        for gap in view.out_of_field(teaching) {
            findings.during(Subject::SectionStaff(teaching.id), &[teaching.subject.value()], gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::codes::{Code, Subject};
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    /// Which subjects an authorization for each is good for, in courses of a grade.
    fn covered(grade: &str) -> Vec<(&'static str, Vec<&'static str>)> {
        let subjects = Subject::SET.values();
        let mut changes = "course | course_id subject grades\n".to_owned();
        changes.extend(subjects.iter().map(|subject| format!("2025-09-02 + {subject} {subject} {grade}\n")));
        changes += "section | section_id course_id school_id school_year\n";
        changes.extend(subjects.iter().map(|subject| format!("2025-09-02 + {subject} {subject} North 2026\n")));
        changes += "credential | credential_id staff_id issue_date\n";
        changes.extend(subjects.iter().map(|subject| format!("2025-09-02 + {subject} {subject} 2020-01-01\n")));
        changes += "credential_authorization | credential_id seq subject\n";
        changes.extend(subjects.iter().map(|subject| format!("2025-09-02 + {subject} 1 {subject}\n")));
        changes += "section_staff | section_staff_id staff_id section_id role\n";
        let pairs = || subjects.iter().flat_map(|by| subjects.iter().map(move |subject| (by, subject)));
        changes.extend(pairs().map(|(by, of)| format!("2025-09-02 + {by}/{of} {by} {of} teacher_of_record\n")));
        let open = violated("CRT-005", &changes);
        let good = |by: &str| {
            let good = subjects.iter().copied().filter(|of| *of != "none" && !open.contains(&format!("{by}/{of}")));
            good.collect::<Vec<_>>()
        };
        // Those that cover themselves alone are as they should be.
        subjects.iter().map(|by| (*by, good(by))).filter(|(by, good)| *good != [*by]).collect()
    }

    #[test]
    fn an_authorization_covers_its_subject_and_few_cover_more() {
        let ela = ("ela", vec!["ela", "reading", "writing"]);
        let core = vec!["ela", "reading", "writing", "math", "science", "social_studies", "elementary_generalist"];
        assert_eq!(covered("KG;06"), [ela.clone(), ("elementary_generalist", core), ("none", Vec::new())]);
        for grades in ["07", "PK;KG", "05;07"] {
            assert_eq!(covered(grades), [ela.clone(), ("none", Vec::new())], "{grades}");
        }
    }

    #[test]
    fn subject_section_and_authorization_meet() {
        let changes = "
            course | course_id subject grades
            2025-09-02 + Algebra math 09
            section | section_id course_id school_id school_year
            2025-09-02 + X1 Algebra North 2026
            section_staff | section_staff_id staff_id section_id role
            2025-09-02 + XS1 T1 X1 teacher_of_record
            credential | credential_id staff_id issue_date expiration_date
            2025-09-02 + C1 T1 2020-01-01 2030-01-01
            credential_authorization | credential_id seq subject
            2025-09-02 + C1 1 science
            2025-09-03 + C1 2 math
            course | course_id subject grades
            2025-09-04 + Algebra computer_science 09
            2025-09-05 + Algebra none 09
            2025-09-06 + Algebra computer_science 09
            section | section_id course_id school_id school_year is_active
            2025-09-07 + X1 Algebra North 2026 false
            2025-09-08 + X1 Algebra North 2026 true
            2026-07-01
        ";
        check_rule(
            "CRT-005",
            changes,
            expect![[r#"
            2025-09-02 + XS1 subject=math
            2025-09-03 - XS1 subject=math
            2025-09-04 + XS1 subject=computer_science
            2025-09-05 - XS1 subject=computer_science
            2025-09-06 + XS1 subject=computer_science
            2025-09-07 - XS1 subject=computer_science
            2025-09-08 + XS1 subject=computer_science
            2026-07-01 - XS1 subject=computer_science
        "#]],
        );
    }

    #[test]
    fn a_generalist_in_elementary_grades() {
        let changes = "
            course | course_id subject grades
            2025-09-02 + Math3 math 03
            section | section_id course_id school_id school_year
            2025-09-02 + X1 Math3 North 2026
            section_staff | section_staff_id staff_id section_id role begin_date
            2025-09-02 + XS1 T1 X1 teacher_of_record 2025-09-02
            credential | credential_id staff_id issue_date
            2025-09-02 + C1 T1 2020-01-01
            credential_authorization | credential_id seq subject expiration_date
            2025-09-02 + C1 1 elementary_generalist .
            course | course_id subject grades
            2025-09-03 + Math3 math 03;07
            2025-09-04 + Math3 math 03
            credential_authorization | credential_id seq subject expiration_date
            2025-09-05 + C1 1 elementary_generalist 2025-09-08
            2025-09-10 - C1/1
        ";
        check_rule(
            "CRT-005",
            changes,
            expect![[r#"
            2025-09-03 + XS1 subject=math
            2025-09-04 - XS1 subject=math
            2025-09-08 + XS1 subject=math
        "#]],
        );
    }
}
