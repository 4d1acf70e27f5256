//! Credential expires soon.

use crate::model::{Field, Interval, Settings, Subject, date};
use crate::qa::{Findings, rule};
use crate::views::staff::{Assignment, StaffView};

rule! {
    /// ## What it checks
    /// A credential of a staff member with a current assignment does not expire within the next 90 days.
    ///
    /// ## Why it matters
    /// A renewal takes weeks; after the expiration the assignment is out of compliance.
    ///
    /// ## How to fix it
    /// Remind the holder, and enter the new expiration date.
    "CRT-003", "credential expires soon", Warning, ["expiration_date"],
    needs [StaffAssignment, Credential], among [Credential], Staff(check)
}

fn check(view: &StaffView<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let mut assigned: Vec<Interval> = view.assignments.iter().map(|&Assignment { interval, .. }| interval).collect();
    date::union(&mut assigned);
    for credential in view.credentials {
        let Some(expiration) = credential.expiration_date else { continue };
        let warned = Interval::new(expiration.plus(-settings.credential_warning_days), Some(expiration));
        for interval in &assigned {
            let evidence = [expiration.value()];
            findings.during(Subject::Credential(credential.id), &evidence, warned.intersect(*interval));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn ninety_days_ahead() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date
            2025-09-02 + A1 T1 teacher_elem 2025-08-20 2025-12-10
            credential | credential_id staff_id expiration_date
            2025-09-02 + C1 T1 2025-12-05
            2025-09-02 + C2 T2 2025-12-05
            2025-09-07 + C1 T1 2025-12-04
            2025-09-08 + C1 T1 2030-12-04
            2025-09-09 + C1 T1 2025-12-05
            2025-12-06
        ";
        check_rule(
            "CRT-003",
            changes,
            expect![[r#"
            2025-09-06 + C1 expiration_date=2025-12-05
            2025-09-07 + C1 expiration_date=2025-12-04
            2025-09-07 - C1 expiration_date=2025-12-05
            2025-09-08 - C1 expiration_date=2025-12-04
            2025-09-09 + C1 expiration_date=2025-12-05
            2025-12-05 - C1 expiration_date=2025-12-05
        "#]],
        );
    }
}
