//! Missing number, issue date or level on an active credential.

use crate::model::codes::{CredentialField, CredentialStatus};
use crate::model::{Codes, Entry, Field, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// An active credential has a number, an issue date and a level.
    ///
    /// ## Why it matters
    /// Without them it cannot be reported (Ed-Fi requires date and type) or verified with the state.
    ///
    /// ## How to fix it
    /// Complete the record from the credential itself.
    "CRT-011", "missing number, issue date or level on an active credential", Error, ["missing"],
    needs [Credential], among [Credential], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::Credential(row)) = entry else { return };
    if !matches!(row.status, None | Some(CredentialStatus::Active)) {
        return;
    }
    let missing = Codes::of([
        row.credential_number.is_none().then_some(CredentialField::CredentialNumber),
        row.issue_date.is_none().then_some(CredentialField::IssueDate),
        row.level.is_none().then_some(CredentialField::Level),
    ]);
    if !missing.is_empty() {
        findings.open(Subject::Credential(row.credential_id), &[missing.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn each_of_the_three_may_be_missing() {
        let changes = "
            credential | credential_id credential_number issue_date level status
            2025-09-02 + C1 . 2020-01-01 . active
            2025-09-02 + C2 . . . expired
            2025-09-02 + C3 7 2020-01-01 regular .
            2025-09-03 + C1 8 . regular .
            2025-09-04 + C1 8 2020-01-01 regular .
        ";
        check_rule(
            "CRT-011",
            changes,
            expect![[r#"
            2025-09-02 + C1 missing=credential_number;level
            2025-09-03 + C1 missing=issue_date
            2025-09-03 - C1 missing=credential_number;level
            2025-09-04 - C1 missing=issue_date
        "#]],
        );
    }
}
