//! Code used outside its effective dates.

use crate::model::{Entry, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A local code that is in use and in the code map has a map in effect on the as-of date: from `begin_date` until
    /// the day before `end_date`, where an empty date sets no limit. The as-of date counts, not the dates in the rows.
    /// Outside its dates the map still applies, so that nothing else changes overnight. A code is one violation, however
    /// many rows use it.
    ///
    /// ## Why it matters
    /// A code that was retired, or is not in use yet, may now mean something other than its mapping.
    ///
    /// ## How to fix it
    /// Extend the dates in the code map if the meaning of the code is the same, or replace the code in the source.
    "REF-006", "code used outside its effective dates", Warning, ["uses"], needs [CodeMap], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::UnmappedCodePeriod(period) = entry {
        findings.during(Subject::Code(period.set, period.code), &[Value::Int(period.uses.into())], period.during);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_code_is_used_before_and_after() {
        let changes = "
            code_map | source code_set source_code canonical_code begin_date end_date
            2025-09-02 + sis Sex weiblich female 2025-09-04 2025-09-10
            2025-09-02 + sis Sex divers nonbinary . 2020-01-01
            student | student_id sex
            2025-09-02 + S1 weiblich
            2025-09-02 + S2 weiblich
            2025-09-03 - S2
            2025-09-04
            2025-09-09
            2025-09-10
            2025-09-11 + S1 divers
            code_map | source code_set source_code canonical_code begin_date end_date
            2025-09-12 + sis Sex divers nonbinary . .
        ";
        check_rule(
            "REF-006",
            changes,
            expect![[r#"
            2025-09-02 + Sex|weiblich uses=2
            2025-09-03 + Sex|weiblich uses=1
            2025-09-03 - Sex|weiblich uses=2
            2025-09-04 - Sex|weiblich uses=1
            2025-09-10 + Sex|weiblich uses=1
            2025-09-11 + Sex|divers uses=1
            2025-09-11 - Sex|weiblich uses=1
            2025-09-12 - Sex|divers uses=1
        "#]],
        );
    }

    #[test]
    fn two_sources_map_a_code_and_a_map_becomes_invalid() {
        let changes = "
            code_map | source code_set source_code canonical_code begin_date end_date
            2025-09-02 + sis Sex w female . 2025-01-01
            2025-09-02 + hr sex w female 2025-09-01 .
            student | student_id sex
            2025-09-02 + S1 w
            code_map | source code_set source_code canonical_code begin_date end_date
            2025-09-03 - hr/sex/w
            2025-09-04 + sis Sex w nothing . 2025-01-01
        ";
        check_rule(
            "REF-006",
            changes,
            expect![[r#"
            2025-09-03 + Sex|w uses=1
            2025-09-04 - Sex|w uses=1
        "#]],
        );
    }
}
