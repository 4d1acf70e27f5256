//! Open enrollment left from an earlier year.

use crate::model::{Entry, Field, Interval, Record, Settings, Subject};
use crate::qa::{Findings, rule};

rule! {
    /// ## What it checks
    /// An enrollment without an exit date is in the current school year, or in one that ended at most 30 days ago.
    ///
    /// ## Why it matters
    /// The student counts at two schools once the new year is entered; certification is rejected (CALPADS CERT112).
    ///
    /// ## How to fix it
    /// Enter the last day and the exit reason.
    "ENR-005", "open enrollment left from an earlier year", Error, ["school_year"],
    needs [SchoolEnrollment], among [SchoolEnrollment], Entry(check)
}

fn check(entry: &Entry, settings: &Settings, findings: &mut Findings<'_>) {
    let Entry::Row(Record::SchoolEnrollment(row)) = entry else { return };
    if row.exit_date.is_none() && row.is_no_show != Some(true) {
        let late = row.school_year.end().plus(settings.open_enrollment_grace_days);
        let evidence = [row.school_year.value()];
        findings.during(Subject::Enrollment(row.enrollment_id), &evidence, Interval::new(late, None));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn a_year_is_over() {
        let changes = "
            school_enrollment | enrollment_id student_id school_year exit_date exit_type is_no_show
            2025-07-30 + E1 S1 2025 . . .
            2025-07-30 + E2 S2 2026 . . .
            2025-07-30 + E3 S3 2025 . . true
            2025-08-02 + E1 S1 2025 2025-06-10 end_of_year .
        ";
        check_rule(
            "ENR-005",
            changes,
            expect![[r#"
            2025-07-31 + E1 school_year=2025
            2025-08-02 - E1 school_year=2025
        "#]],
        );
    }
}
