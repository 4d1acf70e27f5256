//! Revoked or suspended credential with an active assignment.

use crate::model::codes::CredentialStatus;
use crate::model::{Field, Interval, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, is_student_facing};

rule! {
    /// ## What it checks
    /// No person with a credential that is revoked, suspended or surrendered, or whose revocation date has come, has a
    /// current assignment with students (one that requires a credential, paraprofessional, substitute) or currently
    /// teaches a section in any role.
    ///
    /// ## Why it matters
    /// Students may be with a person whom the state has barred.
    ///
    /// ## How to fix it
    /// Act at once; if another credential replaced it, remove the old one or correct its status.
    "CRT-012", "revoked or suspended credential with an active assignment", Critical, ["credential_id", "status"],
    needs [StaffAssignment, Credential], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for credential in view.credentials {
        use CredentialStatus::{Revoked, Surrendered, Suspended};
        let bad = match (credential.status, credential.revoked_date) {
            (Some(Revoked | Suspended | Surrendered), _) => Interval::ALWAYS,
            (_, Some(revoked)) => Interval::new(revoked, None),
            _ => continue,
        };
        let evidence = [credential.id.value(), credential.status.value()];
        for assignment in view.assignments.iter().filter(|a| is_student_facing(a.role) && !a.interval.is_empty()) {
            findings.during(Subject::Assignment(assignment.id), &evidence, assignment.interval.intersect(bad));
        }
        for teaching in view.teaching.iter().filter(|teaching| !teaching.interval.is_empty()) {
            findings.during(Subject::SectionStaff(teaching.id), &evidence, teaching.interval.intersect(bad));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::codes::{Code, StaffRole};
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    #[test]
    fn roles_with_students_are_those_that_need_a_credential_and_two_more() {
        let roles = StaffRole::SET.values();
        let mut changes = "staff_assignment | assignment_id staff_id role begin_date\n".to_owned();
        changes.extend(roles.iter().map(|role| format!("2025-09-02 + {role} {role} {role} 2025-08-20\n")));
        changes += "credential | credential_id staff_id status\n";
        changes.extend(roles.iter().map(|role| format!("2025-09-02 + {role} {role} revoked\n")));
        let facing = "teacher_prek teacher_k teacher_elem teacher_sec teacher_ungraded teacher_sped teacher_el \
                      counselor psychologist librarian nurse speech_therapist principal assistant_principal \
                      para_instructional substitute";
        let facing = facing.split_whitespace().map(str::to_owned).collect();
        assert_eq!(violated("CRT-012", &changes), facing);
    }

    #[test]
    fn the_day_of_revocation_comes() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date
            2025-09-02 + A1 T1 nurse 2025-08-20 .
            2025-09-02 + A2 T1 operational 2025-08-20 .
            2025-09-02 + A3 T2 substitute 2025-08-20 2025-09-05
            section | section_id school_year session_ids
            2025-09-02 + C1 2026 Y
            section_staff | section_staff_id section_id staff_id role
            2025-09-02 + X1 C1 T2 assistant
            credential | credential_id staff_id status revoked_date
            2025-09-02 + L1 T1 active 2025-09-04
            2025-09-02 + L2 T2 suspended .
            2025-09-06 + L2 T2 active .
        ";
        check_rule(
            "CRT-012",
            changes,
            expect![[r#"
            2025-09-02 + A3 credential_id=L2 status=suspended
            2025-09-02 + X1 credential_id=L2 status=suspended
            2025-09-04 + A1 credential_id=L1 status=active
            2025-09-05 - A3 credential_id=L2 status=suspended
            2025-09-06 - X1 credential_id=L2 status=suspended
        "#]],
        );
    }
}
