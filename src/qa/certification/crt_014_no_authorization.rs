//! Authorization missing subject or grade span.

use crate::model::codes::CredentialType;
use crate::model::tables::credential::HeldCredential;
use crate::model::{CredentialId, Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::credential::CredentialRow;

rule! {
    /// ## What it checks
    /// A license or certification states what it authorizes: it has at least one row with subject and grades.
    ///
    /// ## Why it matters
    /// It cannot be compared with sections, and every section of its holder counts as out of field.
    ///
    /// ## How to fix it
    /// Enter the subjects and grades on the credential.
    "CRT-014", "authorization missing subject or grade span", Warning, ["credential_type"],
    needs [Credential, CredentialAuthorization], among [Credential], Credential(check)
}

fn check(id: CredentialId, rows: &[CredentialRow], _: &Settings, findings: &mut Findings<'_>) {
    let [CredentialRow::Credential(HeldCredential { credential_type, .. })] = rows else { return };
    if matches!(credential_type, CredentialType::License | CredentialType::Certification) {
        findings.open(Subject::Credential(id), &[credential_type.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_license_authorizes_nothing() {
        let changes = "
            credential | credential_id credential_type
            2025-09-02 + C1 license
            2025-09-02 + C2 permit
            credential_authorization | credential_id seq
            2025-09-03 + C1 1
            2025-09-04 - C1/1
        ";
        check_rule(
            "CRT-014",
            changes,
            expect![[r#"
            2025-09-02 + C1 credential_type=license
            2025-09-03 - C1 credential_type=license
            2025-09-04 + C1 credential_type=license
        "#]],
        );
    }
}
