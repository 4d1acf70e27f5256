//! Required role below standard.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Role, Staffing};

rule! {
    /// ## What it checks
    /// A school with students currently has the counselors, nurses, librarians and psychologists that staffing standards
    /// require: at least a number of FTE, and at most a number of students per FTE. A school's own standards for a role
    /// take precedence over those of the parent organization, which apply to schools of the level they state. Without a
    /// standard for counselors it is 250 students per counselor, as the American School Counselor Association
    /// recommends.
    ///
    /// ## Why it matters
    /// Students do not get the support that the district has promised.
    ///
    /// ## How to fix it
    /// Enter missing assignments; otherwise it is a staffing issue.
    "RAT-006", "required role below standard", Warning, ["fte", "headcount"],
    needs [Organization, SchoolEnrollment, StaffAssignment], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, _: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    if staffing.headcount <= 0 {
        return;
    }
    for role in Role::WITH_STANDARDS {
        let (fte, headcount) = (staffing.role_fte(role), staffing.headcount);
        let (least, most) = staffing.standard(role);
        // Students per FTE, both in 1/10,000.
        let too_many = most > 0 && i128::from(headcount) * 100_000_000 > i128::from(most) * i128::from(fte);
        if (least > 0 && fte < least) || too_many {
            let evidence = [Value::Decimal(fte, 4), Value::Int(headcount)];
            findings.open(Subject::RoleAt(org, role.staff_role()), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn own_standards_go_first() {
        let changes = "
            organization | org_id org_type parent_org_id school_level
            2025-09-02 + North school D middle
            2025-09-02 + D district . .
            2025-09-02 + East school D middle
            2025-09-02 + West school D high
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-02 + E1 S1 North 2025-08-20
            2025-09-02 + E2 S2 North 2025-08-20
            2025-09-02 + E3 S3 West 2025-08-20
            staff_assignment | assignment_id staff_id org_id role fte begin_date
            2025-09-03 + A1 T1 North counselor 0.01 2025-08-20
            staffing_standard | standard_id org_id school_level role max_students_per_fte min_fte effective_from
            2025-09-04 + W1 D middle nurse . 0.5 .
            2025-09-05 + W2 North . nurse 100 . .
            2025-09-06 + W3 North . counselor 100 . 2025-09-08
            staff_assignment | assignment_id staff_id org_id role fte begin_date
            2025-09-07 + A2 T2 North nurse 0.02 2025-08-20
            2025-09-09 + A1 T1 North counselor 0.02 2025-08-20
            staffing_standard | standard_id org_id school_level role max_students_per_fte min_fte effective_from
            2025-09-10 + W4 North . librarian 1 . .
            staff_assignment | assignment_id staff_id org_id role fte begin_date
            2025-09-10 + A3 T3 North librarian 1.5 2025-08-20
            2025-09-11 + A3 T3 North librarian 2 2025-08-20
        ";
        check_rule(
            "RAT-006",
            changes,
            expect![[r#"
                2025-09-02 + North|counselor fte=0 headcount=2
                2025-09-02 + West|counselor fte=0 headcount=1
                2025-09-03 - North|counselor fte=0 headcount=2
                2025-09-04 + North|nurse fte=0 headcount=2
                2025-09-07 - North|nurse fte=0 headcount=2
                2025-09-08 + North|counselor fte=0.01 headcount=2
                2025-09-09 - North|counselor fte=0.01 headcount=2
                2025-09-10 + North|librarian fte=1.5 headcount=2
                2025-09-11 - North|librarian fte=1.5 headcount=2
            "#]],
        );
    }
}
