//! Missing or zero FTE on a counted role.

use crate::model::codes::StaffRole;
use crate::model::{Entry, Field, Fixed, Interval, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// An assignment has an FTE that is not zero. Substitutes and empty assignments are ignored.
    ///
    /// ## Why it matters
    /// The person is missing from every staffing ratio.
    ///
    /// ## How to fix it
    /// Enter the share of full time.
    "FTE-004", "missing or zero FTE on a counted role", Error, ["fte"], needs [StaffAssignment],
    among [StaffAssignment], Entry(check)
}

fn check(entry: &Entry, _: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::StaffAssignment(row)) = entry else { return };
    let is_counted = row.role != StaffRole::Substitute && !Interval::new(row.begin_date, row.end_date).is_empty();
    if is_counted && row.fte.is_none_or(|fte| fte == Fixed(0)) {
        findings.open(Subject::Assignment(row.assignment_id), &[row.fte.value()]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn nothing_or_zero() {
        let changes = "
            staff_assignment | assignment_id staff_id role begin_date end_date fte
            2025-09-02 + A1 T1 nurse 2025-08-20 . .
            2025-09-02 + A2 T1 nurse 2025-08-20 . 0
            2025-09-02 + A3 T1 substitute 2025-08-20 . .
            2025-09-02 + A4 T1 nurse 2025-08-20 2025-08-20 .
            2025-09-03 + A2 T1 nurse 2025-08-20 . 0.1
        ";
        check_rule(
            "FTE-004",
            changes,
            expect![[r#"
            2025-09-02 + A1 fte=.
            2025-09-02 + A2 fte=0
            2025-09-03 - A2 fte=0
        "#]],
        );
    }
}
