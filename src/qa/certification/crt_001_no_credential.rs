//! Certificated role without any credential.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, is_certificated};

rule! {
    /// ## What it checks
    /// Every staff member with a current assignment as a teacher, counselor, psychologist, librarian, nurse, speech
    /// therapist, principal or assistant principal has a credential of some kind.
    ///
    /// ## Why it matters
    /// The assignment cannot be reported as certified, and the district may have to notify parents.
    ///
    /// ## How to fix it
    /// Enter the credential, or correct the role.
    "CRT-001", "certificated role without any credential", Error, ["role"],
    needs [StaffAssignment, Credential], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if !view.credentials.is_empty() {
        return;
    }
    for assignment in view.assignments.iter().filter(|assignment| is_certificated(assignment.role)) {
        findings.during(Subject::Assignment(assignment.id), &[assignment.role.value()], assignment.interval);
    }
}

#[cfg(test)]
mod tests {
    use crate::model::codes::{Code, StaffRole};
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    #[test]
    fn teachers_specialists_and_principals_need_one() {
        let roles = StaffRole::SET.values();
        let mut changes = "staff_assignment | assignment_id staff_id role begin_date\n".to_owned();
        changes.extend(roles.iter().map(|role| format!("2025-09-02 + {role} {role} {role} 2025-08-20\n")));
        let needs = "teacher_prek teacher_k teacher_elem teacher_sec teacher_ungraded teacher_sped teacher_el \
                     counselor psychologist librarian nurse speech_therapist principal assistant_principal";
        let needs = needs.split_whitespace().map(str::to_owned).collect();
        assert_eq!(violated("CRT-001", &changes), needs);
    }

    #[test]
    fn a_teacher_without_one() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date
            2025-09-02 + A1 T1 teacher_elem 2025-08-20 .
            2025-09-02 + A2 T2 operational 2025-08-20 .
            2025-09-02 + A3 T3 nurse 2025-09-04 2025-09-06
            credential | credential_id staff_id
            2025-09-08 + C1 T1
            2025-09-09 - C1
            2025-09-10 + C1 T1
        ";
        check_rule(
            "CRT-001",
            changes,
            expect![[r#"
            2025-09-02 + A1 role=teacher_elem
            2025-09-04 + A3 role=nurse
            2025-09-06 - A3 role=nurse
            2025-09-08 - A1 role=teacher_elem
            2025-09-09 + A1 role=teacher_elem
            2025-09-10 - A1 role=teacher_elem
        "#]],
        );
    }
}
