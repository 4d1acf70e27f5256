//! Credential for an unknown person.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// The holder of a credential has a staff record.
    ///
    /// ## Why it matters
    /// The credential certifies nobody (CALPADS CERT049 is an example).
    ///
    /// ## How to fix it
    /// Deliver the staff record, or correct the id on the credential.
    "CRT-016", "credential for an unknown person", Error, ["staff_id"], needs [Staff, Credential],
    among [Credential], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if !view.exists() {
        for credential in view.credentials {
            findings.open(Subject::Credential(credential.id), &[view.id.value()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_holder_comes_later() {
        let changes = "
            credential | credential_id staff_id
            2025-09-02 + C1 T1
            staff | staff_id
            2025-09-03 + T1
            2025-09-04 - T1
        ";
        check_rule(
            "CRT-016",
            changes,
            expect![[r#"
            2025-09-02 + C1 staff_id=T1
            2025-09-03 - C1 staff_id=T1
            2025-09-04 + C1 staff_id=T1
        "#]],
        );
    }
}
