//! No credential valid today.

use crate::model::{Field, Interval, Settings, Subject, Value, date};
use crate::qa::{Findings, rule};
use crate::views::staff::{StaffView, is_certificated};

rule! {
    /// ## What it checks
    /// Every staff member with a current assignment that requires a credential, and with credentials on record, has one
    /// that is valid: active, in effect (or issued, if no effective date is stated), not expired and not revoked. A
    /// credential with neither date is never valid.
    ///
    /// ## Why it matters
    /// The assignment is not certified until the credential is valid.
    ///
    /// ## How to fix it
    /// Renew the credential, enter the renewal, or correct its dates.
    "CRT-002", "no credential valid today", Error, ["role", "credentials"],
    needs [StaffAssignment, Credential], among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.credentials.is_empty() {
        return;
    }
    let mut valid: Vec<Interval> = view.credentials.iter().filter_map(|credential| credential.valid).collect();
    date::union(&mut valid);
    let credentials = Value::Int(view.credentials.len() as i64);
    for assignment in view.assignments.iter().filter(|assignment| is_certificated(assignment.role)) {
        for gap in date::uncovered(assignment.interval, &valid) {
            findings.during(Subject::Assignment(assignment.id), &[assignment.role.value(), credentials], gap);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn it_expires_and_is_renewed() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date
            2025-09-02 + A1 T1 teacher_elem 2025-08-20 .
            credential | credential_id staff_id status issue_date effective_date expiration_date revoked_date
            2025-09-02 + C1 T1 . 2020-01-01 . 2025-09-05 .
            2025-09-02 + C2 T1 pending 2020-01-01 . . .
            2025-09-02 + C3 T1 active . . . .
            2025-09-06 + C4 T1 active 2020-01-01 2025-09-08 . 2025-09-10
            2025-09-11 + C4 T1 active 2020-01-01 2025-09-08 . .
        ";
        check_rule(
            "CRT-002",
            changes,
            expect![[r#"
            2025-09-05 + A1 role=teacher_elem credentials=3
            2025-09-06 + A1 role=teacher_elem credentials=4
            2025-09-06 - A1 role=teacher_elem credentials=3
            2025-09-08 - A1 role=teacher_elem credentials=4
            2025-09-10 + A1 role=teacher_elem credentials=4
            2025-09-11 - A1 role=teacher_elem credentials=4
        "#]],
        );
    }
}
