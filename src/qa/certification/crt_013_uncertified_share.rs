//! Share of teachers without full certification.

use crate::model::{Settings, Subject, Value};
use crate::qa::{Findings, rule};
use crate::tallies::staffing::{OrgScope, Staffing};

rule! {
    /// ## What it checks
    /// At most 2% of the current teacher FTE of a school is of teachers without a valid credential of full level.
    /// Emergency, provisional and intern credentials and waivers are not full; a credential without a level is.
    ///
    /// ## Why it matters
    /// The district reports the share (ED FS203) and must notify parents.
    ///
    /// ## How to fix it
    /// Enter missing credentials; otherwise it is a staffing issue.
    "CRT-013", "share of teachers without full certification", Warning, ["not_certified_fte", "teacher_fte"],
    needs [StaffAssignment, Credential], among [Organization], OrgScope(check)
}

fn check(place: &OrgScope, staffing: &Staffing, settings: &Settings, findings: &mut Findings<'_>) {
    let &OrgScope::Organization(org) = place else { return };
    let Staffing { teacher_fte, certified_fte, .. } = *staffing;
    let missing = teacher_fte - certified_fte;
    if teacher_fte > 0 && missing * 10_000 > i64::from(settings.uncertified_share_max.0) * teacher_fte {
        findings.open(Subject::Organization(org), &[Value::Decimal(missing, 4), Value::Decimal(teacher_fte, 4)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn one_of_three_teachers() {
        let changes = "
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-02 + A1 T1 North teacher_elem 2025-08-20 . 1
            2025-09-02 + A2 T2 North teacher_elem 2025-08-20 . 1
            2025-09-02 + A3 T3 North nurse 2025-08-20 . 1
            credential | credential_id staff_id status effective_date expiration_date level
            2025-09-02 + L1 T1 active 2020-01-01 . regular
            2025-09-02 + L2 T2 active 2020-01-01 2025-09-05 .
            2025-09-07 + L3 T2 active 2020-01-01 . emergency
            2025-09-08 + L3 T2 active 2020-01-01 . professional
            2025-09-09 + L4 T4 active 2020-01-01 . regular
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-09 + A4 T4 South teacher_elem 2025-08-20 . 0.98
            2025-09-09 + A5 T5 South teacher_elem 2025-08-20 . 0.02
            2025-09-10 + A5 T5 South teacher_elem 2025-08-20 . 0.03
        ";
        check_rule(
            "CRT-013",
            changes,
            expect![[r#"
                2025-09-05 + North not_certified_fte=1 teacher_fte=2
                2025-09-08 - North not_certified_fte=1 teacher_fte=2
                2025-09-10 + South not_certified_fte=0.03 teacher_fte=1.01
            "#]],
        );
    }
}
