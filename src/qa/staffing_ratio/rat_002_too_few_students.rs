//! Students per teacher FTE implausibly low.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Staffing};

rule! {
    /// ## What it checks
    /// A school with at least 50 students currently has at least 5 per teacher FTE. Students and teachers count as in
    /// RAT-001.
    ///
    /// ## Why it matters
    /// Assignments were entered twice or not ended, or students are missing.
    ///
    /// ## How to fix it
    /// Review the assignments of the school.
    "RAT-002", "students per teacher FTE implausibly low", Warning, ["headcount", "teacher_fte"],
    needs [SchoolEnrollment, StaffAssignment], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, settings: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    let Staffing { headcount, teacher_fte, .. } = *staffing;
    let is_low = headcount * 10_000 < settings.students_per_teacher_min * teacher_fte;
    if headcount >= settings.students_per_teacher_min_headcount && teacher_fte > 0 && is_low {
        findings.open(Subject::Organization(org), &[Value::Int(headcount), Value::Decimal(teacher_fte, 4)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn too_many_teachers() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-02 + E1 S1 North 2025-08-20
            2025-09-02 + E2 S2 North 2025-08-20
            2025-09-02 + E3 S3 North 2025-08-20
            2025-09-02 + E4 S4 North 2025-08-20
            2025-09-02 + E5 S5 North 2025-08-20
            2025-09-02 + E6 S6 North 2025-08-20
            2025-09-02 + E7 S7 North 2025-08-20
            2025-09-02 + E8 S8 North 2025-08-20
            2025-09-02 + E9 S9 North 2025-08-20
            2025-09-02 + E10 S10 North 2025-08-20
            2025-09-02 + E11 S11 North 2025-08-20
            2025-09-02 + E12 S12 North 2025-08-20
            2025-09-02 + E13 S13 North 2025-08-20
            2025-09-02 + E14 S14 North 2025-08-20
            2025-09-02 + E15 S15 North 2025-08-20
            2025-09-02 + E16 S16 North 2025-08-20
            2025-09-02 + E17 S17 North 2025-08-20
            2025-09-02 + E18 S18 North 2025-08-20
            2025-09-02 + E19 S19 North 2025-08-20
            2025-09-02 + E20 S20 North 2025-08-20
            2025-09-02 + E21 S21 North 2025-08-20
            2025-09-02 + E22 S22 North 2025-08-20
            2025-09-02 + E23 S23 North 2025-08-20
            2025-09-02 + E24 S24 North 2025-08-20
            2025-09-02 + E25 S25 North 2025-08-20
            2025-09-02 + E26 S26 North 2025-08-20
            2025-09-02 + E27 S27 North 2025-08-20
            2025-09-02 + E28 S28 North 2025-08-20
            2025-09-02 + E29 S29 North 2025-08-20
            2025-09-02 + E30 S30 North 2025-08-20
            2025-09-02 + E31 S31 North 2025-08-20
            2025-09-02 + E32 S32 North 2025-08-20
            2025-09-02 + E33 S33 North 2025-08-20
            2025-09-02 + E34 S34 North 2025-08-20
            2025-09-02 + E35 S35 North 2025-08-20
            2025-09-02 + E36 S36 North 2025-08-20
            2025-09-02 + E37 S37 North 2025-08-20
            2025-09-02 + E38 S38 North 2025-08-20
            2025-09-02 + E39 S39 North 2025-08-20
            2025-09-02 + E40 S40 North 2025-08-20
            2025-09-02 + E41 S41 North 2025-08-20
            2025-09-02 + E42 S42 North 2025-08-20
            2025-09-02 + E43 S43 North 2025-08-20
            2025-09-02 + E44 S44 North 2025-08-20
            2025-09-02 + E45 S45 North 2025-08-20
            2025-09-02 + E46 S46 North 2025-08-20
            2025-09-02 + E47 S47 North 2025-08-20
            2025-09-02 + E48 S48 North 2025-08-20
            2025-09-02 + E49 S49 North 2025-08-20
            2025-09-02 + E50 S50 North 2025-08-20
            staff_assignment | assignment_id staff_id org_id role fte begin_date
            2025-09-02 + A1 T1 North teacher_elem 10 2025-08-20
            2025-09-03 + A2 T2 North teacher_elem 0.5 2025-08-20
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-04 - E50
        ";
        check_rule(
            "RAT-002",
            changes,
            expect![[r#"
            2025-09-03 + North headcount=50 teacher_fte=10.5
            2025-09-04 - North headcount=50 teacher_fte=10.5
        "#]],
        );
    }
}
