//! Impossible credential dates.

use crate::model::{Entry, Field, Interval, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A credential is issued before it expires, takes effect at most 366 days before it is issued, and is not issued
    /// more than 180 days after the as-of date.
    ///
    /// ## Why it matters
    /// A typing error in a date makes an invalid credential look valid, or a valid one invalid.
    ///
    /// ## How to fix it
    /// Correct the dates from the credential itself.
    "CRT-008", "impossible credential dates", Error, ["issue_date", "effective_date", "expiration_date"],
    needs [Credential], among [Credential], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::Credential(row)) = entry else { return };
    let Some(issue) = row.issue_date else { return };
    let ends_first = row.expiration_date.is_some_and(|expiration| issue >= expiration);
    let early = |effective| issue.since(effective) > settings.credential_backdating_days;
    let holds = if ends_first || row.effective_date.is_some_and(early) {
        Interval::ALWAYS
    } else {
        Interval::until(issue.plus(-settings.credential_issue_ahead_days))
    };
    let evidence = [row.issue_date.value(), row.effective_date.value(), row.expiration_date.value()];
    findings.during(Subject::Credential(row.credential_id), &evidence, holds);
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn typing_errors() {
        let changes = "
            credential | credential_id staff_id issue_date effective_date expiration_date
            2025-09-02 + C1 T1 2025-01-01 . 2025-01-01
            2025-09-02 + C2 T1 2025-01-01 2023-12-31 .
            2025-09-02 + C3 T1 2025-01-01 2024-01-01 2026-01-01
            2025-09-02 + C4 T1 2026-03-03 . .
            2025-09-06 + C1 T1 2025-01-01 . 2030-01-01
        ";
        check_rule(
            "CRT-008",
            changes,
            expect![[r#"
            2025-09-02 + C1 issue_date=2025-01-01 effective_date=. expiration_date=2025-01-01
            2025-09-02 + C2 issue_date=2025-01-01 effective_date=2023-12-31 expiration_date=.
            2025-09-02 + C4 issue_date=2026-03-03 effective_date=. expiration_date=.
            2025-09-04 - C4 issue_date=2026-03-03 effective_date=. expiration_date=.
            2025-09-06 - C1 issue_date=2025-01-01 effective_date=. expiration_date=2025-01-01
        "#]],
        );
    }
}
