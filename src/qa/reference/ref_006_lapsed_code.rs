//! Code used outside its effective dates.

use crate::model::{Entry, Settings, Subject, Value};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A local code that rows use, and that the code map explains, is in effect today by one of its rows in the map:
    /// from `begin_date` until the day before `end_date`, where an empty one sets no bound. What counts is the day
    /// reached, not the days in the rows. The map goes on mapping outside its dates, so that nothing else changes
    /// overnight. One code is one violation, however many rows use it.
    ///
    /// ## Why it matters
    /// A code that was retired, or is not in use yet, may mean something else by now than what it is mapped to.
    ///
    /// ## How to fix it
    /// Prolong the row of the code map if the code still means the same, or replace the code in the source.
    "REF-006", "code used outside its effective dates", Warning, ["uses"], needs [CodeMap], among [], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    if let Entry::UnmappedCodePeriod(lapsed) = entry {
        findings.during(Subject::Code(lapsed.set, lapsed.code), &[Value::Int(lapsed.uses.into())], lapsed.during);
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
    fn two_systems_know_a_code_and_a_map_says_nothing_any_more() {
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
