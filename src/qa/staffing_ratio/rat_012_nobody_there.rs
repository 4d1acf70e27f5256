//! Active school with no enrollment, sections or staff.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Staffing};

rule! {
    /// ## What it checks
    /// A school that is active and currently open has students, sections in the current school year, and staff with
    /// current assignments.
    ///
    /// ## Why it matters
    /// Some of its records were not delivered, or the school is closed and its record does not say so (CALPADS CERT001).
    ///
    /// ## How to fix it
    /// Deliver the missing records, or close the school.
    "RAT-012", "active school with no enrollment, sections or staff", Warning, ["headcount", "sections", "staff"],
    needs [Organization, SchoolEnrollment, Section, StaffAssignment], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, _: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    let Staffing { headcount, sections, assignments, open, .. } = *staffing;
    if open > 0 && (headcount <= 0 || sections <= 0 || assignments <= 0) {
        let evidence = [headcount, sections, assignments].map(Value::Int);
        findings.open(Subject::Organization(org), &evidence);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_of_three_is_missing() {
        let changes = "
            organization | org_id org_type status open_date
            2025-09-02 + North school active .
            2025-09-02 + South school closed .
            2025-09-02 + East school . 2025-09-06
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-03 + E1 S1 North 2025-08-20
            section | section_id school_id school_year session_ids
            2025-09-04 + C1 North 2026 Y
            staff_assignment | assignment_id staff_id org_id begin_date end_date
            2025-09-05 + A1 T1 North 2025-08-20 2025-09-08
            2025-09-09 + A1 T1 North 2025-08-20 .
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-10 - E1
        ";
        check_rule(
            "RAT-012",
            changes,
            expect![[r#"
                2025-09-02 + North headcount=0 sections=0 staff=0
                2025-09-03 + North headcount=1 sections=0 staff=0
                2025-09-03 - North headcount=0 sections=0 staff=0
                2025-09-04 + North headcount=1 sections=1 staff=0
                2025-09-04 - North headcount=1 sections=0 staff=0
                2025-09-05 - North headcount=1 sections=1 staff=0
                2025-09-06 + East headcount=0 sections=0 staff=0
                2025-09-08 + North headcount=1 sections=1 staff=0
                2025-09-09 - North headcount=1 sections=1 staff=0
                2025-09-10 + North headcount=0 sections=1 staff=1
            "#]],
        );
    }
}
