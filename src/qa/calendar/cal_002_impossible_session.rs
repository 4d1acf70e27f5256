//! Session dates impossible.

use crate::model::{Entry, Field, Record, SchoolYear, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// A session ends after it begins, lasts at most 400 days, and its last day is in the school year that it states.
    /// School years run from July 1 to June 30.
    ///
    /// ## Why it matters
    /// Sections and class enrollments without dates use those of their sessions.
    ///
    /// ## How to fix it
    /// Correct the dates or the school year.
    "CAL-002", "session dates impossible", Error, ["begin_date", "end_date", "school_year"],
    needs [AcademicSession], among [AcademicSession], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::AcademicSession(row)) = entry else { return };
    let days = row.end_date.since(row.begin_date);
    let of_last_day = SchoolYear::of(row.end_date.plus(-1));
    if days <= 0 || days > settings.session_days_max || of_last_day != row.school_year {
        let evidence = [row.begin_date.value(), row.end_date.value(), row.school_year.value()];
        findings.open(Subject::Session(row.session_id), &evidence);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn backwards_endless_or_of_another_year() {
        let changes = "
            academic_session | session_id school_year begin_date end_date
            2025-09-02 + F1 2026 2025-08-20 2025-08-20
            2025-09-02 + F2 2026 2025-05-01 2026-06-10
            2025-09-02 + F3 2025 2025-08-20 2026-01-10
            2025-09-02 + F4 2026 2025-08-20 2026-07-01
            2025-09-02 + F5 2026 2025-05-06 2026-06-10
            2025-09-03 + F1 2026 2025-08-20 2025-08-21
            2025-09-03 + F2 2026 2025-06-01 2026-06-10
            2025-09-03 + F3 2026 2025-08-20 2026-01-10
            2025-09-03 + F4 2026 2025-08-20 2026-07-02
        ";
        check_rule(
            "CAL-002",
            changes,
            expect![[r#"
            2025-09-02 + F1 begin_date=2025-08-20 end_date=2025-08-20 school_year=2026
            2025-09-02 + F2 begin_date=2025-05-01 end_date=2026-06-10 school_year=2026
            2025-09-02 + F3 begin_date=2025-08-20 end_date=2026-01-10 school_year=2025
            2025-09-03 + F4 begin_date=2025-08-20 end_date=2026-07-02 school_year=2026
            2025-09-03 - F1 begin_date=2025-08-20 end_date=2025-08-20 school_year=2026
            2025-09-03 - F2 begin_date=2025-05-01 end_date=2026-06-10 school_year=2026
            2025-09-03 - F3 begin_date=2025-08-20 end_date=2026-01-10 school_year=2025
        "#]],
        );
    }
}
