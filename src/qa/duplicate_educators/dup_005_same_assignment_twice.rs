//! Duplicate assignment rows.

use crate::model::{Field, Id, Settings, Subject, Table, Value};
use crate::qa::{Findings, rule};
use crate::views::staff::StaffView;

rule! {
    /// ## What it checks
    /// No two assignments of a person have the same organization, role and first day.
    ///
    /// ## Why it matters
    /// FTE is counted twice; systems that key assignments by these columns (such as Ed-Fi) keep one at random.
    ///
    /// ## How to fix it
    /// Remove one of the rows, or correct its first day.
    "DUP-005", "duplicate assignment rows", Error, ["rows"], needs [StaffAssignment],
    among [StaffAssignment], Staff(check)
}

fn check(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.assignments.len() < 2 {
        return;
    }
    let key = |a: &crate::views::staff::Assignment| {
        [view.id.symbol().get(), a.org.symbol().get(), a.role.value().part(), a.interval.begin.value().part()]
    };
    let mut keys: Vec<[u32; 4]> = view.assignments.iter().map(key).collect();
    keys.sort_unstable();
    for same in keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
        findings.open(Subject::Natural(Table::StaffAssignment, same[0]), &[Value::Int(same.len() as i64)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn two_rows_begin_on_one_day() {
        let changes = "
            staff_assignment | assignment_id staff_id org_id role begin_date end_date fte
            2025-09-02 + A1 T1 North nurse 2025-08-20 . 0.5
            2025-09-02 + A2 T1 North nurse 2025-08-20 2025-10-01 0.2
            2025-09-02 + A3 T1 North other 2025-08-20 . 0.5
            2025-09-02 + A5 T2 North nurse 2025-08-20 . 0.5
            2025-09-02 + A6 T2 North nurse 2025-08-20 . 0.5
            2025-09-03 + A4 T1 North nurse 2025-08-20 . 0.5
            2025-09-04 - A1
            2025-09-05 + A2 T1 North nurse 2025-08-21 2025-10-01 0.2
        ";
        check_rule(
            "DUP-005",
            changes,
            expect![[r#"
                2025-09-02 + staff_assignment|T1|North|nurse|2025-08-20 rows=2
                2025-09-02 + staff_assignment|T2|North|nurse|2025-08-20 rows=2
                2025-09-03 + staff_assignment|T1|North|nurse|2025-08-20 rows=3
                2025-09-03 - staff_assignment|T1|North|nurse|2025-08-20 rows=2
                2025-09-04 + staff_assignment|T1|North|nurse|2025-08-20 rows=2
                2025-09-04 - staff_assignment|T1|North|nurse|2025-08-20 rows=3
                2025-09-05 - staff_assignment|T1|North|nurse|2025-08-20 rows=2
            "#]],
        );
    }
}
