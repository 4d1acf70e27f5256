//! Enrollment outside the days on which the school was open.

use crate::model::{Field, Settings, Subject};
use crate::qa::{Findings, rule};
use crate::views::student::StudentView;

rule! {
    /// ## What it checks
    /// Nobody enters a school before it opens or after it has closed.
    ///
    /// ## Why it matters
    /// Submissions are rejected (CALPADS SENR0182, SENR0184).
    ///
    /// ## How to fix it
    /// Correct the entry date, or the dates of the school.
    "ENR-009", "enrollment outside the days on which the school was open", Error, ["entry_date", "open_date", "close_date"],
    needs [Organization, SchoolEnrollment], among [SchoolEnrollment], Student(check)
}

fn check(view: &StudentView<'_>, _: &Settings, findings: &mut Findings<'_>) {
    for enrollment in view.enrollments {
        let Some(school) = view.schooling_of(enrollment) else { continue };
        let entry = enrollment.entry_date;
        if school.open_date.is_some_and(|open| entry < open) || school.close_date.is_some_and(|close| entry >= close) {
            let evidence = [entry.value(), school.open_date.value(), school.close_date.value()];
            findings.open(Subject::Enrollment(enrollment.id), &evidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_rule;
    use expect_test::expect;

    #[test]
    fn the_school_opens_later() {
        let changes = "
            school_enrollment | enrollment_id student_id school_id entry_date
            2025-09-02 + E1 S1 North 2025-08-20
            organization | org_id open_date close_date
            2025-09-03 + North 2025-08-21 .
            2025-09-04 + North 2025-08-20 2025-08-21
            2025-09-05 + North 2010-01-01 2025-08-20
        ";
        check_rule(
            "ENR-009",
            changes,
            expect![[r#"
            2025-09-03 + E1 entry_date=2025-08-20 open_date=2025-08-21 close_date=.
            2025-09-04 - E1 entry_date=2025-08-20 open_date=2025-08-21 close_date=.
            2025-09-05 + E1 entry_date=2025-08-20 open_date=2010-01-01 close_date=2025-08-20
        "#]],
        );
    }
}
