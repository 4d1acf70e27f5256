//! Duplicate natural key.

use crate::model::{Field, Id, NaturalKey, Settings, Subject, Table, Value};
use crate::qa::certification::crt_010_shared_number::holders;
use crate::qa::{Findings, rule};
use crate::views::match_block::{MatchBlock, Member};
use crate::views::staff::StaffView;
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// No two rows of a table are the same in the columns that identify their subject, apart from the id: sessions in
    /// school, year and title; courses in organization and code; credentials in state and number; student statuses in
    /// type and first day; employments in employer and first day. Keys with a separate rule are not checked here:
    /// assignments (DUP-005), results (ASM-004), enrollments (ENR-002), class enrollments (ENR-021), section staff
    /// (DUP-007), participations (PRG-003), credentials of two people (CRT-010).
    ///
    /// ## Why it matters
    /// The same thing has two ids: it is counted twice, and systems that key it by those columns keep one at random.
    ///
    /// ## How to fix it
    /// Remove one of the rows, or correct the column in which they should differ.
    "REF-008", "duplicate natural key", Error, ["rows"], needs [],
    among [], MatchBlock(block), Student(student), Staff(staff)
}

fn block(block: &MatchBlock, members: &[Member], _: &Settings, findings: &mut Findings<'_>) {
    let &MatchBlock::Natural(table, key) = block else { return };
    if members.len() > 1 && holders(members) <= 1 {
        findings.open(Subject::Natural(table, key), &[Value::Int(members.len() as i64)]);
    }
}

fn student(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.statuses.len() > 1 {
        let id = view.id.symbol().get();
        let keys = view.statuses.iter().map(|s| [id, s.status_type.value().part(), s.interval.begin.value().part(), 0]);
        repeated(Table::StudentStatus, keys.collect(), findings);
    }
}

fn staff(view: &StaffView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    if view.employments.len() > 1 {
        let id = view.id.symbol().get();
        let keys = view.employments.iter().map(|e| [id, e.org.symbol().get(), e.interval.begin.value().part(), 0]);
        repeated(Table::StaffEmployment, keys.collect(), findings);
    }
}

fn repeated(table: Table, mut keys: Vec<NaturalKey>, findings: &mut Findings<'_>) {
    keys.sort_unstable();
    for same in keys.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
        findings.open(Subject::Natural(table, same[0]), &[Value::Int(same.len() as i64)]);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn rows_have_the_same_natural_key() {
        let changes = "
            academic_session | session_id school_id school_year title
            2025-09-02 + F1 North 2026 Fall
            2025-09-02 + F2 North 2026 Fall
            2025-09-02 + F3 . 2026 Fall
            2025-09-02 + F4 . 2026 Fall
            course | course_id org_id course_code
            2025-09-02 + K1 D .
            2025-09-02 + K2 D .
            2025-09-02 + K3 D MA1
            2025-09-02 + K4 D MA1
            credential | credential_id staff_id state credential_number
            2025-09-02 + C1 T1 CA 77
            2025-09-02 + C2 T1 CA 77
            2025-09-02 + C3 T2 . 5
            2025-09-02 + C4 T3 . 5
            student_status | status_id student_id status_type begin_date
            2025-09-02 + S1 P1 iep 2025-08-20
            2025-09-02 + S2 P1 iep 2025-08-20
            2025-09-02 + S3 P1 odd 2025-08-20
            2025-09-02 + S4 P1 odd 2025-08-20
            2025-09-02 + S5 P2 iep 2025-08-20
            staff_employment | employment_id staff_id org_id hire_date
            2025-09-02 + M1 T1 D 2020-08-01
            2025-09-02 + M2 T1 D 2020-08-01
            2025-09-02 + M3 T1 North 2020-08-01
            academic_session | session_id school_id school_year title
            2025-09-03 + F2 North 2026 Autumn
            course | course_id org_id course_code
            2025-09-03 - K4
            credential | credential_id staff_id state credential_number
            2025-09-03 - C2
            2025-09-03 + C3 T3 . 5
            student_status | status_id student_id status_type begin_date
            2025-09-03 + S2 P1 iep 2025-08-21
            staff_employment | employment_id staff_id org_id hire_date
            2025-09-03 + M2 T1 North 2020-08-01
        ";
        check_rule(
            "REF-008",
            changes,
            expect![[r#"
            2025-09-02 + academic_session|North|2026|Fall rows=2
            2025-09-02 + academic_session||2026|Fall rows=2
            2025-09-02 + course|D|MA1 rows=2
            2025-09-02 + credential|CA|77 rows=2
            2025-09-02 + staff_employment|T1|D|2020-08-01 rows=2
            2025-09-02 + student_status|P1|iep|2025-08-20 rows=2
            2025-09-02 + student_status|P1|odd|2025-08-20 rows=2
            2025-09-03 + credential||5 rows=2
            2025-09-03 + staff_employment|T1|North|2020-08-01 rows=2
            2025-09-03 - academic_session|North|2026|Fall rows=2
            2025-09-03 - course|D|MA1 rows=2
            2025-09-03 - credential|CA|77 rows=2
            2025-09-03 - staff_employment|T1|D|2020-08-01 rows=2
            2025-09-03 - student_status|P1|iep|2025-08-20 rows=2
        "#]],
        );
    }
}
