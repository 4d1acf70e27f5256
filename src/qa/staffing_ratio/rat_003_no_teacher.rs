//! School with students and no teacher FTE.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Staffing};

rule! {
    /// ## What it checks
    /// A school with currently enrolled students has some teacher FTE.
    ///
    /// ## Why it matters
    /// The school has no ratio, and reports of the district are rejected (CALPADS CERT053).
    ///
    /// ## How to fix it
    /// Enter the assignments of the school's teachers.
    "RAT-003", "school with students and no teacher FTE", Critical, ["headcount"],
    needs [SchoolEnrollment, StaffAssignment], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, _: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    if staffing.headcount > 0 && staffing.teacher_fte <= 0 {
        findings.open(Subject::Organization(org), &[Value::Int(staffing.headcount)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::model::codes::{Code, StaffRole};
    use crate::testing::{check_rule, violated};
    use expect_test::expect;

    #[test]
    fn seven_roles_are_those_of_teachers() {
        let roles = StaffRole::SET.values();
        let mut changes = "school_enrollment | enrollment_id student_id school_id entry_date\n".to_owned();
        changes.extend(roles.iter().map(|role| format!("2025-09-02 + {role} {role} {role} 2025-08-20\n")));
        changes += "staff_assignment | assignment_id staff_id org_id role begin_date fte\n";
        changes.extend(roles.iter().map(|role| format!("2025-09-02 + {role} {role} {role} {role} 2025-08-20 1\n")));
        let open = violated("RAT-003", &changes);
        let teachers: Vec<&str> = roles.iter().copied().filter(|role| !open.contains(*role)).collect();
        let expected = ["prek", "k", "elem", "sec", "ungraded", "sped", "el"].map(|of| format!("teacher_{of}"));
        assert_eq!(teachers, expected);
    }

    #[test]
    fn a_school_without_teachers() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date exit_date exit_type
            2025-09-02 + E1 S1 North 2025-08-20 . .
            2025-09-02 + E2 S1 North 2025-08-25 . .
            2025-09-02 + E3 S2 South 2025-08-20 2025-09-04 other
            staff_assignment | assignment_id staff_id org_id role begin_date fte
            2025-09-03 + A1 T1 North counselor 2025-08-20 1
            2025-09-03 + A2 T2 East counselor 2025-08-20 1
            2025-09-05 + A1 T1 North teacher_sec 2025-09-07 1
            2025-09-07
        ";
        check_rule(
            "RAT-003",
            changes,
            expect![[r#"
            2025-09-02 + North headcount=1
            2025-09-02 + South headcount=1
            2025-09-04 - South headcount=1
            2025-09-07 - North headcount=1
        "#]],
        );
    }
}
