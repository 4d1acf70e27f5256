//! Students per teacher FTE too high.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Staffing};

rule! {
    /// ## What it checks
    /// A school currently has at most 35 students per teacher FTE. Students count once, by active primary enrollment;
    /// teachers by active assignments. Schools without any teacher are reported by RAT-003 instead.
    ///
    /// ## Why it matters
    /// Either the school is short of teachers, or their assignments are not entered.
    ///
    /// ## How to fix it
    /// Enter missing assignments; otherwise it is a staffing issue.
    "RAT-001", "students per teacher FTE too high", Warning, ["headcount", "teacher_fte"],
    needs [SchoolEnrollment, StaffAssignment], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, settings: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    let Staffing { headcount, teacher_fte, .. } = *staffing;
    if teacher_fte > 0 && headcount * 10_000 > settings.students_per_teacher_max * teacher_fte {
        findings.open(Subject::Organization(org), &[Value::Int(headcount), Value::Decimal(teacher_fte, 4)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_teacher_leaves() {
        let changes = "
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-02 + A1 T1 North teacher_elem 2025-08-20 . 0.05
            2025-09-02 + A2 T2 North teacher_elem 2025-08-20 2025-09-05 0.01
            2025-09-02 + A3 T3 North para_instructional 2025-08-20 . 1
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-02 + E1 S1 North 2025-08-20
            2025-09-02 + E2 S2 North 2025-08-20
            2025-09-02 + E3 S3 South 2025-08-20
            2025-09-06 - E2
            2025-09-07 + E4 S4 West 2025-08-20
            2025-09-07 + E5 S5 West 2025-08-20
            2025-09-07 + E6 S6 West 2025-08-20
            2025-09-07 + E7 S7 West 2025-08-20
            2025-09-07 + E8 S8 West 2025-08-20
            2025-09-07 + E9 S9 West 2025-08-20
            2025-09-07 + E10 S10 West 2025-08-20
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-07 + A4 T4 West teacher_elem 2025-08-20 . 0.2
        ";
        check_rule(
            "RAT-001",
            changes,
            expect![[r#"
            2025-09-05 + North headcount=2 teacher_fte=0.05
            2025-09-06 - North headcount=2 teacher_fte=0.05
        "#]],
        );
    }
}
